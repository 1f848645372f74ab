package app.gpra.migrations.schema;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import liquibase.Scope;
import liquibase.UpdateSummaryOutputEnum;
import liquibase.command.CommandScope;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import liquibase.ui.LoggerUIService;

/**
 * A database of a {@link ShadowServer}.
 *
 * @param url pgjdbc's, credentials included
 */
record ShadowDatabase(String url) {

  private static final String MASTER = "changelog/db.changelog-master.yaml";

  /** 002 has to find somebody to give the rows to. */
  private static final String ADMIN =
      "INSERT INTO ab_role VALUES (1, 'Admin'); INSERT INTO ab_user (id, first_name, last_name, username, active, email)"
          + " VALUES (1, 'A', 'B', 'admin', true, 'admin@example.org'); INSERT INTO ab_user_role VALUES (1, 1, 1)";

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  /** Flask-AppBuilder's tables with an admin. */
  ShadowDatabase withUsers(Path project) throws SQLException {
    SqlScript users = SqlScript.read(project.resolve("changelog/demo/01-flask-appbuilder.sql"));
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      users.run(connection);
      statement.execute(ADMIN);
    }
    return this;
  }

  /** Runs a script; Flask-AppBuilder's tables are made first unless it makes them itself. */
  ShadowDatabase load(Path project, SqlScript script) throws SQLException {
    if (!script.makesUsers()) {
      withUsers(project);
    }
    try (Connection connection = connect()) {
      script.run(connection);
    }
    return this;
  }

  /** {@code update}, with what every label is on. */
  void update(Path project) {
    run(project, "update", "enforce", Map.of(), Map.of());
  }

  /** {@code update -Dliquibase.changesToApply=…}; does nothing for none. */
  void updateCount(Path project, String labelFilter, int count) {
    if (count > 0) {
      run(project, "updateCount", labelFilter, Map.of("count", count), Map.of());
    }
  }

  /** {@code rollback -Dliquibase.rollbackTag=…}. */
  void rollbackTo(Path project, String tag) {
    run(project, "rollback", "enforce", Map.of("tag", tag), Map.of("liquibase.rollbackTag", tag));
  }

  /**
   * Runs a command of Liquibase's without what this command was given for another database.
   *
   * @throws Refusal with Liquibase's own message if it fails
   */
  @SuppressWarnings("try") // close() of Liquibase's accessor may throw anything.
  private void run(
      Path project,
      String command,
      String labelFilter,
      Map<String, Object> arguments,
      Map<String, String> properties) {
    Map<String, String> before = new HashMap<>();
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("liquibase.") || name.startsWith("gpra.")) {
        before.put(name, System.getProperty(name));
        System.clearProperty(name);
      }
    }
    // Nobody else is there whom one would have to watch.
    System.setProperty("gpra.drop.quiet", "0ms");
    System.setProperty("gpra.owner.quiet", "0ms");
    // A role that every server has and that row-level security binds, as it does the application's.
    System.setProperty("gpra.app.role", "pg_monitor");
    System.setProperty("gpra.wait.limit", "0s");
    System.setProperty("liquibase.analytics.enabled", "false");
    properties.forEach(System::setProperty);
    try (ResourceAccessor files = files(project);
        Database database =
            DatabaseFactory.getInstance()
                .openDatabase(
                    url,
                    null,
                    null,
                    null,
                    new ClassLoaderResourceAccessor(ShadowDatabase.class.getClassLoader()))) {
      Map<String, Object> given = new HashMap<>(arguments);
      given.put("labelFilter", labelFilter);
      given.put("showSummaryOutput", UpdateSummaryOutputEnum.LOG);
      execute(command, database, files, given, OutputStream.nullOutputStream());
    } catch (Exception e) {
      throw new Refusal("%s in a database of its own failed: %s".formatted(command, reason(e)));
    } finally {
      properties.keySet().forEach(System::clearProperty);
      List.of(
              "gpra.drop.quiet",
              "gpra.owner.quiet",
              "gpra.app.role",
              "gpra.wait.limit",
              "liquibase.analytics.enabled")
          .forEach(System::clearProperty);
      before.forEach(System::setProperty);
    }
  }

  /** The project's, and what the changelog names of the jar. */
  static ResourceAccessor files(Path project) throws FileNotFoundException {
    return new CompositeResourceAccessor(
        new DirectoryResourceAccessor(project.toAbsolutePath()),
        new ClassLoaderResourceAccessor(ShadowDatabase.class.getClassLoader()));
  }

  /** Runs a command of Liquibase's on the project's changelog, without a word on the screen. */
  static void execute(
      String command,
      Database database,
      ResourceAccessor files,
      Map<String, Object> arguments,
      OutputStream output)
      throws Exception {
    Scope.child(
        Map.of(
            Scope.Attr.resourceAccessor.name(), files, Scope.Attr.ui.name(), new LoggerUIService()),
        () -> {
          CommandScope scope = new CommandScope(command);
          scope.addArgumentValue("changelogFile", MASTER);
          scope.addArgumentValue("database", database);
          arguments.forEach(scope::addArgumentValue);
          scope.setOutput(output);
          scope.execute();
        });
  }

  static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage()).strip().lines().findFirst().orElse("");
  }

  /** To be looked at. */
  SchemaReader reader() {
    return new SchemaReader(this::connect);
  }

  /** A copy of the files that the changelog consists of. */
  static void copyChangelog(Path project, Path copy) throws IOException {
    try (var paths = Files.walk(project.resolve("changelog"))) {
      for (Path path : paths.toList()) {
        Path target = copy.resolve(project.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }
}
