package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/** {@code dropCheck}: see {@link Dropped}. */
@DatabaseChange(
    name = "dropCheck",
    description = "Drops a CHECK constraint",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class DropCheckChange extends CheckChange {

  /** Used through {@code META-INF/services}. */
  public DropCheckChange() {}

  private Dropped dropped(Database database) {
    return new Dropped(
            Dropped.CONSTRAINT, null, getSchemaName(), getTableName(), getConstraintName())
        .stored(database);
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return dropped(database).look(database);
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return dropped(database).made(database, changeSet);
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return dropped(database)
        .safely(
            database,
            changeSet,
            () ->
                Stream.of(
                    Locks.above(
                        table(database),
                        Locks.ALTERS,
                        SafeConstraint.dropped(table(database), stored(database), changeSet))));
  }

  @Override
  public String getConfirmationMessage() {
    return "Check %s dropped from %s".formatted(getConstraintName(), getTableName());
  }
}
