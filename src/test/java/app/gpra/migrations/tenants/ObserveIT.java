package app.gpra.migrations.tenants;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** docs/sql/observe.sql and observe-off.sql, on a server that logs as servers do by default. */
@Tag("thorough")
@Tag("nightly")
class ObserveIT {

  private static final List<String> TABLES =
      List.of(
          "items", "routines", "chord_charts", "subscriptions", "routine_items", "active_routine");

  private static final String APPLICATION = "gpra_app";

  private static final String PASSWORD = "p";

  private static final TestRole OWNER = new TestRole("observed_owner", PASSWORD);

  private static OwnServer server;
  private static TestDatabase migrated;
  private static String on;
  private static String off;

  private TestDatabase database;

  @BeforeAll
  static void start() throws IOException {
    on = Files.readString(Path.of("docs/sql/observe.sql"));
    off = Files.readString(Path.of("docs/sql/observe-off.sql"));
    server =
        OwnServer.start(
            Map.of(
                "log_min_messages",
                "warning",
                "log_min_error_statement",
                "error",
                "log_error_verbosity",
                "default"));
    migrated = TestDatabase.legacyOn(server.server());
    migrated.execute(
        "CREATE ROLE %s LOGIN PASSWORD '%s'; ALTER ROLE %s PASSWORD '%2$s'"
            .formatted(OWNER.name(), PASSWORD, APPLICATION));
    OWNER.own(migrated);
    new LiquibaseRun(migrated).as(OWNER).enforce().updateTo("003");
    migrated.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON "
            + String.join(", ", TABLES)
            + " TO "
            + APPLICATION);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void copy() {
    database = migrated.copy();
  }

  @AfterEach
  void drop() {
    database.close();
  }

  private Connection connect(String role) throws SQLException {
    return DriverManager.getConnection(
        database.bareUrl() + "?user=" + role + "&password=" + PASSWORD + "&ApplicationName=flask");
  }

  /** What is reported while the statements run, each in a transaction of its own. */
  private List<String> reported(String role, String... statements) throws SQLException {
    String begin = mark();
    try (Connection connection = connect(role);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
    String end = mark();
    String log = log();
    return log.substring(log.indexOf(begin), log.indexOf(end))
        .lines()
        .filter(line -> line.contains("gpra observe: "))
        .map(line -> line.substring(line.indexOf("gpra observe: ") + "gpra observe: ".length()))
        .toList();
  }

  /** Writes a line into the log, and returns when it is there: all that was before it is too. */
  private String mark() {
    String mark = "mark " + database.value("SELECT gen_random_uuid()");
    database.execute("DO $$ BEGIN RAISE WARNING '" + mark + "'; END $$");
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (!log().contains(mark)) {
      assertThat(Instant.now()).as("the log has " + mark).isBefore(deadline);
      Thread.onSpinWait();
    }
    return mark;
  }

  private String log() {
    return database.value("SELECT pg_read_file('log/server.log')");
  }

  /** What the application is answered, and what it leaves behind; it is rolled back then. */
  private List<String> work(String role) throws SQLException {
    List<String> answers = new ArrayList<>();
    try (Connection connection = connect(role);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql :
          List.of(
              "SELECT title FROM items ORDER BY id",
              "INSERT INTO items (title, user_id) VALUES ('new', 3), ('newer', 4) RETURNING title, user_id",
              "INSERT INTO routines (name, user_id) VALUES ('new', 4)",
              "INSERT INTO routine_items (routine_id, item_id) SELECT r.id, i.id FROM routines r, items i"
                  + " WHERE r.name = 'new' AND i.title LIKE 'new%'",
              "INSERT INTO chord_charts (item_id, title, chord_data, user_id) VALUES ('1', 'Am', '{}', 4)",
              "INSERT INTO active_routine (routine_id) SELECT id FROM routines WHERE name = 'new'",
              "UPDATE subscriptions SET updated_at = now()",
              "UPDATE items SET notes = 'changed' WHERE id <= 5 RETURNING title, notes",
              "UPDATE routine_items SET completed = NOT completed",
              "SELECT r.name, i.title FROM routines r JOIN routine_items l ON l.routine_id = r.id"
                  + " JOIN items i ON i.id = l.item_id ORDER BY r.id, l.id FOR UPDATE",
              "DELETE FROM active_routine",
              "DELETE FROM routine_items WHERE completed",
              "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM routines), (SELECT count(*) FROM chord_charts),"
                  + " (SELECT count(*) FROM subscriptions), (SELECT count(*) FROM routine_items),"
                  + " (SELECT count(*) FROM active_routine)")) {
        answers.add(answer(statement, sql));
      }
      assertThat((Throwable) statement.getWarnings()).as("what the client is told").isNull();
      connection.rollback();

      connection.setReadOnly(true);
      for (String table : TABLES) {
        answers.add(answer(statement, "SELECT count(*) FROM " + table));
      }
      connection.rollback();
    }
    return answers;
  }

  private static String answer(Statement statement, String sql) throws SQLException {
    if (!statement.execute(sql)) {
      return sql + ": " + statement.getUpdateCount();
    }
    StringBuilder rows = new StringBuilder(sql);
    try (ResultSet result = statement.getResultSet()) {
      while (result.next()) {
        rows.append('\n').append(result.getString(1));
        for (int i = 2; i <= result.getMetaData().getColumnCount(); i++) {
          rows.append('|').append(result.getString(i));
        }
      }
    }
    return rows.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"observed_owner", APPLICATION})
  void refusesAndHidesNothing(String role) throws SQLException {
    List<String> before = work(role);
    database.script(OWNER, on);
    assertThat(work(role)).isEqualTo(before);
  }

  @Test
  void reportsAStatementWithoutUserOnceForATable() throws SQLException {
    database.script(OWNER, on);
    for (String table : TABLES) {
      assertThat(reported(APPLICATION, "SELECT * FROM " + table))
          .containsExactly(
              table
                  + ", app.current_user_id is missing, role gpra_app, application \"flask\","
                  + " statement: SELECT * FROM "
                  + table);
    }
    assertThat(
            reported(
                APPLICATION,
                "INSERT INTO items (title, user_id) VALUES ('a', 3), ('b', 3) RETURNING id"))
        .singleElement()
        .asString()
        .endsWith(
            "statement: INSERT INTO items (title, user_id) VALUES (?, ?), (?, ?) RETURNING id");
    assertThat(reported(APPLICATION, "UPDATE items SET notes = title WHERE id < 20")).hasSize(1);
    assertThat(reported(APPLICATION, "UPDATE items SET notes = 'all' RETURNING id")).hasSize(1);
    assertThat(reported(APPLICATION, "DELETE FROM routine_items")).hasSize(1);
    assertThat(
            reported(
                APPLICATION,
                "INSERT INTO routine_items (routine_id, item_id) SELECT r.id, i.id FROM routines r, items i"))
        .extracting(line -> line.replaceAll(",.*", ""))
        .containsExactlyInAnyOrder("items", "routines", "routine_items");
    // The same again is another statement.
    String update = "UPDATE items SET notes = 'x' WHERE id < 20";
    assertThat(reported(APPLICATION, update, update)).hasSize(2);
    assertThat(reported(APPLICATION, "BEGIN READ ONLY", "SELECT * FROM items", "COMMIT"))
        .hasSize(1);
    assertThat(reported(OWNER.name(), "SELECT * FROM items"))
        .singleElement()
        .asString()
        .contains("role " + OWNER.name());
  }

  @Test
  void reportsWhatIsNotAUserAndNobodyWhoIs() throws SQLException {
    database.script(OWNER, on);
    String read = "SELECT * FROM items";
    String write = "UPDATE items SET notes = 'x'";
    List<String> statements = new ArrayList<>();
    for (String user : List.of("3", "4", "2147483648", "0000000003")) {
      statements.addAll(List.of("SET app.current_user_id = '" + user + "'", read, write));
    }
    assertThat(reported(APPLICATION, statements.toArray(String[]::new))).isEmpty();

    statements.clear();
    for (String nobody : List.of("x", "-3", "3 ", "12345678901", "3; secret")) {
      statements.addAll(List.of("SET app.current_user_id = '" + nobody + "'", read, write));
    }
    assertThat(reported(APPLICATION, statements.toArray(String[]::new)))
        .hasSize(10)
        .allMatch(line -> line.startsWith("items, app.current_user_id is not a number, "))
        .noneMatch(line -> line.contains("secret"));
    assertThat(reported(APPLICATION, "SET app.current_user_id = ''", read))
        .singleElement()
        .asString()
        .startsWith("items, app.current_user_id is empty, ");
  }

  @Test
  void keepsTheUsersDataOutOfTheLog() throws SQLException {
    database.script(OWNER, on);
    Map<String, String> shown =
        Map.ofEntries(
            Map.entry(
                "SELECT count(*) FROM items WHERE title <> 'it''s geheim' AND id <> 4711 AND title <> 'geheim'",
                "SELECT count(*) FROM items WHERE title <> ? AND id <> ? AND title <> ?"),
            Map.entry(
                "UPDATE items SET notes = E'it\\'s geheim', tuning = e'geheim'",
                "UPDATE items SET notes = ?, tuning = ?"),
            Map.entry(
                "SELECT count(*) FROM items WHERE title <> 'C:\\' AND title <> 'geheim'",
                "SELECT count(*) FROM items WHERE title <> ?"),
            Map.entry(
                "SELECT count(*) FROM items WHERE title <> $a$geheim's$b$$a$ AND title <> 'geheim'",
                "SELECT count(*) FROM items WHERE title <> ?"),
            Map.entry(
                "SELECT count(*) AS \"it's\", 'geheim' FROM items",
                "SELECT count(*) AS \"it's\", ? FROM items"),
            Map.entry(
                "-- isn't\nSELECT /* it's */ count(*), 'geheim' FROM items -- geheim",
                "SELECT count(*), ? FROM items"),
            Map.entry(
                "SELECT count(*) /* a /* b */ it's */, 'geheim' FROM items", "SELECT count(*)"),
            Map.entry(
                "SELECT count(*) - 4711.25e3, U&'geheim', B'101', N'geheim' FROM items i1",
                "SELECT count(*) - ?, U&?, B?, N? FROM items i1"),
            Map.entry(
                "SELECT count(*) FROM items WHERE title <> 'geheim" + "x".repeat(2000) + "'",
                "SELECT count(*) FROM items WHERE title <> ?"),
            Map.entry(
                "SELECT count(*) FROM items\n\tWHERE id IN (" + "4711, ".repeat(500) + "4711)",
                "SELECT count(*) FROM items WHERE id IN (" + "?, ".repeat(53) + "?"));
    assertThat(reported(APPLICATION, shown.keySet().toArray(String[]::new)))
        .extracting(line -> line.substring(line.indexOf("statement: ") + "statement: ".length()))
        .containsExactlyElementsOf(shown.values())
        .allMatch(statement -> statement.length() <= 200);
    assertThat(log()).contains("gpra observe: ").doesNotContain("geheim");
  }

  @Test
  void leavesNothingBehind() {
    String schema = database.schema();
    String data = database.data();
    database.script(OWNER, on).script(OWNER, on);
    assertThat(database.schema()).isNotEqualTo(schema);
    database.script(OWNER, off);
    assertSame("the schema", schema, database.schema());
    assertSame("the data", data, database.data());
    database.script(OWNER, off);
    assertSame("the schema", schema, database.schema());
  }

  @Test
  void goesOnWhereALockHasStoppedIt() throws SQLException {
    String schema = database.schema();
    List<String> before = work(APPLICATION);
    for (String table : List.of("items", "chord_charts", "active_routine")) {
      try (Connection reader = connect(APPLICATION);
          Statement statement = reader.createStatement()) {
        reader.setAutoCommit(false);
        statement.execute("SELECT FROM " + table);
        assertThatThrownBy(() -> database.script(OWNER, on)).hasMessageContaining("lock timeout");
      }
      assertThat(observed()).isEqualTo(TABLES.indexOf(table));
      assertThat(work(APPLICATION)).isEqualTo(before);
      database.script(OWNER, off);
      assertSame("the schema", schema, database.schema());
      database.script(OWNER, on);
      assertThat(observed()).isEqualTo(TABLES.size());

      try (Connection reader = connect(APPLICATION);
          Statement statement = reader.createStatement()) {
        reader.setAutoCommit(false);
        statement.execute("SELECT FROM " + table);
        assertThatThrownBy(() -> database.script(OWNER, off)).hasMessageContaining("lock timeout");
      }
      assertThat(observed()).isEqualTo(TABLES.indexOf(table) + 1);
      assertThat(work(APPLICATION)).isEqualTo(before);
      database.script(OWNER, off);
      assertSame("the schema", schema, database.schema());
    }
  }

  private int observed() {
    return Integer.parseInt(
        database.value(
            "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"));
  }

  @Test
  void has004StopUntilItIsOff() {
    database.script(OWNER, on);
    String schema = database.schema();
    assertThatThrownBy(() -> new LiquibaseRun(database).as(OWNER).enforce().update())
        .hasMessageContaining("004 cannot run")
        .hasMessageContaining("items is still being observed: psql -f docs/sql/observe-off.sql")
        .hasMessageContaining("active_routine is still being observed");
    assertThatThrownBy(() -> new LiquibaseRun(database).as(OWNER).enforce().rollbackTo("002"))
        .hasMessageContainingAll(
            "still being observed, by the policy gpra_observe on ",
            "psql -f docs/sql/observe-off.sql). Nothing was undone.");
    assertSame("the schema", schema, database.schema());
    database.script(OWNER, off);
    new LiquibaseRun(database).as(OWNER).enforce().update();
    assertThat(database.applied()).contains("004-tag");
  }

  @Test
  void leavesAloneWhatIsNotItsOwn() {
    new LiquibaseRun(database).as(OWNER).enforce().update();
    String schema = database.schema();
    assertThatThrownBy(() -> database.script(OWNER, on))
        .hasMessageContaining("items has the policy tenant_isolation already")
        .hasMessageContaining("Nothing was changed");
    database.script(OWNER, off);
    assertSame("the schema", schema, database.schema());

    // Not by these scripts, which refuse it.
    database.execute(
        "CREATE POLICY gpra_observe ON items USING (true); COMMENT ON POLICY gpra_observe ON items IS '[gpra observe]'");
    database.script(OWNER, off);
    assertSame("the schema", schema, database.schema());

    database.execute("CREATE POLICY gpra_observe ON items USING (true)");
    String others = database.schema();
    database.script(OWNER, off);
    assertSame("the schema", others, database.schema());
  }
}
