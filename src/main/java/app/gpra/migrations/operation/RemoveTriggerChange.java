package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/** {@code removeTrigger}: see {@link Dropped}. */
@DatabaseChange(
    name = "removeTrigger",
    description = "Drops a trigger",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class RemoveTriggerChange extends TriggerChange {

  /** Used through {@code META-INF/services}. */
  public RemoveTriggerChange() {}

  private Dropped dropped(Database database) {
    return new Dropped(Defined.TRIGGER, null, getSchemaName(), getTableName(), stored(database));
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
            () -> Defined.dropped(Defined.TRIGGER, name(database), stored(database), changeSet));
  }

  @Override
  public String getConfirmationMessage() {
    return "Trigger %s of %s removed".formatted(getTriggerName(), getTableName());
  }
}
