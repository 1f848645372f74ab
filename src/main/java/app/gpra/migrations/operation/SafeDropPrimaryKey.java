package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.DropPrimaryKeyStatement;

/**
 * {@code dropPrimaryKey} in a rollback: only one that bears the mark of the changeset that is
 * undone, and with it the NOT NULL of the columns whose CHECK bears it too. Also what a build that
 * was killed has left under its working name.
 */
public final class SafeDropPrimaryKey extends SafeGenerator<DropPrimaryKeyStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropPrimaryKey() {}

  @Override
  List<String> refusals(DropPrimaryKeyStatement statement, SafeChangeSet changeSet) {
    return SafeDropIndex.refusals(changeSet);
  }

  @Override
  Stream<String> safely(
      DropPrimaryKeyStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<DropPrimaryKeyStatement> plain) {
    return SafeUnique.dropped(
        "drop_primary_key",
        table(
            database,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName()),
        statement.getSchemaName(),
        statement.getConstraintName(),
        database,
        changeSet);
  }
}
