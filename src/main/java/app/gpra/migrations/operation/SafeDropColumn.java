package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.DropColumnStatement;

/**
 * {@code dropColumn} in a rollback: only a column that bears the mark of the changeset that is
 * undone.
 */
public final class SafeDropColumn extends SafeGenerator<DropColumnStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropColumn() {}

  @Override
  Stream<String> safely(
      DropColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<DropColumnStatement> plain) {
    List<DropColumnStatement> columns =
        statement.isMultiple() ? statement.getColumns() : List.of(statement);
    return columns.stream()
        .map(
            column ->
                Locks.above(
                    target(column, database),
                    Locks.ALTERS,
                    call(
                        "drop_column",
                        target(column, database),
                        literal(SafeChangeSet.stored(database, column.getColumnName())),
                        changeSet.marks())));
  }

  private static String target(DropColumnStatement column, Database database) {
    return table(database, column.getCatalogName(), column.getSchemaName(), column.getTableName());
  }
}
