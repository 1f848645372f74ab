package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Fault;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.LiquibaseRun.LiquibaseFailure;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A run whose session ends anywhere: the same command goes on to where an undisturbed one ends, the
 * opposite one goes back to where it began.
 *
 * <p>What a command finds depends on what is committed only. So each point is tried, and where what
 * it leaves behind is the same as after another, going on from there is not tried once more.
 */
@Tag("thorough")
class CrashIT {

  /** Of so many points one is tried, unless all are: the gate has no hour. */
  private static final int EVERY =
      Integer.getInteger("crash.every", ReliabilityReport.full() ? 1 : 16);

  private static final String BASELINE = "000";

  /** Rows of this one cannot be assigned the quick way. */
  private static final String PUBLICATION = "CREATE PUBLICATION changes FOR TABLE chord_charts";

  private enum Command {
    UPDATE,
    ROLLBACK;

    void run(LiquibaseRun run) {
      if (this == UPDATE) {
        run.update();
      } else {
        run.rollbackTo(BASELINE);
      }
    }

    Command opposite() {
      return this == UPDATE ? ROLLBACK : UPDATE;
    }
  }

  /** What a run leaves behind. */
  private record State(String schema, String data, Set<String> applied) {

    static State of(TestDatabase database) {
      return new State(
          database.schema(), database.dataButTimes(), new TreeSet<>(database.applied()));
    }

    void assertIsThatOf(TestDatabase database, String where) {
      State actual = of(database);
      assertSame("The schema " + where, schema, actual.schema);
      assertSame("The data " + where, data, actual.data);
      assertThat(actual.applied).as("changesets " + where).isEqualTo(applied);
    }
  }

  private static TestDatabase legacy;
  private static TestDatabase migrated;
  private static State first;
  private static State last;

  @BeforeAll
  static void runUndisturbed() {
    legacy = TestDatabase.legacy().execute(PUBLICATION);
    migrated = legacy.copy();
    new LiquibaseRun(migrated).update();
    last = State.of(migrated);
    try (TestDatabase back = migrated.copy()) {
      new LiquibaseRun(back).rollbackTo(BASELINE);
      first = State.of(back);
    }
  }

  @AfterAll
  static void drop() {
    migrated.close();
    legacy.close();
  }

  /** How far a command came: the database, and the calls that it goes on with. */
  private record Step(TestDatabase database, List<String> calls) {}

  @ParameterizedTest
  @EnumSource
  void goesOnAndGoesBackFromWhereverTheSessionEnded(Command command) {
    List<Step> steps = new ArrayList<>();
    int points = 0;
    Set<State> seen = new HashSet<>();
    try {
      steps(command, steps);
      int preamble = commonBeginning(steps);
      int number = 0;
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        for (int call = i == 0 ? 0 : preamble; call < step.calls.size(); call++) {
          int at = call;
          for (boolean before : new boolean[] {true, false}) {
            if (number++ % EVERY == 0) {
              points++;
              try (TestDatabase database = step.database.copy()) {
                interrupt(
                    command,
                    before ? Fault.before(database, at) : Fault.after(database, at),
                    database,
                    (before ? "before " : "after ") + step.calls.get(at),
                    seen);
              }
            }
          }
        }
      }
    } finally {
      steps.forEach(step -> step.database.close());
    }
    ReliabilityReport.tell(
        command == Command.UPDATE ? "crashes of update" : "crashes of rollback",
        "%d points tried in %d changesets, which left %d different states behind; from each of them the same command and the opposite one."
            .formatted(points, steps.size(), seen.size()));
  }

  /**
   * Goes the whole way once, with a session for each changeset; keeps the database as it was before
   * each.
   */
  private static void steps(Command command, List<Step> steps) {
    TestDatabase next = (command == Command.UPDATE ? legacy : migrated).copy();
    while (true) {
      TestDatabase database = next;
      next = database.copy();
      Fault fault = Fault.after(next, CrashIT::changeSetIsRecorded);
      LiquibaseRun run = new LiquibaseRun(next).failing(fault);
      if (fails(command, run)) {
        steps.add(new Step(database, fault.calls()));
      } else {
        // The rest is what comes after the last changeset.
        steps.add(new Step(database, fault.calls()));
        next.close();
        return;
      }
    }
  }

  /** The history has one more or one less, for good. */
  private static boolean changeSetIsRecorded(List<String> calls) {
    boolean recorded =
        calls.stream()
            .anyMatch(
                call ->
                    call.startsWith("INSERT INTO databasechangelog ")
                        || call.startsWith("DELETE FROM databasechangelog "));
    return recorded && calls.get(calls.size() - 1).equals("commit");
  }

  /** What every run begins with, whatever it finds. */
  private static int commonBeginning(List<Step> steps) {
    List<String> one = steps.get(1).calls;
    int common = one.size();
    for (Step step : steps.subList(2, steps.size())) {
      int same = 0;
      while (same < Math.min(common, step.calls.size())
          && one.get(same).equals(step.calls.get(same))) {
        same++;
      }
      common = same;
    }
    return common;
  }

  private static boolean fails(Command command, LiquibaseRun run) {
    try {
      command.run(run);
      return false;
    } catch (LiquibaseFailure e) {
      return true;
    }
  }

  private static void interrupt(
      Command command, Fault fault, TestDatabase database, String where, Set<State> seen) {
    fails(command, new LiquibaseRun(database).failing(fault));
    assertThat(fault.happened()).as("session ended %s", where).isTrue();
    if (!seen.add(State.of(database))) {
      return;
    }
    try (TestDatabase other = database.copy()) {
      command.run(new LiquibaseRun(database));
      (command == Command.UPDATE ? last : first)
          .assertIsThatOf(database, "after " + command + " ended " + where + " and " + command);
      if (command == Command.UPDATE && !other.applied().contains(BASELINE + "-tag")) {
        assertThatThrownBy(() -> new LiquibaseRun(other).rollbackTo(BASELINE))
            .isInstanceOf(LiquibaseFailure.class)
            .hasMessageContaining(BASELINE);
        new LiquibaseRun(other).update();
        last.assertIsThatOf(other, "after " + where + ", a rollback without tag, and update");
        return;
      }
      command.opposite().run(new LiquibaseRun(other));
      (command == Command.UPDATE ? first : last)
          .assertIsThatOf(
              other, "after " + command + " ended " + where + " and " + command.opposite());
    }
  }
}
