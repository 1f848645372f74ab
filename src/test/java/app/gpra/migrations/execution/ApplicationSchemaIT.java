package app.gpra.migrations.execution;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationSchemaIT {

  private static final String IN_APP = "ALTER SCHEMA public RENAME TO app; CREATE SCHEMA public;";

  private enum Misunderstanding {
    NO_DEFAULT_SCHEMA(
        "",
        run -> run.defaultSchema("app"),
        "The schema app, which liquibase.defaultSchemaName names, is not there",
        "Create it"),
    A_DEFAULT_SCHEMA_THAT_IS_ANOTHERS(
        "CREATE SCHEMA app",
        run -> run.defaultSchema("app"),
        "The table items is in the schema public, but the search_path app, \"$user\", public",
        "=public"),
    A_SCHEMA_WITH_THE_USERS_NAME(
        "DO $$ BEGIN EXECUTE format('CREATE SCHEMA %I', current_user); END $$",
        run -> run, "The table items is in the schema public", "=public"),
    ANOTHER_SCHEMA_FIRST(
        "CREATE SCHEMA first", run -> run.in("first, public"), "begins with first", "=public"),
    NO_SCHEMA("", run -> run.in("nowhere"), "can use no schema of the search_path (nowhere)", "="),
    NO_SCHEMA_FOR_THE_HISTORY(
        "",
        run -> run.with("liquibase.liquibaseSchemaName", "liq"),
        "The schema liq, where Liquibase's own tables are to be",
        "Create it");

    private final String sql;
    private final UnaryOperator<LiquibaseRun> run;
    private final String cause;
    private final String remedy;

    Misunderstanding(String sql, UnaryOperator<LiquibaseRun> run, String cause, String remedy) {
      this.sql = sql;
      this.run = run;
      this.cause = cause;
      this.remedy = remedy;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isClearedUpBeforeAnythingIsMade(Misunderstanding one) {
    try (TestDatabase database = TestDatabase.legacy().execute(one.sql)) {
      String schema = database.schema();
      assertThatThrownBy(() -> one.run.apply(new LiquibaseRun(database)).update())
          .hasMessageContaining(one.cause)
          .hasMessageContaining("Nothing was done")
          .hasMessageContaining(one.remedy);
      assertSame("the schema", schema, database.schema());
      assertThat(database.query("SELECT relname FROM pg_class WHERE relname LIKE 'databasech%'"))
          .isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "public"})
  void mayBeNamedByASettingOfLiquibases(String inTheUrl) {
    try (TestDatabase database = TestDatabase.legacy().execute(IN_APP)) {
      new LiquibaseRun(database).in(inTheUrl).defaultSchema("app").update();
      assertThat(database.value("SELECT count(*) FROM app.items WHERE user_id IS NULL"))
          .isEqualTo("0");
    }
  }

  @Test
  void hasTheUsersToo() {
    try (TestDatabase database =
        TestDatabase.legacy().execute(IN_APP + "ALTER TABLE app.ab_user SET SCHEMA public")) {
      String schema = database.schema();
      assertThatThrownBy(() -> new LiquibaseRun(database).in("app, public").update())
          .hasMessageContaining("the table ab_user is in the schema public")
          .hasMessageContaining("and the application's is app: name the right one in the url")
          .hasMessageContaining("Nothing was changed");
      assertSame("the schema", schema, database.schema());
    }
  }
}
