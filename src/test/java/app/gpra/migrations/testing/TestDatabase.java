package app.gpra.migrations.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A database of one test's own, under a random name, dropped when it is closed. All methods connect
 * anew, as a superuser and in autocommit, so that no session is left over. A failing statement
 * throws {@link AssertionError} with the server's message.
 */
public final class TestDatabase implements AutoCloseable {

  private static final Path DEMO = Path.of("changelog/demo");
  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
  private static final Path FLASK_APP_BUILDER = DEMO.resolve("01-flask-appbuilder.sql");
  private static final Path LEGACY_SCHEMA = DEMO.resolve("02-legacy-schema.sql");
  private static final Path SAMPLE_DATA = DEMO.resolve("03-sample-data.sql");
  private static final Path ALEMBIC = FIXTURES.resolve("alembic-001-002.sql");

  /** The databases that others are copied from, by the scripts that filled them. */
  private static final Map<List<Path>, String> TEMPLATES = new ConcurrentHashMap<>();

  private final PostgresServer server;
  private final String name;

  private TestDatabase(PostgresServer server, String template) {
    this.server = server;
    this.name = randomName("gpra_test_");
    server.createDatabase(name, template);
  }

  /** A database with nothing in it. */
  public static TestDatabase empty() {
    return new TestDatabase(PostgresServer.shared(), "template0");
  }

  /** A database with Flask-AppBuilder's tables, without any user. */
  public static TestDatabase withFlaskAppBuilder() {
    return filled(FLASK_APP_BUILDER);
  }

  /** A database as it is before the migrations: Flask-AppBuilder, the legacy schema, its rows. */
  public static TestDatabase legacy() {
    return filled(FLASK_APP_BUILDER, LEGACY_SCHEMA, SAMPLE_DATA);
  }

  /** {@link #legacy()} after both migrations of the former Alembic set-up. */
  public static TestDatabase alembic() {
    return filled(FLASK_APP_BUILDER, LEGACY_SCHEMA, SAMPLE_DATA, ALEMBIC);
  }

  private static TestDatabase filled(Path... scripts) {
    PostgresServer server = PostgresServer.shared();
    String template =
        TEMPLATES.computeIfAbsent(List.of(scripts), each -> createTemplate(server, each));
    return new TestDatabase(server, template);
  }

  private static String createTemplate(PostgresServer server, List<Path> scripts) {
    String template = randomName("gpra_template_");
    server.createDatabase(template, "template0");
    for (Path script : scripts) {
      try (Connection connection = server.connect(template);
          Statement statement = connection.createStatement()) {
        statement.execute(Files.readString(ProjectDirectory.path().resolve(script)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (SQLException e) {
        throw new AssertionError(script + ": " + e.getMessage(), e);
      }
    }
    return template;
  }

  private static String randomName(String prefix) {
    return prefix + UUID.randomUUID().toString().replace("-", "").substring(0, 12);
  }

  /** A new database with what this one has now; nobody may be connected to this one meanwhile. */
  public TestDatabase copy() {
    return new TestDatabase(server, name);
  }

  /** The database's name. */
  public String name() {
    return name;
  }

  /** The server it is on. */
  public PostgresServer server() {
    return server;
  }

  /** The url, without user and password. */
  public String jdbcUrl() {
    return server.jdbcUrl(name);
  }

  /** A superuser's name. */
  public String username() {
    return server.username();
  }

  /** The superuser's password; empty if it needs none. */
  public String password() {
    return server.password();
  }

  /** A new session of a superuser, in autocommit; the caller closes it. */
  public Connection connection() {
    return connection(new Properties());
  }

  /**
   * A new session, in autocommit; the caller closes it.
   *
   * @param properties the driver's connection properties; the superuser is added where no user is
   */
  public Connection connection(Properties properties) {
    try {
      return server.connect(name, properties);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** Runs scripts of any number of statements, one after the other, in one session. */
  public void execute(String... scripts) {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      for (String script : scripts) {
        statement.execute(script);
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /**
   * Runs a query.
   *
   * @param arguments for the question marks in the query
   * @return the rows, each with its columns in the query's order, by label
   */
  public List<Map<String, Object>> query(String sql, Object... arguments) {
    try (Connection connection = connection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setObject(i + 1, arguments[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        return rows(result);
      }
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage() + " in: " + sql, e);
    }
  }

  private static List<Map<String, Object>> rows(ResultSet result) throws SQLException {
    ResultSetMetaData columns = result.getMetaData();
    List<Map<String, Object>> rows = new ArrayList<>();
    while (result.next()) {
      Map<String, Object> row = new LinkedHashMap<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        row.put(columns.getColumnLabel(i), result.getObject(i));
      }
      rows.add(row);
    }
    return rows;
  }

  /** The first column of the only row; null if that is NULL. */
  public Object queryForObject(String sql, Object... arguments) {
    List<Map<String, Object>> rows = query(sql, arguments);
    if (rows.size() != 1) {
      throw new AssertionError("%d rows, expected 1: %s".formatted(rows.size(), sql));
    }
    return rows.get(0).values().iterator().next();
  }

  /** The first column of the only row, as text; null if that is NULL. */
  public String queryForString(String sql, Object... arguments) {
    return Objects.toString(queryForObject(sql, arguments), null);
  }

  /** The first column of the only row, which must be a number. */
  public long queryForLong(String sql, Object... arguments) {
    return ((Number) queryForObject(sql, arguments)).longValue();
  }

  /** The first column of the only row, which must be a boolean. */
  public boolean queryForBoolean(String sql, Object... arguments) {
    return (Boolean) queryForObject(sql, arguments);
  }

  /** The first column of every row, as text. */
  public List<String> queryForStrings(String sql, Object... arguments) {
    return query(sql, arguments).stream()
        .map(row -> Objects.toString(row.values().iterator().next(), null))
        .toList();
  }

  /** Everything in the catalogs, Liquibase's own tables aside. */
  public SchemaDescription schema() {
    try (Connection connection = connection()) {
      return SchemaDescription.of(connection);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** Every row of every table, Liquibase's own tables aside. */
  public DataDescription data() {
    try (Connection connection = connection()) {
      return DataDescription.of(connection);
    } catch (SQLException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  /** Drops the database, also when somebody is connected to it. */
  @Override
  public void close() {
    server.dropDatabase(name);
  }

  /** {@inheritDoc} The name and the server. */
  @Override
  public String toString() {
    return name + Arrays.asList(server.host(), server.port());
  }
}
