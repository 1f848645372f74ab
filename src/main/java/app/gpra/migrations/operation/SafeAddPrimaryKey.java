package app.gpra.migrations.operation;

import java.util.ArrayList;
import java.util.List;
import liquibase.statement.core.AddPrimaryKeyStatement;

/**
 * {@code addPrimaryKey}: each column that may be null is proved to have a value first, as {@code
 * addNotNullConstraint} does; otherwise every row would be looked at under the lock.
 */
public final class SafeAddPrimaryKey extends SafeUnique<AddPrimaryKeyStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeAddPrimaryKey() {}

  @Override
  List<String> refusals(AddPrimaryKeyStatement statement, SafeChangeSet changeSet) {
    List<String> refusals = new ArrayList<>(super.refusals(statement, changeSet));
    SafeCreateIndex.clustered(statement.isClustered(), statement.getTableName())
        .ifPresent(refusals::add);
    return refusals;
  }

  @Override
  Key key(AddPrimaryKeyStatement statement) {
    List<String> columns = names(statement.getColumns());
    return new Key(
        statement.getCatalogName(),
        statement.getSchemaName(),
        statement.getTableName(),
        statement.getConstraintName(),
        columns,
        statement.getTablespace(),
        statement.getForIndexName(),
        "PRIMARY KEY",
        "",
        columns);
  }
}
