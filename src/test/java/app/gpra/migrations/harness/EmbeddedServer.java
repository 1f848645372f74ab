package app.gpra.migrations.harness;

import app.gpra.migrations.connection.PrivatePostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;

/** Embedded servers of the tests, for whoever runs them: with a password that this JVM has. */
public final class EmbeddedServer {

  static final String PASSWORD = PrivatePostgres.newPassword();

  private EmbeddedServer() {}

  /** To be given settings and started; ends with the JVM. */
  public static EmbeddedPostgres.Builder builder() throws IOException {
    return PrivatePostgres.builder(
        PrivatePostgres.folder(Path.of("target/test-postgres")), PASSWORD);
  }

  /** One that was started, as the harness uses it. */
  public static PostgresServer on(EmbeddedPostgres started) {
    return new PostgresServer(
        "jdbc:postgresql://127.0.0.1:" + started.getPort(),
        "?user=" + PrivatePostgres.USER + "&password=" + PASSWORD);
  }
}
