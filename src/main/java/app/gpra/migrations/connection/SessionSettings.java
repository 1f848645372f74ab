package app.gpra.migrations.connection;

import app.gpra.migrations.GpraProperties;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/** What every session of a migration has, so that it gives way and never the application. */
final class SessionSettings {

  private static final int OLDEST_SUPPORTED_VERSION = 14;

  private static final String APPLICATION_NAME = "gpra-migrations";

  /** All hosts of an address together. */
  private static final int LONGEST_LOGIN_SECONDS = 60;

  /** How pgjdbc calls a session that nobody has named. */
  private static final String UNNAMED = "PostgreSQL JDBC Driver";

  /** protocol_violation. */
  private static final String POOLED = "08P01";

  /** query_canceled. */
  private static final String CANCELED = "57014";

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
    noticeSilence(properties);
    if (!PGProperty.APPLICATION_NAME.isPresent(properties)) {
      PGProperty.APPLICATION_NAME.set(properties, APPLICATION_NAME);
    }
  }

  /** Has it noticed that a server says nothing any more, which is no setting of the session's. */
  static void noticeSilence(Properties properties) {
    // A server that is gone without a word is noticed: there is no limit to how long it may work.
    if (!PGProperty.TCP_KEEP_ALIVE.isPresent(properties)) {
      PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    }
    // One that accepts and says nothing.
    if (!PGProperty.LOGIN_TIMEOUT.isPresent(properties)) {
      PGProperty.LOGIN_TIMEOUT.set(properties, LONGEST_LOGIN_SECONDS);
    }
  }

  /**
   * Looks at the server's version, and lets the server notice when this process dies.
   *
   * @throws SQLException if the server is older than the oldest supported one, its deadlock_timeout
   *     is too short, a pooler dropped the settings, or a stranger decides what runs; the
   *     connection is closed then
   */
  static void check(Connection connection) throws SQLException {
    try {
      checkVersion(connection);
      // First, as what follows takes a moment in a large catalog.
      liftLimits(connection);
      // Who may CREATE is for the changelog to judge, and there is none yet.
      Strangers.refuse(connection, null, false);
      checkLockTimeout(connection);
      require(connection);
      noticeDeath(connection);
      Encryption.check(connection);
    } catch (SQLException e) {
      connection.close();
      if (CANCELED.equals(e.getSQLState())) {
        throw new SQLException(
            "The statement_timeout in the url's options is too short even to begin: leave it out, then run the same command again.",
            CANCELED);
      }
      throw e;
    }
  }

  private static void checkVersion(Connection connection) throws SQLException {
    int version = connection.getMetaData().getDatabaseMajorVersion();
    if (version < OLDEST_SUPPORTED_VERSION) {
      throw new SQLException(
          "The server is PostgreSQL %d; the oldest supported is %d. Upgrade it, then run the same command again."
              .formatted(version, OLDEST_SUPPORTED_VERSION),
          "08004");
    }
  }

  /**
   * Looks whether the server itself answers.
   *
   * @throws SQLException if a pooler is in between: what is set for a session may be another's
   */
  static void refusePooler(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_catalog.pg_backend_pid()")) {
      row.next();
      // (It gives its clients keys of its own to cancel a query with.)
      if (row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID()) {
        throw new SQLException(
            "A connection pooler is in between: use the server's direct address, a migration needs a session of its own. Then run the same command again.",
            POOLED);
      }
    }
  }

  /**
   * Gives the settings to a session that is open already.
   *
   * @return what it had before, by name
   * @throws SQLException if the server is older than the oldest supported one, or its
   *     deadlock_timeout is too short
   */
  static Map<String, String> set(Connection connection) throws SQLException {
    checkVersion(connection);
    Map<String, String> before = new HashMap<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT name, pg_catalog.current_setting(name, true) FROM unnest(ARRAY['lock_timeout', 'row_security',"
                  + " 'search_path', 'application_name', 'client_connection_check_interval', "
                  + RequiredSettings.LIMITS
                  + ", '"
                  + String.join("', '", RequiredSettings.names())
                  + "']) AS name"
                  // A setting of an extension that is not loaded yet is in no list.
                  + " WHERE name LIKE '%.%' OR name IN (SELECT s.name FROM pg_catalog.pg_settings s)")) {
        while (row.next()) {
          before.put(row.getString(1), row.getString(2));
        }
      }
      setLockTimeout(connection);
      statement.execute("SET row_security = off");
      liftLimits(connection);
      require(connection);
      String name = before.getOrDefault("application_name", "");
      if (name.isEmpty() || name.equals(UNNAMED)) {
        statement.execute("SET application_name = '" + APPLICATION_NAME + "'");
      }
    }
    commit(connection);
    try {
      checkDeadlockTimeout(connection);
    } catch (SQLException e) {
      restore(connection, before);
      throw e;
    }
    noticeDeath(connection);
    Encryption.check(connection);
    commit(connection);
    return before;
  }

  /** Gives the session back what {@link #set} returned. */
  static void restore(Connection connection, Map<String, String> before) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT set_config(?, ?, false)")) {
      for (Map.Entry<String, String> setting : before.entrySet()) {
        statement.setString(1, setting.getKey());
        statement.setString(2, setting.getValue());
        statement.execute();
      }
    }
    commit(connection);
  }

  static void setLockTimeout(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = " + GpraProperties.lockTimeout().toMillis());
    }
  }

  /** What is set in a transaction that is undone is undone too. */
  private static void commit(Connection connection) throws SQLException {
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
  }

  private static void liftLimits(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(RequiredSettings.withoutLimits());
    }
  }

  private static void require(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(RequiredSettings.query());
    }
  }

  private static void noticeDeath(Connection connection) throws SQLException {
    // Platforms without the poll() it needs refuse it: a killed run's lock is then freed later.
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET client_connection_check_interval = '2s'");
    } catch (SQLException e) {
      if (!"22023".equals(e.getSQLState())) {
        throw e;
      }
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }

  /** PgBouncer can be told to drop {@code options} silently (ignore_startup_parameters). */
  private static void checkLockTimeout(Connection connection) throws SQLException {
    checkDeadlockTimeout(connection);
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'lock_timeout' AND source = 'client'")) {
      if (row.next() && row.getLong(1) == GpraProperties.lockTimeout().toMillis()) {
        return;
      }
    }
    throw new SQLException(
        "A connection pooler dropped the session's lock_timeout: use the server's direct address, then run the same command again.",
        POOLED);
  }

  /** Whoever waits longer than that may cost the application a query. */
  private static void checkDeadlockTimeout(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'")) {
      if (row.next() && row.getLong(1) <= GpraProperties.lockTimeout().toMillis()) {
        throw new SQLException(
            "gpra.lock.timeout is %d ms and has to be shorter than this server's deadlock_timeout, %d ms, or the application could be the one that fails: run the same command again with -Dgpra.lock.timeout=%dms."
                .formatted(
                    GpraProperties.lockTimeout().toMillis(),
                    row.getLong(1),
                    Math.max(1, row.getLong(1) / 2)),
            "22023");
      }
    }
  }
}
