package app.gpra.migrations.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Every row of a database's tables as text, in the order of the primary keys, whatever the order of
 * the columns or of the rows on disk.
 *
 * @param tables the rows by table; a row is its values as SQL literals by column
 */
public record DataDescription(SortedMap<String, List<SortedMap<String, String>>> tables) {

  private static final Set<String> LIQUIBASE = Set.of("databasechangelog", "databasechangeloglock");

  /** How values become text, whatever the session or the database says. */
  private static final String SETTINGS =
      """
      SET search_path = pg_catalog; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD';
      SET intervalstyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex';
      SET row_security = off""";

  private static final String TABLES =
      """
      SELECT format('%I.%I', n.nspname, c.relname) AS name,
             CASE n.nspname WHEN 'public' THEN c.relname ELSE format('%I.%I', n.nspname, c.relname) END AS label,
             (SELECT string_agg(format('quote_nullable(%I::text) AS %1$I', a.attname), ', ')
                FROM pg_attribute a
               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
             (SELECT string_agg(format('t.%I', a.attname), ', ' ORDER BY k.position)
                FROM pg_index i
               CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
               WHERE i.indrelid = c.oid AND i.indisprimary) AS key
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind = 'r' AND c.relpersistence <> 't'
         AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'""";

  /** Reads all tables outside PostgreSQL's own schemas, without Liquibase's. */
  static DataDescription of(Connection connection) throws SQLException {
    SortedMap<String, List<SortedMap<String, String>>> tables = new TreeMap<>();
    try (Statement catalog = connection.createStatement();
        Statement statement = connection.createStatement()) {
      catalog.execute(SETTINGS);
      try (ResultSet result = catalog.executeQuery(TABLES)) {
        while (result.next()) {
          String label = result.getString("label");
          if (!LIQUIBASE.contains(label)) {
            tables.put(
                label,
                rows(
                    statement,
                    result.getString("name"),
                    result.getString("columns"),
                    result.getString("key")));
          }
        }
      }
    }
    return new DataDescription(Collections.unmodifiableSortedMap(tables));
  }

  private static List<SortedMap<String, String>> rows(
      Statement statement, String table, String columns, String key) throws SQLException {
    String sql =
        "SELECT %s FROM %s AS t ORDER BY %s"
            .formatted(columns == null ? "" : columns, table, key == null ? "t::text" : key);
    List<SortedMap<String, String>> rows = new ArrayList<>();
    try (ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        SortedMap<String, String> row = new TreeMap<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.put(result.getMetaData().getColumnLabel(i), result.getString(i));
        }
        rows.add(Collections.unmodifiableSortedMap(row));
      }
    }
    return List.copyOf(rows);
  }

  /**
   * The same without some tables or columns: what is left of a comparison that knows about them.
   *
   * @param names such as {@code subscriptions} or {@code items.user_id}
   */
  public DataDescription without(String... names) {
    Set<String> left = Set.of(names);
    SortedMap<String, List<SortedMap<String, String>>> kept = new TreeMap<>();
    tables.forEach(
        (table, rows) -> {
          if (!left.contains(table)) {
            kept.put(table, rows.stream().map(row -> without(left, table, row)).toList());
          }
        });
    return new DataDescription(Collections.unmodifiableSortedMap(kept));
  }

  private static SortedMap<String, String> without(
      Set<String> left, String table, Map<String, String> row) {
    SortedMap<String, String> kept = new TreeMap<>(row);
    kept.keySet().removeIf(column -> left.contains(table + "." + column));
    return Collections.unmodifiableSortedMap(kept);
  }

  /** One line for each row, such as {@code items: id='1' title='Greensleeves'}. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    tables.forEach((table, rows) -> rows.forEach(row -> lines.add(line(table, row))));
    return lines;
  }

  private static String line(String table, Map<String, String> row) {
    return row.entrySet().stream()
        .map(value -> value.getKey() + "=" + value.getValue().replace("\n", "\\n"))
        .collect(Collectors.joining(" ", table + ": ", ""));
  }

  /** All lines as one text. */
  public String text() {
    return String.join("\n", lines());
  }

  /** {@inheritDoc} Its text. */
  @Override
  public String toString() {
    return text();
  }
}
