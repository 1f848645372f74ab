package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/** {@code removeFunction}: see {@link Dropped}. */
@DatabaseChange(
    name = "removeFunction",
    description = "Drops a function",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class RemoveFunctionChange extends FunctionChange {

  /** Used through {@code META-INF/services}. */
  public RemoveFunctionChange() {}

  private Dropped dropped(Database database) {
    return new Dropped(Defined.FUNCTION, null, getSchemaName(), null, name(database));
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
            () -> Defined.dropped(Defined.FUNCTION, null, name(database), changeSet));
  }

  @Override
  public String getConfirmationMessage() {
    return "Function %s removed".formatted(getFunctionName());
  }
}
