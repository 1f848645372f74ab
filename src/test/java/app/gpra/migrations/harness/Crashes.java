package app.gpra.migrations.harness;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun.LiquibaseFailure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Runs whose session ends anywhere: the same command goes on to where an undisturbed one ends, the
 * opposite one goes back to where it began.
 *
 * <p>What a command finds depends on what is committed only. So each point is tried, and where what
 * it leaves behind is the same as after another, going on from there is not tried once more.
 */
public final class Crashes implements AutoCloseable {

  /** In how many parts it remembers is nobody's business. */
  private static final Pattern MEMORY = Pattern.compile("(?m)^gpra_fills\\.filled .*\\n?");

  private static final Pattern RECORDING =
      Pattern.compile(
          "INSERT INTO (?:\\w+\\.)?databasechangelog |CALL pg_temp\\.gpra_begin_rollback\\(");

  /** What is run. */
  public enum Command {
    UPDATE,
    ROLLBACK;

    Command opposite() {
      return this == UPDATE ? ROLLBACK : UPDATE;
    }
  }

  /** What a run leaves behind. */
  private record State(String schema, String data, Set<String> applied) {

    void assertIs(State actual, String where) {
      assertSame("The schema " + where, schema, actual.schema);
      assertSame("The data " + where, data, actual.data);
      assertThat(actual.applied).as("changesets " + where).isEqualTo(applied);
    }
  }

  private final Function<TestDatabase, LiquibaseRun> runs;
  private final String baseline;
  private final int every;
  private final UnaryOperator<String> compared;
  private final BiPredicate<Command, TestDatabase> turns;
  private final TestDatabase migrated;
  private final State first;
  private final State last;

  /**
   * Goes the way once, there and back, undisturbed.
   *
   * @param start where it begins
   * @param runs of the changelog
   * @param baseline the tag that a rollback goes back to
   * @param every of so many points one is tried
   */
  public Crashes(
      TestDatabase start, Function<TestDatabase, LiquibaseRun> runs, String baseline, int every) {
    this(start, runs, baseline, every, schema -> schema, (command, database) -> true);
  }

  /**
   * The same.
   *
   * @param compared what of a schema has to be the same
   * @param turns whether what a command has left can be turned back before it was finished
   */
  public Crashes(
      TestDatabase start,
      Function<TestDatabase, LiquibaseRun> runs,
      String baseline,
      int every,
      UnaryOperator<String> compared,
      BiPredicate<Command, TestDatabase> turns) {
    this.compared = compared;
    this.turns = turns;
    this.runs = runs;
    this.baseline = baseline;
    this.every = every;
    migrated = start.copy();
    run(Command.UPDATE, migrated);
    last = state(migrated);
    try (TestDatabase back = migrated.copy()) {
      run(Command.ROLLBACK, back);
      first = state(back);
    }
  }

  /** {@inheritDoc} Drops what it has made. */
  @Override
  public void close() {
    migrated.close();
  }

  /** Where all has run; to be copied. */
  public TestDatabase migrated() {
    return migrated;
  }

  private void run(Command command, TestDatabase database) {
    run(command, runs.apply(database));
  }

  private void run(Command command, LiquibaseRun run) {
    if (command == Command.UPDATE) {
      run.update();
    } else {
      run.rollbackTo(baseline);
    }
  }

  private State state(TestDatabase database) {
    return new State(
        compared.apply(database.schema()),
        MEMORY.matcher(database.dataButTimes()).replaceAll(""),
        new TreeSet<>(database.applied()));
  }

  /** How far a command came: the database, and the calls that it goes on with. */
  private record Step(TestDatabase database, List<String> calls) {}

  /**
   * Tries the points.
   *
   * @param command that is disturbed
   * @param from where it begins
   * @param few so many of its changesets
   * @return what was tried, as a sentence
   */
  public String tried(Command command, TestDatabase from, int few) {
    List<Step> steps = new ArrayList<>();
    Set<State> seen = new HashSet<>();
    int points = 0;
    int missed = 0;
    int number = 0;
    try {
      steps(command, from, few, steps);
      int preamble = commonBeginning(steps);
      for (Step step : steps) {
        State begun = state(step.database);
        TestDatabase database = step.database.copy();
        for (int call = step == steps.get(0) ? 0 : preamble; call < step.calls.size(); call++) {
          for (boolean before : new boolean[] {true, false}) {
            if (number++ % every != 0) {
              continue;
            }
            String where = (before ? "before " : "after ") + step.calls.get(call);
            Fault fault = before ? Fault.before(database, call) : Fault.after(database, call);
            disturb(command, database, fault);
            if (fault.happened()) {
              points++;
            } else {
              // The first time an autovacuum was in the way, and one call was made again.
              assertThat(fault.calls()).as("calls before %s", where).hasSizeLessThanOrEqualTo(call);
              missed++;
            }
            State left = state(database);
            if (seen.add(left)) {
              goOnAndBack(command, database, where);
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
    return "%d of %d points tried on the way of %d changesets, which left %d different states behind; from each of them the same command and the opposite one."
        .formatted(points, number, steps.size() - 1, seen.size());
  }

  /** Goes the way once, with a session for each changeset; keeps what was there before each. */
  private void steps(Command command, TestDatabase from, int few, List<Step> steps) {
    TestDatabase next = from.copy();
    while (true) {
      TestDatabase database = next;
      next = database.copy();
      Fault fault = Fault.after(next, Crashes::changeSetIsRecorded);
      disturb(command, next, fault);
      steps.add(new Step(database, fault.calls()));
      if (!fault.happened() || steps.size() == few) {
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
  private void disturb(Command command, TestDatabase database, Fault fault) {
    List<String> screen = new ArrayList<>();
    try {
      run(command, runs.apply(database).failing(fault).showing(screen::add));
    } catch (LiquibaseFailure e) {
      if (!fault.happened()) {
        throw e;
      }
      Tally tally = Tally.of(screen);
      assertThat(tally.accounted()).as("%s", screen).isEqualTo(tally.planned());
      if (tally.planned() > 0) {
        // A reason may have several lines.
        assertThat(String.join("\n", screen))
            .as("after %s", fault.calls().get(fault.calls().size() - 1))
            .containsPattern(
                "(?m)^(Und|D)one in |^  reason: .*(\n    .*)*?(terminating connection due to administrator command|was lost after: |An I/O error occurred|The server's log says why)");
      }
    }
  }

  /** Where an undisturbed run of it ends. */
  private State endOf(Command command) {
    return command == Command.UPDATE ? last : first;
  }

  /** Leaves the database as it is. */
  private void goOnAndBack(Command command, TestDatabase database, String where) {
    try (TestDatabase same = database.copy();
        TestDatabase other = database.copy()) {
      String ended = "after %s ended %s and ".formatted(command, where);
      run(command, same);
      endOf(command).assertIs(state(same), ended + command);
      if (command == Command.UPDATE && !other.applied().contains(baseline + "-tag")) {
        assertThatThrownBy(() -> run(Command.ROLLBACK, other))
            .isInstanceOf(LiquibaseFailure.class)
            .hasMessageContaining(baseline);
        run(Command.UPDATE, other);
        last.assertIs(state(other), ended + "a rollback to a tag that is not there yet and update");
        return;
      }
      if (!turns.test(command, other)) {
        return;
      }
      Command opposite = command.opposite();
      run(opposite, other);
      endOf(opposite).assertIs(state(other), ended + opposite);
    }
  }
}
