package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Look;
import app.gpra.migrations.operation.Procedures;
import java.util.ArrayList;
import java.util.List;
import liquibase.change.Change;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.ChangeSet.RunStatus;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.DatabaseHistoryException;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * Looks, before a migration gets its tag, whether all is there that it should have made; and at a
 * changeset that runs against expectation.
 */
final class TagListener extends AbstractChangeExecListener {

  @Override
  public void willRun(
      ChangeSet changeSet, DatabaseChangeLog changelog, Database database, RunStatus runStatus) {
    if (!looksAgain || !isTag(changeSet)) {
      return;
    }
    try {
      List<String> look = Look.after(applied(changeSet, changelog, database), database);
      if (!look.isEmpty()) {
        // In a script, whatever comes after a look that failed.
        BeginStep.execute(Procedures.call("begin", "'[gpra look]'"), database);
        BeginStep.executeAtOnce(look, database);
      }
    } catch (DatabaseException | DatabaseHistoryException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  private final boolean looksAgain;

  /** Whether it looks at tags, too. */
  TagListener(boolean looksAgain) {
    this.looksAgain = looksAgain;
  }

  /** {@inheritDoc} Looks at what was to be passed over, as it stood before, and is not. */
  @Override
  public void willRun(
      Change change, ChangeSet changeSet, DatabaseChangeLog changelog, Database database) {
    try {
      BeginStep.executeAtOnce(Look.unexpected(changeSet, database), database);
    } catch (DatabaseException e) {
      // Without its cause, of which the sentence would be told.
      throw new UnexpectedLiquibaseException(
          e.getMessage().replace("Nothing was changed.", "What ran before it stays."));
    }
  }

  /** What is applied of a tag's migration, and has to be there. */
  static List<ChangeSet> applied(ChangeSet tag, DatabaseChangeLog changelog, Database database)
      throws DatabaseException, DatabaseHistoryException {
    List<ChangeSet> applied = new ArrayList<>();
    for (ChangeSet one : changelog.getChangeSets()) {
      if (one.getFilePath().equals(tag.getFilePath())
          && database.getRanChangeSet(one) != null
          && !Look.mayHaveMadeNothing(one, database)) {
        applied.add(one);
      }
    }
    return applied;
  }

  static boolean isTag(ChangeSet changeSet) {
    return changeSet.getChanges().stream().anyMatch(TagDatabaseChange.class::isInstance);
  }
}
