package app.gpra.migrations.execution;

import liquibase.Scope;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.change.core.RawSQLChange;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.executor.Executor;
import liquibase.executor.ExecutorService;

/**
 * Takes each changeset out of Liquibase's history in the transaction that undoes it, in a run and
 * in a script: Liquibase itself does it later, and a run that is killed in between has undone what
 * the history says is done.
 */
final class UndoListener extends AbstractChangeExecListener {

  private static final String BEGIN = "changelog/sql/begin-rollback.sql";

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
    RawSQLChange name = new RawSQLChange();
    name.setSql("SET gpra.changeset = '%s'".formatted(changeSet.getId().replace("'", "''")));
    SQLFileChange begin = new SQLFileChange();
    begin.setPath(BEGIN);
    try {
      execute(name, changeSet, database);
      execute(begin, changeSet, database);
    } catch (DatabaseException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /** Runs it with the changelog's parameters in it. */
  static void execute(AbstractSQLChange change, ChangeSet changeSet, Database database)
      throws DatabaseException {
    change.setSplitStatements(false);
    change.setChangeSet(changeSet);
    Executor executor =
        Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database);
    executor.execute(change);
  }
}
