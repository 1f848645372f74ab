package app.gpra.migrations.execution;

import app.gpra.migrations.report.RunStep;
import java.util.List;
import java.util.Set;

/** The beginning of an update. */
public final class UpdateBeginStep extends BeginStep {

  /** Used through {@code META-INF/services}. */
  public UpdateBeginStep() {
    // What it reports is a run's.
    super(
        "updateBeginStep", Set.of("update", "updateCount", "updateToTag"), List.of(RunStep.class));
  }
}
