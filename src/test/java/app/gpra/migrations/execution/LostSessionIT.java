package app.gpra.migrations.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import app.gpra.migrations.harness.Fault;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.Tally;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the operator reads when somebody has ended the session of a run. Where it may end is tried
 * by {@code UpdateCrashIT} and {@code RollbackCrashIT}.
 */
@Tag("thorough")
class LostSessionIT {

  private static final String CAUSE = "terminating connection due to administrator command";

  @TempDir Path directory;

  /** Runs it up to the call, and reads. */
  private void assertThatTheCauseIsNamed(
      TestDatabase database, Consumer<LiquibaseRun> command, String call, int occurrence)
      throws Exception {
    Path report = directory.resolve("report.md");
    int number = number(database, command, call, occurrence);
    List<String> screen = new ArrayList<>();
    Fault fault = Fault.before(database, number);
    Throwable failure =
        catchThrowable(
            () ->
                command.accept(
                    new LiquibaseRun(database)
                        .failing(fault)
                        .with("gpra.report", report.toString())
                        .showing(screen::add)));

    assertThat(fault.happened()).isTrue();
    assertThat(failure)
        .hasMessageContaining(CAUSE)
        .hasMessageNotContaining("has been closed")
        .hasMessageContaining(
            "The session has ended, and what it had not committed is undone. The server's log says why: wait until it accepts connections, then run the same command again: it goes on from what is finished.");
    Tally tally = Tally.of(screen);
    assertThat(tally.accounted()).as("%s", screen).isEqualTo(tally.planned()).isPositive();
    assertThat(screen)
        .contains("  the session has ended: mvn liquibase:status says where the database stands")
        .anyMatch(line -> line.startsWith("  reason: " + CAUSE));
    assertThat(Files.readString(report)).contains("> " + CAUSE).doesNotContain("has been closed");
    command.accept(new LiquibaseRun(database));
  }

  /** Of a call, among all that the command makes. */
  private static int number(
      TestDatabase database, Consumer<LiquibaseRun> command, String call, int occurrence) {
    try (TestDatabase copy = database.copy()) {
      Fault none = Fault.after(copy, calls -> false);
      command.accept(new LiquibaseRun(copy).failing(none));
      List<String> calls = none.calls();
      int seen = 0;
      for (int number = 0; number < calls.size(); number++) {
        if (calls.get(number).startsWith(call) && ++seen == occurrence) {
          return number;
        }
      }
      throw new AssertionError("Not so often called: " + call + " in " + calls);
    }
  }

  /** Liquibase's own error is of the statement after next: {@code SHOW SEARCH_PATH}. */
  @Test
  void namesTheCauseWhereTheNextStatementsFailBecauseOfIt() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThatTheCauseIsNamed(database, LiquibaseRun::update, "setSavepoint", 15);
      assertThatTheCauseIsNamed(database, run -> run.rollbackTo("000"), "setSavepoint", 15);
    }
  }

  /** To repeat what was not recorded, Liquibase asks the server for its number. */
  @Test
  void namesTheCauseWhereTheChangesetWasNotRecorded() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThatTheCauseIsNamed(
          database, LiquibaseRun::update, "SELECT MAX(ORDEREXECUTED) FROM public", 1);
    }
  }
}
