package app.gpra.migrations.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What pending changesets read and write of tables that are not small, and about how long that
 * takes: by the rates of docs/benchmarks/migration.md and docs/benchmarks/batches.md, which another
 * machine does not have.
 */
final class Forecast {

  /** Less is done before anybody has read the line. */
  private static final long SMALL = 10_000;

  private static final double INDEXED_ROWS_PER_SECOND = 1.8e6;
  private static final double READ_ROWS_PER_SECOND = 6e6;
  private static final double WRITTEN_ROWS_PER_SECOND = 28e3;
  private static final double WAL_OF_INDEXED_ROW = 7;
  private static final double WAL_OF_WRITTEN_ROW = 1250;

  private static final Pattern SCAN = Pattern.compile("(?:^|, |; |then )scan\\b");

  /** What is done to one table: how often an index is built, and all rows are read, or written. */
  private static final class Work {
    private final long rows;
    private int indexes;
    private int reads;
    private int writes;

    Work(long rows) {
      this.rows = rows;
    }

    double seconds() {
      return rows
          * (indexes / INDEXED_ROWS_PER_SECOND
              + reads / READ_ROWS_PER_SECOND
              + writes / WRITTEN_ROWS_PER_SECOND);
    }

    double wal() {
      return rows * (indexes * WAL_OF_INDEXED_ROW + writes * WAL_OF_WRITTEN_ROW);
    }

    String sentence(String table) {
      List<String> parts = new ArrayList<>();
      if (indexes > 0) {
        parts.add(indexes == 1 ? "an index is built" : indexes + " indexes are built");
      }
      if (reads > 0) {
        parts.add(reads == 1 ? "read once" : "read " + reads + " times");
      }
      if (writes > 0) {
        parts.add("written in batches");
      }
      return "%s (about %,d rows): %s".formatted(table, rows, String.join(", ", parts));
    }
  }

  private Forecast() {}

  /**
   * Says it.
   *
   * @param plan with its SQL, and the rows of the tables that it names
   * @return a sentence; empty where only small tables are read
   */
  static List<String> sentences(List<Outlook> plan) {
    Map<String, Work> byTable = new LinkedHashMap<>();
    plan.forEach(one -> add(one, byTable));
    if (byTable.isEmpty()) {
      return List.of();
    }
    double seconds = byTable.values().stream().mapToDouble(Work::seconds).sum();
    double wal = byTable.values().stream().mapToDouble(Work::wal).sum();
    return List.of(
        "To come: %s. %s. About %s and %s of WAL, at the rates of docs/benchmarks/migration.md; nobody waits for it."
            .formatted(
                byTable.entrySet().stream()
                    .map(one -> one.getValue().sentence(one.getKey()))
                    .collect(Collectors.joining("; ")),
                byTable.values().stream().anyMatch(work -> work.writes > 0)
                    ? "No other row is written"
                    : "No row is written",
                Run.time(Math.round(seconds * 1e3) * 1_000_000),
                String.format(Locale.ROOT, "%.0f MB", Math.ceil(wal / 1e6))));
  }

  private static void add(Outlook one, Map<String, Work> byTable) {
    if (one.sql() == null) {
      return;
    }
    for (String statement : one.sql().split(";\n\n")) {
      // Where a column is replaced, no row is written.
      boolean quick = statement.contains("; or else");
      Matcher line = Outlook.LINE.matcher(statement);
      while (line.find()) {
        String what = line.group(2);
        boolean batches = what.contains("for each batch");
        long rows =
            one.locks().stream()
                .filter(lock -> lock.table().equals(Screen.printable(line.group(1))))
                .map(Outlook.Lock::rows)
                .filter(known -> known != null && known >= SMALL)
                .findFirst()
                .orElse(0L);
        if (rows == 0 || !SCAN.matcher(what).find() || batches && quick) {
          continue;
        }
        Work work = byTable.computeIfAbsent(line.group(1), table -> new Work(rows));
        if (batches) {
          work.writes++;
        } else if (statement.contains("INDEX CONCURRENTLY")) {
          work.indexes++;
        } else {
          work.reads++;
        }
      }
    }
  }
}
