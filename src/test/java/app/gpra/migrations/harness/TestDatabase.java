package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.core.Parser;

/** A database of a test's own, dropped when closed. Starting points are copied from templates. */
public final class TestDatabase implements AutoCloseable {

  private static final Path DEMO = Path.of("changelog/demo");
  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
  private static final Path FAB = DEMO.resolve("01-flask-appbuilder.sql");
  private static final Path LEGACY = FIXTURES.resolve("legacy-schema.sql");
  private static final Path DATA = DEMO.resolve("02-sample-data.sql");
  private static final Path ALEMBIC = FIXTURES.resolve("alembic-001-002.sql");

  private static final String PLAIN = "template0";

  /** What psql puts in place of a line. */
  private static final Pattern INCLUDED = Pattern.compile("(?m)^\\\\ir (\\S+)$");

  /** Which rows 002 has given to the admin. */
  private static final String MEMORY = "gpra_admin_assignment.filled";

  private static final AtomicInteger COUNTER = new AtomicInteger();
  private static final Map<List<Path>, TestDatabase> TEMPLATES = new HashMap<>();

  private final PostgresServer server;
  private final String name;

  private TestDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
  }

  private static TestDatabase create(PostgresServer server, String template) {
    return create(server, template, "");
  }

  private static TestDatabase create(PostgresServer server, String template, String options) {
    String name = "t%d_%d".formatted(ProcessHandle.current().pid(), COUNTER.incrementAndGet());
    TestDatabase database = new TestDatabase(server, name);
    // The quicker way for small databases, and the only one before PostgreSQL 15.
    String strategy = server.version() < 15 ? "" : " STRATEGY FILE_COPY";
    database.onServer("CREATE DATABASE " + name + " TEMPLATE " + template + strategy + options);
    if (template.equals(PLAIN)) {
      // As of PostgreSQL 15; before, every role of another test would be a stranger in this one.
      database.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    }
    return database;
  }

  /** Nothing in it. */
  public static TestDatabase empty() {
    return create(PostgresServer.get(), PLAIN);
  }

  /** Flask-AppBuilder's tables, without rows. */
  public static TestDatabase withFlaskAppBuilder() {
    return from(List.of(FAB));
  }

  /** The single-user application with its data. */
  public static TestDatabase legacy() {
    return from(List.of(FAB, LEGACY, DATA));
  }

  /** The single-user application with its data, kept in another encoding than UTF8. */
  public static TestDatabase legacyIn(String encoding) {
    TestDatabase database =
        create(PostgresServer.get(), PLAIN, " ENCODING '%s' LOCALE 'C'".formatted(encoding));
    List.of(FAB, LEGACY, DATA).forEach(script -> database.execute(read(script)));
    return database;
  }

  /** Nothing in it, on a server of the test's own. */
  public static TestDatabase emptyOn(PostgresServer server) {
    return create(server, PLAIN);
  }

  /** The single-user application with its data, on a server of the test's own. */
  public static TestDatabase legacyOn(PostgresServer server) {
    TestDatabase database = emptyOn(server);
    List.of(FAB, LEGACY, DATA).forEach(script -> database.execute(read(script)));
    return database;
  }

  /** Gives it another name; this one is not to be used any more. */
  public TestDatabase rename(String other) {
    onServer("ALTER DATABASE " + name + " RENAME TO " + other);
    return new TestDatabase(server, other);
  }

  /** The same database on a standby of its server; not to be closed. */
  public TestDatabase on(PostgresServer standby) {
    return new TestDatabase(standby, name);
  }

  /** As the former Alembic set-up left it. */
  public static TestDatabase alembic() {
    return from(List.of(FAB, LEGACY, DATA, ALEMBIC));
  }

  /** The single-user application in another schema than {@code public}, its users too. */
  public TestDatabase addLegacyIn(String schema) {
    String path = "CREATE SCHEMA %1$s; SET search_path = %1$s;".formatted(schema);
    return execute(path + read(FAB) + read(LEGACY) + read(DATA));
  }

  /** What {@code flask fab create-admin} does, where there is no user yet. */
  public TestDatabase addAdmin() {
    return execute(
        "INSERT INTO ab_role VALUES (1, 'Admin');"
            + "INSERT INTO ab_user (id, first_name, last_name, username, active, email) VALUES (5, 'A', 'B', 'admin',"
            + " true, 'a@example.org'); INSERT INTO ab_user_role VALUES (1, 5, 1)");
  }

  private static synchronized TestDatabase from(List<Path> scripts) {
    TestDatabase template =
        TEMPLATES.computeIfAbsent(
            scripts,
            missing -> {
              TestDatabase database = empty();
              missing.forEach(script -> database.execute(read(script)));
              return database;
            });
    return template.copy();
  }

  private static String read(Path script) {
    try {
      return Files.readString(script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Another database that begins as this one is now; nobody may be connected to this one. */
  public TestDatabase copy() {
    return create(server, name);
  }

  /** Its address, credentials included. */
  public String jdbcUrl() {
    return server.jdbcUrl(name);
  }

  /** Its address, without credentials. */
  public String bareUrl() {
    return server.url() + "/" + name;
  }

  /** As an operator is told of it: its name, host and port. */
  public String place() {
    return name + " on " + server.url().replaceFirst(".*//", "");
  }

  /** Connects as superuser. */
  public Connection connect() throws SQLException {
    return server.connect(name);
  }

  /** Runs statements, several in one string. */
  public TestDatabase execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return this;
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage() + " in: " + sql, e);
    }
  }

  /** Keeps for each column and table what servers since November 2026 keep for themselves. */
  public TestDatabase addOptionsOfTheServer() {
    return execute(
        """
        UPDATE pg_attribute SET attoptions = array_append(attoptions, 'pg_attver=1')
          FROM pg_class c WHERE c.oid = attrelid AND c.oid >= 16384 AND relkind = 'r' AND attnum > 0 AND NOT attisdropped;
        UPDATE pg_class SET reloptions = array_append(reloptions, 'pg_attver=1') WHERE oid >= 16384 AND relkind = 'r'
        """);
  }

  /** Runs a script as {@code psql -v ON_ERROR_STOP=1} does: each statement on its own. */
  public TestDatabase script(String sql) {
    return script(jdbcUrl(), new Properties(), sql);
  }

  /** The same as another role than the superuser. */
  public TestDatabase script(TestRole role, String sql) {
    Properties login = new Properties();
    login.setProperty("user", role.name());
    login.setProperty("password", role.password());
    return script(bareUrl(), login, sql);
  }

  /**
   * Runs a script as {@code psql} does that goes on after an error; some of its statements fail.
   */
  public TestDatabase scriptPastErrors(String sql, Predicate<String> fails) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl());
        Statement statement = connection.createStatement()) {
      for (String one : statements(sql)) {
        try {
          statement.execute(fails.test(one) ? "SELECT 1 / 0" : one);
        } catch (SQLException e) {
          // Nobody looks.
        }
      }
      return this;
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** What a script consists of, as psql sends it. */
  public static List<String> statements(String sql) {
    try {
      return Parser.parseJdbcSql(sql, true, false, true, false, false).stream()
          .map(query -> query.nativeSql.strip())
          .toList();
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private TestDatabase script(String url, Properties login, String sql) {
    try (Connection connection = DriverManager.getConnection(url, login);
        Statement statement = connection.createStatement()) {
      String whole =
          INCLUDED
              .matcher(sql)
              .replaceAll(
                  line ->
                      Matcher.quoteReplacement(read(Path.of("docs/sql").resolve(line.group(1)))));
      for (String one : statements(whole)) {
        statement.execute(one);
      }
      return this;
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** Runs a query; each row is its columns joined by a bar, NULL is "∅". */
  public List<String> query(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      return rows(result);
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage() + " in: " + sql, e);
    }
  }

  /** The rows of a result, written in the same way. */
  public static List<String> rows(ResultSet result) throws SQLException {
    List<String> rows = new ArrayList<>();
    int columns = result.getMetaData().getColumnCount();
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= columns; i++) {
        String value = result.getString(i);
        row.add(value == null ? "∅" : value);
      }
      rows.add(String.join("|", row));
    }
    return rows;
  }

  /** The single value of a query. */
  public String value(String sql) {
    List<String> rows = query(sql);
    if (rows.size() != 1) {
      throw new IllegalStateException("Expected one row, got " + rows + " from: " + sql);
    }
    return rows.get(0);
  }

  /** Everything that the catalogs say about the schema, one fact a line. */
  public String schema() {
    return SchemaDescription.of(this);
  }

  /**
   * Every row of every table but Liquibase's, by table, column names and values in the columns'
   * alphabetical order.
   */
  public String data() {
    String each =
        value(
            "SELECT string_agg(format('SELECT %L || to_jsonb(t)::text FROM %s t', oid::regclass || '  ', oid::regclass), ' UNION ALL ')"
                // (A standby that takes over knows of the lost sessions' temporary ones, without
                // rows.)
                + " FROM pg_class WHERE relkind = 'r' AND relpersistence <> 't' AND relname NOT LIKE 'databasechangelog%' AND"
                + " relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')");
    return each.equals("∅") ? "" : String.join("\n", query(each + " ORDER BY 1"));
  }

  /**
   * {@link #data} of two runs that made the admin's subscription at different times and with
   * different numbers, gave rows in different ways, and remember them in different pieces.
   */
  public String dataButTimes() {
    String data =
        data()
            .lines()
            .filter(line -> !line.startsWith(MEMORY))
            .map(
                line ->
                    line.startsWith("subscriptions")
                        ? line.replaceAll("\"(created|updated)_at\": \"[^\"]*\"|\"id\": \\d+", "")
                        : line.replaceAll(
                            "\"(column_replaced|index_comment)\": (\\w+|\"[^\"]*\")", ""))
            .collect(Collectors.joining("\n"));
    return value("SELECT to_regclass('" + MEMORY + "')").equals("∅")
        ? data
        : data
            + "\n"
            + query(
                "SELECT filled_table, CASE filled_table::text WHEN 'subscriptions' THEN sum(upper(ids) - lower(ids))::text"
                    + " ELSE range_agg(ids)::text END FROM "
                    + MEMORY
                    + ", unnest(row_ids) AS ids GROUP BY 1 ORDER BY 1");
  }

  /** Ids of the changesets that are applied, in the order in which they ran. */
  public List<String> applied() {
    return value("SELECT to_regclass('databasechangelog')").equals("∅")
        ? List.of()
        : query("SELECT id FROM databasechangelog ORDER BY orderexecuted");
  }

  @Override
  public void close() {
    onServer("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }

  private void onServer(String sql) {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
