package app.gpra.migrations.execution;

import app.gpra.migrations.connection.MigrationConnection;
import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;

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

  private ApplicationSchema() {}

  /**
   * Looks whether everybody means the same schema, before anything is made in one.
   *
   * @param table one of the application's; null where its changelog names none
   * @throws DatabaseException if {@code liquibase.defaultSchemaName} names another one, which
   *     Liquibase sets for one transaction only, or if the application's tables are in a later
   *     schema of the search path; the message says what to put into the url
   */
  static void check(Database database, Connection connection, String table)
      throws DatabaseException, SQLException {
    if (!connection.getAutoCommit()) {
      // With it goes the search path that Liquibase has set for this transaction.
      connection.commit();
    }
    if (database.getConnection() instanceof MigrationConnection own && own.canOpenAnother()) {
      // Liquibase 4 has set it for the session.
      try (Statement statement = connection.createStatement()) {
        statement.execute("RESET search_path");
      }
    }
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
      String wanted = database.getDefaultSchemaName();
      if (wanted != null && !wanted.equalsIgnoreCase(first)) {
        throw new DatabaseException(
            "liquibase.defaultSchemaName is %s, but the search_path of the session is %s. Nothing was done. Leave that setting out and name the schema in the url instead: ?currentSchema=%s"
                .formatted(wanted, path, wanted));
      }
      if (elsewhere != null) {
        throw new DatabaseException(
            "The table %s is in the schema %s, but the search_path %s begins with %s. Nothing was done. Name the application's schema in the url: ?currentSchema=%s"
                .formatted(table, elsewhere, path, Screen.printable(first), elsewhere));
      }
    }
  }
}
