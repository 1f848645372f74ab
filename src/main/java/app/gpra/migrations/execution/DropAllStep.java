package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Report;
import java.sql.SQLException;
import java.util.Optional;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.DropAllCommandStep;
import liquibase.command.core.helpers.DbUrlConnectionCommandStep;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.CommandExecutionException;

/**
 * Drops everything only where the database was named. Liquibase asks nothing, also where an update
 * is told to drop everything first ({@code dropFirst}).
 */
@CommandOverride(override = DbUrlConnectionCommandStep.class)
public final class DropAllStep extends DbUrlConnectionCommandStep {

  /** Used through {@code META-INF/services}. */
  public DropAllStep() {}

  /**
   * {@inheritDoc}
   *
   * @throws CommandExecutionException if {@code gpra.drop.all} does not name the database; nothing
   *     was dropped then
   */
  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    super.run(results);
    CommandScope command = results.getCommandScope();
    if (!String.join(" ", command.getCommand().getName()).equals("dropAll")) {
      return;
    }
    Database database = (Database) command.getDependency(Database.class);
    Optional<String> name = name(database);
    if (name.isPresent() && !GpraProperties.dropAll().equals(name)) {
      CommandExecutionException refusal =
          new CommandExecutionException(
              "This would drop every table of the application in the database %1$s, users' rows and Liquibase's history too. Nothing was dropped. To go back, use mvn liquibase:rollback; leave liquibase.dropFirst out of an update. To lose it all, add -Dgpra.drop.all=%1$s to the same command."
                  .formatted(name.get()));
      Report.failedToBegin(refusal);
      throw refusal;
    }
    // A clone that was never compiled has no such step, and .mvn/jvm.config asks for that instead.
    command.addArgumentValue(DropAllCommandStep.FORCE_ARG, true);
  }

  /** Empty for another product's, which is somebody else's affair, and where there is none. */
  private static Optional<String> name(Database database) throws SQLException {
    return database instanceof PostgresDatabase
            && database.getConnection() instanceof JdbcConnection connection
        ? Optional.of(connection.getUnderlyingConnection().getCatalog())
        : Optional.empty();
  }
}
