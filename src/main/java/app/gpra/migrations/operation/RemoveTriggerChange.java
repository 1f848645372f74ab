package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

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
    return Stream.concat(
        changeSet.changeSet().getRollback().getChanges().stream()
            .filter(DefineTriggerChange.class::isInstance)
            .map(DefineTriggerChange.class::cast)
            .filter(
                again ->
                    again.stored(database).equals(stored(database))
                        && again.name(database).equals(name(database)))
            .map(
                again ->
                    call(
                        "look_fires",
                        table(database),
                        literal(stored(database)),
                        literal(again.firing()))),
        dropped(database).look(database));
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
