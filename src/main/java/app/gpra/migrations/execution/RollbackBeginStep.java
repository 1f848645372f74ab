package app.gpra.migrations.execution;

import app.gpra.migrations.report.RunStep;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.core.SQLFileChange;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
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
        Stream.of(LockService.class, ChangeExecListener.class, after)
            .<Class<?>>map(c -> c)
            .toList());
  }

  @Override
  final void begin(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws DatabaseException {
    Replaced replaced = Replaced.by(changelog);
    UndoListener.execute(
        "SET gpra.replaced = '%s'".formatted(replaced.toJson().replace("'", "''")), database);
    SQLFileChange look = new SQLFileChange();
    look.setPath(LOOK);
    look.setSplitStatements(false);
    look.setChangeSet(changelog.getChangeSets().get(0));
    UndoListener.executor(database).execute(look);
    if (Scope.getCurrentScope()
            .getSingleton(ChangeLogHistoryServiceFactory.class)
            .getChangeLogService(database)
        instanceof SerializedHistoryService history) {
      history.showReplacedAs(replaced);
    }
    if (!(command.getDependency(ChangeExecListener.class)
        instanceof DefaultChangeExecListener listeners)) {
      throw new DatabaseException(
          "Nothing was undone: this rollback was given a ChangeExecListener of its own, through which each changeset is taken out of the"
              + " history. Give it a DefaultChangeExecListener that yours was added to, then run it again.");
    }
    listeners.addListener(new UndoListener());
  }
}
