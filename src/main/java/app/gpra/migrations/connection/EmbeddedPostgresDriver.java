package app.gpra.migrations.connection;

import app.gpra.migrations.GpraProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;

/**
 * Connects to a PostgreSQL of the project's own, which it starts, fills with the legacy schema and
 * sample data the first time, and stops when the JVM ends. Its url is {@code jdbc:gpra:embedded:}
 * and the project's directory; the data stays in {@code target/embedded-postgres}.
 */
public final class EmbeddedPostgresDriver implements Driver {

  private static final String PREFIX = "jdbc:gpra:embedded:";

  /** Used by Liquibase, which is given the class name. */
  public EmbeddedPostgresDriver() {}

  @Override
  public boolean acceptsURL(String url) {
    return url != null && url.startsWith(PREFIX);
  }

  /**
   * Connects, and starts the server if this JVM has not yet.
   *
   * @param url {@code jdbc:gpra:embedded:} and the project's directory
   * @param info ignored: the server has one user and listens on loopback only; may be null
   * @throws SQLException with one sentence if the url is another one, another run uses the data, or
   *     the server does not start
   */
  @Override
  public Connection connect(String url, Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      throw new SQLException(
          "-Pembedded and -Dliquibase.url exclude each other: leave one of them out, then run the"
              + " same command again.");
    }
    try {
      Path project = Path.of(url.substring(PREFIX.length()));
      GpraProperties.check();
      GpraProperties.checkTag(project);
      Properties properties = new Properties();
      properties.setProperty("user", EmbeddedPostgresServer.USER);
      SessionSettings.apply(properties);
      int port = EmbeddedPostgresServer.start(project);
      Connection connection =
          new org.postgresql.Driver()
              .connect(
                  "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedPostgresServer.DATABASE,
                  properties);
      return checked(connection);
    } catch (IllegalArgumentException | IllegalStateException | IOException e) {
      throw new SQLException(e.getMessage(), e);
    }
  }

  private static Connection checked(Connection connection) throws SQLException {
    try {
      SessionSettings.check(connection);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public int getMajorVersion() {
    return 1;
  }

  @Override
  public int getMinorVersion() {
    return 0;
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }
}
