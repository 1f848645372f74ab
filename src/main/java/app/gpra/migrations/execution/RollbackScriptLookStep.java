package app.gpra.migrations.execution;

import java.util.List;
import java.util.Set;

/** The same look, as the beginning of a script that goes back: made when that is run. */
public final class RollbackScriptLookStep extends RollbackLookStep {

  /** Used through {@code META-INF/services}. */
  public RollbackScriptLookStep() {
    // The script has begun.
    super(
        "rollbackScriptLookStep",
        Set.of(
            "rollbackSql",
            "rollbackCountSql",
            "rollbackToDateSql",
            "futureRollbackSql",
            "futureRollbackCountSql",
            "futureRollbackFromTagSql"),
        List.of(PreviewStep.class));
  }
}
