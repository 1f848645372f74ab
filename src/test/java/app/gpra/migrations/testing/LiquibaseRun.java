package app.gpra.migrations.testing;

import app.gpra.migrations.GpraProperties;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.UpdateSummaryOutputEnum;
import liquibase.analytics.configuration.AnalyticsArgs;
import liquibase.changelog.ChangeSet;
import liquibase.configuration.ConfigurationValueProvider;
import liquibase.configuration.LiquibaseConfiguration;
import liquibase.configuration.core.DefaultsFileValueProvider;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.SearchPathResourceAccessor;

/**
 * Runs the changelog on a database as the Maven plugin does, in this JVM: the same calls of
 * Liquibase's facade, the settings of {@code liquibase.properties}, {@code -D} as system
 * properties. What Liquibase logs and prints is kept for {@link #log()}. Every run connects anew,
 * with the session settings of the project's drivers. A run that fails throws {@link
 * LiquibaseFailure}.
 */
public final class LiquibaseRun {

  private static final String MASTER = "changelog/db.changelog-master.yaml";

  private final TestDatabase database;
  private final Map<String, String> properties = new LinkedHashMap<>();
  private final CapturedOutput output = new CapturedOutput();
  private Path directory = ProjectDirectory.path();
  private String changeLogFile = MASTER;
  private String labelFilter = "!enforce";

  /** Prepares a run of the project's changelog without the label {@code enforce}. */
  public LiquibaseRun(TestDatabase database) {
    this.database = database;
  }

  /** Sets what {@code -Dname=value} would, for all runs of this object. */
  public LiquibaseRun with(String name, String value) {
    properties.put(name, value);
    return this;
  }

  /** Sets {@code -Dliquibase.labelFilter}; null means all changesets. */
  public LiquibaseRun labelFilter(String filter) {
    this.labelFilter = filter;
    return this;
  }

  /** Names another changelog file, relative to the directory. */
  public LiquibaseRun changeLogFile(String file) {
    this.changeLogFile = file;
    return this;
  }

  /** Names another directory than the project's, in which the changelog is. */
  public LiquibaseRun in(Path other) {
    this.directory = other;
    return this;
  }

  /** Runs {@code liquibase:update}. */
  public LiquibaseRun update() {
    run(Map.of(), liquibase -> liquibase.update((String) null, contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:update -Dliquibase.toTag}. */
  public LiquibaseRun updateToTag(String tag) {
    run(Map.of("liquibase.toTag", tag), liquibase -> liquibase.update(tag, contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:update -Dliquibase.changesToApply}. */
  public LiquibaseRun updateCount(int count) {
    run(
        Map.of("liquibase.changesToApply", Integer.toString(count)),
        liquibase -> liquibase.update(count, contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:updateSQL}. */
  public String updateSql() {
    return sql(Map.of(), (liquibase, to) -> liquibase.updateSql(contexts(), labels(), to));
  }

  /** Runs {@code liquibase:updateSQL -Dliquibase.toTag}. */
  public String updateSqlToTag(String tag) {
    return sql(
        Map.of("liquibase.toTag", tag),
        (liquibase, to) -> liquibase.updateToTagSql(tag, contexts(), labels(), to));
  }

  /** Runs {@code liquibase:rollback -Dliquibase.rollbackTag}. */
  public LiquibaseRun rollbackToTag(String tag) {
    run(
        Map.of("liquibase.rollbackTag", tag),
        liquibase -> liquibase.rollback(tag, (String) null, contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:rollback -Dliquibase.rollbackCount}. */
  public LiquibaseRun rollbackCount(int count) {
    run(
        Map.of("liquibase.rollbackCount", Integer.toString(count)),
        liquibase -> liquibase.rollback(count, (String) null, contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:rollbackSQL -Dliquibase.rollbackTag}. */
  public String rollbackSqlToTag(String tag) {
    return sql(
        Map.of("liquibase.rollbackTag", tag),
        (liquibase, to) -> liquibase.rollback(tag, null, contexts(), labels(), to));
  }

  /** Runs {@code liquibase:rollbackSQL -Dliquibase.rollbackCount}. */
  public String rollbackSqlCount(int count) {
    return sql(
        Map.of("liquibase.rollbackCount", Integer.toString(count)),
        (liquibase, to) -> liquibase.rollback(count, null, contexts(), labels(), to));
  }

  /** Runs {@code liquibase:futureRollbackSQL}. */
  public String futureRollbackSql() {
    return sql(Map.of(), (liquibase, to) -> liquibase.futureRollbackSQL(contexts(), labels(), to));
  }

  /** Runs {@code liquibase:changelogSync}. */
  public LiquibaseRun changelogSync() {
    run(Map.of(), liquibase -> liquibase.changeLogSync(contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:changelogSyncToTag}. */
  public LiquibaseRun changelogSyncToTag(String tag) {
    run(
        Map.of("liquibase.toTag", tag),
        liquibase -> liquibase.changeLogSync(tag, contexts(), labels()));
    return this;
  }

  /** Runs {@code liquibase:validate}. */
  public LiquibaseRun validate() {
    run(Map.of(), Liquibase::validate);
    return this;
  }

  /** The ids of the changesets that an update would run, as {@code liquibase:status} finds them. */
  public List<String> status() {
    List<String> pending = new ArrayList<>();
    run(
        Map.of(),
        liquibase ->
            liquibase.listUnrunChangeSets(contexts(), labels()).stream()
                .map(ChangeSet::getId)
                .forEach(pending::add));
    return pending;
  }

  /** The rows of databasechangelog in the order they ran; none where there is no such table. */
  public List<RanChangeSet> ran() {
    if (database.queryForString("SELECT to_regclass('databasechangelog')::text") == null) {
      return List.of();
    }
    return database
        .query("SELECT id, exectype, tag FROM databasechangelog ORDER BY orderexecuted, id")
        .stream()
        .map(row -> new RanChangeSet(text(row, "id"), text(row, "exectype"), text(row, "tag")))
        .toList();
  }

  /** What all runs so far logged (from INFO on) and printed, the server's notices among it. */
  public String log() {
    return output.text();
  }

  private static String text(Map<String, Object> row, String column) {
    return Objects.toString(row.get(column), null);
  }

  private static Contexts contexts() {
    return new Contexts();
  }

  private LabelExpression labels() {
    return new LabelExpression(labelFilter);
  }

  private String sql(Map<String, String> arguments, SqlCommand command) {
    StringWriter script = new StringWriter();
    run(arguments, liquibase -> command.run(liquibase, script));
    return script.toString();
  }

  @SuppressWarnings("try") // held, not used
  private void run(Map<String, String> arguments, Command command) {
    Map<String, String> all = new HashMap<>(properties);
    all.putAll(arguments);
    try (SystemProperties held = SystemProperties.set(all)) {
      Scope.child(scope(), () -> connectAndRun(command));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (Exception e) {
      throw new LiquibaseFailure(e, output.text());
    }
  }

  private Map<String, Object> scope() throws IOException {
    Map<String, Object> scope = new HashMap<>();
    scope.put(Scope.Attr.logService.name(), output.logService());
    scope.put(Scope.Attr.ui.name(), output.ui());
    scope.put(
        Scope.Attr.resourceAccessor.name(),
        new SearchPathResourceAccessor(
            new ClassLoaderResourceAccessor(), new DirectoryResourceAccessor(directory)));
    scope.put(AnalyticsArgs.ENABLED.getKey(), false);
    Path file = directory.resolve("liquibase.properties");
    if (Files.exists(file)) {
      try (InputStream content = Files.newInputStream(file)) {
        List<ConfigurationValueProvider> providers =
            List.of(new DefaultsFileValueProvider(content, "Property file " + file));
        scope.put(LiquibaseConfiguration.SCOPED_VALUE_PROVIDERS_KEY, providers);
      }
    }
    return scope;
  }

  private void connectAndRun(Command command) throws Exception {
    Properties session = new Properties();
    session.setProperty(
        "options",
        "-c lock_timeout=%d -c row_security=off"
            .formatted(GpraProperties.lockTimeout().toMillis()));
    session.setProperty("ApplicationName", "gpra-migrations");
    Connection connection = database.connection(session);
    Database target =
        DatabaseFactory.getInstance()
            .findCorrectDatabaseImplementation(new JdbcConnection(connection));
    try {
      Liquibase liquibase =
          new Liquibase(changeLogFile, Scope.getCurrentScope().getResourceAccessor(), target);
      liquibase.setShowSummary(UpdateSummaryEnum.SUMMARY);
      liquibase.setShowSummaryOutput(UpdateSummaryOutputEnum.LOG);
      command.run(liquibase);
    } finally {
      target.rollback();
      target.close();
    }
  }

  @FunctionalInterface
  private interface Command {
    void run(Liquibase liquibase) throws Exception;
  }

  @FunctionalInterface
  private interface SqlCommand {
    void run(Liquibase liquibase, StringWriter to) throws Exception;
  }
}
