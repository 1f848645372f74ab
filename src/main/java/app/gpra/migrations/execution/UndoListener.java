package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Mark;
import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.operation.SafeRecord;
import liquibase.change.Change;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/**
 * Takes each changeset out of Liquibase's history in the transaction that undoes it, in a run and
 * in a script: Liquibase itself does it later, and a run that is killed in between has undone what
 * the history says is done.
 */
final class UndoListener extends AbstractChangeExecListener {

  private static final String TAKEN_OUT = UndoListener.class.getName();

  private ChangeSet undoneNext;

  /** {@inheritDoc} */
  @Override
  public void willRollback(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    undoneNext = changeSet;
    if (changeSet.getRollback().getChanges().isEmpty()) {
      // Of Liquibase's own inverse it is told nothing more.
      takeOut(changeSet, database);
    }
  }

  /**
   * {@inheritDoc} Liquibase asks all that undo a changeset, then runs them: what is sent with the
   * first is the beginning of the changeset's own transaction.
   */
  @Override
  public void willRun(
      Change change, ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    if (changeSet == undoneNext) {
      takeOut(changeSet, database);
    }
  }

  private void takeOut(ChangeSet changeSet, Database database) {
    undoneNext = null;
    BeginStep.executeFromListener(
        Procedures.call(
            "begin_rollback",
            Procedures.literal(HistoryAccess.tableName(database)),
            Procedures.literal(Mark.key(changeSet)),
            SafeRecord.stepsBack(changeSet, database) == 0),
        database);
    changeSet.setAttribute(TAKEN_OUT, true);
  }

  /** Whether it has been: nothing is left for Liquibase to take out. */
  static boolean hasTakenOut(ChangeSet changeSet) {
    return changeSet.getAttribute(TAKEN_OUT) != null;
  }
}
