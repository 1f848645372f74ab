package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.literal;

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
                "CALL pg_temp.gpra_drop_column(%s, %s, %s)"
                    .formatted(
                        literal(
                            database.escapeTableName(
                                column.getCatalogName(),
                                column.getSchemaName(),
                                column.getTableName())),
                        literal(column.getColumnName()),
                        changeSet.marks()));
  }
}
