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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The locks that each changeset takes, compared with what its statements say above themselves, and
 * kept beside its SQL; target/locks.md has the times of this run.
 */
@Tag("golden")
class LockTableIT {

  private static final Path PAGE = Path.of("docs/locks.md");
  private static final Path DIRECTORY = Path.of("src/test/resources/golden");
  private static final Path REPORT = Path.of("target/locks.md");

  /** Weakest first. */
  private static final List<String> MODES =
      List.of(
          "SHARE UPDATE EXCLUSIVE",
          "SHARE",
          "SHARE ROW EXCLUSIVE",
          "EXCLUSIVE",
          "ACCESS EXCLUSIVE");

  private static final Pattern CHANGESET =
      Pattern.compile("-- (?:Changeset|Rolling Back ChangeSet:) \\S+::(\\S+)::\\S+");

  private static final Pattern STATED =
      Pattern.compile(
          "-- (?:public\\.)?(\\S+)( and what its keys lead to)?(, and theirs to it)?: (.*\\b(?:EXCLUSIVE|SHARE)\\b.*)");

  private static final Pattern MODE =
      Pattern.compile("(?:ACCESS |SHARE UPDATE |SHARE ROW )?EXCLUSIVE|SHARE");

  private static final Path RESOURCES = Path.of("src/test/resources/changelogs");

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

  /** Operations that this project's changelog does not have, each on tables of its own. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "unique",
          "CREATE TABLE books (id integer NOT NULL, \"Room of the library where the book usually stands\" text, no integer, isbn text);"
              + " INSERT INTO books SELECT n, 'cellar', n, n FROM generate_series(1, %d) AS n; CREATE TABLE loans (id integer, isbn text)",
          "checks",
          tables("checks")
              + "INSERT INTO books SELECT n, 1, 'novel', 'cellar' FROM generate_series(11, %d) AS n",
          "objects",
          tables("objects")
              + "INSERT INTO books SELECT n, 'Book', n FROM generate_series(11, %d) AS n",
          "larger",
          tables("larger")
              + "INSERT INTO songs (title) SELECT 'Song' FROM generate_series(3001, %1$d);"
              + " INSERT INTO plays (song_id) SELECT 10 FROM generate_series(3001, %1$d)");

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
   * What a statement says of a table, or of that and those that keys lead to from it, and to it.
   */
  private record Stated(String table, boolean withParents, boolean withChildren, String what) {

    boolean isOf(String other) {
      return table.equals(other)
          || withParents && LINKED.contains(table + " " + other)
          || withChildren && LINKED.contains(other + " " + table);
    }

    int mode() {
      return MODE.matcher(what)
          .results()
          .mapToInt(one -> MODES.indexOf(one.group()))
          .max()
          .orElse(-1);
    }

    boolean scans() {
      return what.replace("no scan", "").contains("scan");
    }

    String of(String own) {
      return "%s%s: %s"
          .formatted(
              table.equals(own) ? "the table" : "the parent",
              (withParents ? " and what its keys lead to" : "")
                  + (withChildren ? ", and theirs to it" : ""),
              what);
    }
  }

  private static final Map<String, List<Stated>> UPDATE = new LinkedHashMap<>();
  private static final Map<String, List<Stated>> ROLLBACK = new LinkedHashMap<>();

  /** Before the first changeset is undone. */
  private static final SortedMap<String, Use> LOOK = new TreeMap<>();

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
        UPDATE.putAll(stated(run(database, copy).updateSql()));
        ROLLBACK.putAll(stated(run(database, copy).futureRollbackSql()));
        LockRecorder recorder = new LockRecorder(server, database, ROWS);
        Map<String, SortedMap<String, Use>> update =
            recorder.update(() -> run(database, copy).update());
        link(database);
        int all = Changelog.changeSets().size();
        Map<String, SortedMap<String, Use>> rollback =
            recorder.rollback(() -> run(database, copy).rollbackCount(all));
        LOOK.putAll(rollback.get(LockRecorder.BEFORE));
        keep("", update, rollback);

        run(database, copy).update();
        Map<String, SortedMap<String, Use>> alone = new HashMap<>();
        while (!database.applied().get(database.applied().size() - 1).equals("001-tag")) {
          alone.putAll(recorder.rollback(() -> run(database, copy).rollbackCount(1)));
          link(database);
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
      for (String other : OTHERS.keySet()) {
        measure(other, server);
      }
    }
  }

  private static Path changelog(String other) {
    return RESOURCES.resolve(other + ".yaml");
  }

  private static String tables(String other) {
    try {
      return Files.readString(RESOURCES.resolve(other + ".sql"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void measure(String other, OwnServer server) {
    String tables = OTHERS.get(other).replaceAll("%(1\\$)?d", "" + ROWS) + "; ANALYZE";
    try (TestDatabase database = TestDatabase.emptyOn(server.server()).execute(tables)) {
      LiquibaseRun run =
          new LiquibaseRun(database).changelog("changelogs/" + changelog(other).getFileName());
      run.status();
      UPDATE.putAll(stated(run.updateSql()));
      ROLLBACK.putAll(stated(run.futureRollbackSql()));
      LockRecorder recorder = new LockRecorder(server, database, ROWS);
      Map<String, SortedMap<String, Use>> update = recorder.update(run::update);
      link(database);
      keep("", update, recorder.rollback(() -> run.rollbackCount(database.applied().size())));
    }
  }

  private static void link(TestDatabase database) {
    LINKED.addAll(
        database.query(
            "SELECT DISTINCT conrelid::regclass || ' ' || confrelid::regclass FROM pg_constraint WHERE contype = 'f'"));
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
    return written().map(changeset -> changeset.get("id").toString()).toList();
  }

  private static Stream<Map<String, Object>> written() {
    return Stream.concat(
        Changelog.changeSets().stream(),
        OTHERS.keySet().stream().flatMap(other -> Changelog.changeSets(changelog(other)).stream()));
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

  private static Map<String, List<Stated>> stated(String script) {
    Map<String, List<Stated>> stated = new LinkedHashMap<>();
    List<Stated> last = new ArrayList<>();
    for (String line : script.lines().toList()) {
      Matcher changeset = CHANGESET.matcher(line);
      Matcher one = STATED.matcher(line);
      if (changeset.matches()) {
        last = stated.computeIfAbsent(changeset.group(1), id -> new ArrayList<>());
      } else if (one.matches()) {
        last.add(
            new Stated(one.group(1), one.group(2) != null, one.group(3) != null, one.group(4)));
      }
    }
    return stated;
  }

  /** Name of the first change; null for SQL, which says nothing. */
  private static String operation(String id) {
    Map<String, ?> change = change(id);
    String name = change.keySet().iterator().next();
    if (Set.of("sql", "sqlFile", "tagDatabase").contains(name)) {
      return null;
    }
    return change.get(name) instanceof Map<?, ?> fields
            && fields.containsKey("notNullConstraintName")
        ? name + "` with `notNullConstraintName"
        : name;
  }

  private static String ownTable(String id) {
    Object fields = change(id).values().iterator().next();
    return fields instanceof Map<?, ?> map
        ? Stream.of("tableName", "baseTableName", "viewName")
            .filter(map::containsKey)
            .map(name -> String.valueOf(map.get(name)))
            .findFirst()
            .orElse("")
        : "";
  }

  private static Map<String, ?> change(String id) {
    return change(id, "changes");
  }

  /** The first of a part of a changeset. */
  @SuppressWarnings("unchecked")
  private static Map<String, ?> change(String id, String part) {
    return written()
        .filter(changeset -> changeset.get("id").equals(id))
        .map(changeset -> ((List<Map<String, ?>>) changeset.get(part)).get(0))
        .findFirst()
        .orElseThrow();
  }

  static Stream<String> migrations() {
    return Changelog.files().stream().map(Changelog::name);
  }

  @ParameterizedTest
  @MethodSource("migrations")
  void takesTheLocksThatAreKept(String migration) {
    String number = migration.substring(0, 3);
    String rows =
        MEASURED.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(number))
            .flatMap(
                entry ->
                    lines(entry.getKey().replaceFirst("^\\S+", "`$0`"), entry.getValue()).stream())
            .collect(Collectors.joining());
    Golden.file(DIRECTORY.resolve(migration + ".locks.md"))
        .assertIs(
            "What each changeset of %s locks, measured by LockTableIT (docs/locks.md).\n\n| changeset | table | update | rollback |\n|---|---|---|---|\n%s"
                .formatted(number, rows));
  }

  @Test
  void takesNoLockThatItsStatementsDoNotSay() {
    MEASURED.forEach(
        (measured, both) -> {
          String id = measured.split(" ")[0];
          if (operation(id) != null) {
            assertSaid("update of " + measured, both.update(), UPDATE.getOrDefault(id, List.of()));
            assertSaid(
                "undo of " + measured, both.rollback(), ROLLBACK.getOrDefault(id, List.of()));
          }
        });
  }

  private static void assertSaid(String what, SortedMap<String, Use> uses, List<Stated> stated) {
    uses.forEach(
        (table, use) -> {
          List<Stated> said = stated.stream().filter(one -> one.isOf(table)).toList();
          assertThat(mode(use))
              .as("%s: %s on %s", what, use.mode(), table)
              .isLessThanOrEqualTo(said.stream().mapToInt(Stated::mode).max().orElse(-1));
          assertThat(said.stream().anyMatch(Stated::scans))
              .as("%s says that it scans %s", what, table)
              .isIn(true, use.scans());
        });
  }

  /** Of each operation, somewhere: what is said of it is no more than it does. */
  @Test
  void takesTheLocksThatItsStatementsSay() {
    Map<String, Integer> measured = new TreeMap<>();
    MEASURED.forEach(
        (key, both) -> {
          String id = key.split(" ")[0];
          String operation = operation(id);
          if (operation != null && !operation.endsWith("View")) {
            strongest(measured, update(operation), both.update().get(ownTable(id)));
            strongest(measured, undo(id), both.rollback().get(ownTable(id)));
          }
        });
    Map<String, Integer> stated = new TreeMap<>();
    for (String id : changesets()) {
      // (The recorder knows tables only.)
      if (operation(id) != null && !operation(id).endsWith("View")) {
        strongest(stated, update(operation(id)), UPDATE.get(id), ownTable(id));
        strongest(stated, undo(id), ROLLBACK.get(id), ownTable(id));
      }
    }
    // Nobody uses that table yet.
    stated.put("update of createTable", -1);
    assertThat(measured).isEqualTo(stated);
  }

  private static String update(String operation) {
    return "update of " + operation.replace("createIndexAs", "createIndex");
  }

  /** Of a drop: what makes the same again. */
  private static String undo(String id) {
    String operation = operation(id);
    return operation.matches("(drop|remove).*")
        ? update(change(id, "rollback").keySet().iterator().next())
        : "undo of " + operation;
  }

  private static int mode(Use use) {
    return use == null || use.mode() == null ? -1 : MODES.indexOf(use.mode());
  }

  private static void strongest(Map<String, Integer> by, String what, Use use) {
    by.merge(what, mode(use), Math::max);
  }

  private static void strongest(
      Map<String, Integer> by, String what, List<Stated> stated, String table) {
    int mode =
        stated == null
            ? -1
            : stated.stream()
                .filter(one -> one.table().equals(table))
                .mapToInt(Stated::mode)
                .max()
                .orElse(-1);
    by.merge(what, mode, Math::max);
  }

  @Test
  void listsTheOperations() {
    Map<String, Set<String>> update = new TreeMap<>();
    Map<String, Set<String>> undo = new TreeMap<>();
    for (String id : changesets()) {
      String operation = operation(id);
      if (operation != null && UPDATE.containsKey(id) && !UPDATE.get(id).isEmpty()) {
        add(update, operation, UPDATE.get(id), ownTable(id));
        add(undo, operation, ROLLBACK.get(id), ownTable(id));
      }
    }
    String rows =
        update.keySet().stream()
            .map(
                operation ->
                    "| `%s` | %s | %s |\n"
                        .formatted(
                            operation,
                            String.join("<br>", update.get(operation)),
                            String.join("<br>", undo.get(operation))))
            .collect(Collectors.joining());
    Golden.section(PAGE, "locks")
        .assertIs("| change | update | rollback |\n|---|---|---|\n" + rows);
  }

  /** Rows are counted, and what others have built is found, while everybody goes on. */
  @Test
  void looksBackWithoutAStrongLock() {
    assertThat(LOOK).isNotEmpty();
    LOOK.forEach((table, use) -> assertThat(use.strong()).as(table).isFalse());
  }

  private static void add(
      Map<String, Set<String>> by, String operation, List<Stated> stated, String own) {
    Set<String> lines = by.computeIfAbsent(operation, name -> new LinkedHashSet<>());
    stated.forEach(
        one ->
            lines.add(
                operation.endsWith("View")
                    ? one.of(own).replace("the table", "the view")
                    : one.of(own)));
  }

  @Test
  void takesStrongLocksOnOneTableAndThoseThatKeysConnectItWith() {
    MEASURED.forEach(
        (changeset, both) -> {
          String own = ownTable(changeset.split(" ")[0]);
          assertConnected("update of " + changeset, own, both.update());
          assertConnected("rollback of " + changeset, own, both.rollback());
        });
  }

  private static void assertConnected(String what, String own, SortedMap<String, Use> uses) {
    List<String> strong = uses.keySet().stream().filter(table -> uses.get(table).strong()).toList();
    assertThat(strong)
        .as(what)
        .matches(
            all ->
                Stream.concat(Stream.of(own), all.stream())
                    .anyMatch(
                        one ->
                            all.stream()
                                .allMatch(other -> one.equals(other) || linked(one, other))));
  }

  private static boolean linked(String one, String other) {
    return LINKED.contains(one + " " + other) || LINKED.contains(other + " " + one);
  }

  @Test
  void neitherScansUnderAStrongLockNorRewrites() {
    MEASURED.forEach(
        (changeset, both) -> {
          assertThat(costly(both.update())).as("update of " + changeset).isEmpty();
          assertThat(costly(both.rollback())).as("rollback of " + changeset).isEmpty();
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
