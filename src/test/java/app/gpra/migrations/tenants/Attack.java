package app.gpra.migrations.tenants;

import app.gpra.migrations.tenants.Outcome.Asked;
import app.gpra.migrations.tenants.Outcome.Changes;
import app.gpra.migrations.tenants.Outcome.Gap;
import app.gpra.migrations.tenants.Outcome.Leaks;
import app.gpra.migrations.tenants.Outcome.Nothing;
import app.gpra.migrations.tenants.Outcome.Own;
import app.gpra.migrations.tenants.Outcome.Refused;
import app.gpra.migrations.tenants.Outcome.Shows;
import app.gpra.migrations.tenants.Outcome.Tells;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One attempt of tenant A, who is user {@value TwoTenants#A}, to see or change what is tenant B's,
 * user {@value TwoTenants#B}, whose rows have ids from 900001.
 *
 * @param door by which it comes
 * @param name what it does
 * @param script statements of one transaction in which A is asking, rolled back afterwards; empty
 *     if there are steps
 * @param steps for what takes several transactions or clients; null if there is a script
 * @param since the first major version of PostgreSQL that has it
 * @param modes in which it is made
 * @param expectations the last that fits a mode counts
 */
record Attack(
    String door,
    String name,
    List<String> script,
    Steps steps,
    int since,
    Predicate<Mode> modes,
    List<Expectation> expectations) {

  /** What happens in some of the modes. */
  record Expectation(Predicate<Mode> where, Outcome outcome) {}

  /** What takes several transactions or clients; returns the rows that A gets to see. */
  @FunctionalInterface
  interface Steps {
    List<String> play(Scene scene) throws SQLException;
  }

  static Attack sql(String door, String name, String... script) {
    return new Attack(door, name, List.of(script), null, 0, mode -> true, List.of());
  }

  static Attack steps(String door, String name, Steps steps) {
    return new Attack(door, name, List.of(), steps, 0, mode -> true, List.of());
  }

  Attack since(int version) {
    return new Attack(door, name, script, steps, version, modes, expectations);
  }

  Attack only(Predicate<Mode> where) {
    return new Attack(door, name, script, steps, since, where, expectations);
  }

  /** In every mode, unless something else is said after it. */
  Attack is(Outcome outcome) {
    return in(mode -> true, outcome);
  }

  /** As the tables' owner. */
  Attack owner(Outcome outcome) {
    return in(Mode::owner, outcome);
  }

  Attack in(Predicate<Mode> where, Outcome outcome) {
    List<Expectation> more = new ArrayList<>(expectations);
    more.add(new Expectation(where, outcome));
    return new Attack(door, name, script, steps, since, modes, List.copyOf(more));
  }

  /** Whether it is made; a pool that cleans up is of interest only where something is left. */
  boolean isMade(Mode mode, int version) {
    return since <= version && modes.test(mode) && (steps != null || mode.way() != Mode.Way.RESET);
  }

  /** What has to come of it on a server that has these gaps. */
  Outcome expected(Mode mode, Set<ServerGap> open) {
    return expectations.stream()
        .filter(expectation -> expectation.where().test(mode))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new IllegalStateException("No outcome of " + this + " " + mode))
        .outcome()
        .on(open);
  }

  @Override
  public String toString() {
    return door + ": " + name;
  }

  /** Insufficient privilege, also the answer of row-level security to a write. */
  static Outcome denied() {
    return refused("42501");
  }

  static Outcome refused(String... states) {
    return new Refused(Set.of(states));
  }

  static Outcome nothing() {
    return new Nothing();
  }

  static Outcome own(long count) {
    return new Own(count);
  }

  static Outcome shows(String... rows) {
    return new Shows(List.of(rows));
  }

  static Outcome tells(String text) {
    return new Tells(text);
  }

  static Outcome leaks() {
    return new Leaks();
  }

  static Outcome changes() {
    return new Changes();
  }

  static Outcome gap(Outcome open, Closing closing) {
    return new Gap(open, closing, null);
  }

  static Outcome gap(Outcome open, Closing closing, String shownBy) {
    return new Gap(open, closing, shownBy);
  }

  /** A gap on the servers that have it, and something else on the others. */
  static Outcome where(ServerGap gap, Outcome open, Outcome otherwise) {
    return new Asked(gap, open, otherwise);
  }
}
