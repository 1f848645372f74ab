package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.ApplicationChangelog;
import app.gpra.migrations.report.History;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.changelog.RanChangeSet;
import liquibase.command.CommandOverride;
import liquibase.command.CommandResultsBuilder;
import liquibase.command.CommandScope;
import liquibase.command.core.HistoryCommandStep;
import liquibase.command.core.HistoryFormat;
import liquibase.database.Database;

/**
 * The history, of changesets and below that of migrations, in changesets of this version: those of
 * earlier ones are shown as what stands for them now, once, as {@code rollbackCount} counts them.
 */
@CommandOverride(override = HistoryCommandStep.class)
public final class HistoryStep extends HistoryCommandStep {

  /** Used through {@code META-INF/services}. */
  public HistoryStep() {}

  @Override
  public void run(CommandResultsBuilder results) throws Exception {
    Database database = (Database) results.getCommandScope().getDependency(Database.class);
    if (Scope.getCurrentScope()
            .getSingleton(ChangeLogHistoryServiceFactory.class)
            .getChangeLogService(database)
        instanceof SerializedHistoryService history) {
      history.showReplacedAs(
          Replaced.beside(
              history.getRanChangeSets().stream()
                  .map(RanChangeSet::getChangeLog)
                  .flatMap(file -> Stream.of(file, ApplicationChangelog.IN_JAR + file))));
      try {
        List<RanChangeSet> ran = history.getRanChangeSets();
        if (GpraProperties.isJson()) {
          History.write(ran, results.getOutputStream());
          return;
        }
        boolean ours = !ran.isEmpty() && isPlain(results.getCommandScope());
        if (!ours) {
          super.run(results);
        }
        PrintWriter out = new PrintWriter(results.getOutputStream(), false, StandardCharsets.UTF_8);
        if (ours) {
          Migrations.changeSets(ran).forEach(out::println);
          out.println();
        }
        if (!ran.isEmpty()) {
          Migrations.table(ran).forEach(out::println);
        }
        out.flush();
      } finally {
        history.showReplacedAs(null);
      }
    } else {
      super.run(results);
    }
  }

  /** Whether nobody asked for a form of Liquibase's, whose table is 155 columns wide. */
  private static boolean isPlain(CommandScope command) {
    return command.getArgumentValue(FORMAT_ARG) == HistoryFormat.TABULAR
        && command.getArgumentValue(TAG_FILTER_ARG) == null;
  }
}
