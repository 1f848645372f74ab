package app.gpra.migrations.connection;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.Planted;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import app.gpra.migrations.operation.Brief;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions and operators of roles that have no right to decide what a migration runs. */
class StrangersIT {

  private static final Pattern VARIABLE = Pattern.compile(":(['\"])(\\w+)\\1");

  private static final boolean PSQL = psql();

  private static TestRole mallory;
  private static TestDatabase empty;

  @TempDir Path directory;

  @BeforeAll
  static void create() {
    mallory = TestRole.create(UUID.randomUUID().toString());
    empty = TestDatabase.empty();
  }

  @AfterAll
  static void drop() {
    empty.close();
    mallory.close();
  }

  private static String named(String sql) {
    return sql.replace("mallory", mallory.name());
  }

  private static void assertRefused(TestDatabase database, ThrowingCallable command) {
    String schema = database.schema();
    List<String> applied = database.applied();
    assertThatThrownBy(command)
        .hasMessageContaining("Nothing was done. ")
        .hasMessageContaining(
            named(
                "the function public.format(text,text) has the name of one of PostgreSQL's, and belongs to mallory"))
        .hasMessageContaining("DROP OPERATOR public.=(character varying,character varying)")
        .hasMessageContaining(named("-Dgpra.trusted.roles=mallory"))
        .hasMessageContaining("run the same command again.");
    assertThat(Planted.wasCalledIn(database)).as("a planted function was called").isFalse();
    assertSame("the schema", schema, database.schema());
    assertThat(database.applied()).isEqualTo(applied);
  }

  /** Commands that are the first one of a session. */
  static final Map<String, Consumer<LiquibaseRun>> COMMANDS =
      Map.of(
          "update", LiquibaseRun::update,
          "updateSQL", LiquibaseRun::updateSql,
          "status", LiquibaseRun::status,
          "rollback", run -> run.rollbackTo("000"),
          "rollbackSQL", run -> run.rollbackSqlTo("000"),
          "futureRollbackSQL", LiquibaseRun::futureRollbackSql);

  static Stream<String> commands() {
    return COMMANDS.keySet().stream();
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource("commands")
  void nothingPlantedBeforehandIsCalled(String command) {
    try (TestDatabase database = TestDatabase.legacy()) {
      if (command.startsWith("rollback")) {
        new LiquibaseRun(database).update();
      }
      Planted.in(database, mallory);
      assertRefused(database, () -> COMMANDS.get(command).accept(new LiquibaseRun(database)));
      assertRefused(
          database, () -> COMMANDS.get(command).accept(new LiquibaseRun(database).handedOver()));
    }
  }

  @Test
  void whoIsTrustedPassesWithAWarning() {
    List<String> warnings = new ArrayList<>();
    Logger log = Logger.getLogger("liquibase.changelog");
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            warnings.add(line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    log.setLevel(Level.WARNING);
    log.addHandler(handler);
    try (TestDatabase database = Planted.in(TestDatabase.legacy(), mallory)) {
      new LiquibaseRun(database).with("gpra.trusted.roles", mallory.name()).update();
      assertThat(warnings)
          .containsExactlyInAnyOrder(
              named(
                  "Trusted, as gpra.trusted.roles says: the function public.format(text,text) has the name of one of PostgreSQL's, and belongs to mallory"),
              named(
                  "Trusted, as gpra.trusted.roles says: the operator public.=(character varying,character varying) has the name of one of PostgreSQL's, and belongs to mallory"));
      assertThat(Planted.wasCalledIn(database))
          .as("what was planted would have been called")
          .isTrue();

      // The stored CHECK has it now, whatever becomes of the rest.
      database.execute("DROP FUNCTION public.format(text, text)");
      assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
          .hasMessageContaining(
              named(
                  "the table constraint ck_items_created_via on public.items depends on the operator"
                      + " public.=(character varying,character varying), which belongs to mallory: look at it, then, as a superuser, ALTER OPERATOR"));
      database.execute(
          "ALTER OPERATOR public.= (varchar, varchar) OWNER TO CURRENT_USER; ALTER FUNCTION public.same OWNER TO CURRENT_USER");
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");
    } finally {
      log.removeHandler(handler);
      log.setLevel(null);
    }
  }

  @Test
  @Tag("thorough")
  void aScriptStopsWhereSomethingWasPlantedAfterItWasWritten() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      String update = new LiquibaseRun(database).updateSql();
      String offline =
          new LiquibaseRun(database).offline(directory.resolve("notes.csv")).updateSql();
      assertThat(List.of(update, offline))
          .allSatisfy(
              script -> assertThat(script).contains(Brief.of(Strangers.script(null, true))));
      Planted.in(database, mallory);
      for (String script : List.of(update, offline)) {
        assertRefused(database, () -> run(database, written(script)));
      }
    }
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      String rollback = new LiquibaseRun(database).rollbackSqlTo("000");
      String future = new LiquibaseRun(database).enforce().futureRollbackSql();
      Planted.in(database, mallory);
      for (String script : List.of(rollback, future)) {
        assertRefused(database, () -> run(database, written(script)));
      }
    }
  }

  @Test
  void aScriptLetsPassWhomItsCommandTrusted() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      String script =
          new LiquibaseRun(database).with("gpra.trusted.roles", mallory.name()).updateSql();
      Planted.in(database, mallory);
      run(database, written(script));
      assertThat(database.applied()).contains("002-tag");
    }
  }

  /** But for those that can call nothing of anybody's. */
  static List<Path> files() throws IOException {
    List<Path> exposed = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("docs/sql"))) {
      for (Path file : files.sorted().toList()) {
        if (!Files.readAllLines(file).contains("SET search_path = pg_catalog;")) {
          exposed.add(file);
        }
      }
    }
    return exposed;
  }

  @ParameterizedTest
  @MethodSource("files")
  @Tag("thorough")
  void aFileForTheOperatorStops(Path file) {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      Planted.in(database, mallory);
      assertRefused(database, () -> run(database, file));
    }
  }

  private Path written(String script) throws IOException {
    return Files.writeString(directory.resolve("script.sql"), script);
  }

  /** By psql, where there is one; its variables all name the same role. */
  private static void run(TestDatabase database, Path file) throws Exception {
    List<String> variables =
        VARIABLE
            .matcher(Files.readString(file))
            .results()
            .map(variable -> variable.group(2))
            .distinct()
            .toList();
    if (!PSQL) {
      String script = Files.readString(file);
      for (String variable : variables) {
        script =
            script
                .replace(":'" + variable + "'", "'" + mallory.name() + "'")
                .replace(":\"" + variable + "\"", "\"" + mallory.name() + "\"");
      }
      database.script(script);
      return;
    }
    List<String> command =
        new ArrayList<>(
            List.of("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.toString()));
    variables.forEach(variable -> command.addAll(List.of("-v", variable + "=" + mallory.name())));
    command.add(database.jdbcUrl().replaceFirst("^jdbc:", ""));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
  }

  private static boolean psql() {
    try {
      Process process =
          new ProcessBuilder("psql", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(e));
    }
  }

  /**
   * A database as those that came from PostgreSQL 14: everybody may CREATE in public.
   *
   * @param given besides
   * @param as who migrates
   * @param refused what the message has to have; null: nobody is refused
   */
  record Situation(String given, String as, String refused) {
    static Situation runs(String given) {
      return new Situation(given, "migrator", null);
    }

    static Situation refused(String given, String sentence) {
      return new Situation(given, "migrator", sentence);
    }

    @Override
    public String toString() {
      return (refused == null ? "runs: " : "refused: ") + given;
    }
  }

  private static final String GIVEN =
      "CREATE ROLE migrator LOGIN; CREATE ROLE crowd; GRANT CREATE ON SCHEMA public TO PUBLIC;"
          + " REVOKE CONNECT ON DATABASE the_database FROM PUBLIC; GRANT CONNECT ON DATABASE the_database TO migrator, mallory; ";

  private static final String ONLY_THE_GROUP =
      "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT CREATE ON SCHEMA public TO crowd, migrator; ";

  private static final String NOBODY = "REVOKE CREATE ON SCHEMA public FROM PUBLIC; ";

  private static final String MADE =
      "GRANT CREATE ON SCHEMA public TO mallory, crowd; SET ROLE %1$s;"
          + " CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql RETURN 'x'; RESET ROLE;"
          + " REVOKE CREATE ON SCHEMA public FROM mallory, crowd, PUBLIC; ";

  /** An expression that calls what a role has made, and has put elsewhere. */
  private static final String DEPENDS =
      NOBODY
          + "CREATE SCHEMA elsewhere; GRANT USAGE, CREATE ON SCHEMA elsewhere TO PUBLIC; SET ROLE mallory;"
          + " CREATE FUNCTION elsewhere.mine(integer) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN true; RESET ROLE;"
          + " CREATE TABLE public.t (a integer, b boolean); ";

  static final List<Situation> SITUATIONS =
      List.of(
          Situation.refused(
              "",
              "mallory may CREATE in the schema public, where what they make runs with the rights of migrator:"
                  + " GRANT CREATE ON SCHEMA public TO migrator; REVOKE CREATE ON SCHEMA public FROM PUBLIC, as "),
          Situation.refused(
              "ALTER SCHEMA public OWNER TO migrator",
              "REVOKE CREATE ON SCHEMA public FROM PUBLIC, as migrator or a superuser"),
          Situation.runs("ALTER ROLE mallory SUPERUSER"),
          Situation.runs("CREATE ROLE almighty SUPERUSER; GRANT almighty TO mallory"),
          Situation.runs("ALTER ROLE mallory NOLOGIN"),
          Situation.runs("REVOKE CONNECT ON DATABASE the_database FROM mallory"),
          Situation.runs("ALTER DATABASE the_database OWNER TO mallory"),
          Situation.runs("ALTER DATABASE the_database OWNER TO crowd; GRANT crowd TO mallory"),
          Situation.runs("ALTER SCHEMA public OWNER TO mallory"),
          Situation.runs("ALTER SCHEMA public OWNER TO crowd; GRANT crowd TO mallory"),
          Situation.runs("GRANT migrator TO mallory"),
          new Situation("REVOKE CONNECT ON DATABASE the_database FROM migrator", "mallory", null),
          new Situation("", "NONE", "mallory may CREATE"),
          new Situation(
              "REVOKE CONNECT ON DATABASE the_database FROM mallory, migrator", "NONE", null),
          Situation.runs("SET gpra.trusted.roles = 'another,mallory'"),
          Situation.refused("SET gpra.trusted.roles = 'mallory_'", "mallory may CREATE"),
          Situation.runs(NOBODY),
          Situation.runs(ONLY_THE_GROUP),
          Situation.refused(
              ONLY_THE_GROUP + "GRANT crowd TO mallory",
              "mallory may CREATE in the schema public, where what they make runs with the rights of migrator:"
                  + " REVOKE CREATE ON SCHEMA public FROM crowd, as "),
          Situation.refused(
              ONLY_THE_GROUP + "ALTER ROLE mallory NOINHERIT; GRANT crowd TO mallory",
              "mallory may CREATE"),
          Situation.refused(
              NOBODY + "GRANT CREATE ON SCHEMA public TO mallory",
              "REVOKE CREATE ON SCHEMA public FROM mallory, as "),
          // What PostgreSQL 16 has of memberships.
          Situation.runs(
              ONLY_THE_GROUP + "GRANT crowd TO mallory WITH INHERIT FALSE, SET FALSE, ADMIN FALSE"),
          Situation.refused(
              ONLY_THE_GROUP + "GRANT crowd TO mallory WITH INHERIT FALSE, SET TRUE",
              "mallory may CREATE"),
          Situation.refused(
              ONLY_THE_GROUP + "GRANT crowd TO mallory WITH INHERIT FALSE, SET FALSE, ADMIN TRUE",
              "mallory may CREATE"),
          Situation.refused(
              MADE.formatted("mallory"),
              "the function public.lower(character varying) has the name of one of PostgreSQL's, and belongs to mallory:"
                  + " look at it, then DROP FUNCTION public.lower(character varying), as "),
          Situation.refused(
              MADE.formatted("crowd") + "GRANT crowd TO mallory",
              "belongs to crowd (that is, mallory)"),
          Situation.runs(MADE.formatted("crowd")),
          Situation.runs(MADE.formatted("NONE")),
          Situation.runs(MADE.formatted("mallory").replace("lower", "mine")),
          Situation.refused(
              MADE.formatted("mallory").replace("lower", "mine")
                  + "CREATE OPERATOR public.= (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text);"
                  + " CREATE FUNCTION public.other(varchar, varchar) RETURNS boolean LANGUAGE sql RETURN true; ALTER FUNCTION public.other OWNER TO mallory;"
                  + " CREATE OPERATOR public.= (FUNCTION = public.other, LEFTARG = varchar, RIGHTARG = varchar)",
              "the operator public.=(character varying,character varying) has the name of one of PostgreSQL's, and belongs to mallory"),
          Situation.runs(DEPENDS + "ALTER TABLE t ADD CONSTRAINT c CHECK (elsewhere.mine(a))"),
          Situation.refused(
              DEPENDS
                  + "ALTER TABLE t ADD CONSTRAINT c CHECK (elsewhere.mine(a)); COMMENT ON CONSTRAINT c ON t IS '[gpra 001] x'",
              "the table constraint c on public.t depends on the function elsewhere.mine(integer), which belongs to mallory"),
          Situation.refused(
              DEPENDS
                  + "ALTER TABLE t ALTER b SET DEFAULT elsewhere.mine(1); COMMENT ON COLUMN t.b IS '[gpra 001] x'",
              "the default value for public.t.b depends on the function"),
          Situation.refused(
              DEPENDS
                  + "CREATE INDEX i ON t (a) WHERE elsewhere.mine(a); COMMENT ON INDEX i IS '[shop db.xml::1::a] x'",
              "the index public.i depends on the function"),
          Situation.refused(
              DEPENDS
                  + "CREATE POLICY p ON t USING (elsewhere.mine(a)); COMMENT ON TABLE t IS '[gpra 001] x'",
              "the policy p on public.t depends on the function"),
          Situation.runs(
              DEPENDS
                  + "ALTER TABLE t ADD CONSTRAINT c CHECK (elsewhere.mine(a)); COMMENT ON CONSTRAINT c ON t IS '[gpra 001] x'; ALTER TABLE t OWNER TO mallory"));

  @ParameterizedTest
  @FieldSource("SITUATIONS")
  void onlyAStrangerIsRefused(Situation situation) throws SQLException {
    try (Connection connection = empty.connect();
        Statement statement = connection.createStatement()) {
      assumeTrue(
          !situation.given().contains("INHERIT FALSE")
              || empty
                  .value(
                      "SELECT count(*) FROM pg_attribute WHERE attrelid = 'pg_auth_members'::regclass AND attname = 'set_option'")
                  .equals("1"),
          "this server's memberships have no options");
      // Taken back with the transaction: roles are the whole server's.
      connection.setAutoCommit(false);
      statement.execute(
          (GIVEN + situation.given() + "; SET ROLE " + situation.as())
              .replace("mallory", mallory.name())
              .replace("the_database", empty.toString()));
      ThrowingCallable look = () -> statement.execute(Strangers.script(null, true));
      if (situation.refused() == null) {
        assertThatCode(look).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(look).hasMessageContaining(named(situation.refused()));
      }
      connection.rollback();
    }
  }

  @Test
  void theSchemaOfLiquibasesOwnTablesCountsToo() throws SQLException {
    try (TestDatabase database = TestDatabase.empty();
        Connection connection = database.connect()) {
      database.execute(
          named("CREATE SCHEMA \"Lb's\"; GRANT USAGE, CREATE ON SCHEMA \"Lb's\" TO mallory"));
      assertThat(Strangers.refuse(connection, null, true)).isEmpty();
      assertThat(Strangers.refuse(connection, "Lb's", false))
          .singleElement()
          .asString()
          .contains(named("mallory may CREATE in the schema \"Lb's\", "), "REVOKE CREATE");
      assertThatThrownBy(() -> Strangers.refuse(connection, "Lb's", true))
          .hasMessageContaining(named("mallory may CREATE in the schema \"Lb's\", "));
      assertThatThrownBy(() -> database.script(Strangers.script("Lb's", true)))
          .hasMessageContaining(named("mallory may CREATE in the schema \"Lb's\", "));
    }
  }

  /** As it comes: everybody may CREATE, and there is nobody but the one who migrates. */
  @Test
  void aPlainServerWithOneRoleRuns() {
    try (OwnServer own = OwnServer.start(Map.of());
        TestDatabase database = TestDatabase.legacyOn(own.server())) {
      database.execute(
          "ALTER ROLE gpra_app NOLOGIN; CREATE ROLE gpra LOGIN PASSWORD 'gpra'; GRANT CREATE ON SCHEMA public TO PUBLIC; GRANT CREATE ON DATABASE %s TO gpra"
              .formatted(database));
      TestRole role = new TestRole("gpra", "gpra").grantLeastPrivileges(database);
      database.execute("GRANT CREATE ON SCHEMA public TO PUBLIC");
      new LiquibaseRun(database).as(role).update();
      new LiquibaseRun(database).as(role).rollbackTo("000");
      database.execute("ALTER ROLE gpra_app LOGIN");
      assertThatThrownBy(() -> new LiquibaseRun(database).as(role).update())
          .hasMessageContaining("gpra_app may CREATE in the schema public");
    }
  }
}
