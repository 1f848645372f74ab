package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Fault;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.LiquibaseRun.LiquibaseFailure;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.Tally;
import app.gpra.migrations.harness.TestDatabase;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A run whose session ends anywhere: the same command goes on to where an undisturbed one ends, the
 * opposite one goes back to where it began.
 *
 * <p>What a command finds depends on what is committed only. So each point is tried, and where what
 * it leaves behind is the same as after another, going on from there is not tried once more.
 */
@Tag("thorough")
abstract class SessionCrash {

  /** Of so many points one is tried, unless all are: the gate has no hour. */
  private static final int EVERY =
      Integer.getInteger("crash.every", ReliabilityReport.full() ? 1 : 800);

  private static final int FEW = 20;

  /** Where the way begins: -Dcrash.baseline=002 looks at what comes after it only. */
  private static final String BASELINE = System.getProperty("crash.baseline", "000");

  /** Rows of this one cannot be assigned the quick way. */
  private static final String PUBLICATION = "CREATE PUBLICATION changes FOR TABLE chord_charts";

  private static final Pattern RECORDING =
      Pattern.compile(
          "INSERT INTO (?:\\w+\\.)?databasechangelog |CALL pg_temp\\.gpra_begin_rollback\\(");

  enum Command {
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
    new LiquibaseRun(migrated).enforce().update();
    last = State.of(migrated);
    try (TestDatabase back = migrated.copy()) {
      new LiquibaseRun(back).enforce().rollbackTo(BASELINE);
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

  private final Command command;

  SessionCrash(Command command) {
    this.command = command;
  }

  @Test
  void goesOnAndGoesBackFromWhereverTheSessionEnded() {
    List<Step> steps = new ArrayList<>();
    Set<State> seen = new HashSet<>();
    int points = 0;
    int missed = 0;
    int number = 0;
    try {
      steps(steps);
      int preamble = commonBeginning(steps);
      for (Step step : steps) {
        State begun = State.of(step.database);
        TestDatabase database = step.database.copy();
        for (int call = step == steps.get(0) ? 0 : preamble; call < step.calls.size(); call++) {
          for (boolean before : new boolean[] {true, false}) {
            if (number++ % EVERY != 0) {
              continue;
            }
            String where = (before ? "before " : "after ") + step.calls.get(call);
            Fault fault = before ? Fault.before(database, call) : Fault.after(database, call);
            run(database, fault);
            if (fault.happened()) {
              points++;
            } else {
              // The first time an autovacuum was in the way, and one call was made again.
              assertThat(fault.calls()).as("calls before %s", where).hasSizeLessThanOrEqualTo(call);
              missed++;
            }
            State left = State.of(database);
            if (seen.add(left)) {
              goOnAndBack(database, where);
            }
            if (!left.equals(begun)) {
              database.close();
              database = step.database.copy();
            }
          }
        }
        database.close();
      }
    } finally {
      steps.forEach(step -> step.database.close());
    }
    assertThat(points).isPositive();
    assertThat(missed).as("calls that were not made again").isLessThan(1 + number / 100);
    ReliabilityReport.tell(
        "crashes of "
            + command.name().toLowerCase(Locale.ROOT)
            + (BASELINE.equals("000") ? "" : " after " + BASELINE),
        "%d of %d points tried on the way of %d changesets, which left %d different states behind; from each of them the same command and the opposite one."
            .formatted(points, number, steps.size() - 1, seen.size()));
  }

  /**
   * Goes the way once, with a session for each changeset; keeps the database as it was before each.
   * The gate's way is that of 002, there and back.
   */
  private void steps(List<Step> steps) {
    TestDatabase next = (command == Command.UPDATE ? legacy : migrated).copy();
    if (command == Command.UPDATE && !(BASELINE.equals("000") && ReliabilityReport.full())) {
      new LiquibaseRun(next).enforce().updateTo(BASELINE.equals("000") ? "001" : BASELINE);
    }
    while (true) {
      TestDatabase database = next;
      next = database.copy();
      Fault fault = Fault.after(next, SessionCrash::changeSetIsRecorded);
      run(next, fault);
      steps.add(new Step(database, fault.calls()));
      if (!fault.happened() || !ReliabilityReport.full() && steps.size() == FEW) {
        // What comes after the last changeset is a step too.
        next.close();
        return;
      }
    }
  }

  /** The history has one more or one less, for good. */
  private static boolean changeSetIsRecorded(List<String> calls) {
    boolean recorded = calls.stream().anyMatch(call -> RECORDING.matcher(call).lookingAt());
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

  /** Fails as it does because of the fault only, and says so. */
  private void run(TestDatabase database, Fault fault) {
    List<String> screen = new ArrayList<>();
    try {
      command.run(new LiquibaseRun(database).enforce().failing(fault).showing(screen::add));
    } catch (LiquibaseFailure e) {
      if (!fault.happened()) {
        throw e;
      }
      Tally tally = Tally.of(screen);
      assertThat(tally.accounted()).as("%s", screen).isEqualTo(tally.planned());
      if (tally.planned() > 0) {
        assertThat(screen)
            .anyMatch(
                line ->
                    line.matches(
                        "(?s)  the session has ended \\(.*(terminating connection due to administrator command|was lost after: |An I/O error occurred).*"));
      }
    }
  }

  /** Where an undisturbed run of it ends. */
  private static State endOf(Command command) {
    return command == Command.UPDATE ? last : first;
  }

  /** Leaves the database as it is. */
  private void goOnAndBack(TestDatabase database, String where) {
    try (TestDatabase same = database.copy();
        TestDatabase other = database.copy()) {
      String ended = "after %s ended %s and ".formatted(command, where);
      command.run(new LiquibaseRun(same).enforce());
      endOf(command).assertIsThatOf(same, ended + command);
      if (command == Command.UPDATE && !other.applied().contains(BASELINE + "-tag")) {
        assertThatThrownBy(() -> new LiquibaseRun(other).enforce().rollbackTo(BASELINE))
            .isInstanceOf(LiquibaseFailure.class)
            .hasMessageContaining(BASELINE);
        new LiquibaseRun(other).enforce().update();
        last.assertIsThatOf(other, ended + "a rollback to a tag that is not there yet and update");
        return;
      }
      Command opposite = command.opposite();
      opposite.run(new LiquibaseRun(other).enforce());
      endOf(opposite).assertIsThatOf(other, ended + opposite);
    }
  }
}
