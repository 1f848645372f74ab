package app.gpra.migrations.execution;

import app.gpra.migrations.connection.MigrationConnection;
import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.structure.core.Schema;

/**
 * The schema of an application's tables: the first one of the session's search path. Its changelog
 * names none, and Liquibase puts its own tables there.
 */
final class ApplicationSchema {

  /** Where the session's new tables go, and where it finds a table: both may be null. */
  private static final String WHERE =
      "SELECT pg_catalog.current_schema(), pg_catalog.current_setting('search_path'), (SELECT"
          + " c.relnamespace::pg_catalog.regnamespace::text FROM pg_catalog.pg_class c WHERE c.oid ="
          + " pg_catalog.to_regclass(?) AND c.relnamespace <>"
          + " pg_catalog.to_regnamespace(pg_catalog.quote_ident(pg_catalog.current_schema())))";

  /** Sets none where it is not there, or may not be used. */
  private static final String PUT_FIRST =
      "SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', n.oid::pg_catalog.regnamespace,"
          + " nullif(pg_catalog.current_setting('search_path'), '')), ?) FROM pg_catalog.pg_namespace n"
          + " WHERE n.oid = pg_catalog.to_regnamespace(?) AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')";

  private ApplicationSchema() {}

  /**
   * Looks whether everybody means the same schema, before anything is made in one. Of {@code
   * liquibase.defaultSchemaName} Liquibase tells the session for one transaction only: from here on
   * it keeps that.
   *
   * @param table one of the application's; null where its changelog names none
   * @throws DatabaseException if that schema is not there, or if the application's tables are in a
   *     later schema of the search path; the message says what to put into the url
   */
  static void check(Database database, Connection connection, String table)
      throws DatabaseException, SQLException {
    if (!connection.getAutoCommit()) {
      connection.commit();
    }
    begin(database, connection);
    try (PreparedStatement statement = connection.prepareStatement(WHERE)) {
      statement.setString(1, table);
      ResultSet row = statement.executeQuery();
      row.next();
      String first = row.getString(1);
      String path = Screen.printable(row.getString(2));
      String elsewhere = Screen.printable(row.getString(3));
      if (first == null) {
        // HistoryAccess has the sentence.
        return;
      }
      if (first.contains("'")) {
        throw new DatabaseException(
            "The schema %s cannot be migrated, because Liquibase itself would not quote its name rightly (indexExists): rename it without ', then run the same command again."
                .formatted(Screen.printable(first)));
      }
      if (elsewhere != null) {
        throw new DatabaseException(
            "The table %s is in the schema %s, but the search_path %s begins with %s. Nothing was done. Name the application's schema in the url: ?currentSchema=%s"
                .formatted(table, elsewhere, path, Screen.printable(first), elsewhere));
      }
    }
  }

  /**
   * Has the search path begin with it, in a session that is not one's own until a transaction ends.
   */
  static void begin(Database database, Connection connection)
      throws DatabaseException, SQLException {
    String wanted = database.getDefaultSchemaName();
    if (wanted != null && !wanted.equalsIgnoreCase(connection.getSchema())) {
      putFirst(wanted, database, connection);
    }
  }

  private static void putFirst(String wanted, Database database, Connection connection)
      throws DatabaseException, SQLException {
    String name = database.escapeObjectName(wanted, Schema.class);
    try (PreparedStatement statement = connection.prepareStatement(PUT_FIRST)) {
      // A session that only previews is given back as it is: there for the transaction.
      boolean own = database.getConnection() instanceof MigrationConnection;
      statement.setBoolean(1, !own);
      statement.setString(2, name);
      if (!statement.executeQuery().next()) {
        throw new DatabaseException(
            "The schema %s, which liquibase.defaultSchemaName names, is not there, or this role has no USAGE on it. Nothing was done. Create it, or correct that setting, then run the same command again."
                .formatted(Screen.printable(name)));
      }
      if (own && !connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }
}
