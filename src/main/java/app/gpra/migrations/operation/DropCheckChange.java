package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/**
 * {@code dropCheck} in a rollback: only a CHECK that bears the mark of the changeset that is
 * undone.
 */
@DatabaseChange(
    name = "dropCheck",
    description = "Drops a CHECK constraint that its changeset made",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class DropCheckChange extends CheckChange {

  /** Used through {@code META-INF/services}. */
  public DropCheckChange() {}

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        Locks.above(
            table(database),
            Locks.ALTERS,
            SafeConstraint.dropped(
                table(database), SafeChangeSet.stored(database, getConstraintName()), changeSet)));
  }

  @Override
  public String getConfirmationMessage() {
    return "Check %s dropped from %s".formatted(getConstraintName(), getTableName());
  }
}
