package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.Golden;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.LockRecorder;
import app.gpra.migrations.harness.LockRecorder.Use;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The locks that each changeset takes, compared with the table in docs/locks.md; target/locks.md
 * has the times of this run.
 */
@Tag("golden")
class LockTableIT {

  private static final Path PAGE = Path.of("docs/locks.md");
  private static final Path REPORT = Path.of("target/locks.md");

  /** So many that the planner uses an index where there is one. */
  private static final int ROWS = 5000;

  private static final String DATA =
      """
      INSERT INTO items (title) SELECT 'Study ' || n FROM generate_series(1, %1$d) AS n;
      INSERT INTO routines (name) SELECT 'Day ' || n FROM generate_series(1, %1$d) AS n;
      INSERT INTO chord_charts (item_id, title, chord_data) SELECT n, 'G', '{}' FROM generate_series(1, %1$d) AS n;
      ANALYZE;
      """
          .formatted(ROWS);

  /** One row of each table has an owner: the others get theirs in batches. */
  private static final String SOME_OWNED =
      "UPDATE items SET user_id = 4 WHERE id = 100; UPDATE routines SET user_id = 4 WHERE id = 100;"
          + " UPDATE chord_charts SET user_id = 4 WHERE chord_id = 100";

  /** What a changeset does on the way there and on the way back, by table. */
  private record Both(SortedMap<String, Use> update, SortedMap<String, Use> rollback) {

    SortedSet<String> tables() {
      SortedSet<String> tables = new TreeSet<>(update.keySet());
      tables.addAll(rollback.keySet());
      return tables;
    }
  }

  /** Two tables, joined by a space: where one leads to the other, both are locked. */
  private static final Set<String> LINKED = new HashSet<>();

  /**
   * Cannot be undone otherwise: a column that was widened is narrowed again, by reading its rows.
   */
  private static final String NARROWS = "\\d{3}-.*-type";

  /** Each changeset once, then under a longer name where it does something else another way. */
  private static final Map<String, Both> MEASURED = new LinkedHashMap<>();

  @BeforeAll
  static void measure(@TempDir Path copy) {
    LockRecorder.copyChangelog(copy);
    try (OwnServer server =
        OwnServer.start(Map.of("track_commit_timestamp", "on", "autovacuum", "off"))) {
      try (TestDatabase database = legacy(server)) {
        Assumptions.assumeTrue(
            database
                .value("SELECT count(*) FROM pg_proc WHERE proname = 'pg_stat_force_next_flush'")
                .equals("1"),
            "this server tells late what a session has read");
        LockRecorder recorder = new LockRecorder(server, database, ROWS);
        Map<String, SortedMap<String, Use>> update =
            recorder.update(() -> run(database, copy).update());
        LINKED.addAll(
            database.query(
                "SELECT DISTINCT conrelid::regclass || ' ' || confrelid::regclass FROM pg_constraint WHERE contype = 'f'"));
        int all = changesets().size();
        keep("", update, recorder.rollback(() -> run(database, copy).rollbackCount(all)));

        run(database, copy).update();
        Map<String, SortedMap<String, Use>> alone = new HashMap<>();
        while (!database.applied().get(database.applied().size() - 1).equals("001-tag")) {
          alone.putAll(recorder.rollback(() -> run(database, copy).rollbackCount(1)));
        }
        keep(" undone alone", Map.of(), alone);
      }
      try (TestDatabase database = legacy(server)) {
        LockRecorder recorder = new LockRecorder(server, database, ROWS);
        run(database, copy).updateTo("001");
        database.execute(SOME_OWNED);
        Map<String, SortedMap<String, Use>> update =
            recorder.update(() -> run(database, copy).labels("!enforce").update());
        keep(" in batches", update, recorder.rollback(() -> run(database, copy).rollbackTo("001")));
      }
    }
  }

  /** The history table is there before the recorder is, as after {@code liquibase:status}. */
  private static TestDatabase legacy(OwnServer server) {
    TestDatabase database = TestDatabase.legacyOn(server.server()).execute(DATA);
    new LiquibaseRun(database).status();
    return database;
  }

  private static LiquibaseRun run(TestDatabase database, Path copy) {
    return new LiquibaseRun(database).enforce().from(copy);
  }

  /** Keeps what differs from the first way; of a direction that was not measured, nothing. */
  private static void keep(
      String way,
      Map<String, SortedMap<String, Use>> update,
      Map<String, SortedMap<String, Use>> rollback) {
    for (String changeset : changesets()) {
      Both both =
          new Both(
              update.getOrDefault(changeset, new TreeMap<>()),
              rollback.getOrDefault(changeset, new TreeMap<>()));
      Both first = MEASURED.get(changeset);
      if (first == null) {
        MEASURED.put(changeset, both);
      } else if (update.containsKey(changeset)
              && !cells(both.update()).equals(cells(first.update()))
          || rollback.containsKey(changeset)
              && !cells(both.rollback()).equals(cells(first.rollback()))) {
        MEASURED.put(changeset + way, both);
      }
    }
  }

  private static Map<String, String> cells(SortedMap<String, Use> uses) {
    Map<String, String> cells = new TreeMap<>();
    uses.forEach((table, use) -> cells.put(table, cell(use)));
    return cells;
  }

  private static List<String> changesets() {
    return Changelog.changeSets().stream()
        .map(changeset -> changeset.get("id").toString())
        .toList();
  }

  private static List<String> lines(String changeset, Both both) {
    List<String> lines = new ArrayList<>();
    for (String table : both.tables()) {
      lines.add(
          "| %s | `%s` | %s | %s |\n"
              .formatted(
                  changeset,
                  table,
                  cell(both.update().get(table)),
                  cell(both.rollback().get(table))));
    }
    return lines.isEmpty() ? List.of("| " + changeset + " | | | |\n") : lines;
  }

  private static String cell(Use use) {
    if (use == null) {
      return "";
    }
    List<String> words = new ArrayList<>();
    if (use.mode() != null) {
      words.add(use.mode());
    }
    if (use.scans()) {
      words.add("scan");
    }
    if (use.rewrites()) {
      words.add("rewrite");
    }
    return String.join(", ", words);
  }

  private static String table() {
    return MEASURED.entrySet().stream()
        .flatMap(
            entry -> lines(entry.getKey().replaceFirst("^\\S+", "`$0`"), entry.getValue()).stream())
        .collect(
            Collectors.joining(
                "", "| changeset | table | update | rollback |\n|---|---|---|---|\n", ""));
  }

  @Test
  void takesTheLocksThatTheTableSays() {
    Golden.section(PAGE, "locks").assertIs(table());
  }

  @Test
  void takesStrongLocksOnOneTableAndThoseThatItsKeysLeadTo() {
    MEASURED.forEach(
        (changeset, both) -> {
          assertThat(strong(both.update())).as("update of " + changeset).hasSizeLessThan(2);
          assertThat(strong(both.rollback())).as("rollback of " + changeset).hasSizeLessThan(2);
        });
  }

  /** Those that no foreign key of another one of them leads to. */
  private static List<String> strong(SortedMap<String, Use> uses) {
    List<String> strong =
        uses.keySet().stream()
            .filter(table -> uses.get(table).strong() && !table.equals("ab_user"))
            .toList();
    return strong.stream()
        .filter(table -> strong.stream().noneMatch(other -> LINKED.contains(other + " " + table)))
        .toList();
  }

  @Test
  void neitherScansUnderAStrongLockNorRewrites() {
    MEASURED.forEach(
        (changeset, both) -> {
          assertThat(costly(both.update())).as("update of " + changeset).isEmpty();
          if (!changeset.matches(NARROWS)) {
            assertThat(costly(both.rollback())).as("rollback of " + changeset).isEmpty();
          }
        });
  }

  private static List<String> costly(SortedMap<String, Use> uses) {
    return uses.keySet().stream()
        .filter(table -> uses.get(table).rewrites() || uses.get(table).scansUnderLock())
        .toList();
  }

  @AfterAll
  static void report() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("| changeset | way | table | lock | at most, ms |");
    lines.add("|---|---|---|---|---|");
    MEASURED.forEach(
        (changeset, both) -> {
          both.update().forEach((table, use) -> line(lines, changeset, "update", table, use));
          both.rollback().forEach((table, use) -> line(lines, changeset, "rollback", table, use));
        });
    Files.write(REPORT, lines);
  }

  private static void line(
      List<String> lines, String changeset, String way, String table, Use use) {
    if (use.strong()) {
      lines.add(
          "| %s | %s | %s | %s | %.1f |"
              .formatted(changeset, way, table, use.mode(), use.held().toNanos() / 1e6));
    }
  }
}
