package app.gpra.migrations.report;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * What pending changesets read and write of tables that are not small, and about how long that
 * takes: by the rates of docs/benchmarks/migration.md and docs/benchmarks/batches.md, which another
 * machine does not have.
 */
final class Forecast {

  /** Less is done before anybody has read the line. */
  private static final long SMALL = 10_000;

  /** Where it is not known how many rows a table has. */
  private static final long MILLION = 1_000_000;

  private static final double INDEXED_ROWS_PER_SECOND = 1.8e6;
  private static final double READ_ROWS_PER_SECOND = 6e6;
  private static final double WRITTEN_ROWS_PER_SECOND = 28e3;
  private static final double WAL_OF_INDEXED_ROW = 7;
  private static final double WAL_OF_WRITTEN_ROW = 1250;

  /** Where rows are written: of which table and column. */
  private static final Pattern FILL =
      Pattern.compile("CALL pg_temp\\.gpra_(fill|copy_column)\\('([^']+)', '([^']+)'");

  /** Of a column that is there, unless it is replaced because no row of it has a value. */
  private static final String EMPTY =
      """
      SELECT coalesce(s.null_frac, 1)
        FROM pg_catalog.pg_attribute AS a
        JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) a.attrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        LEFT JOIN pg_catalog.pg_stats AS s ON (s.schemaname, s.tablename, s.attname) = (n.nspname, c.relname, a.attname)
       WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(?) AND a.attname OPERATOR(pg_catalog.=) ?
         AND NOT (? AND coalesce(s.null_frac, 1) OPERATOR(pg_catalog.=) 1 AND pg_catalog.col_description(c.oid, a.attnum) LIKE '[%')
      """;

  private static final String LARGE =
      "SELECT FROM pg_catalog.pg_class AS c WHERE "
          + Outlook.ROWS
          + " OPERATOR(pg_catalog.>=) ? LIMIT 1";

  private static final Pattern SCAN = Pattern.compile("(?:^|, |; |then )scan\\b");

  /** What is done to one table: how often an index is built, and all rows are read, or written. */
  private static final class Work {
    private final long rows;
    private int indexes;
    private int reads;
    private long written;

    Work(long rows) {
      this.rows = rows;
    }

    double seconds() {
      return rows * (indexes / INDEXED_ROWS_PER_SECOND + reads / READ_ROWS_PER_SECOND)
          + written / WRITTEN_ROWS_PER_SECOND;
    }

    double wal() {
      return rows * indexes * WAL_OF_INDEXED_ROW + written * WAL_OF_WRITTEN_ROW;
    }

    String sentence(String table) {
      List<String> parts = new ArrayList<>();
      if (indexes > 0) {
        parts.add(indexes == 1 ? "an index is built" : indexes + " indexes are built");
      }
      if (reads > 0) {
        parts.add(reads == 1 ? "read once" : "read " + reads + " times");
      }
      if (written > 0) {
        parts.add("%,d written in batches".formatted(written));
      }
      return "%s (about %,d rows): %s".formatted(table, rows, String.join(", ", parts));
    }
  }

  /** Which part of a table's rows has no value in a column that is going to be filled. */
  interface Columns {

    /**
     * Asks.
     *
     * @param quick whether the column is replaced where no row has a value
     * @return from 0, also where the column is not there yet, to 1
     */
    double without(String table, String column, boolean quick);
  }

  private Forecast() {}

  /** Whether a table is large enough that anything would be said. */
  static boolean isPossible(Database database) throws SQLException {
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      return false;
    }
    try (PreparedStatement query = connection.getUnderlyingConnection().prepareStatement(LARGE)) {
      query.setLong(1, SMALL);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /**
   * Says it of a database.
   *
   * @param plan with its SQL, and the rows of the tables that it names
   * @return a sentence; empty where only small tables are read
   */
  static List<String> sentences(List<Outlook> plan, Database database) {
    return database.getConnection() instanceof JdbcConnection connection
        ? sentences(
            plan,
            (table, column, quick) ->
                without(connection.getUnderlyingConnection(), table, column, quick))
        : List.of();
  }

  private static double without(Connection connection, String table, String column, boolean quick) {
    try (PreparedStatement query = connection.prepareStatement(EMPTY)) {
      query.setString(1, table);
      query.setString(2, column);
      query.setBoolean(3, quick);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getDouble(1) : 0;
      }
    } catch (SQLException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /** How long one changeset takes, with all rows of a column to fill. */
  static String time(Outlook one) {
    boolean known =
        one.locks().stream().anyMatch(lock -> lock.rows() != null)
            && one.locks().stream().noneMatch(lock -> lock.rows() != null && lock.rows() < 0);
    Map<String, Work> byTable = new LinkedHashMap<>();
    add(one, (table, column, quick) -> 1, byTable, known ? 0 : MILLION);
    if (byTable.isEmpty()) {
      return "milliseconds";
    }
    double seconds = byTable.values().stream().mapToDouble(Work::seconds).sum();
    return "%s %s%s"
        .formatted(
            byTable.values().stream().anyMatch(work -> work.written > 0) ? "at most" : "about",
            Run.time(Math.round(seconds * 1e3) * 1_000_000),
            known ? "" : " for each million rows");
  }

  static List<String> sentences(List<Outlook> plan, Columns columns) {
    Map<String, Work> byTable = new LinkedHashMap<>();
    plan.forEach(one -> add(one, columns, byTable, 0));
    byTable.values().removeIf(work -> work.indexes + work.reads == 0 && work.written < SMALL);
    if (byTable.isEmpty()) {
      return List.of();
    }
    double seconds = byTable.values().stream().mapToDouble(Work::seconds).sum();
    double wal = byTable.values().stream().mapToDouble(Work::wal).sum();
    return List.of(
        "To come: %s. %s. About %s and %s of WAL, at the rates of the jar's own benchmark; nobody waits for it."
            .formatted(
                byTable.entrySet().stream()
                    .map(one -> one.getValue().sentence(one.getKey()))
                    .collect(Collectors.joining("; ")),
                byTable.values().stream().anyMatch(work -> work.written > 0)
                    ? "No other row is written"
                    : "No row is written",
                Run.time(Math.round(seconds * 1e3) * 1_000_000),
                String.format(Locale.ROOT, "%.0f MB", Math.ceil(wal / 1e6))));
  }

  private static void add(Outlook one, Columns columns, Map<String, Work> byTable, long unknown) {
    if (one.sql() == null) {
      return;
    }
    boolean quick = one.sql().contains("; or else");
    for (String statement : one.sql().split(";\n\n")) {
      Matcher line = Outlook.LINE.matcher(statement);
      while (line.find()) {
        long rows = unknown > 0 ? unknown : rows(one, line.group(1));
        if (rows > 0 && SCAN.matcher(line.group(2)).find()) {
          Work work = byTable.computeIfAbsent(line.group(1), table -> new Work(rows));
          Matcher fill = FILL.matcher(statement);
          if (fill.find()) {
            work.written =
                Math.max(
                    work.written,
                    fill.group(1).equals("copy_column")
                        ? rows
                        : Math.round(rows * columns.without(fill.group(2), fill.group(3), quick)));
          } else if (statement.contains("INDEX CONCURRENTLY")) {
            work.indexes++;
          } else {
            work.reads++;
          }
        }
      }
    }
  }

  private static long rows(Outlook one, String table) {
    return one.locks().stream()
        .filter(lock -> lock.table().equals(Screen.printable(table)))
        .map(Outlook.Lock::rows)
        .filter(known -> known != null && known >= SMALL)
        .findFirst()
        .orElse(0L);
  }
}
