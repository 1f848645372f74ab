package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import app.gpra.migrations.harness.PgBouncer;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a real server, with a role whose password needs percent-encoding. */
class DatabaseUrlDriverIT {

  private static final String ENCODED = "p%40ss%2F%3A%25%23+%C3%BC";

  @TempDir private Path directory;

  private final Map<String, String> environment = new HashMap<>();
  private TestRole role;
  private TestDatabase database;
  private String server;

  @BeforeEach
  void start() {
    role = TestRole.create("p@ss/:%#+ü");
    database = TestDatabase.empty();
    server = database.bareUrl().replace("jdbc:postgresql://", "");
  }

  @AfterEach
  void drop() {
    database.close();
    role.close();
  }

  private String query(String sql) throws SQLException {
    Properties info = new Properties();
    info.setProperty("password", "");
    try (Connection connection =
            new DatabaseUrlDriver(environment::get)
                .connect("jdbc:gpra:database-url:" + directory, info);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://%s:%s@%s",
        "postgres://%s:%s@%s",
        "postgresql+psycopg2://%s:%s@%s?connect_timeout=5&target_session_attrs=read-write",
      })
  void connectsAsTheApplicationDoes(String url) throws SQLException {
    environment.put("DATABASE_URL", url.formatted(role.name(), ENCODED, server));
    assertThat(query("SELECT current_user")).isEqualTo(role.name());
  }

  @Test
  void connectsWithPgjdbcsUrlFromTheEnvFile() throws SQLException, IOException {
    Files.writeString(
        directory.resolve(".env"),
        "DATABASE_URL='jdbc:postgresql://%s?user=%s&password=%s'\n"
            .formatted(server, role.name(), ENCODED));
    assertThat(query("SELECT current_user")).isEqualTo(role.name());
  }

  @Test
  void triesTheNextHost() throws SQLException, IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    environment.put(
        "DATABASE_URL",
        "postgresql://%s:%s@127.0.0.1:%d,%s".formatted(role.name(), ENCODED, closed, server));
    assertThat(query("SELECT current_user")).isEqualTo(role.name());
  }

  @Test
  void takesThePasswordFromWhereLibpqDoes() throws SQLException, IOException {
    environment.put("DATABASE_URL", "postgresql://%s@%s".formatted(role.name(), server));
    environment.put("PGPASSWORD", role.password());
    assertThat(query("SELECT current_user")).isEqualTo(role.name());

    environment.remove("PGPASSWORD");
    assertThat(catchThrowable(() -> query("SELECT 1")))
        .hasMessageContaining("User \"" + role.name() + "\" needs a password");

    Path file = directory.resolve("pgpass");
    Files.writeString(
        file, "*:*:*:%s:%s\n".formatted(role.name(), role.password().replace(":", "\\:")));
    System.setProperty("org.postgresql.pgpassfile", file.toString());
    try {
      assertThat(query("SELECT current_user")).isEqualTo(role.name());
    } finally {
      System.clearProperty("org.postgresql.pgpassfile");
    }
  }

  @Test
  void setsTheSessionUpSoThatTheMigrationGivesWay() throws SQLException {
    environment.put(
        "DATABASE_URL",
        "postgresql://%s:%s@%s?options=-c%%20statement_timeout%%3D7min"
            .formatted(role.name(), ENCODED, server));
    assertThat(
            query(
                "SELECT concat_ws(' ', current_setting('application_name'), current_setting('lock_timeout'),"
                    + " current_setting('row_security'), current_setting('client_connection_check_interval'),"
                    + " current_setting('statement_timeout'))"))
        .isEqualTo("gpra-migrations 50ms off 2s 7min");

    System.setProperty("gpra.lock.timeout", "250ms");
    try {
      assertThat(query("SHOW lock_timeout")).isEqualTo("250ms");
    } finally {
      System.clearProperty("gpra.lock.timeout");
    }
  }

  @Test
  void liftsTheLimitsOfTheRole() throws SQLException {
    for (String limit :
        List.of(
            "statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")) {
      database.execute(
          "ALTER ROLE %s IN DATABASE %s SET %s = '1min'".formatted(role.name(), database, limit));
    }
    environment.put(
        "DATABASE_URL", "postgresql://%s:%s@%s".formatted(role.name(), ENCODED, server));
    assertThat(
            query(
                "SELECT concat_ws(' ', current_setting('statement_timeout'),"
                    + " current_setting('idle_in_transaction_session_timeout'), current_setting('idle_session_timeout'))"))
        .isEqualTo("0 0 0");
  }

  /** Where each query is compiled, a look takes minutes. */
  @Test
  void compilesNothing() throws SQLException {
    database.execute("ALTER ROLE %s IN DATABASE %s SET jit = on".formatted(role.name(), database));
    environment.put(
        "DATABASE_URL", "postgresql://%s:%s@%s".formatted(role.name(), ENCODED, server));
    assertThat(query("SELECT current_setting('jit')")).isEqualTo("off");
  }

  /** The run goes on without it: its report is not that nothing was done. */
  @Test
  void reportsNothingOfASecondSessionThatIsNotLetIn() throws Exception {
    database.execute("ALTER ROLE %s CONNECTION LIMIT 1".formatted(role.name()));
    environment.put(
        "DATABASE_URL", "postgresql://%s:%s@%s".formatted(role.name(), ENCODED, server));
    Path report = directory.resolve("report.md");
    System.setProperty("gpra.report", report.toString());
    MigrationConnection connection = new MigrationConnection();
    try {
      connection.open(
          "jdbc:gpra:database-url:" + directory,
          new DatabaseUrlDriver(environment::get),
          new Properties());
      assertThatThrownBy(connection::another).hasMessageContaining("no connection left");
      assertThat(report).doesNotExist();
    } finally {
      System.clearProperty("gpra.report");
      connection.close();
    }
  }

  @Test
  void namesAnotherSchema() throws SQLException {
    database.execute("CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC");
    environment.put(
        "DATABASE_URL",
        "postgresql://%s:%s@%s?currentSchema=app&application_name=release-42"
            .formatted(role.name(), ENCODED, server));
    assertThat(query("SELECT current_schema() || ' ' || current_setting('application_name')"))
        .isEqualTo("app release-42");
  }

  @Test
  void saysThatThePasswordIsWrongAndThatThereIsNoSuchDatabase() {
    environment.put("DATABASE_URL", "postgresql://%s:wr0ng@%s".formatted(role.name(), server));
    assertThat(catchThrowable(() -> query("SELECT 1")))
        .hasMessageContaining("The password of user \"" + role.name() + "\" is wrong or missing")
        .hasMessageNotContaining("wr0ng");

    environment.put(
        "DATABASE_URL", "postgresql://%s:%s@%s_not".formatted(role.name(), ENCODED, server));
    assertThat(catchThrowable(() -> query("SELECT 1")))
        .hasMessageContaining("There is no database \"" + database + "_not\"")
        .hasMessageNotContaining("ss/");
  }

  @Test
  void refusesAServerThatIsTooOld() {
    DatabaseMetaData old =
        proxy(
            DatabaseMetaData.class,
            Map.of("getDatabaseMajorVersion", 13, "getDatabaseProductVersion", "13.22"));
    Connection connection = proxy(Connection.class, Map.of("getMetaData", old));

    assertThat(catchThrowable(() -> SessionSettings.check(connection)))
        .hasMessageContaining("The server is PostgreSQL 13; the oldest supported is 14");
  }

  /**
   * With a plain url nothing is asked of a session when it is opened, which a pooler could refuse.
   */
  @Test
  void refusesAPooler() throws SQLException {
    try (Connection direct = database.connect()) {
      SessionSettings.refusePooler(direct);
    }
    Assumptions.assumeTrue(PgBouncer.obstacle().isEmpty(), "no PgBouncer to try");
    try (TestRole plain = TestRole.create("p");
        PgBouncer pool = PgBouncer.start(false, database, plain);
        Connection pooled = pool.connect(database, plain)) {
      assertThat(catchThrowable(() -> SessionSettings.refusePooler(pooled)))
          .hasMessageContaining(
              "A connection pooler is in between: use the server's direct address");
    }
  }

  private static <T> T proxy(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> answers.get(method.getName())));
  }
}
