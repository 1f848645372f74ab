package app.gpra.migrations.harness;

import app.gpra.migrations.connection.PrivatePostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Embedded servers of the tests, for whoever runs them: with a password that this JVM has. */
public final class EmbeddedServer {

  static final String PASSWORD = PrivatePostgres.newPassword();

  private EmbeddedServer() {}

  /** To be given settings and started; ends with the JVM. */
  public static EmbeddedPostgres.Builder builder() throws IOException {
    return PrivatePostgres.builder(folder(), PASSWORD);
  }

  /** The same with programs of another version. */
  static EmbeddedPostgres.Builder builder(PgBinaryResolver binaries) throws IOException {
    return PrivatePostgres.builder(folder(), PASSWORD, binaries);
  }

  private static Path folder() throws IOException {
    return PrivatePostgres.folder(Path.of("target/test-postgres"));
  }

  /** One that was started, as the harness uses it. */
  public static PostgresServer on(EmbeddedPostgres started) {
    return quickToLogInTo(
        new PostgresServer(
            "jdbc:postgresql://127.0.0.1:" + started.getPort(),
            "?user=" + PrivatePostgres.USER + "&password=" + PASSWORD));
  }

  /**
   * Nobody is to guess these passwords, so a proof of 4,096 rounds would be for nothing: it was a
   * tenth of the tests' time.
   */
  private static PostgresServer quickToLogInTo(PostgresServer server) {
    if (server.version() >= 16) {
      try (Connection connection = server.connect("postgres");
          Statement statement = connection.createStatement();
          ResultSet standby = statement.executeQuery("SELECT pg_is_in_recovery()")) {
        if (standby.next() && standby.getBoolean(1)) {
          // It has the primary's.
          return server;
        }
        statement.execute("ALTER SYSTEM SET scram_iterations = 1");
        statement.execute("SET scram_iterations = 1");
        statement.execute("ALTER ROLE " + PrivatePostgres.USER + " PASSWORD '" + PASSWORD + "'");
        statement.execute("SELECT pg_reload_conf()");
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
    return server;
  }
}
