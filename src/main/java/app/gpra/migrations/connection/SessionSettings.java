package app.gpra.migrations.connection;

import app.gpra.migrations.GpraProperties;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.PGProperty;

/** What every session of a migration has, so that it gives way and never the application. */
final class SessionSettings {

  private static final int OLDEST_SUPPORTED_VERSION = 14;

  private SessionSettings() {}

  /**
   * Adds the settings to pgjdbc's connection properties. Those in {@code options} of the caller
   * stay, the project's come last and win.
   *
   * @throws IllegalArgumentException if {@code gpra.lock.timeout} is malformed
   */
  static void apply(Properties properties) {
    String given = PGProperty.OPTIONS.getOrDefault(properties);
    PGProperty.OPTIONS.set(
        properties,
        (given == null ? "" : given + " ")
            + "-c lock_timeout="
            + GpraProperties.lockTimeout().toMillis()
            + " -c row_security=off");
    if (!PGProperty.APPLICATION_NAME.isPresent(properties)) {
      PGProperty.APPLICATION_NAME.set(properties, "gpra-migrations");
    }
  }

  /**
   * Looks at the server's version, and lets the server notice when this process dies.
   *
   * @throws SQLException if the server is older than the oldest supported one, or a pooler dropped
   *     the settings; the connection is closed then
   */
  static void check(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < OLDEST_SUPPORTED_VERSION) {
      connection.close();
      throw new SQLException(
          "The server is PostgreSQL %d; the oldest supported is %d. Upgrade it, then run mvn liquibase:status."
              .formatted(version, OLDEST_SUPPORTED_VERSION),
          "08004");
    }
    checkLockTimeout(connection);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET client_connection_check_interval = '2s'");
    } catch (SQLException e) {
      // Platforms without the poll() it needs refuse it: a killed run's lock is then freed later.
      if (!"22023".equals(e.getSQLState())) {
        throw e;
      }
    }
  }

  /** PgBouncer can be told to drop {@code options} silently (ignore_startup_parameters). */
  private static void checkLockTimeout(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'lock_timeout' AND source = 'client'")) {
      if (row.next() && row.getLong(1) == GpraProperties.lockTimeout().toMillis()) {
        return;
      }
    }
    connection.close();
    throw new SQLException(
        "A connection pooler dropped the session's lock_timeout: use the server's direct address, then run mvn liquibase:status.",
        "08P01");
  }
}
