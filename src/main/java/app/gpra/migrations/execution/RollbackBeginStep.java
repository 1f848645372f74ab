package app.gpra.migrations.execution;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import app.gpra.migrations.operation.Look;
import app.gpra.migrations.operation.Made;
import app.gpra.migrations.operation.Mark;
import app.gpra.migrations.operation.Procedures;
import app.gpra.migrations.operation.SafeRecord;
import app.gpra.migrations.report.RunStep;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.changelog.filter.ChangeSetFilter;
import liquibase.changelog.filter.ContextChangeSetFilter;
import liquibase.changelog.filter.DbmsChangeSetFilter;
import liquibase.changelog.filter.IgnoreChangeSetFilter;
import liquibase.changelog.filter.LabelChangeSetFilter;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.lockservice.LockService;

/**
 * The beginning of a rollback: a look, once and before anything is undone, at all that it reaches.
 * Then each changeset is taken out of the history where it is undone.
 */
public sealed class RollbackBeginStep extends BeginStep permits RollbackScriptBeginStep {

  private static final String MARKS = "gpra.rollback.marks";

  private static final String COUNT = "count";

  private List<ChangeSet> undone = List.of();

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
  final List<String> procedures(DatabaseChangeLog changelog) {
    return restores(changelog) ? List.of("look.sql", "undo.sql") : List.of("undo.sql");
  }

  @Override
  final Stream<String> sql(DatabaseChangeLog changelog, Database database) {
    return Stream.of(
            Stream.of(call("begin_rollback")),
            undone.stream()
                .filter(one -> SafeRecord.stepsBack(one, database) > 0)
                .map(one -> call("end_rollback")),
            Procedures.calledBy(undone, true, database))
        .flatMap(called -> called);
  }

  @Override
  final List<String> begin(CommandScope command, DatabaseChangeLog changelog, Database database)
      throws DatabaseException {
    Set<String> reached = reached(command);
    List<ChangeSet> changeSets = changelog.getChangeSets();
    undone = changeSets.stream().filter(one -> reached.contains(Mark.key(one))).toList();
    refuse(undone, true, database);
    Replaced replaced =
        Replaced.beside(changeSets.stream().map(one -> one.getChangeLog().getPhysicalFilePath()));
    if (reached.isEmpty()) {
      // A future, or a date: by the script's own look.
      undone = changeSets;
    }
    String made = Made.rows(changelog, database);
    List<ChangeSet> begun = List.of();
    boolean isFuture = command.getCommand().getName()[0].startsWith("future");
    String tag = isFuture ? null : RunStep.argument(command, "tag");
    Optional<TagOrder> order = TagOrder.of(changelog, tag);
    if (!isFuture
        && Scope.getCurrentScope()
                .getSingleton(ChangeLogHistoryServiceFactory.class)
                .getChangeLogService(database)
            instanceof SerializedHistoryService history) {
      history.showReplacedAs(replaced);
      order.ifPresent(one -> history.showInOrder(one, changelog));
      List<RanChangeSet> ran = history.getRanChangeSets();
      begun = Begun.in(changelog, made, ran, reached, database);
      history.showAsRan(begun);
      Set<ChangeSet> also = new LinkedHashSet<>(begun);
      changeSets.stream()
          .filter(
              one ->
                  replaced.byOldId().containsValue(one.getId())
                      && ran.stream().anyMatch(row -> row.isSameAs(one)))
          .forEach(also::add);
      also.addAll(undone);
      undone = List.copyOf(also);
    }
    List<String> beginning = new ArrayList<>();
    beginning.add(
        "SET gpra.changelog = "
            + literal(json(changelog, replaced, order, leftOut(command, changelog, database))));
    beginning.add("INSERT INTO pg_temp.gpra_made " + made);
    String count = isFuture ? null : RunStep.argument(command, COUNT);
    String table = literal(HistoryAccess.tableName(database));
    beginning.add(
        call(
            "reach",
            table,
            literal(tag),
            count,
            begun.stream()
                .map(one -> literal(Mark.key(one)))
                .collect(Collectors.joining(", ", "ARRAY[", "]::text[]"))));
    if (count != null) {
      // Liquibase counts what was begun too.
      command.addArgumentValue(COUNT, Integer.parseInt(count) + begun.size());
    }
    if (restores(changelog)) {
      beginning.addAll(Look.lost(changelog.getChangeSets(), database));
    }
    beginning.add(
        call(
            "look_back",
            table,
            "true".equals(parameter(changelog, "gpra.rollback.discard")),
            literal(parameter(changelog, MARKS))));
    Look.back(undone);
    listeners(command, "Nothing was undone: this rollback", "is taken out of the history")
        .addListener(new UndoListener());
    return beginning;
  }

  /** Whether what bears no mark is marked again, where it is as it was made. */
  private static boolean restores(DatabaseChangeLog changelog) {
    return "restore".equals(parameter(changelog, MARKS));
  }

  private static String parameter(DatabaseChangeLog changelog, String name) {
    return Objects.toString(changelog.getChangeLogParameters().getValue(name, changelog), "");
  }

  /** What the labels, contexts or ignored files leave out. */
  private static List<ChangeSet> leftOut(
      CommandScope command, DatabaseChangeLog changelog, Database database) {
    ChangeLogParameters parameters =
        (ChangeLogParameters) command.getDependency(ChangeLogParameters.class);
    List<ChangeSetFilter> filters =
        List.of(
            new ContextChangeSetFilter(parameters.getContexts()),
            new LabelChangeSetFilter(parameters.getLabels()),
            new IgnoreChangeSetFilter(),
            new DbmsChangeSetFilter(database));
    return changelog.getChangeSets().stream()
        .filter(one -> !filters.stream().allMatch(filter -> filter.accepts(one).isAccepted()))
        .toList();
  }

  private static Set<String> reached(CommandScope command) throws DatabaseException {
    try {
      return RunStep.reached(command);
    } catch (SQLException e) {
      throw new DatabaseException(e);
    }
  }

  /** What the procedures have to know of it. */
  private static String json(
      DatabaseChangeLog changelog,
      Replaced replaced,
      Optional<TagOrder> order,
      List<ChangeSet> leftOut) {
    List<ChangeSet> changeSets = changelog.getChangeSets();
    boolean byId = Mark.byIdAlone(changelog);
    // A later version may have added files where these are.
    return "{\"byId\": %s, \"files\": %s, \"changesets\": %s, \"tag\": %s, \"after\": %s, \"leftOut\": %s, \"replaced\": %s}"
        .formatted(
            byId,
            array(
                Mark.files(changelog).stream()
                    .map(file -> byId ? file.replaceFirst("[^/]*$", "") : file)
                    .distinct()
                    .sorted()),
            array(changeSets.stream().map(Mark::key)),
            order.map(one -> quote(one.tag())).orElse("null"),
            array(
                order.stream()
                    .flatMap(one -> changeSets.stream().map(Mark::key).filter(one::isAfter))),
            array(leftOut.stream().map(Mark::key)),
            replaced.byOldId().entrySet().stream()
                .map(one -> quote(one.getKey()) + ": " + quote(one.getValue()))
                .collect(Collectors.joining(", ", "{", "}")));
  }

  private static String array(Stream<String> texts) {
    return texts.map(BeginStep::quote).collect(Collectors.joining(", ", "[", "]"));
  }
}
