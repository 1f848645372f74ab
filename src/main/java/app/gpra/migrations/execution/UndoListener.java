package app.gpra.migrations.execution;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;
import liquibase.statement.core.RawSqlStatement;

/**
 * Takes each changeset out of Liquibase's history in the transaction that undoes it, in a run and
 * in a script: Liquibase itself does it later, and a run that is killed in between has undone what
 * the history says is done.
 */
final class UndoListener extends AbstractChangeExecListener {

  private ChangeSet undoneNext;

  /** {@inheritDoc} */
  @Override
  public void willRollback(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    undoneNext = changeSet;
  }

  /**
   * {@inheritDoc} Liquibase asks all that undo a changeset, then runs them: what is sent with the
   * first is the beginning of the changeset's own transaction.
   */
  @Override
  public void willRun(
      Change change, ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    if (changeSet != undoneNext) {
      return;
    }
    undoneNext = null;
    try {
      call("begin_rollback", database, changeSet.getId());
    } catch (DatabaseException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /** Calls one of the procedures, with the history table and what else it needs. */
  static void call(String procedure, Database database, String... arguments)
      throws DatabaseException {
    execute(
        Stream.concat(Stream.of(HistoryAccess.tableName(database)), Stream.of(arguments))
            .map(text -> "'" + text.replace("'", "''") + "'")
            .collect(Collectors.joining(", ", "CALL pg_temp.gpra_%s(".formatted(procedure), ")")),
        database);
  }

  /** Runs or writes a statement. */
  // Liquibase's own, and its one statement that is not prepared.
  @SuppressWarnings("deprecation")
  static void execute(String sql, Database database) throws DatabaseException {
    executor(database).execute(new RawSqlStatement(sql));
  }

  static Executor executor(Database database) {
    return Scope.getCurrentScope()
        .getSingleton(ExecutorService.class)
        .getExecutor("jdbc", database);
  }
}
