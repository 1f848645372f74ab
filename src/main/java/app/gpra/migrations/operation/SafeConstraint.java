package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What keys and checks have in common. */
final class SafeConstraint {

  private SafeConstraint() {}

  /** Why there is no safe way to add it. */
  static List<String> refusals(String name, SafeChangeSet changeSet) {
    List<String> refusals =
        new ArrayList<>(changeSet.outsideOfATransaction("a constraint is validated"));
    SafeChangeSet.tooLong(name).ifPresent(refusals::add);
    return refusals;
  }

  /** Added, in words of its own, then validated and named, each in a transaction of its own. */
  static Stream<String> added(String added, String target, String name, SafeChangeSet changeSet) {
    return Stream.concat(Stream.of(added), ended(target, name, "NULL", changeSet));
  }

  /**
   * What was added is validated, then named.
   *
   * @param notNullColumn refuses nulls from then on, as it proves; NULL where it is another one
   */
  static Stream<String> ended(
      String target, String name, String notNullColumn, SafeChangeSet changeSet) {
    String working = literal(SafeChangeSet.workingName(name));
    return Stream.of(
        validated(target, name, changeSet),
        Locks.above(
            target,
            Locks.ALTERS,
            call(
                "end_constraint",
                target,
                literal(name),
                working,
                notNullColumn,
                changeSet.marks())));
  }

  /** What was added is validated. */
  static String validated(String target, String name, SafeChangeSet changeSet) {
    return Locks.above(
        target,
        Locks.READS,
        call(
            "validate_constraint",
            target,
            literal(name),
            literal(SafeChangeSet.workingName(name)),
            changeSet.marks()));
  }

  /** When it is looked at, as PostgreSQL prints it. */
  static String deferred(boolean deferrable, boolean initially) {
    return (deferrable || initially ? " DEFERRABLE" : "")
        + (initially ? " INITIALLY DEFERRED" : "");
  }

  /** Dropped, finished or not, where it bears the mark of the changeset that is undone. */
  static String dropped(String target, String name, SafeChangeSet changeSet) {
    return dropped("drop_constraint", target, name, changeSet);
  }

  /** The same, by a procedure that does more. */
  static String dropped(String procedure, String target, String name, SafeChangeSet changeSet) {
    return call(
        procedure,
        target,
        literal(name),
        literal(SafeChangeSet.workingName(name)),
        changeSet.marks());
  }
}
