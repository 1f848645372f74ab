package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import app.gpra.migrations.harness.TestRole;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/sql/application-role.sql grants, and what it does not. */
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
      tenants.grantAgain(Map.of("login_role", login.name()));
      String granted = grants();
      assertThatThrownBy(tenants::grantAgain)
          .hasMessageContaining(
              "password hashes are kept from %1$s: -v login_role=..., the role that checks logins; or -v login_role=%1$s, and %1$s gets them back"
                  .formatted(tenants.application().name()));
      assertThat(grants()).isEqualTo(granted);
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
                "SELECT id FROM ab_user WHERE id = 5 FOR UPDATE",
                "SELECT nextval('ab_user_id_seq')",
                "INSERT INTO ab_user (id, first_name, last_name, username, active, email) VALUES (1, 'x', 'x', 'x', true, 'x')")) {
          assertDenied(application, TwoTenants.A, sql);
        }
        client.begin("");
        assertThat(client.rows("SELECT password FROM ab_user WHERE username = 'student2'"))
            .containsExactly("B-SECRET hash");
        client.run(
            "UPDATE ab_user SET login_count = 1, last_login = now() WHERE id = 5",
            "INSERT INTO ab_user (id, first_name, last_name, username, active, email)"
                + " VALUES (nextval('ab_user_id_seq'), 'x', 'x', 'x', true, 'x@example.org')",
            "ROLLBACK");
        for (String sql :
            List.of(
                "SELECT * FROM items",
                "DELETE FROM ab_user",
                "UPDATE ab_user SET id = 1",
                "SELECT setval('ab_user_id_seq', 1)")) {
          assertDenied(client, TwoTenants.A, sql);
        }
      } finally {
        // A role that is still granted something cannot go.
        tenants.database().execute("DROP OWNED BY " + login.name());
        tenants.grantAgain(Map.of("login_role", tenants.application().name()));
      }
    }
  }

  /** A migration of a later day brings a table of its tenants' and one of nobody's. */
  @Test
  void grantsWhatALaterMigrationBringsAndTakesNothingAway() throws SQLException {
    tenants
        .database()
        .execute(
            named(
                """
                CREATE TABLE test_log (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, user_id int NOT NULL, minutes int, twice int GENERATED ALWAYS AS (minutes * 2) STORED);
                ALTER TABLE test_log OWNER TO the_owner;
                ALTER TABLE test_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
                CREATE POLICY tenant_isolation ON test_log USING (user_id::text = current_setting('app.current_user_id', true));
                CREATE TABLE tunings (name text);
                ALTER TABLE tunings OWNER TO the_owner;
                INSERT INTO tunings VALUES ('DADGAD');
                GRANT SELECT ON tunings TO the_application;
                GRANT INSERT ON ab_user_role TO the_application
                """));
    try (Client client = as(tenants.application())) {
      String before = grants();
      assertThatThrownBy(tenants::grantAgain)
          .hasMessageContaining(
              named(
                  "the_application has SELECT on tunings: REVOKE ALL ON tunings FROM the_application (as the_owner)"));
      assertThat(grants()).isEqualTo(before);
      tenants.grantAgain(Map.of("also", TwoTenants.OPEN + "; tunings;ab_user_role "));
      assertThat(
              tenants
                  .database()
                  .value(
                      named(
                          "SELECT has_table_privilege('the_application', 'ab_user_role', 'INSERT')")))
          .isEqualTo("t");
      assertThat(client.rows("SELECT * FROM tunings")).containsExactly("DADGAD");
      client.begin(TwoTenants.A);
      assertThat(
              client.rows("INSERT INTO test_log (user_id, minutes) VALUES (4, 30) RETURNING twice"))
          .containsExactly("60");
      assertThat(client.rows("UPDATE test_log SET minutes = 40 RETURNING id")).hasSize(1);
      assertThat(client.rows("DELETE FROM test_log RETURNING id")).hasSize(1);
      client.run("ROLLBACK");
      for (String sql :
          List.of(
              "INSERT INTO test_log (id, user_id) VALUES (1, 4)",
              "UPDATE test_log SET user_id = 5",
              "TRUNCATE test_log",
              "DELETE FROM tunings")) {
        assertDenied(client, TwoTenants.A, sql);
      }
    } finally {
      tenants.database().execute("DROP TABLE test_log, tunings");
      tenants.grantAgain();
    }
  }

  /** With psql's own variables and conditions, and where it does not stop at an error by itself. */
  @Test
  @Tag("thorough")
  void runsInPsql() throws Exception {
    String psql =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .map(directory -> Path.of(directory, "psql"))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElseGet(() -> abort("There is no psql on this machine"));
    String before = grants();
    String app = "app_role=" + tenants.application().name();
    String webhook = "webhook_role=" + tenants.webhook().name();
    assertThat(run(psql, "-v", app))
        .contains("Nothing was granted: -v webhook_role=...: there is no such role", "exit code 3")
        .doesNotContain("aborted");
    assertThat(grants()).isEqualTo(before);
    assertThat(run(psql, "-v", app, "-v", webhook))
        .contains("has EXECUTE on routine superusers_definer()", "exit code 3");
    assertThat(grants()).isEqualTo(before);
    assertThat(run(psql, "-v", app, "-v", webhook, "-v", "also=" + TwoTenants.OPEN))
        .contains("Let pass, as -v also names it: ", "COMMIT", "exit code 0");
    assertThat(grants()).isEqualTo(before);
  }

  private String run(String psql, String... variables) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(psql, "-X", "-f", "docs/sql/application-role.sql"));
    command.addAll(List.of(variables));
    command.add(tenants.database().bareUrl().replace("jdbc:", ""));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PGUSER", tenants.owner().name());
    builder.environment().put("PGPASSWORD", tenants.owner().password());
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output + "exit code " + process.waitFor();
  }

  @Test
  void saysWhichVariableIsMissingOrWrong() {
    assertThatThrownBy(() -> tenants.grantAgain(Map.of("app_role", "", "webhook_role", "nobody")))
        .hasMessageContaining(
            "Nothing was granted: -v app_role=...: there is no such role; -v webhook_role=nobody: there is no such role.");
    assertThatThrownBy(
            () -> tenants.grantAgain(Map.of("webhook_role", tenants.application().name())))
        .hasMessageContaining("Nothing was granted: -v webhook_role has to be a role of its own.");
  }

  /** As one who may lock keeps out everybody else. */
  @Test
  void locksNoTableThatItMayNotDeleteFrom() throws SQLException {
    try (Client client = as(tenants.application())) {
      client.begin(TwoTenants.A).run("LOCK TABLE active_routine IN ACCESS EXCLUSIVE MODE");
      client.run("ROLLBACK");
      tenants.database().execute(named("REVOKE DELETE ON active_routine FROM the_application"));
      for (String mode : List.of("SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE")) {
        assertDenied(client, TwoTenants.A, "LOCK TABLE active_routine IN " + mode + " MODE");
      }
    } finally {
      tenants.grantAgain();
    }
  }

  /** What the webhook is shown of B's when it writes Stripe's number of B's for A. */
  @Test
  void untilStripesNumberIsAKeyTogetherWithItsOwnerAnUpsertTellsOfAnothers() throws SQLException {
    String upsert =
        "INSERT INTO subscriptions (user_id, stripe_subscription_id) VALUES (4, 'sub_b') ON CONFLICT (%s)"
            + " DO UPDATE SET tier = 'pro' WHERE subscriptions.stripe_price_id::int = 1";
    boolean open = ServerGap.open(tenants.database()).contains(ServerGap.UPSERT_OVER_HIDDEN_ROW);
    try (Client client = as(tenants.webhook())) {
      client.begin(TwoTenants.A);
      assertThatThrownBy(() -> client.run(upsert.formatted("stripe_subscription_id")))
          .hasMessageContaining(open ? "\"B-SECRET price\"" : "row-level security policy");
      client.run("ROLLBACK").begin(TwoTenants.A);
      assertThatThrownBy(
              () ->
                  client.run(
                      "UPDATE subscriptions SET stripe_subscription_id = 'sub_b' WHERE user_id = 4"))
          .hasMessageContaining("duplicate key value");
      client.run("ROLLBACK");

      tenants
          .database()
          .execute(
              "ALTER TABLE subscriptions DROP CONSTRAINT uq_stripe_subscription_id, ADD CONSTRAINT later UNIQUE (user_id, stripe_subscription_id)");
      client.begin(TwoTenants.A);
      client.forget();
      client.run(upsert.formatted("user_id, stripe_subscription_id"), "ROLLBACK");
      assertThat(client.shown()).noneMatch(shown -> shown.contains("B-SECRET"));
    } finally {
      tenants
          .database()
          .execute(
              "ALTER TABLE subscriptions DROP CONSTRAINT IF EXISTS later, ADD CONSTRAINT uq_stripe_subscription_id UNIQUE (stripe_subscription_id)");
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

  /** Whoever granted it, and whichever way the role gets there. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GRANT the_owner TO the_application | REVOKE the_owner FROM the_application | the_application is, or may become, the_owner, which owns
          CREATE ROLE the_owner_s; GRANT UPDATE (title, user_id) ON items TO the_owner_s; GRANT the_owner_s TO the_application | DROP OWNED BY the_owner_s; DROP ROLE the_owner_s | \
          the_application, as a member of the_owner_s, has UPDATE (user_id) on items: REVOKE the_owner_s FROM the_application
          CREATE ROLE the_owner_s; GRANT ALL ON routines TO the_owner_s; GRANT the_owner_s TO the_application; ALTER ROLE the_application NOINHERIT | \
          DROP OWNED BY the_owner_s; DROP ROLE the_owner_s; ALTER ROLE the_application INHERIT | REFERENCES, TRIGGER, TRUNCATE, UPDATE on routines: REVOKE the_owner_s
          CREATE ROLE the_owner_s CREATEROLE; GRANT the_owner_s TO the_application | DROP ROLE the_owner_s | the_owner_s, which has CREATEROLE: REVOKE the_owner_s FROM
          CREATE ROLE the_owner_s; GRANT USAGE, UPDATE ON SEQUENCE items_id_seq TO the_owner_s; GRANT the_owner_s TO the_webhook | \
          DROP OWNED BY the_owner_s; DROP ROLE the_owner_s | the_webhook, as a member of the_owner_s, has UPDATE, USAGE on sequence items_id_seq
          ALTER ROLE the_application CREATEROLE REPLICATION | ALTER ROLE the_application NOCREATEROLE NOREPLICATION | \
          the_application has CREATEROLE REPLICATION: ALTER ROLE the_application NOCREATEROLE NOREPLICATION
          ALTER ROLE the_application BYPASSRLS CREATEDB | ALTER ROLE the_application NOBYPASSRLS NOCREATEDB | the_application has BYPASSRLS CREATEDB
          ALTER ROLE the_webhook SUPERUSER | ALTER ROLE the_webhook NOSUPERUSER | the_webhook has SUPERUSER: ALTER ROLE the_webhook NOSUPERUSER
          GRANT SELECT ON databasechangelog TO PUBLIC | REVOKE SELECT ON databasechangelog FROM PUBLIC | the_application, as everybody, has SELECT on databasechangelog
          CREATE TABLE later (); GRANT SELECT ON later TO PUBLIC | DROP TABLE later | the_webhook, as everybody, has SELECT on later: REVOKE ALL ON later FROM PUBLIC (as
          CREATE TABLE later (); GRANT ALL ON later TO the_application | DROP TABLE later | SELECT, TRIGGER, TRUNCATE, UPDATE on later: REVOKE ALL ON later FROM the_application
          CREATE VIEW every_item AS SELECT * FROM items; GRANT SELECT ON every_item TO the_application | DROP VIEW every_item | \
          the_application has SELECT on every_item, which has the rights of
          CREATE VIEW hashes AS SELECT password FROM ab_user; ALTER VIEW hashes OWNER TO the_owner; GRANT SELECT ON hashes TO PUBLIC | DROP VIEW hashes | \
          the_application, as everybody, has SELECT on hashes, which has the rights of the_owner: REVOKE ALL ON hashes FROM PUBLIC (as the_owner)
          CREATE MATERIALIZED VIEW kept AS SELECT * FROM items; GRANT SELECT ON kept TO the_webhook | DROP MATERIALIZED VIEW kept | the_webhook has SELECT on kept
          CREATE FUNCTION every_title(int) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT title FROM items' | DROP FUNCTION every_title | \
          the_application, as everybody, has EXECUTE on routine every_title(integer), which has the rights of
          CREATE PROCEDURE forget() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM ab_user'; ALTER PROCEDURE forget() OWNER TO the_owner | DROP PROCEDURE forget | \
          has EXECUTE on routine forget(), which has the rights of the_owner: REVOKE ALL ON ROUTINE forget() FROM PUBLIC (as the_owner)
          CREATE SCHEMA tools; GRANT USAGE ON SCHEMA tools TO PUBLIC; CREATE TABLE tools.t (); GRANT INSERT ON tools.t TO PUBLIC | DROP SCHEMA tools CASCADE | \
          the_application, as everybody, has INSERT on tools.t
          CREATE SCHEMA tools; GRANT CREATE ON SCHEMA tools TO the_webhook | DROP SCHEMA tools | the_webhook has CREATE on schema tools: REVOKE CREATE ON SCHEMA tools FROM the_webhook
          GRANT EXECUTE ON FUNCTION pg_read_file(text) TO the_application | REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM the_application | \
          the_application has EXECUTE on routine pg_read_file(text)
          GRANT EXECUTE ON FUNCTION pg_read_file(text) TO PUBLIC | REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM PUBLIC | \
          the_application, as everybody, has EXECUTE on routine pg_read_file(text)
          GRANT SELECT (rolpassword) ON pg_authid TO PUBLIC | REVOKE SELECT (rolpassword) ON pg_authid FROM PUBLIC | as everybody, has SELECT (rolpassword) on pg_authid
          ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO the_application | ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM the_application | \
          the_application is named in the privileges of default privileges on new relations
          CREATE FOREIGN DATA WRAPPER far; GRANT USAGE ON FOREIGN DATA WRAPPER far TO the_application | DROP FOREIGN DATA WRAPPER far CASCADE | \
          the_application is named in the privileges of foreign-data wrapper far
          CREATE TABLE later (); ALTER TABLE later OWNER TO the_application | DROP TABLE later | the_application owns table later: give it to another role
          ALTER TABLE items DISABLE ROW LEVEL SECURITY | ALTER TABLE items ENABLE ROW LEVEL SECURITY | row-level security on items is not enabled and forced
          ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY | ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY | row-level security on subscriptions is not enabled and forced
          CREATE POLICY theirs ON routines FOR SELECT USING (true) | DROP POLICY theirs ON routines | \
          routines has the permissive policy theirs of somebody else, which lets through what ours refuses: DROP POLICY theirs ON routines
          ALTER TABLE common_chords RENAME TO chords | ALTER TABLE chords RENAME TO common_chords | the table common_chords is not in the schema public
          ALTER TABLE ab_role OWNER TO CURRENT_USER; REVOKE SELECT ON ab_role FROM the_application; GRANT SELECT ON ab_role TO the_owner | ALTER TABLE ab_role OWNER TO the_owner; \
          GRANT SELECT ON ab_role TO the_application | the_application has not SELECT on ab_role, which its owner
          CREATE ROLE the_owner_s; GRANT TEMPORARY ON DATABASE the_database TO the_owner_s; GRANT the_owner_s TO the_application | \
          DROP OWNED BY the_owner_s; DROP ROLE the_owner_s | the_application, as a member of the_owner_s, has TEMPORARY on database the_database
          ALTER DATABASE the_database OWNER TO CURRENT_USER | ALTER DATABASE the_database OWNER TO the_owner | the_owner does not own the database the_database
          """)
  void grantsNothingWhereARoleHasMore(String granted, String undo, String says) {
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

  /** Roles that a PostgreSQL of a later day brings along too. */
  @Test
  void grantsNothingToAMemberOfAPredefinedRole() {
    List<String> predefined =
        tenants
            .database()
            .query(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE 'pg\\_%' AND rolname <> 'pg_database_owner'");
    String roles = String.join(", ", predefined);
    tenants.database().execute(named("GRANT " + roles + " TO the_application"));
    try {
      assertThatThrownBy(tenants::grantAgain)
          .hasMessageContainingAll(
              predefined.stream()
                  .map(
                      role ->
                          named("the_application is, or may become, ")
                              + role
                              + named(": REVOKE " + role + " FROM the_application"))
                  .toArray(String[]::new));
    } finally {
      tenants.database().execute(named("REVOKE " + roles + " FROM the_application"));
    }
  }

  private String named(String sql) {
    return sql.replace("the_owner", tenants.owner().name())
        .replace("the_application", tenants.application().name())
        .replace("the_webhook", tenants.webhook().name())
        .replace("the_database", tenants.database().toString());
  }
}
