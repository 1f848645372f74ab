package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropForeignKeyConstraintStatement;

/** {@code dropForeignKeyConstraint}. Locks both tables in the application's order, for a moment. */
public final class SafeDropForeignKey extends SafeDrop<DropForeignKeyConstraintStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropForeignKey() {}

  @Override
  Stream<Dropped> dropped(DropForeignKeyConstraintStatement statement) {
    return Stream.of(
        new Dropped(
            Dropped.FOREIGN_KEY,
            statement.getBaseTableCatalogName(),
            statement.getBaseTableSchemaName(),
            statement.getBaseTableName(),
            statement.getConstraintName()));
  }

  @Override
  Stream<String> back(Dropped key, Database database, SafeChangeSet changeSet) {
    String target = key.target(database);
    return Stream.of(
        Locks.aboveWithParents(
            target, Locks.ALTERS, SafeConstraint.dropped(target, key.name(), changeSet)));
  }
}
