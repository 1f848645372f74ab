package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.structure.core.Table;

/**
 * What keeps a session from Liquibase's history table, asked before it is used: the first statement
 * that failed would say less, and where Liquibase prepares it, in words of its own.
 */
public final class HistoryAccess {

  /** Null where nothing does. */
  private static final String OBSTACLE =
      """
      SELECT CASE
          WHEN w.changes AND pg_is_in_recovery() THEN format(
            'The server is a standby (pg_is_in_recovery()), and nothing can be written there. Name the primary, or all servers with '
            'target_session_attrs=read-write, in the address')
          WHEN w.changes AND current_setting('transaction_read_only') = 'on' THEN format(
            'Transactions of %1$I in the database %2$I are read-only (default_transaction_read_only = on). Let this role write: '
            'ALTER ROLE %1$I IN DATABASE %2$I SET default_transaction_read_only = off', current_user, current_database())
          WHEN w.schema IS NOT NULL AND to_regnamespace(quote_ident(w.schema)) IS NULL THEN format(
            'The schema %I, where Liquibase''s own tables are to be (liquibase.liquibaseSchemaName), does not exist. Nothing was done. '
            'Create it', w.schema)
          WHEN s.oid IS NULL THEN format(
            '%1$I can use no schema of the search_path (%2$s): there is none, or the privilege USAGE is missing. Nothing was done. Name the '
            'application''s schema in the url, ?currentSchema=..., or GRANT USAGE, CREATE ON SCHEMA ... TO %1$I', current_user, current_setting('search_path'))
          WHEN c.oid IS NULL AND w.changes AND NOT has_schema_privilege(s.oid, 'CREATE') THEN format(
            '%I may not CREATE in the schema %I. GRANT USAGE, CREATE ON SCHEMA %2$I TO %1$I',
            current_user, s.nspname)
          WHEN c.oid IS NOT NULL AND (c.relkind <> 'r' OR w.columns < 3) THEN format(
            '%s is there, and is not Liquibase''s history table. Rename it', c.oid::regclass)
          WHEN NOT has_table_privilege(c.oid, 'SELECT') OR w.changes AND NOT (has_table_privilege(c.oid, 'INSERT')
               AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE')) THEN format(
            '%I may not use Liquibase''s history. GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %1$I', current_user, c.oid::regclass)
        END
        FROM (SELECT ?::boolean AS changes, ?::text AS schema, ?::text AS history) AS given
        LEFT JOIN pg_namespace s ON s.nspname = coalesce(given.schema, current_schema()) AND has_schema_privilege(s.oid, 'USAGE')
        LEFT JOIN pg_class c ON c.oid = CASE WHEN s.oid IS NOT NULL THEN to_regclass(given.history) END
       CROSS JOIN LATERAL (
         SELECT given.changes, given.schema, count(*) AS columns FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attname IN ('id', 'author', 'filename')) AS w
      """;

  /** Liquibase puts this one into its SQL as it is. */
  private static final Pattern TABLESPACE = Pattern.compile("\\w+|\"[^\"\\\\]+\"");

  private HistoryAccess() {}

  /**
   * Says what is in the way.
   *
   * @param changes whether the database is going to be written to
   * @return one sentence or two, the next command among them; empty if nothing is
   */
  static Optional<String> obstacle(Database database, boolean changes) throws SQLException {
    String schema = database.getLiquibaseSchemaName();
    for (String table :
        List.of(
            database.getDatabaseChangeLogTableName(),
            database.getDatabaseChangeLogLockTableName())) {
      if (!GpraProperties.isQuotable(table)) {
        return Optional.of(
            "%s is no name for a table of Liquibase's: expected one without \", \\, ${, $gpra_ and control characters. Nothing was done. Correct it, then run the same command again."
                .formatted(table));
      }
    }
    String tablespace = database.getLiquibaseTablespaceName();
    if (tablespace != null && !TABLESPACE.matcher(tablespace).matches()) {
      return Optional.of(
          "%s is no name for the tablespace of Liquibase's tables: expected a word, or a name in double quotes. Nothing was done. Correct it, then run the same command again."
              .formatted(tablespace));
    }
    if (!GpraProperties.isQuotable(schema)) {
      return Optional.of(
          "The schema %s cannot be migrated, because Liquibase and this changelog would not quote its name rightly: rename it without \", \\, ${ and $gpra_, then run the same command again."
              .formatted(Screen.printable(schema)));
    }
    Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
    try (PreparedStatement query = connection.prepareStatement(OBSTACLE)) {
      query.setBoolean(1, changes);
      query.setString(2, schema);
      query.setString(3, tableName(database));
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return Optional.ofNullable(row.getString(1))
            .map(sentence -> Screen.printable(sentence) + ", then run the same command again.");
      }
    }
  }

  /**
   * The history table as it stands in a statement. Liquibase leaves a schema's name unquoted that
   * is a word of mixed case.
   *
   * @param database is connected
   * @return quoted, with its schema where there is one; never null
   */
  public static String tableName(Database database) {
    String schema = database.getLiquibaseSchemaName();
    String table = database.escapeObjectName(database.getDatabaseChangeLogTableName(), Table.class);
    return schema == null ? table : '"' + schema.replace("\"", "\"\"") + "\"." + table;
  }
}
