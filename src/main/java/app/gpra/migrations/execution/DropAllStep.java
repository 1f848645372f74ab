package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.ApplicationChangelog;
import app.gpra.migrations.report.Invocation;
import app.gpra.migrations.report.Report;
import java.sql.Connection;
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
 * Drops this application's tables only where their database was named. Liquibase asks nothing, also
 * where an update is told to drop everything first ({@code dropFirst}). What is another's is
 * dropped as Liquibase does it.
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
    if (!(command.getDependency(Database.class) instanceof PostgresDatabase database)
        || !(database.getConnection() instanceof JdbcConnection connection)) {
      return;
    }
    Connection session = connection.getUnderlyingConnection();
    if (GpraProperties.dropAll().equals(Optional.of(session.getCatalog()))) {
      // A clone that was never compiled has no such step, and .mvn/jvm.config asks for that
      // instead.
      command.addArgumentValue(DropAllCommandStep.FORCE_ARG, true);
    } else if (isUnforced(command) || isApplications(database, session)) {
      CommandExecutionException refusal =
          new CommandExecutionException(
              Invocation.worded(
                  "This would drop every table in the database %1$s, users' rows and Liquibase's history too. Nothing was dropped. To go back, use mvn liquibase:rollback; leave dropFirst out of an update. To lose it all, add -Dgpra.drop.all=%1$s to the same command."
                      .formatted(session.getCatalog())));
      Report.failedToBegin(refusal);
      throw refusal;
    }
  }

  /** Where Liquibase would refuse it too. */
  private static boolean isUnforced(CommandScope command) {
    return Boolean.TRUE.equals(command.getArgumentValue(DropAllCommandStep.REQUIRE_FORCE_ARG))
        && !Boolean.TRUE.equals(command.getArgumentValue(DropAllCommandStep.FORCE_ARG));
  }

  /** Whether this application's changesets have run there: no changelog is known here. */
  private static boolean isApplications(Database database, Connection session) throws SQLException {
    String history = HistoryAccess.tableName(database);
    return SerializedHistoryService.ask(session, "SELECT to_regclass(?) IS NOT NULL", history)
        && SerializedHistoryService.ask(
            session,
            "SELECT EXISTS (SELECT FROM %s WHERE author = ?)".formatted(history),
            ApplicationChangelog.AUTHOR);
  }
}
