package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.Objects;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.SetColumnRemarksStatement;

/** {@code remarks} of a column: behind the mark that its comment begins with. */
public final class SafeColumnRemarks extends SafeGenerator<SetColumnRemarksStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeColumnRemarks() {}

  @Override
  Stream<String> safely(
      SetColumnRemarksStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<SetColumnRemarksStatement> plain) {
    String table =
        table(
            database,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName());
    return SafeTableRemarks.comesWith(change -> adds(change, statement))
        ? Stream.empty()
        : SafeTableRemarks.remark(
            changeSet,
            table,
            SafeChangeSet.stored(database, statement.getColumnName()),
            statement.getRemarks());
  }

  private static boolean adds(Change change, SetColumnRemarksStatement remarks) {
    return change instanceof AddColumnChange added
        && remarks.getTableName().equals(added.getTableName())
        && added.getColumns().stream()
            .anyMatch(
                column ->
                    remarks.getColumnName().equals(column.getName())
                        && Objects.equals(remarks.getRemarks(), column.getRemarks()));
  }
}
