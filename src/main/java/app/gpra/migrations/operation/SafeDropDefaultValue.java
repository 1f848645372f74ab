package app.gpra.migrations.operation;

import liquibase.database.Database;
import liquibase.statement.core.DropDefaultValueStatement;

/** {@code dropDefaultValue}. */
public final class SafeDropDefaultValue extends SafeDefaultValue<DropDefaultValueStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropDefaultValue() {}

  @Override
  String table(DropDefaultValueStatement statement, Database database) {
    return SafeChangeSet.table(
        database, statement.getCatalogName(), statement.getSchemaName(), statement.getTableName());
  }

  @Override
  String column(DropDefaultValueStatement statement) {
    return statement.getColumnName();
  }
}
