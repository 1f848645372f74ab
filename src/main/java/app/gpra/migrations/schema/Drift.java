package app.gpra.migrations.schema;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.connection.DatabaseUrlDriver;
import app.gpra.migrations.connection.EmbeddedPostgresDriver;
import app.gpra.migrations.connection.Strangers;
import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Screen;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * {@code mvn compile exec:java@drift}: whether a database's schema is what its own history says it
 * is. Only looks.
 */
public final class Drift {

  private final Path project;
  private final Consumer<String> out;

  Drift(Path project, Consumer<String> out) {
    this.project = project;
    // What a database's objects are called is anybody's text.
    this.out = line -> out.accept(Screen.printable(line));
  }

  /**
   * Compares the database of {@code DATABASE_URL}.
   *
   * @param args the project's directory, and the address as Liquibase has it
   * @throws SQLException if a server does not answer
   */
  public static void main(String[] args) throws SQLException {
    Path project = Path.of(args[0]);
    Quiet.down();
    try (Connection connection = connectOrRefuse(args[1]);
        ShadowServer server = ShadowServer.start(project)) {
      Consumer<String> out = GpraProperties.isJson() ? line -> {} : System.out::println;
      new Drift(project, out).run(connection, server);
    }
  }

  private static Connection connectOrRefuse(String url) {
    try {
      return connect(url);
    } catch (SQLException e) {
      throw new Refusal(
          e.getMessage().replace("run mvn liquibase:status", "run the same command again"));
    }
  }

  /**
   * Connects as a goal of Liquibase's does.
   *
   * @throws SQLException with one sentence that names cause and next command, and no secret
   */
  static Connection connect(String url) throws SQLException {
    Properties login = new Properties();
    for (String name : List.of("user", "password")) {
      String given =
          System.getProperty("liquibase." + (name.equals("user") ? "username" : name), "");
      if (!given.isEmpty()) {
        login.setProperty(name, given);
      }
    }
    for (Driver driver :
        List.of(
            new DatabaseUrlDriver(), new EmbeddedPostgresDriver(), new org.postgresql.Driver())) {
      if (driver.acceptsURL(url)) {
        return driver.connect(url, login);
      }
    }
    throw new Refusal(
        "-Dliquibase.url names no PostgreSQL database: leave it out and set DATABASE_URL, then run the same command again.");
  }

  /**
   * Compares.
   *
   * @throws Refusal if there is a difference, or the history cannot be followed
   */
  void run(Connection connection, ShadowServer server) throws SQLException {
    try {
      Strangers.refuse(connection, System.getProperty("liquibase.liquibaseSchemaName"), true)
          .forEach(sentence -> out.accept("Warning: " + sentence));
    } catch (SQLException e) {
      throw new Refusal(e.getMessage());
    }
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    List<String> applied;
    try {
      applied = applied(connection);
    } catch (SQLException e) {
      throw new Refusal(
          "The history cannot be read (%s): connect as the role that runs the migrations, or grant this one SELECT on that table, then run the same command again."
              .formatted(String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
    int[] counts = new ProjectChangelog(project).follow(applied);
    if (ask(connection, "SELECT to_regclass(format('%I.items', current_schema()))") == null) {
      throw new Refusal(
          "There is no table items in the schema %s: name the application's schema in the url, ?currentSchema=…, then run the same command again."
              .formatted(ask(connection, "SELECT current_schema()")));
    }
    String database =
        ask(
            connection,
            "SELECT format('%s, PostgreSQL %s', current_database(), current_setting('server_version'))");
    SchemaFacts actual = SchemaFacts.read(connection, historyName());
    connection.rollback();

    ShadowDatabase shadow = server.create("history").withUsers(project);
    shadow.updateCount(project, "!enforce", counts[0]);
    shadow.updateCount(project, "enforce", counts[1]);
    SchemaFacts expected = shadow.reader().facts();

    SchemaDifference difference =
        SchemaDifference.between(expected.withoutComments(), actual.withoutComments());
    out.accept(
        "Database %s: %d changeset(s) applied, the last %s."
            .formatted(database, applied.size(), applied.get(applied.size() - 1)));
    difference.sentences().forEach(sentence -> out.accept("Drift: " + sentence));
    List<String> information = new ArrayList<>(difference.information());
    Set<String> unmarked = new TreeSet<>(expected.marked());
    unmarked.retainAll(actual.lines().keySet());
    unmarked.removeAll(actual.marked());
    if (!unmarked.isEmpty()) {
      information.add(
          "without this changelog's mark, made by others or lost in a restore (docs/runbooks/restore.md, Marks): %s."
              .formatted(String.join(", ", unmarked)));
    }
    information.forEach(sentence -> out.accept("No drift: " + sentence));
    Report.drift(
        database, connection, historyTable(connection), difference.sentences(), information);
    if (!difference.isEmpty()) {
      throw new Refusal(
          "This database is not what its history says, in %d point(s): undo what was done by hand, or make it a migration (docs/production.md, Drift)."
              .formatted(difference.sentences().size()));
    }
    out.accept("The schema is what the history says.");
  }

  /** Of Liquibase's history table. */
  static String historyName() {
    return System.getProperty("liquibase.databaseChangeLogTableName", "databasechangelog");
  }

  /** As SQL has it; null where it is not there. */
  private static String historyTable(Connection connection) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT to_regclass(format('%I.%I', coalesce(?, current_schema()), lower(?)))")) {
      query.setString(1, System.getProperty("liquibase.liquibaseSchemaName"));
      query.setString(2, historyName());
      try (ResultSet row = query.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  /** The ids of this project's changesets, in the order in which they ran. */
  private static List<String> applied(Connection connection) throws SQLException {
    String table = historyTable(connection);
    List<String> ids = new ArrayList<>();
    if (table != null) {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT id FROM "
                      + table
                      + " WHERE filename LIKE 'changelog/%' AND filename NOT LIKE 'changelog/demo/%' ORDER BY orderexecuted")) {
        while (rows.next()) {
          ids.add(rows.getString(1));
        }
      }
    }
    if (ids.isEmpty()) {
      throw new Refusal(
          "No migration has run in this database, so its history says nothing to compare it with: run mvn liquibase:update, or mvn liquibase:status to see where it looks.");
    }
    return ids;
  }

  private static String ask(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
