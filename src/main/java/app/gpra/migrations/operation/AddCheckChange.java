package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/**
 * {@code addCheck}: a CHECK, for which Liquibase has no change. Added without a look at the rows,
 * under one short lock, then validated while reading and writing go on, then named. An equal one
 * that is valid is left as it is, under whatever name.
 */
@DatabaseChange(
    name = "addCheck",
    description = "Adds a CHECK constraint without blocking anybody",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class AddCheckChange extends ConditionChange {

  /** Used through {@code META-INF/services}. */
  public AddCheckChange() {}

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        call(
            "look_check",
            table(database),
            literal(stored(database)),
            literal(getCondition()),
            changeSet.marks()));
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.of(madeCheck(database, changeSet));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    String name = stored(database);
    return SafeConstraint.added(
        Locks.above(
            table(database),
            Locks.LOOKS_THEN_ALTERS,
            call(
                "add_check",
                table(database),
                literal(name),
                literal(SafeChangeSet.workingName(name)),
                literal(getCondition()),
                changeSet.marks(),
                true)),
        table(database),
        name,
        changeSet);
  }

  @Override
  public String getConfirmationMessage() {
    return "Check %s added to %s".formatted(getConstraintName(), getTableName());
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    DropCheckChange inverse = new DropCheckChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setTableName(getTableName());
    inverse.setConstraintName(getConstraintName());
    return new Change[] {inverse};
  }
}
