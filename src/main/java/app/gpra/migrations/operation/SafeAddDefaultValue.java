package app.gpra.migrations.operation;

import liquibase.database.Database;
import liquibase.statement.core.AddDefaultValueStatement;

/** {@code addDefaultValue}. */
public final class SafeAddDefaultValue extends SafeDefaultValue<AddDefaultValueStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeAddDefaultValue() {}

  @Override
  String table(AddDefaultValueStatement statement, Database database) {
    return SafeChangeSet.table(
        database, statement.getCatalogName(), statement.getSchemaName(), statement.getTableName());
  }

  @Override
  String column(AddDefaultValueStatement statement) {
    return statement.getColumnName();
  }
}
