package app.gpra.migrations.report;

import java.sql.Connection;
import java.sql.SQLException;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import org.postgresql.core.BaseConnection;

/**
 * The database that a run works on, as far as anybody may know.
 *
 * @param address host and port
 * @param role whom the session is logged in as
 * @param version the server's
 */
record Server(String database, String address, String role, String version) {

  /**
   * Asks the connection, not the url, which may hold a secret.
   *
   * @return null where there is no connection
   */
  static Server of(Database database) {
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      return null;
    }
    return of(connection.getUnderlyingConnection());
  }

  /** The same of a connection to a server. */
  static Server of(Connection connection) {
    try {
      BaseConnection session = connection.unwrap(BaseConnection.class);
      return new Server(
          Screen.printable(session.getCatalog()),
          session.getQueryExecutor().getHostSpec().toString(),
          Screen.printable(session.getMetaData().getUserName()),
          Screen.printable(
              session.getMetaData().getDatabaseProductVersion().replaceFirst(" .*", "")));
    } catch (SQLException e) {
      return null;
    }
  }

  String place() {
    return database + " on " + address;
  }

  String sentence() {
    return "%s, PostgreSQL %s, as %s".formatted(place(), version, role);
  }
}
