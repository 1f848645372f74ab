package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.operation.Wanted;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.changelog.ChangeLogParameters;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.StatusCommandStep;
import liquibase.database.Database;
import liquibase.database.OfflineConnection;
import liquibase.logging.mdc.customobjects.SimpleStatus;

/** Says in plain words where the database stands. */
@CommandOverride(override = StatusCommandStep.class)
public final class StatusStep extends StatusCommandStep {

  /** Used through {@code META-INF/services}. */
  public StatusStep() {}

  /** {@inheritDoc} As its parent it lists what has not run in its result. */
  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    CommandScope command = results.getCommandScope();
    Database database = (Database) command.getDependency(Database.class);
    Server server = Server.of(database);
    DatabaseChangeLog changelog =
        (DatabaseChangeLog) command.getDependency(DatabaseChangeLog.class);
    boolean offline = database.getConnection() instanceof OfflineConnection;
    if (server == null && !offline || !Wanted.by(changelog)) {
      super.run(results);
      return;
    }
    Screen.beQuiet();
    ChangeLogParameters parameters =
        (ChangeLogParameters) command.getDependency(ChangeLogParameters.class);
    Contexts contexts = parameters.getContexts();
    LabelExpression labels = parameters.getLabels();
    List<ChangeSet> pending = listUnrunChangeSets(contexts, labels, changelog, database);
    Standing standing = Standing.of(changelog, database, contexts, labels);
    String place = offline ? "The offline history" : server.place();
    List<String> sentences = new ArrayList<>(standing.sentences(place));
    sentences.addAll(LostMarks.sentences(changelog, database));
    List<Outlook> outlook =
        Report.isWanted() || Forecast.isPossible(database)
            ? Outlook.of(changelog, database, standing.pending(), true)
            : List.of();
    sentences.addAll(Forecast.sentences(outlook, database));
    RunReport report = null;
    if (Report.isWanted()) {
      report =
          RunReport.ofStatus(place, server, standing, sentences, outlook, HistoryRow.of(database));
      Report.write(report);
    }
    PrintWriter out = new PrintWriter(results.getOutputStream(), false, StandardCharsets.UTF_8);
    if (GpraProperties.isJson()) {
      out.print(Json.document(report));
    } else {
      sentences.forEach(sentence -> out.println(Invocation.worded(sentence)));
    }
    out.flush();
    results.addResult(
        "status",
        new SimpleStatus(pending.isEmpty() ? "up-to-date" : "undeployed", place, pending));
  }
}
