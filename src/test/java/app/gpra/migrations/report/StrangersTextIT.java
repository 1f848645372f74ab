package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What others have written into a database, be it their own name, writes no line of the operator's:
 * not on the screen, not in an error, not in the report.
 */
class StrangersTextIT {

  /** A line of Maven's, "clear the screen", "write from right to left", HTML. */
  private static final String TEXT = "x\n[INFO] BUILD SUCCESS\r\u001b[2J\u202e\u2028<b>|`";

  private static final String SHOWN = "x␊[INFO] BUILD SUCCESS␍␛[2J��<b>|`";

  private static final Pattern OBEYED = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}&&[^\n]]");

  @TempDir Path directory;
  private final List<String> screen = new ArrayList<>();
  private Path file;

  @BeforeEach
  void nameTheReport() {
    file = directory.resolve("report.md");
  }

  private LiquibaseRun run(TestDatabase database) {
    return new LiquibaseRun(database).with("gpra.report", file.toString()).showing(screen::add);
  }

  private String report() throws IOException {
    return Files.readString(file);
  }

  private static String name(String suffix) {
    return "U&\"" + escaped(TEXT) + suffix + '"';
  }

  private static String literal(String suffix) {
    return "U&'" + escaped(TEXT) + suffix + "'";
  }

  /** As U&amp; has it: the server's setting of backslashes does not matter. */
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars().forEach(c -> escaped.append("\\%04x".formatted(c)));
    return escaped.toString();
  }

  /** Lines are those that this project breaks. */
  private static void assertIsHarmless(String text) {
    assertThat(text).doesNotContainPattern(OBEYED);
    assertThat(text.lines()).noneMatch(line -> line.startsWith("[INFO]"));
  }

  private void assertScreenAndReportAreHarmless() throws IOException {
    assertThat(screen).allSatisfy(line -> assertIsHarmless(line));
    assertIsHarmless(report());
    assertThat(report().replaceAll("(?s)```text\n.*?\n```", "")).doesNotContain("<b>");
  }

  @Test
  void isOneLineWhereItIsAUsersName() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute(
          "UPDATE ab_user SET username = " + literal("") + " WHERE username = 'admin'");
      run(database).update();
      assertThat(screen).contains("the admin is " + SHOWN + " (id 3)");
      assertScreenAndReportAreHarmless();
    }
  }

  /** Liquibase itself puts a precondition's answer into its error. */
  @Test
  void isOneLineInAPreconditionsError() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("001");
      database.execute(
          "UPDATE ab_user SET username = id || %s; INSERT INTO ab_user_role SELECT 900 + u.id, u.id, r.id FROM ab_user u, ab_role r WHERE r.name = 'Admin' AND u.active AND NOT EXISTS (SELECT FROM ab_user_role ur WHERE ur.user_id = u.id AND ur.role_id = r.id)"
              .formatted(literal("")));
      Throwable failure = catchThrowable(() -> run(database).update());
      assertThat(failure)
          .hasMessageContaining("several active users have the role Admin: 3" + SHOWN);
      assertIsHarmless(failure.getMessage());
      assertThat(report()).contains("several active users have the role Admin");
      assertScreenAndReportAreHarmless();
    }
  }

  @Test
  void isOneLineInAnErrorOfTheServersAndOfTheChangelogs() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute(
          """
          CREATE FUNCTION complain() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = %1$s, DETAIL = %1$s, HINT = %1$s;
          END $$;
          CREATE EVENT TRIGGER complain ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION complain();
          """
              .formatted(literal("")));
      Throwable failure = catchThrowable(() -> run(database).update());
      assertThat(failure)
          .hasMessageContaining(
              "%1$s\n  Detail: %1$s\n  Hint: %1$s (SQLSTATE 22000) in: ".formatted(SHOWN));
      assertIsHarmless(failure.getMessage());
      assertScreenAndReportAreHarmless();

      database.execute("DROP EVENT TRIGGER complain");
      run(database).update();
      database.execute("CREATE VIEW " + name("") + " AS SELECT user_id FROM items");
      failure = catchThrowable(() -> run(database).rollbackTo("000"));
      assertThat(failure).hasMessageContaining("_RETURN on view \"" + SHOWN + "\"");
      assertIsHarmless(failure.getMessage());
      assertScreenAndReportAreHarmless();
    }
  }

  @Test
  void isOneLineWhereItIsTheNameOfWhoeverHoldsALock() throws Exception {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      String name = name(role.name());
      database.execute("GRANT SELECT ON items TO " + role.name());
      database.execute("ALTER ROLE %s RENAME TO %s".formatted(role.name(), name));
      try (Connection connection =
              DriverManager.getConnection(database.bareUrl(), TEXT + role.name(), role.password());
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute("SELECT id AS \"\u202e\" FROM items LIMIT 1");
        Throwable failure =
            catchThrowable(() -> run(database).with("gpra.wait.limit", "1s").update());
        assertThat(failure)
            .hasMessageContaining(", user " + SHOWN + role.name() + ", application")
            .hasMessageContaining("query: SELECT id AS \"�\" FROM items");
        assertIsHarmless(failure.getMessage());
        assertScreenAndReportAreHarmless();
      } finally {
        database.execute("ALTER ROLE %s RENAME TO %s".formatted(name, role.name()));
      }
    }
  }

  @Test
  void isOneLineInTheHistory() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      run(database).updateTo("000");
      database.execute(
          "INSERT INTO databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype, tag, comments) VALUES (%1$s, %1$s, %1$s, now(), 99, 'EXECUTED', %1$s, %1$s)"
              .formatted(literal("")));
      String status = run(database).status();
      assertThat(status).contains("does not know: " + SHOWN + ".");
      assertIsHarmless(status);
      String history = run(database).run(List.of("liquibase:history"));
      assertThat(history).contains(SHOWN);
      assertIsHarmless(history);
      Throwable failure = catchThrowable(() -> run(database).rollbackTo("999"));
      assertThat(failure).hasMessageContaining("it has 000, " + SHOWN + ".");
      assertIsHarmless(failure.getMessage());
      assertScreenAndReportAreHarmless();
    }
  }

  @Test
  void isOneLineWhereItIsTheNameOfTheRoleOrTheSchema() throws IOException {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      String name = name(role.name());
      database.execute("ALTER ROLE " + role.name() + " RENAME TO " + name);
      try {
        TestRole renamed = new TestRole(TEXT + role.name(), role.password());
        Throwable failure = catchThrowable(() -> run(database).as(renamed).update());
        assertThat(failure).hasMessageContaining(SHOWN + role.name());
        assertIsHarmless(failure.getMessage());
        assertIsHarmless(report());
        database.execute("CREATE SCHEMA %1$s AUTHORIZATION %2$s".formatted(name("s"), name));
        failure =
            catchThrowable(
                () ->
                    run(database)
                        .as(renamed)
                        .in('"' + (TEXT + 's').replace("\"", "\"\"") + '"' + ",public")
                        .update());
        assertThat(failure).hasMessageContaining("The table items is in the schema public");
        assertIsHarmless(failure.getMessage());
        database.execute("DROP SCHEMA " + name("s"));
      } finally {
        database.execute("ALTER ROLE " + name + " RENAME TO " + role.name());
      }
    }
  }
}
