package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.execution.RollbackTag;
import java.io.IOException;
import java.util.Objects;
import liquibase.Scope;
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

  private static final String PARAMETERS = ChangelogStep.class.getName();

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
      Scope.child(PARAMETERS, parameters(command), () -> super.run(results));
      check(command);
      RollbackTag.check(command);
    } catch (IllegalArgumentException e) {
      LiquibaseException refusal = new LiquibaseException(e.getMessage());
      if (reported) {
        Report.failedToBegin(refusal);
      }
      throw refusal;
    } catch (Exception e) {
      if (reported) {
        Report.failedToBegin(e);
      }
      throw e;
    }
  }

  /**
   * What the changelog that is being read has said so far, or was given.
   *
   * @param name of a parameter
   * @return null where none is read, and where it has none
   */
  public static String parameter(String name) {
    ChangeLogParameters parameters =
        Scope.getCurrentScope().get(PARAMETERS, ChangeLogParameters.class);
    return parameters == null ? null : Objects.toString(parameters.getValue(name, null), null);
  }

  /** Those that its parent reads into. */
  private static ChangeLogParameters parameters(CommandScope command) {
    if (command.getArgumentValue(CHANGELOG_PARAMETERS) == null) {
      command.addArgumentValue(
          CHANGELOG_PARAMETERS,
          new ChangeLogParameters((Database) command.getDependency(Database.class)));
    }
    return command.getArgumentValue(CHANGELOG_PARAMETERS);
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
