package app.gpra.migrations.execution;

import java.util.List;
import java.util.Set;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;

/** The beginning of an update's script. */
public final class UpdateScriptBeginStep extends UpdateBeginStep {

  /** Used through {@code META-INF/services}. */
  public UpdateScriptBeginStep() {
    super(
        "updateScriptBeginStep",
        Set.of("updateSql", "updateCountSql", "updateToTagSql"),
        PreviewStep.class);
  }

  /** {@inheritDoc} A script cannot: it is of what is recorded when it is written. */
  @Override
  void takeOut(List<ChangeSet> pending, Database database) throws LiquibaseException {
    for (ChangeSet changeSet : beingUndone(pending, database)) {
      throw new DatabaseException(
          "A rollback of %s was killed, which has begun to make again what that dropped. Nothing was written. Run that rollback again, or the update itself, then write the script."
              .formatted(changeSet.getId()));
    }
  }

  /** {@inheritDoc} Nothing is run. */
  @Override
  void lock(Database database) {
    // None.
  }
}
