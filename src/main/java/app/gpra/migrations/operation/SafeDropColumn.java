package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropColumnStatement;

/** {@code dropColumn}; what would go with it has to be dropped before. */
public final class SafeDropColumn extends SafeDrop<DropColumnStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropColumn() {}

  @Override
  Stream<Dropped> dropped(DropColumnStatement statement) {
    return (statement.isMultiple() ? statement.getColumns() : List.of(statement))
        .stream()
            .map(
                column ->
                    new Dropped(
                        "column",
                        column.getCatalogName(),
                        column.getSchemaName(),
                        column.getTableName(),
                        column.getColumnName()));
  }

  @Override
  Stream<String> back(Dropped column, Database database, SafeChangeSet changeSet) {
    String target = column.target(database);
    boolean isCopy =
        changeSet.changeSet().getChanges().stream()
            .filter(CopyColumnChange.class::isInstance)
            .map(CopyColumnChange.class::cast)
            .anyMatch(one -> one.makes(column, database));
    return Stream.of(
        Locks.above(
            target,
            Locks.ALTERS,
            call(
                isCopy ? "drop_copy" : "drop_column",
                target,
                literal(column.name()),
                changeSet.marks())));
  }
}
