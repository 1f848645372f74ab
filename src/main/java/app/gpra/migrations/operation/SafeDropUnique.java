package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.DropUniqueConstraintStatement;

/**
 * {@code dropUniqueConstraint} in a rollback: only one that bears the mark of the changeset that is
 * undone, under one short lock. Also what a build that was killed has left under its working name.
 */
public final class SafeDropUnique extends SafeGenerator<DropUniqueConstraintStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropUnique() {}

  @Override
  List<String> refusals(DropUniqueConstraintStatement statement, SafeChangeSet changeSet) {
    return SafeDropIndex.refusals(changeSet);
  }

  @Override
  Stream<String> safely(
      DropUniqueConstraintStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<DropUniqueConstraintStatement> plain) {
    return SafeUnique.dropped(
        "drop_constraint",
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
