package app.gpra.migrations.execution;

import java.util.Set;

/** The same, as the beginning of a script that goes back: it looks when that is run. */
public final class RollbackScriptBeginStep extends RollbackBeginStep {

  /** Used through {@code META-INF/services}. */
  public RollbackScriptBeginStep() {
    super(
        "rollbackScriptBeginStep",
        Set.of(
            "rollbackSql",
            "rollbackCountSql",
            "rollbackToDateSql",
            "futureRollbackSql",
            "futureRollbackCountSql",
            "futureRollbackFromTagSql"),
        PreviewStep.class);
  }
}
