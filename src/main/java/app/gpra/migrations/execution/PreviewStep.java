package app.gpra.migrations.execution;

import java.util.Set;
import liquibase.Scope;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CleanUpCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;

/**
 * Says at the end of a command that only writes SQL that nothing was run. Liquibase itself reports
 * each changeset of a preview as one that "ran successfully".
 */
public final class PreviewStep extends AbstractCommandStep implements CleanUpCommandStep {

  private static final Set<String> PREVIEWS =
      Set.of(
          "updateSql",
          "updateCountSql",
          "updateToTagSql",
          "rollbackSql",
          "rollbackCountSql",
          "rollbackToDateSql",
          "futureRollbackSql",
          "futureRollbackCountSql",
          "futureRollbackFromTagSql",
          "changelogSyncSql",
          "changelogSyncToTagSql");

  /** Used through {@code META-INF/services}. */
  public PreviewStep() {}

  /** {@inheritDoc} Its own name: that of another command would bring that one's arguments along. */
  @Override
  public String[][] defineCommandNames() {
    return new String[][] {{"previewStep"}};
  }

  /** {@inheritDoc} It is a part of every command that writes SQL instead of running it. */
  @Override
  public int getOrder(CommandDefinition command) {
    boolean preview = PREVIEWS.contains(String.join(" ", command.getName()));
    // Any positive number takes part; Liquibase sorts by dependencies.
    return preview ? 1 : super.getOrder(command);
  }

  @Override
  public void run(CommandResultsBuilder results) {}

  /** {@inheritDoc} Runs when the command's own steps have succeeded. */
  @Override
  public void cleanUp(CommandResultsBuilder results) {
    Scope.getCurrentScope()
        .getLog(PreviewStep.class)
        .info(
            "This was a preview: nothing was run on the database, whatever the lines above say. The SQL is in the"
                + " output file named above.");
  }
}
