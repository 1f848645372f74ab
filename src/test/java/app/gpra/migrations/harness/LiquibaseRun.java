package app.gpra.migrations.harness;

import app.gpra.migrations.connection.DatabaseUrlDriver;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.DatabaseConnection;
import liquibase.database.DatabaseFactory;
import liquibase.database.core.DatabaseUtils;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import liquibase.ui.LoggerUIService;
import liquibase.ui.UIService;
import org.postgresql.PGProperty;

/** Runs Liquibase in this JVM as the Maven plugin does, with this project's changelog. */
public final class LiquibaseRun {

  private final TestDatabase database;
  private final Map<String, String> properties = new HashMap<>();
  private String labelFilter = "!enforce";
  private TestRole role;
  private String schemas;
  private String defaultSchema;
  private String changelog = "changelog/db.changelog-master.yaml";
  private UIService ui = new LoggerUIService();
  private boolean handedOver;
  private boolean inMaven;
  private String contexts;
  private Calls calls;
  private Path directory = Path.of("");
  private Path project;
  private Path offline;

  /** On a database. */
  public LiquibaseRun(TestDatabase database) {
    this.database = database;
  }

  /** With {@code -Dname=value}. */
  public LiquibaseRun with(String name, String value) {
    properties.put(name, value);
    return this;
  }

  /** Without a property that it was to have. */
  public LiquibaseRun without(String name) {
    properties.remove(name);
    return this;
  }

  /** With {@code -Dliquibase.labelFilter=…}. */
  public LiquibaseRun labels(String filter) {
    labelFilter = filter;
    return with("liquibase.labelFilter", filter);
  }

  /** With {@code -Dliquibase.contexts=…}. */
  public LiquibaseRun contexts(String names) {
    contexts = names;
    return this;
  }

  /** With {@code -Dliquibase.labelFilter=enforce}: all migrations, for the application's role. */
  public LiquibaseRun enforce() {
    return labels("enforce").with("gpra.app.role", "gpra_app");
  }

  /** As another role than the superuser. */
  public LiquibaseRun as(TestRole other) {
    role = other;
    return this;
  }

  /** With {@code ?currentSchema=…}: schemas as they are, separated by commas. */
  public LiquibaseRun in(String currentSchema) {
    schemas = currentSchema;
    return this;
  }

  /** With {@code -Dliquibase.defaultSchemaName=…}. */
  public LiquibaseRun defaultSchema(String schema) {
    defaultSchema = schema;
    return this;
  }

  /** With names that have no schema, as Liquibase's Maven plugin writes them. */
  public LiquibaseRun asInMaven() {
    inMaven = true;
    return this;
  }

  /** With another changelog than the project's, a file below {@code src/test/resources}. */
  public LiquibaseRun changelog(String file) {
    changelog = file;
    return this;
  }

  /** With a copy of the changelog in another directory than the project's. */
  public LiquibaseRun from(Path copy) {
    directory = copy;
    return this;
  }

  /** Without any database; Liquibase notes in a file what it wrote. */
  public LiquibaseRun offline(Path notes) {
    offline = notes;
    return this;
  }

  /** With the address in a directory's {@code .env}, by the project's driver, as Maven does. */
  public LiquibaseRun addressIn(Path other) {
    project = other;
    return this;
  }

  /** Passes on what the operator is shown, in the moment in which it is shown. */
  public LiquibaseRun showing(Consumer<String> screen) {
    ui =
        new LoggerUIService() {
          @Override
          public void sendMessage(String message) {
            screen.accept(message);
          }
        };
    return this;
  }

  /** With a session whose calls are made known, and that may be ended at one of them. */
  public LiquibaseRun failing(Calls other) {
    calls = other;
    return this;
  }

  /** With a connection that is open already, as an application's pool gives it. */
  public LiquibaseRun handedOver() {
    handedOver = true;
    return this;
  }

  /** {@code update}. */
  public String update() {
    return run("update", Map.of());
  }

  /** {@code update -Dliquibase.toTag=…}. */
  public String updateTo(String tag) {
    with("liquibase.toTag", tag);
    return run("updateToTag", Map.of("tag", tag));
  }

  /** {@code update -Dliquibase.changesToApply=…}. */
  public String updateCount(int count) {
    return run("updateCount", Map.of("count", count));
  }

  /** {@code updateSQL}. */
  public String updateSql() {
    return run("updateSql", Map.of());
  }

  /** {@code futureRollbackSQL}. */
  public String futureRollbackSql() {
    return run("futureRollbackSql", Map.of());
  }

  /** Any of those, as it stands on Maven's command line: goals, and {@code -Dname=value}. */
  public String run(List<String> commandLine) {
    String output = "";
    for (String argument : commandLine) {
      if (argument.startsWith("-D")) {
        String[] pair = argument.substring(2).split("=", 2);
        with(pair[0], pair[1]);
      }
      if (argument.startsWith("-Dliquibase.labelFilter=")) {
        labels(argument.substring(argument.indexOf('=') + 1));
      }
    }
    String tag = properties.getOrDefault("liquibase.rollbackTag", "");
    for (String argument : commandLine) {
      output =
          switch (argument) {
            case "liquibase:update" ->
                properties.getOrDefault("liquibase.toTag", "").isEmpty()
                    ? update()
                    : updateTo(properties.get("liquibase.toTag"));
            case "liquibase:updateSQL" -> updateSql();
            case "liquibase:status" -> status();
            case "liquibase:history" -> run("history", Map.of());
            case "liquibase:dropAll" -> dropAll();
            case "liquibase:rollbackSQL" -> rollbackSqlTo(tag);
            case "liquibase:rollback" ->
                tag.isEmpty()
                    ? rollbackCount(Integer.parseInt(properties.get("liquibase.rollbackCount")))
                    : rollbackTo(tag);
            default -> output;
          };
    }
    return output;
  }

  /** {@code rollback -Dliquibase.rollbackTag=…}. */
  public String rollbackTo(String tag) {
    with("liquibase.rollbackTag", tag);
    return run("rollback", Map.of("tag", tag));
  }

  /** {@code rollbackSQL -Dliquibase.rollbackTag=…}. */
  public String rollbackSqlTo(String tag) {
    with("liquibase.rollbackTag", tag);
    return run("rollbackSql", Map.of("tag", tag));
  }

  /** {@code rollback -Dliquibase.rollbackCount=…}. */
  public String rollbackCount(int count) {
    with("liquibase.rollbackCount", Integer.toString(count));
    return run("rollbackCount", Map.of("count", count));
  }

  /** {@code rollbackSQL -Dliquibase.rollbackCount=…}. */
  public String rollbackSqlCount(int count) {
    with("liquibase.rollbackCount", Integer.toString(count));
    return run("rollbackCountSql", Map.of("count", count));
  }

  /** {@code changelogSync}. */
  public String changelogSync() {
    return run("changelogSync", Map.of());
  }

  /** {@code changelogSyncToTag -Dliquibase.toTag=…}. */
  public String changelogSyncTo(String tag) {
    with("liquibase.toTag", tag);
    return run("changelogSyncToTag", Map.of("tag", tag));
  }

  /** {@code dropAll}. */
  public String dropAll() {
    return run("dropAll", Map.of());
  }

  /** {@code status}. */
  public String status() {
    return run("status", Map.of("verbose", true));
  }

  /** Any of Liquibase's commands, with its arguments. */
  @SuppressWarnings("try") // close() of Liquibase's accessor may throw anything.
  public String run(String command, Map<String, Object> arguments) {
    Map<String, String> before = new HashMap<>();
    properties.putIfAbsent("gpra.drop.quiet", "0ms");
    properties.putIfAbsent("gpra.owner.quiet", "0ms");
    properties.putIfAbsent("gpra.wait.limit", "2s");
    properties.forEach((name, value) -> before.put(name, System.getProperty(name)));
    properties.forEach(System::setProperty);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Properties session = new Properties();
    if (schemas != null) {
      PGProperty.CURRENT_SCHEMA.set(session, schemas);
    }
    String url = database.jdbcUrl();
    if (role != null) {
      url = database.bareUrl();
      session.setProperty("user", role.name());
      session.setProperty("password", role.password());
    }
    try (ResourceAccessor files =
            new CompositeResourceAccessor(
                new DirectoryResourceAccessor(directory.toAbsolutePath()),
                new ClassLoaderResourceAccessor());
        Database connected =
            DatabaseFactory.getInstance()
                .findCorrectDatabaseImplementation(open(url, session, files))) {
      connected.setOutputDefaultSchema(!inMaven);
      if (defaultSchema != null) {
        connected.setDefaultSchemaName(defaultSchema);
        DatabaseUtils.initializeDatabase(null, defaultSchema, connected);
      }
      Scope.child(
          Map.of(Scope.Attr.resourceAccessor.name(), files, Scope.Attr.ui.name(), ui),
          () -> {
            CommandScope scope = new CommandScope(command);
            scope.addArgumentValue("changelogFile", changelog);
            scope.addArgumentValue("database", connected);
            scope.addArgumentValue("labelFilter", labelFilter);
            scope.addArgumentValue("contexts", contexts);
            scope.addArgumentValue("showSummaryOutput", liquibase.UpdateSummaryOutputEnum.LOG);
            arguments.forEach(scope::addArgumentValue);
            scope.setOutput(output);
            scope.execute();
          });
      return output.toString(StandardCharsets.UTF_8);
    } catch (Exception e) {
      throw new LiquibaseFailure(e);
    } finally {
      before.forEach(
          (name, value) -> {
            if (value == null) {
              System.clearProperty(name);
            } else {
              System.setProperty(name, value);
            }
          });
    }
  }

  private DatabaseConnection open(String url, Properties session, ResourceAccessor files)
      throws DatabaseException, SQLException {
    if (handedOver) {
      return new JdbcConnection(DriverManager.getConnection(url, session));
    }
    if (offline != null) {
      return DatabaseFactory.getInstance()
          .openConnection(
              "offline:postgresql?version=18&outputLiquibaseSql=all&changeLogFile=" + offline,
              null,
              null,
              null,
              session,
              files);
    }
    if (project != null) {
      return DatabaseFactory.getInstance()
          .openConnection(
              "jdbc:gpra:database-url:" + project,
              null,
              DatabaseUrlDriver.class.getName(),
              null,
              session,
              files);
    }
    String driver = null;
    if (calls != null) {
      FaultyDriver.next(calls);
      driver = FaultyDriver.class.getName();
    }
    return DatabaseFactory.getInstance().openConnection(url, null, driver, null, session, files);
  }

  /** A run that failed; the message is what an operator reads. */
  public static final class LiquibaseFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LiquibaseFailure(Exception cause) {
      super(cause.getMessage(), cause);
    }
  }
}
