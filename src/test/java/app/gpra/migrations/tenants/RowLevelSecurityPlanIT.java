package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.QueryPlan;
import app.gpra.migrations.harness.QueryPlan.Node;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the policies of 004 cost depends on their form: who is asking has to be found out once for a
 * statement, and not for every row, and the index on user_id has to serve them.
 */
class RowLevelSecurityPlanIT {

  /** Twenty users and a few thousand rows; who owns which is their number's remainder. */
  private static final String ROWS =
      """
      INSERT INTO ab_user (id, first_name, last_name, username, email)
      SELECT n, 'A', 'B', 'user' || n, n || '@example.org' FROM generate_series(100, 119) AS n;
      INSERT INTO items (id, item_id, title, user_id) SELECT n, n, 'item ' || n, 100 + n % 20 FROM generate_series(1000, 4999) AS n;
      INSERT INTO routines (id, name, user_id) SELECT n, 'routine ' || n, 100 + n % 20 FROM generate_series(1000, 2999) AS n;
      INSERT INTO routine_items (routine_id, item_id) SELECT n, n FROM generate_series(1000, 2999) AS n;
      INSERT INTO chord_charts (item_id, title, chord_data, user_id)
      SELECT n, 'chart ' || n, '{}', 100 + n % 20 FROM generate_series(1000, 2999) AS n;
      INSERT INTO subscriptions (user_id) SELECT 100 + n % 20 FROM generate_series(1000, 2999) AS n;
      INSERT INTO active_routine (routine_id) SELECT n FROM generate_series(1000, 2999) AS n;
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO gpra_app;
      """;

  /** A policy as one would write it first: right, and asked for every row. */
  private static final String BARE =
      "ALTER POLICY tenant_isolation ON items USING (user_id = current_setting('app.current_user_id', true)::int)";

  private static TestDatabase database;

  @BeforeAll
  static void migrate() {
    database = TestDatabase.legacy();
    new LiquibaseRun(database).enforce().update();
    database.execute(ROWS);
    database.execute("ANALYZE");
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "items",
        "routines",
        "chord_charts",
        "subscriptions",
        "routine_items",
        "active_routine"
      })
  void findsOutOnceWhoIsAsking(String table) {
    assertAskedOnce(plan(database, "", "SELECT count(*) FROM " + table));
  }

  @ParameterizedTest
  @ValueSource(strings = {"items", "routines", "chord_charts", "subscriptions"})
  void evaluatesNothingForEachRow(String table) {
    QueryPlan plan = plan(database, "", "SELECT count(*) FROM " + table);

    assertThat(plan.subPlans()).isEmpty();
    assertThat(plan.scans()).hasSize(1).first().extracting(Node::table).isEqualTo(table);
  }

  /** Whether it is used is the planner's choice; for few rows it may be none. */
  @ParameterizedTest
  @ValueSource(strings = {"items", "routines", "chord_charts", "subscriptions"})
  void canUseTheIndexOnUserId(String table) {
    QueryPlan plan = plan(database, "SET LOCAL enable_seqscan = off", "SELECT * FROM " + table);

    assertThat(plan.only(node -> node.text("Index Cond").contains("user_id = "))).isNotEmpty();
    assertThat(plan.scans()).allMatch(scan -> scan.removed() == 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM items WHERE id = 1004",
        "SELECT * FROM routines WHERE id = 1004",
        "SELECT * FROM chord_charts WHERE item_id = '1004'",
        "SELECT * FROM routine_items WHERE routine_id = 1004",
        "SELECT * FROM active_routine WHERE routine_id = 1004"
      })
  void readsOnlyTheRowThatIsAskedFor(String query) {
    QueryPlan plan = plan(database, "", query);

    assertAskedOnce(plan);
    assertThat(plan.scans())
        .isNotEmpty()
        .allSatisfy(
            scan -> {
              assertThat(scan.type()).isNotEqualTo("Seq Scan");
              assertThat(scan.rows()).isEqualTo(1);
              assertThat(scan.removed()).isZero();
            });
  }

  @Test
  void noticesAPolicyThatIsEvaluatedForEachRow() {
    try (TestDatabase other = database.copy()) {
      QueryPlan plan = plan(other.execute(BARE), "", "SELECT count(*) FROM items");

      assertThatThrownBy(() -> assertAskedOnce(plan)).isInstanceOf(AssertionError.class);
    }
  }

  /** The setting is read in InitPlans, each of which runs once, and nowhere else. */
  private static void assertAskedOnce(QueryPlan plan) {
    assertThat(plan.initPlans()).isNotEmpty().allMatch(asks -> asks.loops() == 1);
    assertThat(plan.nodes())
        .allSatisfy(
            node -> assertThat(node.properties().toString()).doesNotContain("current_setting"));
  }

  /** As user 104, who owns a twentieth of the rows. */
  private static QueryPlan plan(TestDatabase database, String setting, String query) {
    try (Connection connection = database.connect();
        Statement session = connection.createStatement()) {
      connection.setAutoCommit(false);
      session.execute("SET LOCAL ROLE gpra_app; " + setting);
      session.execute("SELECT set_config('app.current_user_id', '104', true)");
      return QueryPlan.of(session, query);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
