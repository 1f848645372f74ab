package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.execution.PreviewStep;
import app.gpra.migrations.execution.RollbackTag;
import app.gpra.migrations.operation.UnsafeChanges;
import app.gpra.migrations.operation.Wanted;
import java.io.IOException;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.exception.LiquibaseException;
import liquibase.exception.UnknownChangeLogParameterException;

/**
 * Reads the changelog as its parent does, looks at what it was given, before any of it runs, and
 * reports why that failed.
 */
@CommandOverride(override = DatabaseChangelogCommandStep.class)
public final class ChangelogStep extends DatabaseChangelogCommandStep {

  /** Used through {@code META-INF/services}. */
  public ChangelogStep() {}

  /** {@inheritDoc} */
  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    CommandScope command = results.getCommandScope();
    boolean reported = RunStep.isRun(command.getCommand());
    if (reported) {
      Report.begin();
    }
    try {
      // Offline no connection has.
      GpraProperties.check();
      ApplicationChangelog.checkTag(command);
      ChangeLogParameters parameters = parameters(command);
      // Reading takes a while, and a server may end who is idle in a transaction.
      ((Database) command.getDependency(Database.class)).commit();
      Wanted.reading(parameters, () -> super.run(results));
      DatabaseChangeLog changelog =
          (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
      if (Wanted.by(changelog)) {
        UnsafeChanges.leave(changelog, (Database) command.getDependency(Database.class));
        PreviewStep.begin();
        check(command);
        RollbackTag.check(command);
      }
    } catch (IllegalArgumentException e) {
      LiquibaseException refusal = new LiquibaseException(e.getMessage());
      failed(reported, refusal);
      throw refusal;
    } catch (Exception e) {
      failed(reported, e);
      throw e;
    }
  }

  private static void failed(boolean reported, Exception failure) {
    if (reported) {
      Report.failedToBegin(failure);
    } else {
      LastLines.refused(Report.sentence(failure));
    }
  }

  /** Where the changelog's own go: its parent's, and known here while that reads. */
  private static ChangeLogParameters parameters(CommandScope command) {
    DatabaseChangeLog read = command.getArgumentValue(CHANGELOG_ARG);
    ChangeLogParameters parameters =
        read == null
            ? command.getArgumentValue(CHANGELOG_PARAMETERS)
            : read.getChangeLogParameters();
    if (parameters == null) {
      parameters = new ChangeLogParameters((Database) command.getDependency(Database.class));
      parameters.addJavaProperties();
      parameters.addDefaultFileProperties();
      command.addArgumentValue(CHANGELOG_PARAMETERS, parameters);
    }
    return parameters;
  }

  private static void check(CommandScope command) throws IOException {
    ChangeLogParameters parameters =
        (ChangeLogParameters) command.getDependency(ChangeLogParameters.class);
    DatabaseChangeLog changelog =
        (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    checkParameters(parameters, changelog);
    if (ApplicationChangelog.isProjects(command.getArgumentValue(CHANGELOG_FILE_ARG))) {
      Filters.check(changelog, parameters.getLabels(), parameters.getContexts());
    }
  }

  private static void checkParameters(ChangeLogParameters parameters, DatabaseChangeLog changelog) {
    GpraProperties.checkParameters(
        name -> {
          try {
            return parameters.getValue(name, changelog) != null
                ? parameters.expandExpressions("${" + name + "}", changelog)
                : null;
          } catch (UnknownChangeLogParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
          }
        });
  }
}
