package app.gpra.migrations.report;

import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;

/** Reads the changelog as its parent does, and reports why that failed. */
@CommandOverride(override = DatabaseChangelogCommandStep.class)
public final class ChangelogStep extends DatabaseChangelogCommandStep {

  /** Used through {@code META-INF/services}. */
  public ChangelogStep() {}

  /** {@inheritDoc} */
  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    boolean reported = RunStep.isRun(results.getCommandScope().getCommand());
    if (reported) {
      Report.begin();
    }
    try {
      super.run(results);
    } catch (Exception e) {
      if (reported) {
        Report.failedToBegin(e);
      }
      throw e;
    }
  }
}
