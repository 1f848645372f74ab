package app.gpra.migrations.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

/**
 * Connects to a PostgreSQL of the project's own, which it starts, fills with the legacy schema and
 * sample data the first time, and stops when the JVM ends. Its url is {@code jdbc:gpra:embedded:}
 * and the project's directory; the data stays in {@code target/embedded-postgres}.
 */
public final class EmbeddedPostgresDriver extends ProjectDriver {

  /** Used by Liquibase, which is given the class name. */
  public EmbeddedPostgresDriver() {
    super("jdbc:gpra:embedded:");
  }

  /**
   * {@inheritDoc} Starts the server if this JVM has not yet.
   *
   * @throws SQLException with one sentence also if the url is another one, another run uses the
   *     data, or the server does not start
   */
  @Override
  public Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      throw new SQLException(
          "-Pembedded and -Dliquibase.url exclude each other: leave one of them out, then run the"
              + " same command again.");
    }
    return super.connect(url, info);
  }

  /** {@code info} does not matter: the server has one user and listens on loopback only. */
  @Override
  Connection open(Path project, Properties info) throws SQLException, IOException {
    Properties properties = new Properties();
    properties.setProperty("user", EmbeddedPostgresServer.USER);
    SessionSettings.apply(properties);
    int port = EmbeddedPostgresServer.start(project);
    return new org.postgresql.Driver()
        .connect(
            "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedPostgresServer.DATABASE,
            properties);
  }
}
