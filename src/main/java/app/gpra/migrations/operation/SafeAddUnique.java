package app.gpra.migrations.operation;

import java.util.List;
import liquibase.statement.core.AddUniqueConstraintStatement;

/** {@code addUniqueConstraint}: what is there twice is named first. */
public final class SafeAddUnique extends SafeUnique<AddUniqueConstraintStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeAddUnique() {}

  @Override
  Key key(AddUniqueConstraintStatement statement) {
    return new Key(
        statement.getCatalogName(),
        statement.getSchemaName(),
        statement.getTableName(),
        statement.getConstraintName(),
        names(statement.getColumns()),
        statement.getTablespace(),
        statement.getForIndexName(),
        "UNIQUE",
        SafeConstraint.deferred(statement.isDeferrable(), statement.isInitiallyDeferred()),
        List.of());
  }
}
