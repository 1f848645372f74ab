package app.gpra.migrations.execution;

import java.util.List;
import java.util.Set;

/** The beginning of an update's script. */
public final class UpdateScriptBeginStep extends BeginStep {

  /** Used through {@code META-INF/services}. */
  public UpdateScriptBeginStep() {
    super(
        "updateScriptBeginStep",
        Set.of("updateSql", "updateCountSql", "updateToTagSql"),
        List.of(PreviewStep.class));
  }
}
