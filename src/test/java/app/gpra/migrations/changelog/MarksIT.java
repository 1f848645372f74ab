package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.PostgresServer;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a rollback does where comments, or 002's memory, have got lost: a restore may leave them
 * out. The cases are all that bears a mark after every migration.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MarksIT {

  private static final String MARKS = "gpra.rollback.marks";

  /** Up to here all is as the application made it. */
  private static final String FIRST = Changelog.tags().get(0);

  private TestDatabase legacy;
  private TestDatabase migrated;

  /** All migrations, and the label {@code enforce} with them. */
  private TestDatabase complete;

  @BeforeAll
  void migrate() {
    legacy = TestDatabase.legacy();
    new LiquibaseRun(legacy).updateTo(FIRST);
    assertThat(new LiquibaseRun(legacy).status()).doesNotContain("By its history");
    migrated = legacy.copy();
    new LiquibaseRun(migrated).update();
    complete = migrated.copy();
    new LiquibaseRun(complete).enforce().update();
  }

  @AfterAll
  void drop() {
    Stream.of(legacy, migrated, complete).forEach(TestDatabase::close);
  }

  /**
   * An object that bears a mark.
   *
   * @param key where PostgreSQL keeps its comment
   * @param name as PostgreSQL describes it
   * @param kind such as column
   */
  private record Marked(String key, String name, String kind) {

    static List<Marked> in(TestDatabase database) {
      return database
          .query(
              "SELECT format('(objoid, classoid, objsubid) = (%s, %s, %s)', objoid, classoid, objsubid),"
                  + " pg_describe_object(classoid, objoid, objsubid), split_part("
                  + "pg_describe_object(classoid, objoid, objsubid), ' ', 1) FROM pg_description"
                  + " WHERE description ~ '^\\[gpra \\d{3}[]-]'"
                  // (That goes with the copy of a column.)
                  + " AND pg_describe_object(classoid, objoid, objsubid) NOT LIKE '% zz\\_gpra\\_step\\_%' ORDER BY description, 2")
          .stream()
          .map(row -> row.split("\\|"))
          .map(row -> new Marked(row[0], row[1], row[2]))
          .toList();
    }

    /** As a restore without comments leaves it. */
    TestDatabase lose(TestDatabase database) {
      return database.execute(
          "SET allow_system_table_mods = on; DELETE FROM pg_description WHERE " + key);
    }

    /** Without its table; what is in a schema has that one's. */
    String plainName() {
      return name.split("[ .]")[1];
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static TestDatabase withoutComments(TestDatabase database) {
    Marked.in(database).forEach(one -> one.lose(database));
    return database;
  }

  private static void assertUntouched(TestDatabase before, TestDatabase database) {
    assertThat(database.applied()).isEqualTo(before.applied());
    assertSame("the data", before.data(), database.data());
  }

  /** Of a script that goes back as far as it goes: up to the second changeset. */
  private static String beginning(LiquibaseRun run) {
    String script = run.rollbackSqlTo(FIRST);
    String next = "-- Rolling Back ChangeSet: ";
    return script.substring(0, script.indexOf(next, script.indexOf(next) + 1));
  }

  /** Each on its own, in a script of rollbackSQL, which a run sends as it is. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void eachThatLostItsMarkStopsARollbackAndIsNamed() {
    try (TestDatabase database = complete.copy()) {
      String script = beginning(new LiquibaseRun(database).enforce());
      List<Marked> all = Marked.in(database);
      assertThat(all).hasSizeGreaterThan(30);
      for (Marked one : all) {
        String comment =
            database.value("SELECT description FROM pg_description WHERE " + one.key());
        one.lose(database);
        String[] named = {"any more: " + one.name() + ". Nothing was undone", MARKS + "=restore"};
        assertThatThrownBy(() -> database.script(script))
            .as(one.name())
            .hasMessageContainingAll(named);
        database.execute(
            "SET allow_system_table_mods = on; INSERT INTO pg_description VALUES (%s, $$%s$$)"
                .formatted(one.key().replaceAll(".*= \\(|\\)$", ""), comment));
      }
      assertSame("the schema", complete.schema(), database.schema());
      assertUntouched(complete, database);

      withoutComments(database);
      database.script(beginning(new LiquibaseRun(database).enforce().with(MARKS, "restore")));
      assertSame("the schema, comments included", complete.schema(), database.schema());
    }
  }

  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  class RestoredWithoutComments {

    @Test
    void nothingIsUndoneUntilTheyAreMarkedAgain() {
      try (TestDatabase database = withoutComments(complete.copy())) {
        String schema = database.schema();
        String[] named = Marked.in(complete).stream().map(Marked::name).toArray(String[]::new);
        int applied = database.applied().size();
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo(FIRST))
            .hasMessageContainingAll(named)
            .hasMessageContaining("Nothing was undone");
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackCount(applied - 2))
            .hasMessageContainingAll(named);
        assertSame("the schema", schema, database.schema());
        assertUntouched(complete, database);
        assertThat(new LiquibaseRun(database).enforce().status())
            .contains("By its history this changelog made column ")
            .contains(" and %d more, but no comment says so".formatted(named.length - 3));

        new LiquibaseRun(database).enforce().with(MARKS, "restore").rollbackTo(FIRST);

        assertSame("the schema", legacy.schema(), database.schema());
        assertSame("the data", legacy.data(), database.data());
      }
    }

    @Tag("thorough")
    @Test
    void whatIsLeftStaysAndItsRowsHaveNoOwnerAgain() {
      try (TestDatabase database = withoutComments(migrated.copy())) {
        String schema = database.schema();

        new LiquibaseRun(database)
            .with(MARKS, "leave")
            .rollbackCount(database.applied().size() - 2);

        assertSame("the schema", schema, database.schema());
        assertThat(database.applied()).isEqualTo(legacy.applied());
        assertThat(database.value("SELECT count(user_id) FROM items")).isEqualTo("0");
        assertThat(database.value("SELECT count(*) FROM subscriptions")).isEqualTo("0");
        new LiquibaseRun(database).update();
        assertThat(new LiquibaseRun(database).status()).contains("is up to date");
      }
    }

    /** Others' look the same by name only. */
    @Tag("thorough")
    @Test
    void whatIsDifferentIsNotMarked() {
      try (TestDatabase database = withoutComments(complete.copy())) {
        database.execute(
            "DROP INDEX idx_items_user_id; CREATE INDEX idx_items_user_id ON items (user_id, title);"
                + "ALTER TABLE items DROP CONSTRAINT ck_items_created_via, ADD CONSTRAINT ck_items_created_via CHECK (title <> '');"
                + "ALTER TABLE items ALTER created_via SET DEFAULT 'import'; COMMENT ON COLUMN items.created_via IS 'theirs';"
                + "ALTER POLICY tenant_isolation ON routines USING (true)");
        assertThatThrownBy(
                () -> new LiquibaseRun(database).enforce().with(MARKS, "restore").rollbackTo(FIRST))
            .hasMessageContainingAll(
                "are not as it makes them: ",
                "items.created_via is character varying(50) default import, expected character varying(50) default manual",
                "ck_items_created_via on items is \"CHECK (((title)::text <> ''::text))\", expected CHECK (created_via IN (",
                "the index idx_items_user_id is \"CREATE INDEX idx_items_user_id ON public.items USING btree (user_id, title)\", expected (user_id)",
                "policy tenant_isolation on table routines",
                "Nothing was undone")
            .hasMessageNotContaining("idx_routines_user_id");
        assertUntouched(complete, database);
      }
    }

    @Test
    @Tag("thorough")
    void whatWasThereBeforeIsNotLost() {
      try (TestDatabase database = TestDatabase.alembic()) {
        database.execute("CREATE SCHEMA gpra_admin_assignment");
        String schema = database.schema();
        new LiquibaseRun(database).update();
        new LiquibaseRun(database).rollbackTo(FIRST);
        assertThat(database.schema().lines()).containsAll(schema.lines().toList());
      }
    }
  }

  @Nested
  class TheMemoryOf002 {

    private static final String GONE = "DROP SCHEMA gpra_admin_assignment CASCADE";

    @Tag("thorough")
    @Test
    void isMissedAndTheRowsKeepTheirOwner() {
      try (TestDatabase database = migrated.copy().execute(GONE)) {
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("001"))
            .hasMessageContaining(
                "which rows were filled, in chord_charts.user_id, items.user_id, routines.user_id, subscriptions.user_id: they would keep their value. Nothing was undone")
            .hasMessageContaining("-Dgpra.rollback.marks=leave");
        assertThat(database.applied()).isEqualTo(migrated.applied());

        new LiquibaseRun(database).with(MARKS, "leave").rollbackTo("001");
        assertThat(database.applied()).contains("001-tag").doesNotContain("002-preflight");
        assertThat(database.value("SELECT count(*) FROM items WHERE user_id = 3")).isEqualTo("36");
        new LiquibaseRun(database).update();
        assertThat(database.value("SELECT count(*) FROM subscriptions")).isEqualTo("1");
      }
    }

    /** By then they are users' own, for all that is known. */
    @Test
    void isMissedAndOwnersAreNotDestroyedUnasked() {
      try (TestDatabase database = legacy.copy()) {
        new LiquibaseRun(database).updateTo("002");
        withoutComments(database).execute(GONE);
        StringBuilder screen = new StringBuilder();
        assertThatThrownBy(
                () -> new LiquibaseRun(database).with(MARKS, "restore").rollbackTo(FIRST))
            .hasMessageContaining("This rollback would destroy what was made since: ")
            .hasMessageContaining("items.user_id of 36 row(s)")
            .hasMessageContaining("1 row(s) of subscriptions");
        new LiquibaseRun(database)
            .with(MARKS, "restore")
            .with("gpra.rollback.discard", "true")
            .showing(screen::append)
            .rollbackTo(FIRST);
        assertThat(screen)
            .contains("rows that were filled keep their value, in chord_charts.user_id");
        assertSame("the schema", legacy.schema(), database.schema());
        assertSame("the data", legacy.data(), database.data());
      }
    }

    /** A table that was restored alone is another one, and nobody remembers its rows. */
    @Tag("thorough")
    @Test
    void isMissedWhereItIsOfAnotherTable() {
      try (TestDatabase database = complete.copy()) {
        database.execute(
            "UPDATE gpra_admin_assignment.fills SET filled_table = 1 WHERE filled_table = 'routines'::regclass");
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo("002"))
            .hasMessageContaining(
                "which rows were filled, in routines.user_id: they would keep their value");
        assertUntouched(
            complete,
            database.execute(
                "UPDATE gpra_admin_assignment.fills SET filled_table = 'routines'::regclass WHERE filled_table = 1"));
      }
    }
  }

  @Nested
  @Tag("thorough")
  class RestoredByPgRestore {

    @TempDir Path directory;

    private void run(String... command) throws Exception {
      Path output = directory.resolve("output.log");
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    }

    private void restore(TestDatabase database, String option) throws Exception {
      run(
          "pg_restore",
          "--no-owner",
          "--exit-on-error",
          option,
          "--dbname=" + address(database),
          directory.resolve("before.dump").toString());
    }

    private static String address(TestDatabase database) {
      return database.jdbcUrl().replaceFirst("^jdbc:", "");
    }

    @BeforeEach
    void dump() throws Exception {
      String file = directory.resolve("before.dump").toString();
      int server = PostgresServer.get().version();
      if (versionOfPgDump() < server) {
        abort("there is no pg_dump that knows PostgreSQL " + server);
      }
      run("pg_dump", "--format=custom", "--file=" + file, address(complete));
    }

    private int versionOfPgDump() throws Exception {
      try {
        run("pg_dump", "--version");
      } catch (IOException e) {
        return 0;
      }
      String said = Files.readString(directory.resolve("output.log"));
      return Integer.parseInt(said.replaceFirst("(?s)^.*\\) (\\d+).*$", "$1"));
    }

    @Test
    void withoutComments() throws Exception {
      try (TestDatabase database = TestDatabase.empty()) {
        restore(database, "--no-comments");
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo(FIRST))
            .hasMessageContainingAll(
                Marked.in(complete).stream().map(Marked::name).toArray(String[]::new));
        assertUntouched(complete, database);
        new LiquibaseRun(database).enforce().with(MARKS, "restore").rollbackTo(FIRST);
        assertSame("the schema", legacy.schema(), database.schema());
        assertSame("the data", legacy.data(), database.data());
      }
    }

    @Test
    void ofOneSchemaAndThenTheOther() throws Exception {
      try (TestDatabase database = TestDatabase.empty()) {
        restore(database, "--schema=public");
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo("001"))
            .hasMessageContaining(
                "in chord_charts.user_id, items.user_id, routines.user_id, subscriptions.user_id: they would");
        database.execute(
            "CREATE SCHEMA gpra_admin_assignment; COMMENT ON SCHEMA gpra_admin_assignment IS '[gpra 002]'");
        restore(database, "--schema=gpra_admin_assignment");
        new LiquibaseRun(database).enforce().rollbackTo(FIRST);
        assertSame("the schema", legacy.schema(), database.schema());
        assertSame("the data", legacy.data(), database.data());
      }
    }
  }

  @Nested
  @Tag("thorough")
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  @Tag("nightly")
  class OneByOne {

    /** One of each kind, or all. */
    Stream<Marked> marked() {
      Collection<Marked> all = Marked.in(complete);
      return ReliabilityReport.full()
          ? all.stream()
          : all.stream()
              .collect(Collectors.toMap(Marked::kind, one -> one, (first, other) -> other))
              .values()
              .stream();
    }

    @ParameterizedTest
    @MethodSource("marked")
    void isMarkedAgainAndUndone(Marked one) {
      try (TestDatabase database = one.lose(complete.copy())) {
        new LiquibaseRun(database).enforce().with(MARKS, "restore").rollbackTo(FIRST);
        assertSame("the schema", legacy.schema(), database.schema());
        assertSame("the data", legacy.data(), database.data());
      }
    }

    /** Or it would go with what it is on, which is said. */
    @ParameterizedTest
    @MethodSource("marked")
    void isLeftAndEverythingElseIsUndone(Marked one) {
      try (TestDatabase database = one.lose(complete.copy())) {
        String schema = database.schema();
        try {
          new LiquibaseRun(database).enforce().with(MARKS, "leave").rollbackTo(FIRST);
        } catch (LiquibaseRun.LiquibaseFailure stopped) {
          assertThat(stopped).hasMessageContainingAll(one.plainName(), "Nothing was undone");
          assertSame("the schema", schema, database.schema());
          assertUntouched(complete, database);
          return;
        }
        List<String> before = legacy.schema().lines().toList();
        assertThat(database.schema().lines().filter(fact -> !before.contains(fact)))
            .isNotEmpty()
            // A table has more than its name says.
            .allMatch(
                fact ->
                    fact.matches(".*(%s|\\Wuq_|internal triggers).*".formatted(one.plainName())));
        assertThat(database.schema().lines()).containsAll(before);
        assertThat(database.applied()).isEqualTo(legacy.applied());
      }
    }
  }
}
