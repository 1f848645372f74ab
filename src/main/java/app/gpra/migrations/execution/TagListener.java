package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Look;
import java.util.ArrayList;
import java.util.List;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.DatabaseHistoryException;
import liquibase.exception.UnexpectedLiquibaseException;

/** Looks, before a migration gets its tag, whether all is there that it should have made. */
final class TagListener extends AbstractChangeExecListener {

  @Override
  public void willRun(
      ChangeSet changeSet, DatabaseChangeLog changelog, Database database, RunStatus runStatus) {
    if (changeSet.getChanges().stream().noneMatch(TagDatabaseChange.class::isInstance)) {
      return;
    }
    try {
      List<ChangeSet> migration = new ArrayList<>();
      for (ChangeSet one : changelog.getChangeSets()) {
        if (one.getFilePath().equals(changeSet.getFilePath())
            && database.getRanChangeSet(one) != null) {
          migration.add(one);
        }
      }
      BeginStep.executeAtOnce(Look.after(migration, database), database);
    } catch (DatabaseException | DatabaseHistoryException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }
}
