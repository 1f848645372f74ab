package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of the role and of the database that change what SQL means, or end a session. */
@Tag("thorough")
@Tag("nightly")
class HostileSettingsIT {

  private static final List<String> SETTINGS =
      List.of(
          "quote_all_identifiers = on",
          "standard_conforming_strings = off",
          "escape_string_warning = off",
          "backslash_quote = off",
          "array_nulls = off",
          "transform_null_equals = on",
          "client_encoding = 'LATIN1'",
          "client_min_messages = 'error'",
          "exit_on_error = on",
          "plpgsql.extra_errors = 'all'",
          "plpgsql.variable_conflict = 'use_column'",
          "default_transaction_isolation = 'serializable'",
          "default_transaction_deferrable = on",
          "row_security = on",
          "check_function_bodies = off",
          "\"DateStyle\" = 'SQL, DMY'",
          "\"IntervalStyle\" = 'sql_standard'",
          "\"TimeZone\" = 'Pacific/Kiritimati'",
          "bytea_output = 'escape'",
          "extra_float_digits = -15",
          "jit_above_cost = 0",
          "enable_seqscan = off",
          "enable_indexscan = off",
          "enable_bitmapscan = off",
          "gpra.guarded = 'yes'");

  private static TestRole role;

  /** The same without these settings, up to the last migration, and the scripts of its way. */
  private static TestDatabase plain;

  private static String update;
  private static String rollback;

  @BeforeAll
  static void migrateWithoutThem() {
    role = TestRole.create("pw");
    plain = TestDatabase.legacy();
    role.own(plain);
    update = new LiquibaseRun(plain).as(role).enforce().updateSql();
    new LiquibaseRun(plain).as(role).enforce().update();
    rollback = new LiquibaseRun(plain).as(role).enforce().rollbackSqlTo("000");
  }

  @AfterAll
  static void drop() {
    plain.close();
    role.close();
  }

  /** Half of them for the role, half for the database, so that both ways are tried. */
  private static void set(TestDatabase database) {
    StringBuilder statements = new StringBuilder();
    for (int i = 0; i < SETTINGS.size(); i++) {
      String whose =
          i % 2 == 0
              ? "ROLE %s IN DATABASE %s".formatted(role.name(), database)
              : "DATABASE %s".formatted(database);
      statements.append("ALTER %s SET %s;".formatted(whose, SETTINGS.get(i)));
    }
    database.execute(statements.toString());
  }

  /** Whoever looks at the database is not to be confused by them. */
  private static void reset(TestDatabase database) {
    database.execute(
        "ALTER DATABASE %1$s RESET ALL; ALTER ROLE %2$s IN DATABASE %1$s RESET ALL"
            .formatted(database, role.name()));
  }

  private static void changeNothing(Consumer<TestDatabase> forward, Consumer<TestDatabase> back) {
    try (TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      String before = database.schema();
      String data = database.data();

      set(database);
      forward.accept(database);
      reset(database);
      assertSame("the schema", plain.schema(), database.schema());
      assertSame("the data", plain.dataButTimes(), database.dataButTimes());

      set(database);
      back.accept(database);
      reset(database);
      assertSame("the schema", before, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void changeNothingAboutARun(boolean handedOver) {
    List<String> shown = new ArrayList<>();
    changeNothing(
        database -> run(database, handedOver, shown).update(),
        database -> run(database, handedOver, shown).rollbackTo("000"));
    assertThat(shown).anyMatch(line -> line.contains("004 verified: items,"));
  }

  private static LiquibaseRun run(TestDatabase database, boolean handedOver, List<String> shown) {
    LiquibaseRun run = new LiquibaseRun(database).as(role).enforce().showing(shown::add);
    return handedOver ? run.handedOver() : run;
  }

  @Test
  @Tag("nightly")
  void changeNothingAboutAScript() {
    changeNothing(
        database -> database.script(role, update), database -> database.script(role, rollback));
  }
}
