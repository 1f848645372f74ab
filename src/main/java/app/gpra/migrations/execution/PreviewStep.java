package app.gpra.migrations.execution;

import app.gpra.migrations.connection.RequiredSettings;
import app.gpra.migrations.report.RunStep;
import app.gpra.migrations.report.Screen;
import java.io.Writer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import liquibase.Scope;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CleanUpCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * Begins a script with the schema that it was made for, and says on the console that nothing was
 * run: Liquibase itself reports each changeset of a preview as one that "ran successfully".
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

  /** {@inheritDoc} The connection, and the executor that writes instead of running. */
  @Override
  public List<Class<?>> requiredDependencies() {
    return List.of(Database.class, Writer.class);
  }

  /**
   * Begins the script with the settings that it relies on, whoever runs it, and the schema that it
   * was made for: its names have none.
   *
   * @throws DatabaseException if the server does not answer
   */
  @Override
  public void run(CommandResultsBuilder results) throws DatabaseException {
    Database database = (Database) results.getCommandScope().getDependency(Database.class);
    Screen.beQuiet();
    if (database instanceof PostgresDatabase) {
      for (String statement : RequiredSettings.statements()) {
        write(database, statement);
      }
    }
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      return;
    }
    try (Statement statement = connection.getUnderlyingConnection().createStatement();
        ResultSet schemas =
            statement.executeQuery(
                "SELECT string_agg(quote_ident(name), ', ') FROM unnest(current_schemas(false)) AS name")) {
      if (schemas.next() && schemas.getString(1) != null) {
        write(database, "SET search_path = " + schemas.getString(1));
      }
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  private static void write(Database database, String statement) throws DatabaseException {
    Scope.getCurrentScope()
        .getSingleton(ExecutorService.class)
        .getExecutor("jdbc", database)
        .execute(new RawParameterizedSqlStatement(statement));
  }

  /** {@inheritDoc} Says for whom the script is, and for what: also when it failed. */
  @Override
  public void cleanUp(CommandResultsBuilder results) {
    RunStep.previewed(results.getCommandScope());
  }
}
