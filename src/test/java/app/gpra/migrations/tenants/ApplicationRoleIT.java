package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.TestRole;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/sql/application-role.sql and docs/sql/login-role.sql grant, and what they do not. */
class ApplicationRoleIT {

  private static TwoTenants tenants;

  @BeforeAll
  static void prepare() {
    tenants = TwoTenants.create();
  }

  @AfterAll
  static void end() {
    tenants.close();
  }

  private Client as(TestRole role) throws SQLException {
    return new Client(tenants.connect(role, "simple"));
  }

  private static void assertDenied(Client client, String user, String sql) throws SQLException {
    client.begin(user);
    assertThatThrownBy(() -> client.run(sql))
        .as(sql)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
    client.run("ROLLBACK");
  }

  /** Everything that the application does in a day. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO items (title, notes, user_id, created_via) VALUES ('x', 'y', 4, 'import') RETURNING *",
        "UPDATE items SET title = 'x', notes = 'y', \"order\" = 1 WHERE id = 100001 RETURNING updated_at",
        "INSERT INTO routines (name, user_id) VALUES ('x', 4) RETURNING *",
        "UPDATE routines SET name = 'x' WHERE id = 100002 RETURNING *",
        "INSERT INTO routine_items (routine_id, item_id, \"order\") VALUES (100002, 100001, 1) RETURNING *",
        "UPDATE routine_items SET completed = true, \"order\" = 2 WHERE id = 100001 RETURNING *",
        "DELETE FROM routine_items WHERE id = 100001 RETURNING *",
        "DELETE FROM routines WHERE id = 100002 RETURNING *",
        "INSERT INTO chord_charts (item_id, title, chord_data, user_id, generation_method) VALUES ('1', 'x', '{}', 4, 'manual') RETURNING *",
        "UPDATE chord_charts SET title = 'x', chord_data = '{}', order_col = 1 WHERE chord_id = 100001 RETURNING *",
        "DELETE FROM chord_charts WHERE chord_id = 100001 RETURNING *",
        "UPDATE active_routine SET routine_id = 100002 RETURNING *",
        "DELETE FROM active_routine RETURNING *",
        "SELECT * FROM items WHERE id = 100001 FOR UPDATE",
        "SELECT tier FROM subscriptions WHERE status = 'active'",
        "SELECT chord_data FROM common_chords WHERE id = 1",
        "SELECT r.name FROM ab_user_role ur JOIN ab_role r ON r.id = ur.role_id WHERE ur.user_id = 4",
        "UPDATE ab_user SET login_count = login_count + 1, last_login = now() WHERE id = 4 RETURNING *",
        "INSERT INTO ab_user (id, first_name, last_name, username, active, email)"
            + " VALUES (nextval('ab_user_id_seq'), 'x', 'x', 'x', true, 'x@example.org') RETURNING *",
      })
  void letsTheApplicationWork(String sql) throws SQLException {
    try (Client client = as(tenants.application())) {
      assertThat(client.begin(TwoTenants.A).rows(sql)).hasSize(1);
    }
  }

  @Test
  void letsTheWebhookWriteTheSubscriptionsOfItsCustomer() throws SQLException {
    try (Client client = as(tenants.webhook())) {
      assertThat(
              client.begin("").rows("SELECT id FROM ab_user WHERE email = 'student1@example.org'"))
          .containsExactly("4");
      client.run("ROLLBACK").begin(TwoTenants.A);
      client.run(
          "INSERT INTO subscriptions (user_id, stripe_subscription_id, stripe_price_id, tier) VALUES (4, 'sub_new', 'price', 'pro')");
      assertThat(
              client.rows(
                  "UPDATE subscriptions SET status = 'canceled', stripe_subscription_id = 'sub_2' WHERE stripe_subscription_id = 'sub_a' RETURNING user_id"))
          .containsExactly("4");
      assertThat(
              client.rows(
                  "UPDATE subscriptions SET tier = 'free' WHERE stripe_subscription_id = 'sub_b' RETURNING *"))
          .isEmpty();
      client.run("ROLLBACK");
      for (String sql :
          List.of(
              "INSERT INTO subscriptions (user_id, tier) VALUES (5, 'pro')",
              "INSERT INTO subscriptions (id, user_id) VALUES (900001, 4)",
              "UPDATE subscriptions SET user_id = 5",
              "DELETE FROM subscriptions",
              "TRUNCATE subscriptions",
              "SELECT password FROM ab_user",
              "SELECT * FROM ab_user",
              "UPDATE ab_user SET email = 'x'",
              "SELECT * FROM items",
              "INSERT INTO items (title, user_id) VALUES ('x', 4)",
              "SELECT * FROM common_chords",
              "SELECT * FROM ab_user_role",
              "CREATE TABLE mine ()",
              "CREATE TEMPORARY TABLE mine ()")) {
        assertDenied(client, TwoTenants.A, sql);
      }
    }
  }

  @Test
  void keepsPasswordsFromTheApplication() throws SQLException {
    try (TestRole login = TestRole.create(UUID.randomUUID().toString())) {
      tenants
          .database()
          .script(
              tenants.owner(),
              TwoTenants.script(
                  Path.of("docs/sql/login-role.sql"),
                  Map.of("app_role", tenants.application().name(), "login_role", login.name())));
      try (Client application = as(tenants.application());
          Client client = as(login)) {
        assertThat(application.rows("SELECT id, username, email FROM ab_user WHERE id = 5"))
            .hasSize(1);
        for (String sql :
            List.of(
                "SELECT password FROM ab_user WHERE id = 5",
                "SELECT * FROM ab_user",
                "SELECT u FROM ab_user u",
                "SELECT username FROM ab_user WHERE password LIKE 'B%'",
                "COPY ab_user TO STDOUT",
                "UPDATE ab_user SET password = 'x' WHERE id = 5",
                "UPDATE ab_user SET email = 'x' WHERE id = 5",
                "INSERT INTO ab_user (id, first_name, last_name, username, active, email) VALUES (1, 'x', 'x', 'x', true, 'x')")) {
          assertDenied(application, TwoTenants.A, sql);
        }
        client.begin("");
        assertThat(client.rows("SELECT password FROM ab_user WHERE username = 'student2'"))
            .containsExactly("B-SECRET hash");
        client.run(
            "UPDATE ab_user SET login_count = 1, last_login = now() WHERE id = 5", "ROLLBACK");
        for (String sql :
            List.of("SELECT * FROM items", "DELETE FROM ab_user", "UPDATE ab_user SET id = 1")) {
          assertDenied(client, TwoTenants.A, sql);
        }
      } finally {
        // A role that is still granted something cannot go.
        tenants.database().execute("DROP OWNED BY " + login.name());
        tenants.grantAgain();
      }
    }
  }

  @Test
  void mayRunAgainAndTakesBackWhatWasGrantedBesides() {
    String before = grants();
    tenants
        .database()
        .execute(
            "GRANT ALL ON items, common_chords, ab_user TO %1$s; GRANT INSERT (id) ON routines TO %1$s; GRANT CREATE ON SCHEMA public TO PUBLIC, %1$s;"
                    .formatted(tenants.application().name())
                + "GRANT UPDATE ON SEQUENCE items_id_seq TO %1$s; GRANT TEMPORARY ON DATABASE %2$s TO PUBLIC"
                    .formatted(tenants.application().name(), tenants.database()));
    // What a superuser grants on another's table is the owner's grant.
    tenants.grantAgain();
    assertThat(grants()).isEqualTo(before);
  }

  private String grants() {
    return String.join(
        "\n",
        tenants
            .database()
            .query(
                "SELECT relname, relacl FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')"
                    + " UNION ALL SELECT attrelid::regclass || '.' || attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid > 16000"
                    + " UNION ALL SELECT nspname, nspacl FROM pg_namespace WHERE nspname = 'public'"
                    + " UNION ALL SELECT 'database', datacl FROM pg_database WHERE datname = current_database() ORDER BY 1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GRANT the_owner TO the_application | REVOKE the_owner FROM the_application | the_application is, or may become, the_owner
          GRANT SELECT ON databasechangelog TO PUBLIC | REVOKE SELECT ON databasechangelog FROM PUBLIC | the_application has SELECT on databasechangelog
          ALTER DATABASE the_database OWNER TO CURRENT_USER; GRANT TEMPORARY ON DATABASE the_database TO the_application | \
          REVOKE TEMPORARY ON DATABASE the_database FROM the_application; ALTER DATABASE the_database OWNER TO the_owner | \
          the_application may make temporary tables in the database the_database
          """)
  void grantsNothingWhereSomebodyElseHasGrantedMore(String granted, String undo, String says) {
    tenants.database().execute(named(granted));
    String before = grants();
    try {
      assertThatThrownBy(tenants::grantAgain)
          .hasMessageContaining("Nothing was granted: ")
          .hasMessageContaining(named(says));
      assertThat(grants()).isEqualTo(before);
    } finally {
      tenants.database().execute(named(undo));
    }
  }

  private String named(String sql) {
    return sql.replace("the_owner", tenants.owner().name())
        .replace("the_application", tenants.application().name())
        .replace("the_database", tenants.database().toString());
  }
}
