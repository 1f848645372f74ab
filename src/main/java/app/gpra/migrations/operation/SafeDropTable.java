package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;

import java.util.List;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.database.Database;
import liquibase.statement.core.DropTableStatement;

/**
 * {@code dropTable}. Locks what its keys lead to as well, in the application's order, for a moment.
 * In a rollback never rows that came since the look.
 */
public final class SafeDropTable extends SafeDrop<DropTableStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropTable() {}

  @Override
  Stream<Dropped> dropped(DropTableStatement statement) {
    return Stream.of(
        new Dropped(
            Dropped.TABLE,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName(),
            null));
  }

  /** Where its rollback makes it again without its isolation, it has to have none. */
  @Override
  Stream<String> before(Dropped table, Database database, SafeChangeSet changeSet) {
    List<Change> rollback = changeSet.changeSet().getRollback().getChanges();
    return rollback.stream().allMatch(EmptyChange.class::isInstance)
            || rollback.stream()
                .anyMatch(
                    one ->
                        one instanceof TenantIsolationChange isolation
                            && isolation.getTableName().equalsIgnoreCase(table.table()))
        ? Stream.empty()
        : Stream.of(call("look_open", table.target(database)));
  }

  @Override
  Stream<String> back(Dropped table, Database database, SafeChangeSet changeSet) {
    String target = table.target(database);
    return Stream.of(
        Locks.aboveWithParents(
            target,
            Locks.ALTERS,
            call("drop_table", target, changeSet.marks(), changeSet.mayDiscard())));
  }
}
