package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import java.io.IOException;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Scope;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.database.Database;
import liquibase.exception.UnknownChangeLogParameterException;

/**
 * Reads the changelog as its parent does, and reports why that failed. Its parameters and its
 * filters are looked at before its parent makes the history table.
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
      read(command);
      super.run(results);
    } catch (Exception e) {
      if (reported) {
        Report.failedToBegin(e);
      }
      throw e;
    }
  }

  /** Its parent takes what was read. */
  private static void read(CommandScope command) throws Exception {
    Database database = (Database) command.getDependency(Database.class);
    ChangeLogParameters parameters = command.getArgumentValue(CHANGELOG_PARAMETERS);
    if (parameters == null) {
      parameters = new ChangeLogParameters(database);
      parameters.addJavaProperties();
      parameters.addDefaultFileProperties();
      command.addArgumentValue(CHANGELOG_PARAMETERS, parameters);
    }
    parameters.setDatabase(database.getShortName());
    Contexts contexts = new Contexts(command.getArgumentValue(CONTEXTS_ARG));
    if (!contexts.isEmpty()) {
      parameters.setContexts(contexts);
    }
    LabelExpression labels = new LabelExpression(command.getArgumentValue(LABEL_FILTER_ARG));
    if (!labels.isEmpty()) {
      parameters.setLabels(labels);
    }
    String file = command.getArgumentValue(CHANGELOG_FILE_ARG);
    DatabaseChangeLog changelog = command.getArgumentValue(CHANGELOG_ARG);
    if (changelog == null) {
      changelog = getDatabaseChangeLog(file, parameters, database);
      command.addArgumentValue(CHANGELOG_ARG, changelog);
    }
    checkParameters(parameters, changelog);
    if (isProjects(file)) {
      Filters.check(changelog, parameters.getLabels(), parameters.getContexts());
    }
  }

  private static void checkParameters(ChangeLogParameters parameters, DatabaseChangeLog changelog) {
    GpraProperties.checkParameters(
        name -> {
          try {
            return parameters.hasValue(name, changelog)
                ? parameters.expandExpressions("${" + name + "}", changelog)
                : null;
          } catch (UnknownChangeLogParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
          }
        });
  }

  /** Whether it is this project's, in its own directory; in its jar it is another project's. */
  private static boolean isProjects(String file) throws IOException {
    return GpraProperties.MASTER.equals(file)
        && "file"
            .equals(Scope.getCurrentScope().getResourceAccessor().get(file).getUri().getScheme());
  }
}
