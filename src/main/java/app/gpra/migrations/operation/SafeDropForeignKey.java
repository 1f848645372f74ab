package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.DropForeignKeyConstraintStatement;

/**
 * {@code dropForeignKeyConstraint} in a rollback: only a key that bears the mark of the changeset
 * that is undone. Locks both tables in the application's order, for a moment.
 */
public final class SafeDropForeignKey extends SafeGenerator<DropForeignKeyConstraintStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropForeignKey() {}

  @Override
  Stream<String> safely(
      DropForeignKeyConstraintStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<DropForeignKeyConstraintStatement> plain) {
    String target =
        table(
            database,
            statement.getBaseTableCatalogName(),
            statement.getBaseTableSchemaName(),
            statement.getBaseTableName());
    return Stream.of(
        Locks.aboveWithParents(
            target,
            Locks.ALTERS,
            SafeConstraint.dropped(
                target, SafeChangeSet.stored(database, statement.getConstraintName()), changeSet)));
  }
}
