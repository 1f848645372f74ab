package app.gpra.migrations.execution;

import java.util.Set;
import liquibase.database.Database;

/** The beginning of an update's script. */
public final class UpdateScriptBeginStep extends UpdateBeginStep {

  /** Used through {@code META-INF/services}. */
  public UpdateScriptBeginStep() {
    super(
        "updateScriptBeginStep",
        Set.of("updateSql", "updateCountSql", "updateToTagSql"),
        PreviewStep.class);
  }

  /** {@inheritDoc} Nothing is run. */
  @Override
  void lock(Database database) {
    // None.
  }
}
