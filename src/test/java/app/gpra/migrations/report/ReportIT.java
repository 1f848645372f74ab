package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportIT {

  private static final String PASSWORD = "S@cret-9/%x";

  /** What a plain update runs, and what of it comes after 001. */
  private static final List<Map<String, Object>> PLAIN = Changelog.withoutLabel();

  private static final List<Map<String, Object>> AFTER_001 =
      PLAIN.stream().filter(one -> one.get("id").toString().compareTo("002") > 0).toList();

  private static final String LAST =
      Changelog.migrations(PLAIN.subList(PLAIN.size() - 1, PLAIN.size()));

  @TempDir Path directory;

  private LiquibaseRun run(TestDatabase database) {
    return new LiquibaseRun(database).with("gpra.report", file().toString());
  }

  private Path file() {
    return directory.resolve("deep/er/report.md");
  }

  private String report() throws IOException {
    return Files.readString(file());
  }

  @Test
  void tellsOfAnUpdateOfNothingLeftToDoAndOfTheWayBack() throws IOException {
    try (TestRole role = TestRole.create(PASSWORD);
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      List<String> screen = new ArrayList<>();
      run(database).as(role).showing(screen::add).update();
      List<String> ids = database.applied();
      assertThat(report())
          .startsWith("# Done in ")
          .contains(
              ": " + database.place() + " stands at ",
              ", as " + role.name() + ". It stands at the beginning",
              "| `000-legacy-tables` |",
              "| passed over: there already: the application has its tables |",
              "\nitems.user_id: 36 row(s) had no value and have 3 now\n",
              "\n## Locks waited for\n\nNone.\n",
              "\nmvn liquibase:rollback -Dliquibase.rollbackTag=000\n")
          .doesNotContain("cret-9");
      for (String id : ids) {
        assertThat(report()).containsOnlyOnce("| `" + id + "` |");
        assertThat(
                screen.stream()
                    .filter(
                        line ->
                            line.matches(
                                " *\\d+/" + PLAIN.size() + " +[\\d.]+ m?s " + id + "\\b(?!-).*")))
            .as(id)
            .hasSize(1);
      }
      assertThat(screen)
          .contains("To do: " + Changelog.counted(PLAIN) + ".")
          .noneMatch(line -> line.contains("skipping") || line.contains("cret-9"));

      run(database).as(role).update();
      assertThat(report())
          .startsWith("# Nothing to do: ")
          .contains(
              "stands at " + LAST + "\n", "- there already: " + Changelog.counted(PLAIN) + "\n")
          .doesNotContain("## Changesets", "cret-9");

      run(database).as(role).rollbackTo("001");
      assertThat(report())
          .startsWith("# Undone in ")
          .contains(
              "stands at 001 now\n",
              "| `002-verify-items` |",
              "| undone |",
              "items.user_id: 36 row(s) are without value again",
              "## Forward again\n\n```text\nmvn liquibase:update ")
          .doesNotContain("| `001-tag` |", "cret-9");

      run(database).as(role).updateSql();
      assertThat(report())
          .startsWith("# A script, nothing was run\n")
          .contains("To do: " + Changelog.counted(AFTER_001), "| `002-tag` |");
    }
  }

  @Test
  void tellsWhyARunFailedWhereverItDid() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute(
          "DELETE FROM ab_user_role; UPDATE ab_user SET username = username || ' the first'");
      List<String> screen = new ArrayList<>();
      assertThatThrownBy(() -> run(database).showing(screen::add).update())
          .hasMessageContaining("There is no user \"admin\"");
      assertThat(report())
          .startsWith("# Stopped in 002-preflight after ")
          .contains(
              "stands at 001 now",
              "\n> There is no user \"admin\"",
              "| failed |",
              "correct what the error says, then mvn liquibase:update ",
              "\nmvn liquibase:rollback -Dliquibase.rollbackTag=000\n");
      assertThat(screen)
          .anyMatch(line -> line.startsWith("  reason: There is no user \"admin\""))
          .anyMatch(line -> line.startsWith("Stopped in 002-preflight after "))
          .contains("  not applied: " + Changelog.counted(AFTER_001));

      assertThatThrownBy(() -> run(database).updateTo("999")).isNotNull();
      assertThat(report())
          .startsWith(
              "# Failed, and nothing was done\n\n> -Dliquibase.toTag=999 names no migration");

      assertThatThrownBy(() -> run(database).rollbackTo("999")).isNotNull();
      assertThat(report())
          .startsWith(
              "# Failed, and nothing was done\n\n> This database has no tag 999 to go back to");

      TestRole gone = TestRole.create(PASSWORD);
      gone.close();
      assertThatThrownBy(() -> run(database).as(gone).update()).isNotNull();
      assertThat(report())
          .startsWith("# Failed, and nothing was done\n\n> ")
          .contains(gone.name())
          .doesNotContain("cret-9");
    }
  }

  @Test
  void tellsOfALockThatWasWaitedFor() throws Exception {
    try (TestDatabase database = TestDatabase.legacy();
        Connection other = database.connect();
        Statement reader = other.createStatement()) {
      reader.execute("SET application_name = 'report | `x`'");
      other.setAutoCommit(false);
      reader.execute("SELECT 'a user''s secret' FROM items LIMIT 1");
      Thread leaving =
          new Thread(
              () -> {
                try {
                  awaitAWaiter(database);
                  other.rollback();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      leaving.start();
      run(database).with("gpra.wait.limit", "30s").update();
      leaving.join();
      assertThat(report())
          .contains("| lock | held by | about |", "| a lock on items | pid ")
          .contains("application \"report \\| \\`x\\`\", idle in transaction |")
          .doesNotContain("secret", "None.");
    }
  }

  /** It looks whether the other one's transaction has ended. */
  private static void awaitAWaiter(TestDatabase database) {
    while (database
        .value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gpra-migrations' AND query LIKE 'SELECT EXISTS (SELECT FROM pg_locks WHERE virtualtransaction = %' AND pid <> pg_backend_pid()")
        .equals("0")) {
      Thread.onSpinWait();
    }
  }

  @Test
  void isRefusedWhereItCannotBeWritten() {
    try (TestDatabase database = TestDatabase.legacy()) {
      for (String name : List.of("/proc/report.md", "/dev/null/report.md", directory.toString())) {
        assertThatThrownBy(() -> new LiquibaseRun(database).with("gpra.report", name).update())
            .hasMessageContaining("-Dgpra.report=" + name + " cannot be written: ")
            .hasMessageEndingWith("Correct it, then run the same command again.");
      }
      assertThat(database.applied()).isEmpty();
    }
  }

  @Test
  void saysWhereTheDatabaseStands() {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThat(new LiquibaseRun(database).status())
          .startsWith(database.place())
          .contains(
              " stands at the beginning: no changeset is applied yet. Not applied: %s, %d changesets (%s, wait for -Dliquibase.labelFilter=enforce)."
                  .formatted(
                      Changelog.migrations(PLAIN),
                      PLAIN.size(),
                      Changelog.leftOut().replaceFirst("(.* changesets) of (.*)", "$2, $1")));
      new LiquibaseRun(database).updateCount(5);
      assertThat(new LiquibaseRun(database).status())
          .contains(
              " stands halfway inside 001, after 000: 3 of its %d changesets are applied, the next is 001-chord-charts-generation-method. Not applied: %s, %d changesets ("
                  .formatted(
                      PLAIN.stream()
                          .filter(one -> one.get("id").toString().startsWith("001"))
                          .count(),
                      Changelog.migrations(PLAIN.subList(5, PLAIN.size())),
                      PLAIN.size() - 5));
      database.execute(
          "INSERT INTO databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype) VALUES ('005-later', 'gpra', 'changelog/005.yaml', now(), 99, 'EXECUTED')");
      List<Map<String, Object>> all =
          Changelog.changeSets().subList(5, Changelog.changeSets().size());
      assertThat(new LiquibaseRun(database).enforce().status())
          .contains(
              "Not applied: %s, %d changesets.\n".formatted(Changelog.migrations(all), all.size()),
              "Its history has 1 row that this changelog does not know: 005-later. ");
    }
  }
}
