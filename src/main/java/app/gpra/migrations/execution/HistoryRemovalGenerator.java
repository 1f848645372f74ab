package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Mark;
import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.operation.SafeRecord;
import java.util.stream.Stream;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.sql.Sql;
import liquibase.sql.UnparsedSql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.RemoveChangeSetRanStatusGenerator;
import liquibase.statement.core.RemoveChangeSetRanStatusStatement;

/**
 * Takes an undone changeset out of Liquibase's history, unless {@link UndoListener} has: in a
 * script that stops at no error, it would be taken out although nothing was undone. What makes
 * again in several transactions what was dropped is taken out here, after the last of them.
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
    ChangeSet changeSet = statement.getChangeSet();
    long steps = SafeRecord.stepsBack(changeSet, database);
    return UndoListener.hasTakenOut(changeSet)
        ? Stream.of(steps)
            .filter(one -> one > 0)
            .map(
                one ->
                    new UnparsedSql(
                        Procedures.call(
                            "end_rollback",
                            Procedures.literal(HistoryAccess.tableName(database)),
                            Procedures.literal(Mark.key(changeSet)),
                            one)))
            .toArray(Sql[]::new)
        : super.generateSql(statement, database, chain);
  }
}
