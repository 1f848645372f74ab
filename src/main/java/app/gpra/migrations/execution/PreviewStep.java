package app.gpra.migrations.execution;

import app.gpra.migrations.connection.RequiredSettings;
import app.gpra.migrations.connection.Strangers;
import app.gpra.migrations.operation.Brief;
import app.gpra.migrations.operation.Wanted;
import app.gpra.migrations.report.ApplicationChangelog;
import app.gpra.migrations.report.RunStep;
import app.gpra.migrations.report.Screen;
import app.gpra.migrations.report.ScriptHeading;
import java.io.Writer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CleanUpCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.statement.core.RawParameterizedSqlStatement;
import liquibase.structure.core.Schema;

/**
 * Begins a script with what it was made for: database, settings, schema. Says on the console that
 * nothing was run: Liquibase itself reports each changeset of a preview as one that "ran
 * successfully".
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

  /** The command of this thread whose script has not begun. */
  private static final ThreadLocal<CommandScope> NOT_BEGUN = new ThreadLocal<>();

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

  /** {@inheritDoc} What comes next in the script needs its beginning. */
  @Override
  public List<Class<?>> providedDependencies() {
    return List.of(PreviewStep.class);
  }

  /** {@inheritDoc} The script begins when the changelog has said that it wants that. */
  @Override
  public void run(CommandResultsBuilder results) throws DatabaseException {
    CommandScope command = results.getCommandScope();
    NOT_BEGUN.set(command);
    // Liquibase may have read it before.
    if (command.getDependency(DatabaseChangeLog.class) instanceof DatabaseChangeLog changelog
        && Wanted.by(changelog)) {
      begin();
    }
  }

  /**
   * Begins the script, unless it has begun, with what it was made for, without limits of time, with
   * the settings that it relies on, whoever runs it, with the schema, because its names have none,
   * and with what stops it there where a stranger decides what runs.
   *
   * @throws DatabaseException if the server does not answer
   */
  public static void begin() throws DatabaseException {
    CommandScope command = NOT_BEGUN.get();
    if (command == null) {
      return;
    }
    NOT_BEGUN.remove();
    Database database = (Database) command.getDependency(Database.class);
    Screen.beQuiet();
    if (!(database instanceof PostgresDatabase)) {
      return;
    }
    Executor script = new Script(command, database);
    List<String> beginning =
        new ArrayList<>(List.of(RequiredSettings.withoutLimits(), RequiredSettings.query()));
    if (database.getConnection() instanceof JdbcConnection connection) {
      Connection session = connection.getUnderlyingConnection();
      try (Statement statement = session.createStatement()) {
        ApplicationSchema.begin(database, session);
        ResultSet schemas =
            statement.executeQuery(
                "SELECT string_agg(quote_ident(name), ', ') FROM unnest(current_schemas(false)) AS name");
        for (String line : ScriptHeading.of(command, session)) {
          script.comment(line);
        }
        if (schemas.next() && schemas.getString(1) != null) {
          beginning.add("SET search_path = " + schemas.getString(1));
        }
      } catch (SQLException e) {
        throw new DatabaseException(e);
      }
    } else if (database.getDefaultSchemaName() != null) {
      beginning.add(
          "SET search_path = "
              + database.escapeObjectName(database.getDefaultSchemaName(), Schema.class)
              + ", \"$user\", public");
    }
    for (String statement :
        List.of(
            String.join(";\n", beginning),
            Brief.of(
                Strangers.script(
                    database.getLiquibaseSchemaName(),
                    ApplicationChangelog.refusesStrangers(command))))) {
      script.execute(new RawParameterizedSqlStatement(statement));
    }
  }

  /** {@inheritDoc} Says for whom the script is, and for what: also when it failed. */
  @Override
  public void cleanUp(CommandResultsBuilder results) {
    NOT_BEGUN.remove();
    RunStep.previewed(results.getCommandScope());
  }
}
