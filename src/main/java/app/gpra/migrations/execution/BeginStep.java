package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.report.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;

/** What comes before the first changeset, in a run or in a script. */
abstract class BeginStep extends AbstractCommandStep {

  /** A file of procedures that several of the changelog's changesets call. */
  private static final String PROCEDURES = "safe.procedures";

  private final String name;
  private final Set<String> commands;
  private final List<Class<?>> after;

  /**
   * For some commands.
   *
   * @param name its own: that of another command would bring that one's arguments along
   * @param commands which it is a part of
   * @param after what else has to be there before
   */
  BeginStep(String name, Set<String> commands, List<Class<?>> after) {
    this.name = name;
    this.commands = commands;
    this.after = after;
  }

  @Override
  public final String[][] defineCommandNames() {
    return new String[][] {{name}};
  }

  @Override
  public final int getOrder(CommandDefinition command) {
    // Any positive number takes part; Liquibase sorts by dependencies.
    return commands.contains(String.join(" ", command.getName())) ? 1 : super.getOrder(command);
  }

  @Override
  public final List<Class<?>> requiredDependencies() {
    List<Class<?>> required = new ArrayList<>(List.of(Database.class, DatabaseChangeLog.class));
    required.addAll(after);
    return required;
  }

  @Override
  public final void run(CommandResultsBuilder results) throws DatabaseException {
    CommandScope command = results.getCommandScope();
    DatabaseChangeLog changelog =
        (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    if (!isOurs(command, changelog) || changelog.getChangeSets().isEmpty()) {
      return;
    }
    Database database = (Database) command.getDependency(Database.class);
    try {
      Procedures.define(changelog, UndoListener.executor(database));
      if (changelog.getChangeLogParameters().getValue(PROCEDURES, changelog)
          instanceof String file) {
        execute(file, changelog, database);
      }
      begin(command, changelog, database);
      database.commit();
    } catch (DatabaseException e) {
      Report.failedToBegin(e);
      throw e;
    }
  }

  /** Whether it names the file that only these classes have. */
  private static boolean isOurs(CommandScope command, DatabaseChangeLog changelog) {
    return ((ChangeLogParameters) command.getDependency(ChangeLogParameters.class))
        .hasValue("safe.changes", changelog);
  }

  /** Runs or writes a file of the changelog's, with its parameters in it. */
  static void execute(String file, DatabaseChangeLog changelog, Database database)
      throws DatabaseException {
    SQLFileChange change = new SQLFileChange();
    change.setPath(file);
    change.setSplitStatements(false);
    change.setChangeSet(changelog.getChangeSets().get(0));
    UndoListener.executor(database).execute(change);
  }

  /** What else comes first. */
  void begin(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws DatabaseException {
    // Nothing else.
  }
}
