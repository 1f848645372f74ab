package app.gpra.migrations.execution;

import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.RemoveChangeSetRanStatusGenerator;
import liquibase.statement.core.RemoveChangeSetRanStatusStatement;

/**
 * Takes an undone changeset out of Liquibase's history, unless {@link UndoListener} has: in a
 * script that stops at no error, it would be taken out although nothing was undone.
 */
public final class HistoryRemovalGenerator extends RemoveChangeSetRanStatusGenerator {

  /** Used through {@code META-INF/services}. */
  public HistoryRemovalGenerator() {}

  /** {@inheritDoc} One more than the parent's. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /** {@inheritDoc} PostgreSQL only. */
  @Override
  public boolean supports(RemoveChangeSetRanStatusStatement statement, Database database) {
    return database instanceof PostgresDatabase;
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Sql[] generateSql(
      RemoveChangeSetRanStatusStatement statement, Database database, SqlGeneratorChain chain) {
    return UndoListener.hasTakenOut(statement.getChangeSet())
        ? new Sql[0]
        : super.generateSql(statement, database, chain);
  }
}
