package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Look;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.ExecType;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;

/**
 * What holds a script together that is run by somebody who does not stop at an error: nothing comes
 * after a changeset that was not finished, and what runs in one transaction does so there too, with
 * its row of the history.
 */
final class ScriptTransaction extends AbstractChangeExecListener {

  private ChangeSet begun;
  private ChangeSet undone;
  private ChangeSet inTransaction;

  /** {@inheritDoc} */
  @Override
  public void willRollback(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    undone = changeSet;
    if (changeSet.getRollback().getChanges().isEmpty()) {
      // Of Liquibase's own inverse it is told nothing more.
      begin(changeSet, database);
    }
  }

  /** {@inheritDoc} Before the first of its changes. */
  @Override
  public void willRun(
      Change change, ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    if (changeSet == undone) {
      undone = null;
      begun = changeSet;
      if (!changeSet.getRollback().getChanges().stream().allMatch(EmptyChange.class::isInstance)) {
        begin(changeSet, database);
      }
    } else if (changeSet != begun) {
      begun = changeSet;
      Look.begin(changeSet, database)
          .ifPresent(
              sql -> {
                BeginStep.executeFromListener(sql, database);
                begin(changeSet, database);
              });
    }
  }

  private void begin(ChangeSet changeSet, Database database) {
    if (changeSet.isRunInTransaction()) {
      BeginStep.executeFromListener("BEGIN", database);
      inTransaction = changeSet;
    }
  }

  /** {@inheritDoc} Recorded too. */
  @Override
  public void ran(
      ChangeSet changeSet, DatabaseChangeLog changelog, Database database, ExecType execType) {
    end(changeSet, database);
  }

  /** {@inheritDoc} Taken out of the history too. */
  @Override
  public void rolledBack(ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    end(changeSet, database);
  }

  private void end(ChangeSet changeSet, Database database) {
    if (changeSet == inTransaction) {
      BeginStep.executeFromListener("COMMIT", database);
    }
  }
}
