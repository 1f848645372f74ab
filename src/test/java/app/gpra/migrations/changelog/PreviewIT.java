package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PreviewIT {

  /** All rows, but of a subscription that 002 made only what two runs share. */
  private static String rows(TestDatabase database) {
    return database
            .data()
            .lines()
            .filter(line -> !line.contains("\"tier\""))
            .collect(Collectors.joining("\n"))
        + database.query("SELECT user_id, tier, status, mrr FROM subscriptions");
  }

  static Stream<String> states() {
    return Stream.of("legacy", "legacy up to 001", "legacy, half of 001", "alembic");
  }

  private static TestDatabase at(String state) {
    TestDatabase database =
        state.equals("alembic") ? TestDatabase.alembic() : TestDatabase.legacy();
    if (state.endsWith("up to 001")) {
      new LiquibaseRun(database).updateTo("001");
    } else if (state.endsWith("half of 001")) {
      new LiquibaseRun(database).updateCount(15);
    }
    return database;
  }

  @ParameterizedTest
  @MethodSource("states")
  void leavesTheSameAsUpdateWhenItsScriptIsRun(String state) {
    try (TestDatabase updated = at(state);
        TestDatabase scripted = at(state)) {
      String schema = scripted.schema();
      String script = new LiquibaseRun(scripted).updateSql();
      assertSame("the schema after a preview", schema, scripted.schema());

      new LiquibaseRun(updated).update();
      scripted.script(script);

      assertSame("the schema", updated.schema(), scripted.schema());
      assertSame("the data", rows(updated), rows(scripted));
      assertThat(scripted.applied()).isEqualTo(updated.applied());
      assertThat(new LiquibaseRun(scripted).status()).contains("is up to date");
    }
  }

  @Test
  void leavesOutWhatIsThere() {
    try (TestDatabase database = TestDatabase.alembic()) {
      assertThat(new LiquibaseRun(database).updateSql())
          .contains("ck_subscriptions_tier")
          .doesNotContain(
              "CREATE TABLE public.subscriptions", "ADD user_id", "CREATE INDEX CONCURRENTLY");
    }
  }

  @ParameterizedTest
  @MethodSource("states")
  void leavesTheSameAsRollbackWhenItsScriptIsRun(String state) {
    try (TestDatabase undone = at(state);
        TestDatabase scripted = at(state)) {
      new LiquibaseRun(undone).update();
      new LiquibaseRun(scripted).update();
      undone.execute("UPDATE items SET user_id = 4 WHERE id = 5");
      scripted.execute("UPDATE items SET user_id = 4 WHERE id = 5");

      String script = new LiquibaseRun(scripted).rollbackSqlTo("001");
      new LiquibaseRun(undone).rollbackTo("001");
      scripted.script(script);

      assertSame("the schema", undone.schema(), scripted.schema());
      assertThat(scripted.applied()).isEqualTo(undone.applied());
      assertThat(scripted.query("SELECT id, user_id FROM items ORDER BY id"))
          .isEqualTo(undone.query("SELECT id, user_id FROM items ORDER BY id"))
          .contains("5|4");
    }
  }

  @Test
  void rollbackScriptStopsWhereUsersWouldLoseData() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      String script = new LiquibaseRun(database).rollbackSqlTo("000");
      database.execute("INSERT INTO subscriptions (user_id, tier) VALUES (4, 'pro')");
      String schema = database.schema();

      assertThatThrownBy(() -> database.script(script))
          .hasMessageContaining("1 row(s) of subscriptions");

      assertSame("the schema", schema, database.schema());
    }
  }

  @ParameterizedTest
  @MethodSource("states")
  void futureRollbackScriptTakesBackTheUpdateThatFollows(String state) {
    try (TestDatabase database = at(state)) {
      String schema = database.schema();
      String data = database.data();
      String script = new LiquibaseRun(database).futureRollbackSql();
      new LiquibaseRun(database).update();

      database.script(script);

      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }
}
