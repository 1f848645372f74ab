package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.stream.Stream;
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
    return SafeTableRemarks.remark(
        changeSet,
        table,
        SafeChangeSet.stored(database, statement.getColumnName()),
        statement.getRemarks());
  }
}
