package app.gpra.migrations.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGProperty;

/**
 * Connects to a PostgreSQL of the project's own, which it starts unless this JVM has, fills with
 * the legacy schema and sample data the first time, and stops when the JVM ends. Its url is {@code
 * jdbc:gpra:embedded:} and the project's directory; the data stays in {@code
 * target/embedded-postgres}.
 */
public final class EmbeddedPostgresDriver extends ProjectDriver {

  /** Used by Liquibase, which is given the class name. */
  public EmbeddedPostgresDriver() {
    super("jdbc:gpra:embedded:");
  }

  /**
   * {@code info} does not matter: the server has one user, whose password is in a file, and listens
   * on loopback only.
   */
  @Override
  Connection open(Path project, Properties info) throws SQLException, IOException {
    int port = EmbeddedPostgresServer.start(project);
    Properties properties = new Properties();
    properties.setProperty("user", PrivatePostgres.USER);
    properties.setProperty(
        "password",
        EmbeddedPostgresDirectory.readPassword(EmbeddedPostgresDirectory.home(project)));
    PGProperty.REQUIRE_AUTH.set(properties, PrivatePostgres.AUTHENTICATION);
    SessionSettings.apply(properties);
    return new org.postgresql.Driver()
        .connect(
            "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedPostgresServer.DATABASE,
            properties);
  }
}
