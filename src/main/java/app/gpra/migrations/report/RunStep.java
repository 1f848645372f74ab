package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.execution.TagOrder;
import app.gpra.migrations.operation.Mark;
import app.gpra.migrations.operation.PassedOver;
import app.gpra.migrations.operation.SafeRecord;
import app.gpra.migrations.operation.Wanted;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.visitor.AbstractChangeExecListener;
import liquibase.changelog.visitor.ChangeExecListener;
import liquibase.changelog.visitor.DefaultChangeExecListener;
import liquibase.command.AbstractCommandStep;
import liquibase.command.CleanUpCommandStep;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.precondition.core.PreconditionContainer;
import liquibase.report.RollbackReportParameters;
import liquibase.report.UpdateReportParameters;

/** Tells the operator what an update or a rollback is about to do, does, and has done. */
public final class RunStep extends AbstractCommandStep implements CleanUpCommandStep {

  private static final String THERE = "there already, whoever made it";

  private static final Set<String> UPDATES = Set.of("update", "updateToTag", "updateCount");
  private static final Set<String> ROLLBACKS =
      Set.of("rollback", "rollbackCount", "rollbackToDate");

  private static final String PREVIEWED =
      "This was a preview: nothing was run on the database. Its SQL is in the output file.";

  /** Liquibase says of which class it is, first, and of which server, last. */
  private static final Pattern PRIMARY_REASON =
      Pattern.compile(
          "(?s)ERROR: Exception Primary Reason:(.*?)(?:\\RERROR: Exception Primary Source:.*)?\\z");

  private Run run;
  private Screen screen;
  private LastLines last;
  private DatabaseChangeLog changelog;
  private Contexts contexts;
  private LabelExpression labels;
  private List<Outlook> outlook = List.of();

  /** Used through {@code META-INF/services}. */
  public RunStep() {}

  static boolean isRun(CommandDefinition command) {
    String name = String.join(" ", command.getName());
    return UPDATES.contains(name) || ROLLBACKS.contains(name);
  }

  /** {@inheritDoc} Its own name: that of another command would bring that one's arguments along. */
  @Override
  public String[][] defineCommandNames() {
    return new String[][] {{"runStep"}};
  }

  /** {@inheritDoc} It is a part of every command that changes a database along the changelog. */
  @Override
  public int getOrder(CommandDefinition command) {
    // Any positive number takes part; Liquibase sorts by dependencies.
    return isRun(command) ? 1 : super.getOrder(command);
  }

  /** {@inheritDoc} */
  @Override
  public List<Class<?>> requiredDependencies() {
    return List.of(Database.class, DatabaseChangeLog.class, ChangeExecListener.class);
  }

  /** {@inheritDoc} What is reported needs somebody who listens. */
  @Override
  public List<Class<?>> providedDependencies() {
    return List.of(RunStep.class);
  }

  /**
   * Begins to listen, and says what is going to be done.
   *
   * @throws SQLException if the server does not answer
   */
  @Override
  public void run(CommandResultsBuilder results) throws SQLException {
    CommandScope command = results.getCommandScope();
    String name = String.join(" ", command.getCommand().getName());
    Database database = (Database) command.getDependency(Database.class);
    Server server = Server.of(database);
    changelog = (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    if (server == null || !Wanted.by(changelog) && GpraProperties.report().isEmpty()) {
      // Another product's, or another's changelog: Liquibase says it in its own words.
      return;
    }
    ChangeLogParameters parameters =
        (ChangeLogParameters) command.getDependency(ChangeLogParameters.class);
    contexts = parameters.getContexts();
    labels = parameters.getLabels();
    screen = Screen.current();
    Standing before = Standing.of(changelog, database, contexts, labels);
    boolean back = ROLLBACKS.contains(name);
    run =
        new Run(
            Invocation.of(back ? "rollback" : "update"),
            server,
            before,
            plan(command, back, before),
            System::nanoTime);
    Run.setCurrent(run);
    Screen.beQuiet();
    if (command.getDependency(ChangeExecListener.class)
        instanceof DefaultChangeExecListener listeners) {
      listeners.addListener(new Listener());
    }
    run.heading().forEach(screen::say);
    last = LastLines.of(run, screen);
    Json.line("begin", RunReport.begun(run, before));
    if (Report.isWanted()) {
      outlook = Outlook.of(changelog, database, run.plan(), !back);
    }
  }

  /**
   * Says for whom a script was written, and for what; nothing where it failed early.
   *
   * @param command the one that wrote it
   */
  public static void previewed(CommandScope command) {
    String name = String.join(" ", command.getCommand().getName());
    Database database = (Database) command.getDependency(Database.class);
    if (!(command.getDependency(DatabaseChangeLog.class) instanceof DatabaseChangeLog log)
        || !(command.getDependency(ChangeLogParameters.class)
            instanceof ChangeLogParameters parameters)) {
      return;
    }
    if (!Wanted.by(log)) {
      return;
    }
    Screen screen = Screen.current();
    Server server = Server.of(database);
    if (server == null) {
      screen.say(PREVIEWED);
      return;
    }
    try {
      Standing standing =
          Standing.of(log, database, parameters.getContexts(), parameters.getLabels());
      boolean back = name.startsWith("rollback");
      List<Entry> plan =
          back || name.startsWith("update") ? plan(command, back, standing) : List.of();
      Run script =
          new Run(
              Invocation.of(back ? "rollback" : "update"),
              server,
              standing,
              plan,
              System::nanoTime);
      script.heading().forEach(screen::say);
      screen.say(PREVIEWED);
      if (!Report.isWanted()) {
        return;
      }
      RunReport report =
          RunReport.ofScript(
              script, standing, Outlook.of(log, database, plan, !back), HistoryRow.of(database));
      Json.line("end", report);
      Report.write(report);
    } catch (SQLException e) {
      // The session is gone. Whatever ended it, Maven says.
    }
  }

  /** What is to be gone through. */
  private static List<Entry> plan(CommandScope command, boolean back, Standing before) {
    List<Entry> plan = new ArrayList<>();
    String tag = argument(command, "tag");
    String count = argument(command, "count");
    List<Entry> entries = new ArrayList<>(back ? executed(command, tag, before) : before.entries());
    if (back) {
      Collections.reverse(entries);
    }
    for (Entry entry : entries) {
      boolean reached = tag != null && tag.equalsIgnoreCase(entry.tag());
      if (back && reached) {
        break;
      }
      if (entry.applied() == back && entry.wanted()) {
        plan.add(entry);
      }
      if (reached || count != null && plan.size() >= Integer.parseInt(count)) {
        break;
      }
    }
    return plan;
  }

  /** In the order in which a rollback to the tag sees them. */
  private static List<Entry> executed(CommandScope command, String tag, Standing before) {
    return TagOrder.of((DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class), tag)
        .map(order -> order.sort(before.executed(), Entry::key))
        .orElse(before.executed());
  }

  /**
   * What a rollback is going to undo.
   *
   * @param command the rollback, or what writes its script
   * @return what changesets are called, as of {@link Mark#key}; empty where there is no database to
   *     ask, and where it goes by date or undoes what has not run
   * @throws SQLException if the server does not answer
   */
  public static Set<String> reached(CommandScope command) throws SQLException {
    if (argument(command, "tag") == null && argument(command, "count") == null
        || command.getCommand().getName()[0].startsWith("future")) {
      return Set.of();
    }
    ChangeLogParameters parameters =
        (ChangeLogParameters) command.getDependency(ChangeLogParameters.class);
    return plan(
            command,
            true,
            Standing.of(
                (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class),
                (Database) command.getDependency(Database.class),
                parameters.getContexts(),
                parameters.getLabels()))
        .stream()
        .map(Entry::key)
        .collect(Collectors.toSet());
  }

  /**
   * What a command was given.
   *
   * @param command the one that runs
   * @param name of one of its arguments
   * @return null if it has no such argument, or was given none
   */
  public static String argument(CommandScope command, String name) {
    var definition = command.getCommand().getArguments().get(name);
    Object value = definition == null ? null : command.getArgumentValue(definition);
    return value == null ? null : value.toString();
  }

  /** Says how it ended: also when it failed. */
  @Override
  public void cleanUp(CommandResultsBuilder results) {
    if (run == null) {
      return;
    }
    Run.clearCurrent();
    Screen.endStatus();
    cause(results).ifPresent(run::failed);
    Database database = (Database) results.getCommandScope().getDependency(Database.class);
    Standing after = null;
    List<HistoryRow> history = List.of();
    try {
      if (database.getConnection() instanceof JdbcConnection connection) {
        if (!connection.getUnderlyingConnection().getAutoCommit()) {
          connection.getUnderlyingConnection().rollback();
        }
      }
      after = Standing.of(changelog, database, contexts, labels);
      if (Report.isWanted()) {
        history = HistoryRow.of(database);
      }
    } catch (SQLException e) {
      // The session is gone. Whatever ended it, Maven says.
      run.lost();
    }
    last.end(run.end(screen, after), run.failure() != null);
    RunReport report = RunReport.of(run, after, outlook, history);
    Json.line("end", report);
    Report.write(report);
  }

  /** Why it failed, where that was in no changeset. */
  private static Optional<String> cause(CommandResultsBuilder results) {
    if (results.getResult("updateReport") instanceof UpdateReportParameters update) {
      return Optional.ofNullable(update.getOperationInfo().getException()).map(RunStep::first);
    }
    if (results.getResult("rollbackReport") instanceof RollbackReportParameters rollback) {
      return Boolean.TRUE.equals(rollback.getSuccess())
          ? Optional.empty()
          : Optional.of(first(rollback.getOperationInfo().getException()));
    }
    return Optional.of("It could not begin; the log says why.");
  }

  private static String first(String text) {
    if (text == null) {
      return "The log says why.";
    }
    Matcher reason = PRIMARY_REASON.matcher(text);
    return (reason.find() ? reason.group(1) : text).strip();
  }

  /** Hears of each changeset. */
  private final class Listener extends AbstractChangeExecListener {

    @Override
    public void willRun(
        ChangeSet changeSet, DatabaseChangeLog log, Database on, ChangeSet.RunStatus status) {
      run.begins(screen, changeSet.getId());
    }

    @Override
    public void ran(
        ChangeSet changeSet, DatabaseChangeLog log, Database on, ChangeSet.ExecType result) {
      boolean found = false;
      DatabaseException lost = null;
      try {
        found = SafeRecord.isSomebodyElses(changeSet, on);
      } catch (DatabaseException e) {
        lost = e;
      }
      boolean passed = result == ChangeSet.ExecType.MARK_RAN || found;
      run.ended(
          screen,
          Entry.of(changeSet, true, true),
          passed ? Run.Result.PASSED_OVER : Run.Result.APPLIED,
          found ? THERE : passed ? reason(changeSet, on) : "");
      if (lost != null) {
        // The next statement would fail because of it, and say less.
        throw new UnexpectedLiquibaseException(lost.getMessage(), lost);
      }
    }

    @Override
    public void runFailed(
        ChangeSet changeSet, DatabaseChangeLog log, Database on, Exception failure) {
      failed(changeSet, failure);
    }

    @Override
    public void willRollback(ChangeSet changeSet, DatabaseChangeLog log, Database on) {
      run.begins(screen, changeSet.getId());
    }

    @Override
    public void rolledBack(ChangeSet changeSet, DatabaseChangeLog log, Database on) {
      run.ended(screen, Entry.of(changeSet, false, true), Run.Result.UNDONE, "");
    }

    @Override
    public void rollbackFailed(
        ChangeSet changeSet, DatabaseChangeLog log, Database on, Exception failure) {
      failed(changeSet, failure);
    }

    private void failed(ChangeSet changeSet, Exception failure) {
      run.failed(Report.sentence(failure));
      run.ended(screen, Entry.of(changeSet, false, true), Run.Result.FAILED, "");
    }
  }

  /** Why a changeset is passed over. */
  private static String reason(ChangeSet changeSet, Database on) {
    PreconditionContainer asked = changeSet.getPreconditions();
    return asked != null && asked.getOnFailMessage() != null
        ? asked.getOnFailMessage()
        : PassedOver.isConditional(changeSet, on) ? "as its preconditions say" : THERE;
  }
}
