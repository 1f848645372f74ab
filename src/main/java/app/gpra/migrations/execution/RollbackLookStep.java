package app.gpra.migrations.execution;

import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.RunStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.lockservice.LockService;

/**
 * Looks, once and before anything is undone, at all that a rollback reaches; then each changeset is
 * taken out of the history where it is undone.
 */
public sealed class RollbackLookStep extends AbstractCommandStep permits RollbackScriptLookStep {

  private static final String LOOK = "changelog/sql/look-before-rollback.sql";

  private final String name;
  private final Set<String> commands;
  private final List<Class<?>> after;

  /** Used through {@code META-INF/services}. */
  public RollbackLookStep() {
    // What it reports is a run's.
    this(
        "rollbackLookStep",
        Set.of("rollback", "rollbackCount", "rollbackToDate"),
        List.of(RunStep.class));
  }

  /**
   * For other commands.
   *
   * @param name its own: that of another command would bring that one's arguments along
   * @param commands which it is a part of
   * @param after what else has to be there before
   */
  RollbackLookStep(String name, Set<String> commands, List<Class<?>> after) {
    this.name = name;
    this.commands = commands;
    this.after = after;
  }

  /** {@inheritDoc} */
  @Override
  public String[][] defineCommandNames() {
    return new String[][] {{name}};
  }

  /** {@inheritDoc} It is a part of every command that goes back. */
  @Override
  public int getOrder(CommandDefinition command) {
    // Any positive number takes part; Liquibase sorts by dependencies.
    return commands.contains(String.join(" ", command.getName())) ? 1 : super.getOrder(command);
  }

  /** {@inheritDoc} The history has been looked at when the changelog is read. */
  @Override
  public List<Class<?>> requiredDependencies() {
    List<Class<?>> required =
        new ArrayList<>(
            List.of(
                Database.class,
                DatabaseChangeLog.class,
                LockService.class,
                ChangeExecListener.class));
    required.addAll(after);
    return required;
  }

  /**
   * Looks at what would be lost, and what is in the way. Does nothing for a changelog that is not
   * this one's.
   *
   * @throws DatabaseException if there is something; says what
   */
  @Override
  public void run(CommandResultsBuilder results) throws DatabaseException {
    CommandScope command = results.getCommandScope();
    DatabaseChangeLog changelog =
        (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    if (!isOurs(command, changelog) || changelog.getChangeSets().isEmpty()) {
      return;
    }
    SQLFileChange look = new SQLFileChange();
    look.setPath(LOOK);
    Database database = (Database) command.getDependency(Database.class);
    try {
      UndoListener.execute(look, changelog.getChangeSets().get(0), database);
      database.commit();
      if (command.getDependency(ChangeExecListener.class)
          instanceof DefaultChangeExecListener listeners) {
        listeners.addListener(new UndoListener());
      }
    } catch (DatabaseException e) {
      Report.failedToBegin(e);
      throw e;
    }
  }

  /** Whether it names the file that only these classes have. */
  private static boolean isOurs(CommandScope command, DatabaseChangeLog changelog) {
    return ((ChangeLogParameters) command.getDependency(ChangeLogParameters.class))
        .hasValue("gpra.rollback.discard", changelog);
  }
}
