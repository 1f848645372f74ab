package app.gpra.migrations.maven;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("maven")
class MavenIT {

  /** What Liquibase says of itself. */
  private static final String[] NOISE = {
    "Changeset:",
    "ChangeSet ",
    "ran successfully",
    "successfully",
    "Reading from",
    "Executing on Database",
    "change log lock",
    "deploymentId",
    "SUMMARY",
    "Command execution complete",
    "default schema",
    "skipping",
  };

  @TempDir Path project;

  @BeforeEach
  void copyProject() {
    MavenRun.copyProject(project, true);
  }

  private static String databaseUrl(TestDatabase database) {
    return database.jdbcUrl();
  }

  @Test
  void takesTheDatabaseUpAndBack() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      String url = databaseUrl(database);
      String data = database.data();

      MavenRun preview = MavenRun.run(project, url, "liquibase:updateSQL");
      assertThat(preview.exitCode()).as(preview.output()).isZero();
      assertThat(Files.readString(project.resolve("target/liquibase/migrate.sql")))
          .contains("gpra_add_key('items', 'fk_items_user_id'", "gpra_admin_assignment");
      assertThat(database.applied()).isEmpty();

      MavenRun update =
          MavenRun.run(project, url, "liquibase:update", "liquibase:status", "liquibase:history");
      assertThat(update.exitCode()).as(update.output()).isZero();
      assertThat(update.output())
          .contains(
              "the admin is admin",
              "items.user_id: 36 row(s) had no value",
              "items.user_id verified: 36 row(s), 0 without",
              "is up to date",
              "002-tag");
      List<Map<String, Object>> plain = Changelog.withoutLabel();
      assertThat(update.output())
          .contains(
              database.place() + ", PostgreSQL ",
              ", as " + database.value("SELECT current_user") + ". It stands at the beginning",
              "To do: " + Changelog.counted(plain) + ".",
              "stands at %s now."
                  .formatted(plain.get(plain.size() - 1).get("id"))
                  .replace("-tag", ""),
              "passed over: 000-legacy-tables (there already: the application has its tables)",
              "to go back: mvn liquibase:rollback -Dliquibase.rollbackTag=000")
          .doesNotContain(NOISE);
      for (String id : database.applied()) {
        assertThat(
                update
                    .output()
                    .lines()
                    .filter(
                        line ->
                            line.matches(
                                ".* \\d+/%d +[\\d.]+ m?s %s[: ].*".formatted(plain.size(), id))))
            .as(id)
            .hasSize(1);
      }

      String enforce = "-Dliquibase.labelFilter=enforce";
      List<Map<String, Object>> last = new ArrayList<>(Changelog.changeSets());
      last.removeAll(plain);
      List<Map<String, Object>> undone =
          last.subList(
              last.stream().map(one -> one.get("id")).toList().indexOf("004-verify"), last.size());
      MavenRun second =
          MavenRun.run(
              project,
              url,
              "liquibase:update",
              "liquibase:rollback",
              enforce,
              "-Dgpra.app.role=gpra_app",
              "-Dgpra.owner.quiet=0ms",
              "-Dliquibase.rollbackCount=" + undone.size());
      assertThat(second.exitCode()).as(second.output()).isZero();
      assertThat(second.output())
          .contains("items.user_id verified: 36 row(s), 0 without value", "004 verified: items,")
          .contains(
              "To undo: " + Changelog.counted(undone) + ".", "halfway inside 004, after 003: ")
          .doesNotContain(NOISE);
      assertThat(database.applied())
          .contains("004-active-routine-enabled")
          .doesNotContain("004-verify");

      MavenRun tag =
          MavenRun.run(
              project,
              url,
              "liquibase:rollback",
              "-Dliquibase.rollbackTag=000",
              enforce,
              "-Dgpra.report=target/report.md");
      assertThat(tag.exitCode()).as(tag.output()).isZero();
      assertThat(tag.output()).contains("stands at 000 now.").doesNotContain(NOISE);
      assertThat(Files.readString(project.resolve("target/report.md")))
          .startsWith("# Undone in ")
          .contains("stands at 000 now\n", "| `001-preflight` |");
      assertThat(database.data()).isEqualTo(data);
    }
  }

  /** Below all that Maven says. */
  @Test
  void saysLastWhyItStoppedAndWhatComesNext() throws SQLException {
    try (TestDatabase database = TestDatabase.legacy();
        Connection report = reportOnItems(database)) {
      MavenRun run =
          MavenRun.run(project, databaseUrl(database), "liquibase:update", "-Dgpra.wait.limit=0s");
      assertThat(run.exitCode()).isNotZero();
      assertThat(report.isClosed()).isFalse();
      List<String> last =
          run.output().substring(run.output().lastIndexOf("[ERROR]")).lines().toList();
      assertThat(last.get(1)).contains("Stopped in 001-items-created-via after ");
      assertThat(last.get(2)).contains("  reason: A lock on items did not come in 0s ");
      assertThat(last.get(last.size() - 1))
          .endsWith(
              "  next: correct what the error says, then mvn liquibase:update -Dgpra.wait.limit=0s");
    }
  }

  /** Who wants to see errors only wants to see this one. */
  @Test
  void saysItWithQToo() throws SQLException {
    try (TestDatabase database = TestDatabase.legacy();
        Connection report = reportOnItems(database)) {
      MavenRun run =
          MavenRun.run(
              project, databaseUrl(database), "-q", "liquibase:update", "-Dgpra.wait.limit=0s");
      assertThat(run.exitCode()).isNotZero();
      assertThat(report.isClosed()).isFalse();
      assertThat(run.output())
          .contains(
              "[ERROR] Stopped in 001-items-created-via after ",
              "[ERROR]   reason: A lock on items did not come in 0s ")
          .endsWith(
              "[ERROR]   next: correct what the error says, then mvn liquibase:update -Dgpra.wait.limit=0s\n")
          .doesNotContain("[INFO]");
    }
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void saysItToWhoEndsItToo() throws Exception {
    try (TestDatabase database = TestDatabase.legacy();
        Connection report = reportOnItems(database)) {
      Path output = project.resolve("ended.log");
      Process maven = MavenRun.start(project, databaseUrl(database), output, "liquibase:update");
      while (maven.isAlive() && !Files.readString(output).contains("Waiting for a lock on items")) {
        maven.waitFor(50, TimeUnit.MILLISECONDS);
      }
      assertThat(report.isClosed()).isFalse();
      maven.destroy();
      assertThat(MavenRun.end(maven, output).output())
          .contains("Stopped in 001-items-created-via after ", "  applied: 3 changesets of ")
          .contains("  reason: It was interrupted, as by Ctrl-C.")
          .endsWith("  next: mvn liquibase:update\n");
    }
  }

  private static Connection reportOnItems(TestDatabase database) throws SQLException {
    Connection report = database.connect();
    report.setAutoCommit(false);
    report.createStatement().execute("SELECT count(*) FROM items");
    return report;
  }

  /** In batches, where the bar is. */
  @ParameterizedTest
  @ValueSource(ints = {80, 120, 200})
  @Tag("thorough")
  @Tag("nightly")
  void fitsATerminalAndLeavesNoBarBehind(int columns) throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no terminal to try");
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute(
          "INSERT INTO items (title) SELECT repeat('x', 100) FROM generate_series(1, 100000)");
      new LiquibaseRun(database).updateTo("001");
      database.execute("UPDATE items SET user_id = 3 WHERE id = 1");
      String screen = onTerminal(columns, database, "");
      assertThat(screen).contains(" ] items.user_id: ");
      // What a terminal shows of a line that was written over.
      List<String> shown =
          Stream.of(screen.split("\n"))
              .map(line -> line.replaceAll(".*\r", "").replaceAll("\033\\[[\\d;]*m", ""))
              .toList();
      List<Map<String, Object>> pending =
          Changelog.withoutLabel().stream()
              .filter(one -> one.get("id").toString().compareTo("002") > 0)
              .toList();
      List<String> ours =
          shown.subList(
              shown.indexOf("[INFO] To do: " + Changelog.counted(pending) + "."),
              shown.lastIndexOf("[INFO] BUILD SUCCESS"));
      assertThat(ours)
          .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(columns))
          .noneMatch(line -> line.contains("#"))
          .anyMatch(
              line ->
                  line.matches(
                      "\\[INFO\\] 2/\\d+ +[\\d.]+ m?s 002-verify-items: items\\.user_id: .*"));
      assertThat(onTerminal(columns, database, "-q").replaceAll("\033\\[0?m", "")).isBlank();
    }
  }

  private String onTerminal(int columns, TestDatabase database, String option) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                "/usr/bin/script",
                "-qec",
                "stty cols %d; %s %s -o -ntp -Dmaven.repo.local=%s -Dliquibase.version=%s liquibase:update"
                    .formatted(
                        columns,
                        Path.of(System.getProperty("maven.home"), "bin", "mvn"),
                        option,
                        System.getProperty("test.maven.repo.local"),
                        System.getProperty("test.liquibase.version")),
                "/dev/null")
            .directory(project.toFile())
            .redirectErrorStream(true);
    builder.environment().put("DATABASE_URL", databaseUrl(database));
    builder.environment().put("TERM", "xterm");
    Process process = builder.start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .replace("\r\n", "\n");
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }

  @Test
  void isRefusedWithoutTheClassesThatMakeItSafe(@TempDir Path fresh) {
    MavenRun.copyProject(fresh, false);
    assertIsRefusedWithoutTheClasses(fresh, "liquibase:update");
  }

  /** Whatever Liquibase is told to be content with. */
  @ParameterizedTest
  @ValueSource(strings = {"update", "updateSQL", "rollback", "rollbackSQL", "status"})
  @Tag("thorough")
  @Tag("nightly")
  void isRefusedWithoutTheClassesByEachCommand(String goal, @TempDir Path fresh) {
    MavenRun.copyProject(fresh, false);
    for (List<String> mode :
        List.of(
            List.<String>of(),
            List.of(
                "-Dliquibase.changelogParseMode=LAX",
                "-Dliquibase.onMissingIncludeChangelog=WARN",
                "-Dliquibase.onMissingSQLFile=WARN"))) {
      List<String> command = new ArrayList<>(mode);
      command.add("liquibase:" + goal);
      command.add("-Dliquibase.rollbackTag=000");
      assertIsRefusedWithoutTheClasses(fresh, command.toArray(new String[0]));
    }
  }

  private static void assertIsRefusedWithoutTheClasses(Path fresh, String... command) {
    // No superuser: everybody on the machine may read a command line.
    try (TestRole role = TestRole.create("p");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      String schema = database.schema();
      List<String> line = new ArrayList<>(List.of(command));
      line.add("-Dliquibase.url=" + database.bareUrl() + "?user=" + role.name() + "&password=p");
      MavenRun run = MavenRun.run(fresh, null, line.toArray(new String[0]));
      assertThat(run.exitCode()).as(run.output()).isNotZero();
      assertThat(run.output()).contains("type-mvn-compile-before-the-goal/gpra.properties");
      assertThat(database.schema()).isEqualTo(schema);
      assertThat(database.applied()).isEmpty();
    }
  }

  /** As a pipeline types it. The url that says so is in an error of Liquibase's. */
  @ParameterizedTest
  @CsvSource({
    ", liquibase:update, compile liquibase:update",
    "postgresql://u@127.0.0.1:1/never, liquibase:updateSQL, compile liquibase:update",
    "postgresql://u@127.0.0.1:1/never, liquibase:rollback, compile liquibase:update",
    ", -Pembedded liquibase:status, -Pembedded compile liquibase:update",
  })
  void saysWhatToTypeOnAFreshClone(
      String url, String command, String expected, @TempDir Path fresh) {
    MavenRun.copyProject(fresh, false);
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.add("-Dliquibase.rollbackTag=001");
    MavenRun run = MavenRun.run(fresh, url, words.toArray(String[]::new));
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output())
        .containsOnlyOnce(
            "This project is not compiled yet: type the same command with compile before its goal, such as mvn "
                + expected
                + ")")
        .doesNotContain("Cannot find database driver");
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void refusesTwoDatabasesAlsoOnAFreshClone(@TempDir Path fresh) {
    MavenRun.copyProject(fresh, false);
    for (Path directory : List.of(fresh, project)) {
      MavenRun run =
          MavenRun.run(
              directory,
              null,
              "-Pembedded",
              "liquibase:update",
              "-Dliquibase.url=jdbc:postgresql://127.0.0.1:1/never");
      assertThat(run.exitCode()).isNotZero();
      assertThat(run.output())
          .containsOnlyOnce("-Pembedded and -Dliquibase.url exclude each other: leave one of them");
    }
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void previewsOffline() throws IOException {
    String script = "";
    for (int time = 1; time <= 2; time++) {
      MavenRun preview =
          MavenRun.run(
              project,
              null,
              "liquibase:updateSQL",
              "-Dliquibase.url=offline:postgresql?version=18&outputLiquibaseSql=all&changeLogFile=target/offline-"
                  + time
                  + ".csv");
      assertThat(preview.exitCode()).as(preview.output()).isZero();
      script = Files.readString(project.resolve("target/liquibase/migrate.sql"));
      assertThat(script)
          .contains(
              "CREATE TABLE IF NOT EXISTS databasechangelog",
              "fk_items_user_id",
              "INTO databasechangelog");
    }
    try (TestDatabase updated = TestDatabase.legacy();
        TestDatabase scripted = TestDatabase.legacy()) {
      new LiquibaseRun(updated).update();
      scripted.script(script);
      assertSame("the schema", updated.schema(), scripted.schema());
      assertSame("the data", updated.dataButTimes(), scripted.dataButTimes());
      assertThat(new LiquibaseRun(scripted).status()).contains("is up to date");
    }
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void keepsAnEmbeddedDatabaseFromRunToRun() throws IOException {
    MavenRun first =
        MavenRun.run(
            project,
            "postgresql://nobody@127.0.0.1:1/never",
            "-Pembedded",
            "liquibase:update",
            "liquibase:status",
            "liquibase:history",
            "liquibase:updateSQL");
    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(first.output())
        .contains("Embedded PostgreSQL ", "items.user_id: 36 row(s) had no value", "is up to date")
        .contains("002-tag", "nothing was run on the database");

    MavenRun second =
        MavenRun.run(
            project,
            null,
            "-Pembedded",
            "liquibase:rollback",
            "-Dliquibase.rollbackTag=001",
            "liquibase:update");
    assertThat(second.exitCode()).as(second.output()).isZero();
    assertThat(second.output())
        .contains(
            "items.user_id: 36 row(s) are without value again",
            "items.user_id: 36 row(s) had no value")
        .doesNotContain("001-tag");
    assertThat(project.resolve("target/embedded-postgres/data/postmaster.pid")).doesNotExist();
  }

  /** As the README has it. The server of this test is another, and stays. */
  @Test
  void leavesADatabaseRunningUntilItIsToldToStop() {
    try (TestDatabase other = TestDatabase.empty()) {
      assertThat(MavenRun.run(project, null, "exec:java@start").output())
          .contains("The embedded database runs on 127.0.0.1:")
          .doesNotContain("SLF4J");
      assertThat(embedded()).as("left running").hasSize(1);
      long pid = embedded().get(0).pid();

      MavenRun look =
          MavenRun.run(
              project,
              null,
              "-Pembedded",
              "liquibase:status",
              "exec:java@query",
              "-Dsql=SELECT count(*) AS n FROM items");
      assertThat(look.exitCode()).as(look.output()).isZero();
      assertThat(look.output()).contains("stands at the beginning", "\nn\n36\n1 row(s)\n");
      assertThat(embedded()).extracting(ProcessHandle::pid).containsExactly(pid);

      assertThat(MavenRun.run(project, null, "-q", "exec:java@stop").output())
          .contains("The embedded database has ended.");
      assertThat(embedded()).isEmpty();
      assertThat(other.value("SELECT 'it answers'")).isEqualTo("it answers");
    } finally {
      embedded().forEach(ProcessHandle::destroy);
    }
  }

  /** Of the project's own server, the one that has no parent in it. */
  private List<ProcessHandle> embedded() {
    return ProcessHandle.allProcesses()
        .filter(this::isEmbedded)
        .filter(process -> process.parent().filter(this::isEmbedded).isEmpty())
        .toList();
  }

  private boolean isEmbedded(ProcessHandle process) {
    return process.info().command().filter(command -> command.contains(project + "/")).isPresent();
  }

  @Nested
  class Secrets {

    private static final String PASSWORD = "S@cret-9/%x";
    private static final String ENCODED = "S%40cret-9%2F%25x";

    /** A password appears nowhere, whether the address is wrong or the server refuses it. */
    @ParameterizedTest
    @CsvSource(
        delimiter = ';',
        value = {
          "postgresql://u:S%40cret-9@127.0.0.1:1/gpra; start the server",
          "postgresql://u:S%40cret-9%zz@127.0.0.1/gpra; hexadecimal",
        })
    void areInNoError(String url, String sentence) {
      MavenRun run = MavenRun.run(project, url, "-X", "liquibase:status");
      assertThat(run.exitCode()).isNotZero();
      assertThat(run.output()).contains(sentence).doesNotContain("cret-9");
    }

    @Test
    @Tag("thorough")
    @Tag("nightly")
    void areInNoLogOfRunsThatSucceedOrFail() {
      try (TestRole role = TestRole.create(PASSWORD);
          TestDatabase database = TestDatabase.legacy()) {
        role.grantLeastPrivileges(database);
        String server = database.bareUrl().replace("jdbc:postgresql://", "");
        String url = "postgresql+psycopg2://" + role.name() + ":%s@" + server;

        MavenRun refused =
            MavenRun.run(project, url.formatted("not-" + ENCODED), "-X", "liquibase:update");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.output())
            .contains("The password of user \"" + role.name() + "\" is wrong")
            .doesNotContain("cret-9");
        assertThat(database.applied()).isEmpty();

        MavenRun stopped =
            MavenRun.run(
                project, url.formatted(ENCODED), "-X", "liquibase:update", "-Dliquibase.toTag=1");
        assertThat(stopped.exitCode()).isNotZero();
        assertThat(stopped.output()).contains("Known tags: 000").doesNotContain("cret-9");
        assertThat(database.applied()).isEmpty();

        MavenRun updated =
            MavenRun.run(
                project, url.formatted(ENCODED), "-X", "liquibase:update", "liquibase:status");
        assertThat(updated.exitCode()).as(updated.output()).isZero();
        assertThat(updated.output())
            .contains("is up to date", "Reading from databasechangelog", "Running Changeset: ")
            .doesNotContain("cret-9");
      }
    }

    @Test
    @Tag("thorough")
    @Tag("nightly")
    void comeFromMavensSettings() throws IOException {
      try (TestRole role = TestRole.create(PASSWORD);
          TestDatabase database = TestDatabase.legacy()) {
        role.grantLeastPrivileges(database);
        Path settings = project.resolve("settings.xml");
        Files.writeString(
            settings,
            "<settings><servers><server><id>gpra</id><username>%s</username><password>%s</password></server></servers></settings>"
                .formatted(role.name(), PASSWORD));

        MavenRun run =
            MavenRun.run(
                project,
                null,
                "-X",
                "-s",
                settings.toString(),
                "-Dliquibase.server=gpra",
                "-Dliquibase.url=" + database.bareUrl(),
                "liquibase:update",
                "liquibase:status",
                "liquibase:history");

        assertThat(run.exitCode()).as(run.output()).isZero();
        assertThat(run.output()).contains("is up to date", "002-tag").doesNotContain("cret-9");
      }
    }
  }

  @Test
  void namesTheThreeWaysWhereThereIsNoDatabase() {
    MavenRun run = MavenRun.run(project, null, "liquibase:update");
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output()).contains("DATABASE_URL=", ".env", "-Pembedded");
    assertLast(
        run,
        "  reason: No database is named. ",
        "  next: correct what the reason says, then run the same command again");
  }

  /** Below all that Maven says. */
  private static void assertLast(MavenRun run, String reason, String next) {
    List<String> last =
        run.output().substring(run.output().lastIndexOf("[ERROR]")).lines().skip(1).toList();
    assertThat(last).as(run.output()).hasSize(3);
    assertThat(last.get(0)).endsWith("Failed, and nothing was done.");
    assertThat(last.get(1)).contains(reason);
    assertThat(last.get(2)).endsWith(next);
  }

  /** Each fails at another place, before a run begins. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "postgresql://u@database.invalid/gpra | update | The host of server database.invalid:5432 | run mvn liquibase:status",
        "postgresql:/u@h/gpra | status | DATABASE_URL is malformed | run mvn liquibase:status",
        "postgresql://u@h/gpra | update -Dgpra.lock.timeout=9s | -Dgpra.lock.timeout=9s is not valid | run the same command again",
        "| update -Dliquibase.url=jdbc:postgresql://127.0.0.1:1/x | Connection to 127.0.0.1:1 refused | run the same command again",
        "| update -Dliquibase.url=jdbc:postgresql://database.invalid/x | database.invalid | run the same command again",
        "| -Pembedded update -Dliquibase.toTag=009 | -Dliquibase.toTag=009 names no migration | run the same command again",
        "| -Pembedded rollback -Dliquibase.rollbackTag=009 | This database has no tag 009 | run the same command again with a tag that is there",
        "| -Pembedded updateSQL -Dliquibase.changeLogFile=changelog/none.yaml | changelog/none.yaml does not exist | run the same command again",
        "| -Pembedded update -Dbroken | Syntax error in file changelog/001-add-multi-tenant-schema.yaml: | run the same command again",
      })
  @Tag("thorough")
  @Tag("nightly")
  void saysLastWhyItCouldNotBegin(String url, String command, String reason, String next)
      throws IOException {
    if (command.contains("-Dbroken")) {
      Path file = project.resolve("changelog/001-add-multi-tenant-schema.yaml");
      Files.writeString(file, Files.readString(file) + "  - x: [\n");
    }
    MavenRun run =
        MavenRun.run(
            project, url, command.replaceAll("(?<=^| )(?=[a-z])", "liquibase:").split(" "));
    assertThat(run.exitCode()).isNotZero();
    assertLast(run, reason, next);
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void refusesAnUnknownProperty() {
    try (TestDatabase database = TestDatabase.legacy()) {
      MavenRun run =
          MavenRun.run(project, databaseUrl(database), "liquibase:update", "-Dgpra.admin.user=x");
      assertThat(run.exitCode()).isNotZero();
      assertThat(run.output())
          .containsOnlyOnce("  reason: Unknown property -Dgpra.admin.user")
          .contains("gpra.admin.username")
          .doesNotContain("\tat ", "Caused by");

      MavenRun slip =
          MavenRun.run(project, databaseUrl(database), "liquibase:update", "-Dliquibase.totag=001");
      assertThat(slip.exitCode()).isNotZero();
      assertThat(slip.output())
          .containsOnlyOnce(
              "  reason: Unknown property -Dliquibase.totag: -Dliquibase.toTag is meant.")
          .doesNotContain("\tat ", "Caused by");
      assertThat(database.applied()).isEmpty();
    }
  }
}
