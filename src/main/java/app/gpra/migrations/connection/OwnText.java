package app.gpra.migrations.connection;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * This project's own SQL, as a server can read it. Its messages have one character that a database
 * of another encoding than UTF8 may not know, and the server would refuse all of the statement.
 */
public final class OwnText {

  /** Begins a quoting of this project's own. No value may have it. */
  private static final String OWN = "$gpra_";

  private static final String ELLIPSIS = "…";

  /** Those that convert nothing, or know each character. */
  private static final Set<String> READ_ALL = Set.of("UTF8", "SQL_ASCII");

  private OwnText() {}

  /**
   * SQL that is sent, or written into a script: that of this project as the server can read it, and
   * any other as it is.
   *
   * @param sql one statement or several
   * @param connection to the database that reads it
   * @return with dots where the server could not read it
   * @throws SQLException if the connection does not know its server's encoding
   */
  public static String inAny(String sql, Connection connection) throws SQLException {
    return sql.contains(OWN) ? of(sql, connection) : sql;
  }

  /**
   * The same of SQL that is known to be this project's.
   *
   * @param sql one statement or several
   * @param connection to the database that reads it
   * @return with dots where the server could not read it
   * @throws SQLException if the connection does not know its server's encoding
   */
  public static String of(String sql, Connection connection) throws SQLException {
    return sql.contains(ELLIPSIS) && !readsAll(connection) ? sql.replace(ELLIPSIS, "...") : sql;
  }

  private static boolean readsAll(Connection connection) throws SQLException {
    return !connection.isWrapperFor(PGConnection.class)
        || READ_ALL.contains(
            connection.unwrap(PGConnection.class).getParameterStatus("server_encoding"));
  }
}
