package app.gpra.migrations.execution;

import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.RunStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import liquibase.Scope;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;
import liquibase.lockservice.LockService;

/** Looks, once and before anything is undone, at all that a rollback reaches. */
public sealed class RollbackLookStep extends AbstractCommandStep permits RollbackScriptLookStep {

  private static final String LOOK = "changelog/sql/look-before-rollback.sql";

  /** Begins the rollback of each changeset that relies on the look. */
  private static final String BEGIN = "changelog/sql/begin-rollback.sql";

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
        new ArrayList<>(List.of(Database.class, DatabaseChangeLog.class, LockService.class));
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
    Optional<ChangeSet> one =
        changelog.getChangeSets().stream().filter(RollbackLookStep::reliesOnIt).findFirst();
    if (one.isEmpty()) {
      return;
    }
    SQLFileChange look = new SQLFileChange();
    look.setPath(LOOK);
    look.setSplitStatements(false);
    // Whose parameters go into it.
    look.setChangeSet(one.get());
    Database database = (Database) command.getDependency(Database.class);
    try {
      Scope.getCurrentScope()
          .getSingleton(ExecutorService.class)
          .getExecutor("jdbc", database)
          .execute(look);
      database.commit();
    } catch (DatabaseException e) {
      Report.failedToBegin(e);
      throw e;
    }
  }

  private static boolean reliesOnIt(ChangeSet changeSet) {
    return changeSet.getRollback().getChanges().stream()
        .anyMatch(change -> change instanceof SQLFileChange file && BEGIN.equals(file.getPath()));
  }
}
