package app.gpra.migrations.testing;

import static app.gpra.migrations.testing.ProjectAssertions.assertThat;
import static app.gpra.migrations.testing.ProjectAssertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class PsqlIT {

  private static final String SCRIPT =
      """
      -- a comment; it's one
      CREATE TABLE t (id integer PRIMARY KEY, "a;b" text);
      CREATE INDEX CONCURRENTLY i ON t ("a;b");
      INSERT INTO t VALUES (1, 'it''s; so'), (2, E'\\';'), (3, $x$;'$x$);
      DO $$ BEGIN RAISE NOTICE 'noticed'; UPDATE t SET id = 4 WHERE id = 3; END $$;
      BEGIN;
      INSERT INTO t VALUES (5, 'lost');
      ROLLBACK;
      SELECT set_config('gpra.target', 'items', false);
      INSERT INTO t VALUES (6, current_setting('gpra.target') || '?');
      """;

  private static final String FAILING =
      """
      CREATE TABLE kept (id integer);
      SELECT 1 / 0;
      CREATE TABLE never (id integer);
      """;

  @Test
  void theDriverRunsEachStatementOnItsOwn() {
    try (TestDatabase database = TestDatabase.empty()) {
      assertThat(Psql.runWithDriver(database, SCRIPT)).contains("noticed");
      assertThat(database).table("t").hasRows(4).hasIndex("i");
    }
  }

  @Test
  void theDriverStopsAtTheFirstFailure() {
    try (TestDatabase database = TestDatabase.empty()) {
      assertThatThrownBy(() -> Psql.runWithDriver(database, FAILING))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("division by zero");
      assertThat(database).hasTable("kept").hasNoTable("never");
    }
  }

  @Test
  void psqlAndTheDriverDoTheSame() {
    assumeTrue(Psql.binary().isPresent(), "there is no psql on the PATH");
    try (TestDatabase one = TestDatabase.legacy();
        TestDatabase other = TestDatabase.legacy()) {
      assertThat(Psql.runWithPsql(Psql.binary().get(), one, SCRIPT)).contains("noticed");
      Psql.runWithDriver(other, SCRIPT);
      assertThat(other.schema()).isEqualTo(one.schema());
      assertThat(other.data()).isEqualTo(one.data());
    }
  }

  @Test
  void psqlAndTheDriverStopAtTheSameStatement() {
    assumeTrue(Psql.binary().isPresent(), "there is no psql on the PATH");
    try (TestDatabase one = TestDatabase.empty();
        TestDatabase other = TestDatabase.empty()) {
      assertThatThrownBy(() -> Psql.runWithPsql(Psql.binary().get(), one, FAILING))
          .hasMessageContaining("division by zero");
      assertThatThrownBy(() -> Psql.runWithDriver(other, FAILING))
          .hasMessageContaining("division by zero");
      assertThat(other.schema()).isEqualTo(one.schema());
    }
  }

  @Test
  void psqlAndTheDriverRunTheUpdatesScript() {
    assumeTrue(Psql.binary().isPresent(), "there is no psql on the PATH");
    try (TestDatabase one = TestDatabase.legacy();
        TestDatabase other = TestDatabase.legacy()) {
      String script = new LiquibaseRun(one).updateSql();
      Psql.runWithPsql(Psql.binary().get(), one, script);
      Psql.runWithDriver(other, script);
      assertThat(other.schema()).isEqualTo(one.schema());
      assertThat(other.data().without("subscriptions.created_at", "subscriptions.updated_at"))
          .isEqualTo(one.data().without("subscriptions.created_at", "subscriptions.updated_at"));
    }
  }
}
