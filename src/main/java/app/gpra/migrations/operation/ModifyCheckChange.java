package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.Optional;
import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/**
 * {@code modifyCheck}: gives a CHECK another condition, under the same name. The new one is added
 * beside the old one, under a working name, and validated while reading and writing go on. Then it
 * takes the old one's place, in one transaction: rows are never unchecked.
 *
 * <p>It is one change, not an {@code addCheck} and a {@code dropCheck}, as a name is free only when
 * the old one has gone. Its rollback is another {@code modifyCheck}, with the condition before.
 * Where rows do not hold that any more, nothing is undone.
 */
@DatabaseChange(
    name = "modifyCheck",
    description = "Gives a CHECK constraint another condition without blocking anybody",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class ModifyCheckChange extends ConditionChange {

  /** Used through {@code META-INF/services}. */
  public ModifyCheckChange() {}

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    String name = literal(stored(database));
    return Stream.of(
        call(
            "look_modify_check",
            table(database),
            name,
            before(changeSet).orElse(null),
            literal(getCondition()),
            changeSet.marks()),
        // From here on, the old one has gone.
        call(Look.DROP, literal(Dropped.CONSTRAINT), table(database), name),
        call("look_check", table(database), name, literal(getCondition()), changeSet.marks()));
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        before(changeSet)
            .map(before -> madeCheck(database, changeSet, "'before'", before))
            .orElseGet(() -> madeCheck(database, changeSet)));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    SafeChangeSet own = new SafeChangeSet(getChangeSet());
    boolean back = Look.isBack(own.changeSet());
    String name = literal(stored(database));
    String working = literal(SafeChangeSet.workingName(stored(database)));
    return Stream.of(
        Locks.above(
            table(database),
            Locks.LOOKS_THEN_ALTERS,
            back
                ? call(
                    "begin_restore_check",
                    table(database),
                    name,
                    working,
                    literal(getCondition()),
                    own.marks())
                : call(
                    "begin_modify_check",
                    table(database),
                    name,
                    working,
                    before(own).orElse(null),
                    literal(getCondition()),
                    own.marks())),
        SafeConstraint.validated(table(database), stored(database), own),
        Locks.above(
            table(database),
            Locks.ALTERS,
            back
                ? call(
                    "end_restore_check",
                    table(database),
                    name,
                    working,
                    own.marks(),
                    // Of whoever made it first.
                    changeSet.mark().equals(own.mark()) ? null : literal(changeSet.mark()))
                : call("end_modify_check", table(database), name, working, own.marks())));
  }

  /** The condition that its rollback gives it again; empty where that gives none. */
  private Optional<String> before(SafeChangeSet changeSet) {
    return changeSet.changeSet().getRollback().getChanges().stream()
        .filter(ModifyCheckChange.class::isInstance)
        .map(ModifyCheckChange.class::cast)
        .filter(
            change ->
                change.getTableName().equals(getTableName())
                    && change.getConstraintName().equals(getConstraintName()))
        .map(change -> literal(change.getCondition()))
        .findFirst();
  }

  @Override
  public String getConfirmationMessage() {
    return "Check %s of %s modified".formatted(getConstraintName(), getTableName());
  }
}
