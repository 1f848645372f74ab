package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Look;
import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.operation.UnsafeChanges;
import app.gpra.migrations.report.RunStep;
import app.gpra.migrations.report.Screen;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.RuntimeEnvironment;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.change.ColumnConfig;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.DropColumnChange;
import liquibase.change.core.DropTableChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeLogHistoryService;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.filter.ShouldRunChangeSetFilter;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.changelog.visitor.ListVisitor;
import liquibase.command.CommandScope;
import liquibase.command.core.AbstractUpdateCommandStep;
import liquibase.database.Database;
import liquibase.database.OfflineConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.LockService;
import liquibase.lockservice.LockServiceFactory;

/**
 * The beginning of an update: a look, once and before anything is made, at what all that it reaches
 * would make; and another one before each tag.
 */
public sealed class UpdateBeginStep extends BeginStep permits UpdateScriptBeginStep {

  private List<ChangeSet> pending = List.of();

  /** Used through {@code META-INF/services}. */
  public UpdateBeginStep() {
    // What it reports is a run's.
    this("updateBeginStep", Set.of("update", "updateCount", "updateToTag"), RunStep.class);
  }

  /** For other commands, after another step. */
  UpdateBeginStep(String name, Set<String> commands, Class<?> after) {
    super(
        name,
        commands,
        Stream.of(ChangeExecListener.class, ChangeLogParameters.class, after)
            .<Class<?>>map(c -> c)
            .toList());
  }

  /** {@inheritDoc} What is pending stays so: from here on it has the lock. */
  @Override
  final boolean isNeeded(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws LiquibaseException {
    if (pending(command, changelog, database).isEmpty()) {
      return false;
    }
    lock(database);
    // Another run may have been quicker.
    pending = pending(command, changelog, database);
    takeOut(pending, database);
    if (pending.isEmpty()) {
      abandon(database);
    }
    return !pending.isEmpty();
  }

  /** {@inheritDoc} The changelog lock. */
  @Override
  final void abandon(Database database) throws LiquibaseException {
    LockService lock = LockServiceFactory.getInstance().getLockService(database);
    if (lock.hasChangeLogLock()) {
      database.rollback();
      lock.releaseLock();
    }
  }

  /**
   * What a rollback that was killed has begun to make again is dropped again: the changeset is not
   * recorded any more.
   */
  void takeOut(List<ChangeSet> pending, Database database) throws LiquibaseException {
    ChangeLogHistoryService history =
        Scope.getCurrentScope()
            .getSingleton(ChangeLogHistoryServiceFactory.class)
            .getChangeLogService(database);
    for (ChangeSet changeSet : beingUndone(pending, database)) {
      history.removeFromHistory(changeSet);
      history.reset();
    }
  }

  /** With which of them a rollback has begun and not ended, as the history says. */
  static List<ChangeSet> beingUndone(List<ChangeSet> changeSets, Database database)
      throws LiquibaseException {
    List<RanChangeSet> undone =
        database.getRanChangeSetList().stream()
            .filter(ran -> String.valueOf(ran.getDescription()).startsWith("being undone: "))
            .toList();
    return undone.isEmpty()
        ? List.of()
        : changeSets.stream()
            .filter(changeSet -> undone.stream().anyMatch(ran -> ran.isSameAs(changeSet)))
            .toList();
  }

  /** Takes the changelog lock, which the update itself would take later. */
  void lock(Database database) throws LiquibaseException {
    LockServiceFactory.getInstance().getLockService(database).waitForLock();
  }

  @Override
  final List<String> procedures(DatabaseChangeLog changelog) {
    return List.of("look.sql", "drop.sql");
  }

  @Override
  final Stream<String> sql(DatabaseChangeLog changelog, Database database)
      throws LiquibaseException {
    List<String> looks = new ArrayList<>();
    if (looksAgain(database)) {
      // At a tag, also at what runs before it.
      looks.addAll(Look.after(pending, database));
    }
    for (ChangeSet tag : pending.stream().filter(TagListener::isTag).toList()) {
      looks.addAll(Look.after(TagListener.applied(tag, changelog, database), database));
    }
    return Stream.of(
            // With each changeset, and in its row of the history.
            Stream.of("begin", "ran", "described").map(name -> Procedures.call(name)),
            looks.stream(),
            Procedures.calledBy(pending, false, database))
        .flatMap(called -> called);
  }

  @Override
  final List<String> begin(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws LiquibaseException {
    refuse(pending, false, database);
    UnsafeChanges.runPlainly(pending).ifPresent(Screen.current()::say);
    listeners(command).addListener(new TagListener(looksAgain(database)));
    return Look.before(pending, made(command, changelog, database), database);
  }

  /**
   * At each tag. A script that begins a history does not: it is the first one's, whose look is the
   * one before.
   */
  private static boolean looksAgain(Database database) throws DatabaseException {
    return !isScript(database)
        || database.getConnection() instanceof OfflineConnection
        || !database.getRanChangeSetList().isEmpty();
  }

  /** What was made before, and how to go back to before it. */
  private static String made(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws LiquibaseException {
    String labels =
        ((ChangeLogParameters) command.getDependency(ChangeLogParameters.class))
            .getLabels()
            .getOriginalString();
    String tag = "";
    List<String> made = new ArrayList<>();
    for (ChangeSet changeSet : changelog.getChangeSets()) {
      boolean ran = database.getRanChangeSet(changeSet) != null;
      for (Change change : changeSet.getChanges()) {
        String back =
            tag.isEmpty()
                ? "go back to before it"
                : "mvn liquibase:rollback -Dliquibase.rollbackTag=%s%s"
                    .formatted(
                        tag,
                        labels == null || labels.isEmpty()
                            ? ""
                            : " -Dliquibase.labelFilter=" + labels);
        if (change instanceof TagDatabaseChange tagged) {
          tag = tagged.getTag();
        } else if (ran && change instanceof CreateTableChange table) {
          made.add(made(table.getTableName(), null, back));
        } else if (ran && change instanceof AddColumnChange columns) {
          columns
              .getColumns()
              .forEach(column -> made.add(made(columns.getTableName(), column.getName(), back)));
        } else if (ran && change instanceof DropTableChange table) {
          made.removeIf(one -> one.startsWith(made(table.getTableName(), null)));
        } else if (ran && change instanceof DropColumnChange columns) {
          Stream.concat(
                  Stream.ofNullable(columns.getColumnName()),
                  columns.getColumns().stream().map(ColumnConfig::getName))
              .map(column -> made(columns.getTableName(), column))
              .forEach(dropped -> made.removeIf(one -> one.startsWith(dropped)));
        }
      }
    }
    return "[" + String.join(", ", made) + "]";
  }

  private static String made(String table, String column, String back) {
    return "%s\"back\": %s}".formatted(made(table, column), quote(back));
  }

  private static String made(String table, String column) {
    return "{\"table\": %s, %s"
        .formatted(quote(table), column == null ? "" : "\"column\": %s, ".formatted(quote(column)));
  }

  private static DefaultChangeExecListener listeners(CommandScope command)
      throws DatabaseException {
    return BeginStep.listeners(
        command, "Nothing was done: this update", "is looked at before its tag");
  }

  /** What the command is going to run, as it finds out itself. */
  private static List<ChangeSet> pending(
      CommandScope command, DatabaseChangeLog changelog, Database database)
      throws LiquibaseException {
    AbstractUpdateCommandStep update =
        command.getCommand().getPipeline().stream()
            .filter(AbstractUpdateCommandStep.class::isInstance)
            .map(AbstractUpdateCommandStep.class::cast)
            .findFirst()
            .orElseThrow();
    ChangeLogParameters parameters =
        (ChangeLogParameters) command.getDependency(ChangeLogParameters.class);
    ListVisitor pending = new ListVisitor();
    update
        .getStandardChangelogIterator(
            command, database, parameters.getContexts(), parameters.getLabels(), changelog)
        .run(
            pending,
            new RuntimeEnvironment(database, parameters.getContexts(), parameters.getLabels()));
    ShouldRunChangeSetFilter notRun = new ShouldRunChangeSetFilter(database);
    List<ChangeSet> again = beingUndone(pending.getSeenChangeSets(), database);
    return pending.getSeenChangeSets().stream()
        .filter(changeSet -> notRun.accepts(changeSet).isAccepted() || again.contains(changeSet))
        .toList();
  }
}
