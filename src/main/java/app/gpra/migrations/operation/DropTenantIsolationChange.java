package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/**
 * {@code dropTenantIsolation} in a rollback: shows a table's rows to everybody again, where the
 * changeset that is undone kept them apart.
 */
@DatabaseChange(
    name = "dropTenantIsolation",
    description = "Takes back the row-level security that its changeset made",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class DropTenantIsolationChange extends TableChange {

  /** Used through {@code META-INF/services}. */
  public DropTenantIsolationChange() {}

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.of(changeSet.made("drop policy", name(database), TenantIsolationChange.POLICY));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        Locks.above(
            table(database),
            Locks.ALTERS,
            call(
                "end_isolation",
                table(database),
                literal(TenantIsolationChange.POLICY),
                changeSet.marks())));
  }

  @Override
  public String getConfirmationMessage() {
    return "Tenants not kept apart any more in " + getTableName();
  }
}
