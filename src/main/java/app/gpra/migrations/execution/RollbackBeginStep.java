package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.report.RunStep;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.executor.Executor;
import liquibase.lockservice.LockService;

/**
 * The beginning of a rollback: a look, once and before anything is undone, at all that it reaches.
 * Then each changeset is taken out of the history where it is undone.
 */
public sealed class RollbackBeginStep extends BeginStep permits RollbackScriptBeginStep {

  private static final String LOOK = "changelog/sql/look-before-rollback.sql";

  /** Used through {@code META-INF/services}. */
  public RollbackBeginStep() {
    // What it reports is a run's.
    this("rollbackBeginStep", Set.of("rollback", "rollbackCount", "rollbackToDate"), RunStep.class);
  }

  /** For other commands, after another step. */
  RollbackBeginStep(String name, Set<String> commands, Class<?> after) {
    super(
        name,
        commands,
        Stream.of(LockService.class, ChangeExecListener.class, ChangeLogParameters.class, after)
            .<Class<?>>map(c -> c)
            .toList());
  }

  @Override
  final void define(DatabaseChangeLog changelog, Executor executor) throws DatabaseException {
    Procedures.defineForRollback(changelog, executor);
  }

  @Override
  final void begin(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws DatabaseException {
    Set<String> reached = reached(command);
    refuse(
        changelog.getChangeSets().stream()
            .filter(changeSet -> reached.contains(changeSet.getId()))
            .toList(),
        true);
    Replaced replaced = Replaced.by(changelog);
    execute(
        "SET gpra.changelog = '%s'".formatted(json(changelog, replaced).replace("'", "''")),
        database);
    execute(LOOK, changelog, database);
    call("sweep", database);
    if (Scope.getCurrentScope()
            .getSingleton(ChangeLogHistoryServiceFactory.class)
            .getChangeLogService(database)
        instanceof SerializedHistoryService history) {
      history.showReplacedAs(replaced);
    }
    listeners(command, "Nothing was undone: this rollback", "is taken out of the history")
        .addListener(new UndoListener());
  }

  private static Set<String> reached(CommandScope command) throws DatabaseException {
    try {
      return RunStep.reached(command);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** What the procedures have to know of it. */
  private static String json(DatabaseChangeLog changelog, Replaced replaced) {
    List<ChangeSet> changeSets = changelog.getChangeSets();
    return "{\"directories\": %s, \"changesets\": %s, \"replaced\": %s}"
        .formatted(
            array(
                changeSets.stream()
                    .map(one -> one.getFilePath().replaceFirst("[^/]*$", ""))
                    .distinct()),
            array(changeSets.stream().map(ChangeSet::getId)),
            replaced.byOldId().entrySet().stream()
                .map(one -> quote(one.getKey()) + ": " + quote(one.getValue()))
                .collect(Collectors.joining(", ", "{", "}")));
  }

  private static String array(Stream<String> texts) {
    return texts.map(BeginStep::quote).collect(Collectors.joining(", ", "[", "]"));
  }
}
