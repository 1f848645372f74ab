package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** 004, label enforce. What it keeps apart, TenantAttackIT shows. */
class RowLevelSecurityIT {

  private static final String TABLES =
      "'items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine'";

  private static final String FORCED =
      "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relname IN ("
          + TABLES
          + ")";

  private static TestDatabase before;

  @BeforeAll
  static void migrateTo003() {
    before = TestDatabase.legacy();
    new LiquibaseRun(before).enforce().updateTo("003");
  }

  @AfterAll
  static void drop() {
    before.close();
  }

  /** Where the owner of the tables is bound too, and cannot just count. */
  @Test
  void goesBackAllTheWayAsAnOwnerWhomItBinds() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      String schema = database.schema();
      String data = database.data();
      new LiquibaseRun(database).enforce().without("gpra.app.role").as(role).update();
      assertThat(database.value(FORCED)).isEqualTo("6");
      new LiquibaseRun(database).enforce().as(role).update();

      new LiquibaseRun(database).enforce().as(role).rollbackTo("000");

      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  @Test
  void countsWhatWouldBeLostAsAnOwnerWhomItBinds() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      new LiquibaseRun(database).enforce().as(role).update();
      database.execute(
          "INSERT INTO items (title, user_id, created_via) VALUES ('mine', 4, 'import'), ('hers', 5, 'manual');"
              + "INSERT INTO subscriptions (user_id, tier) VALUES (4, 'pro'), (5, 'free')");
      String found = database.schema() + database.data();
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().as(role).rollbackTo("000"))
          .hasMessageContaining("items.user_id of 2 row(s)")
          .hasMessageContaining("items.created_via of 1 row(s)")
          .hasMessageContaining("2 row(s) of subscriptions")
          .hasMessageContaining("-Dgpra.rollback.discard=true");
      assertSame("the database", found, database.schema() + database.data());

      for (String change : List.of("TO gpra_app", "USING (false)")) {
        try (TestDatabase altered = database.copy()) {
          // A copy of a database has none of its privileges.
          altered.execute(
              "ALTER POLICY tenant_isolation ON items %s; GRANT USAGE, CREATE ON SCHEMA public TO %s; GRANT CREATE ON DATABASE %s TO %2$s"
                  .formatted(change, role.name(), altered));
          assertThatThrownBy(() -> new LiquibaseRun(altered).enforce().as(role).rollbackTo("000"))
              .hasMessageContaining(
                  "row-level security on items, which hides rows from this look: it has not the policy of 004 as it was made");
        }
      }

      database.execute("CREATE POLICY theirs ON items AS RESTRICTIVE USING (title <> 'mine')");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().as(role).rollbackTo("000"))
          .hasMessageContaining(
              "row-level security on items, which hides rows from this look: it has the policy theirs");
      new LiquibaseRun(database).enforce().as(role).rollbackTo("003");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE items ALTER COLUMN user_id DROP NOT NULL -- 003 has not run, items.user_id may be empty",
        "ALTER TABLE items ALTER COLUMN user_id DROP NOT NULL, DROP CONSTRAINT ck_items_user_id; INSERT INTO items (title) VALUES ('a'), ('b')"
            + " -- 2 row(s) of items have no owner: SELECT * FROM items WHERE user_id IS NULL",
        "UPDATE items SET user_id = 4 WHERE id = 1 -- 1 row(s) of routine_items have a routine and an item of different users: SELECT l.*",
        "INSERT INTO active_routine (routine_id) VALUES (NULL) -- 1 row(s) of active_routine have no routine, and would be nobody's: DELETE FROM active_routine",
        "ALTER ROLE gpra_app BYPASSRLS -- row-level security does not bind gpra_app, which is a role with BYPASSRLS: use another role",
        "ALTER ROLE gpra_app SUPERUSER -- row-level security does not bind gpra_app, which is a superuser: use another role",
        "CREATE ROLE middle ROLE gpra_app; GRANT postgres TO middle -- which is a member of postgres, a superuser: use another role",
        "ALTER ROLE gpra_app SET app.current_user_id = '4' -- would be user 4: ALTER ROLE gpra_app RESET app.current_user_id",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.current_user_id = ''5''', current_database()); END $$"
            + " -- would be user 5: ALTER DATABASE",
        "DO $$ BEGIN EXECUTE format('ALTER ROLE gpra_app IN DATABASE %I SET app.current_user_id = ''5''', current_database()); END $$"
            + " -- would be user 5: ALTER ROLE gpra_app IN DATABASE",
        "CREATE POLICY theirs ON routines USING (true) -- routines has the permissive policy theirs of somebody else, which would let through",
        "CREATE POLICY tenant_isolation ON routines AS RESTRICTIVE USING (true) -- routines has the",
        "ALTER TABLE chord_charts ENABLE ROW LEVEL SECURITY -- row-level security on chord_charts is on already, and not by 004: ALTER TABLE",
        "ALTER TABLE active_routine RENAME TO elsewhere -- the table active_routine is not there",
        "CREATE TABLE items_archive () INHERITS (items) -- items has child tables or partitions, or is no ordinary table: they would stay open",
        "CREATE INDEX idx_active_routine_routine_id ON active_routine (updated_at) -- the name idx_active_routine_routine_id is taken",
        "ALTER ROLE ALL SET app.current_user_id = '4' -- would be user 4: ALTER ROLE ALL RESET app.current_user_id",
        "ALTER ROLE gpra_app SET row_security = off -- each of its statements would fail: ALTER ROLE gpra_app RESET row_security",
      })
  void stopsWhereTenantsWouldNotBeKeptApart(String stateAndMessage) {
    String[] parts = stateAndMessage.split(" -- ");
    try (TestDatabase database = before.copy()) {
      try {
        database.execute(parts[0]);
        String found = database.schema() + database.data();
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().update())
            .hasMessageContaining("004 cannot run: ")
            .hasMessageContaining(parts[1])
            .hasMessageContaining("Nothing was changed");
        assertSame("the database", found, database.schema() + database.data());
      } finally {
        database.execute(
            "ALTER ROLE gpra_app NOSUPERUSER NOBYPASSRLS; ALTER ROLE gpra_app RESET ALL; ALTER ROLE ALL RESET app.current_user_id; DROP ROLE IF EXISTS middle");
      }
    }
  }

  @Test
  void asksForTheRoleOfTheApplication() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = before.copy()) {
      assertThatThrownBy(
              () -> new LiquibaseRun(database).enforce().without("gpra.app.role").update())
          .hasMessageContaining("which is a superuser: use another role")
          .hasMessageContaining("-Dgpra.app.role=");
      assertThatThrownBy(
              () -> new LiquibaseRun(database).enforce().with("gpra.app.role", "o'brien").update())
          .hasMessageContaining("there is no role \"o'brien\"");
      role.grantLeastPrivileges(database);
      database.execute(
          "ALTER TABLE subscriptions OWNER TO %1$s; GRANT ALL ON databasechangelog TO %1$s"
              .formatted(role.name()));
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().as(role).update())
          .hasMessageContaining(role.name() + " does not own the table routine_items");
      assertThat(database.value(FORCED)).isEqualTo("0");
    }
  }

  /** Policies of others that restrict further are theirs, and stay. */
  @Test
  void leavesOthersRestrictivePoliciesAndTheirIndex() {
    try (TestDatabase database = before.copy()) {
      database.execute(
          "CREATE POLICY theirs ON items AS RESTRICTIVE USING (title <> ''); CREATE INDEX theirs ON active_routine (routine_id)");
      String schema = database.schema();
      new LiquibaseRun(database).enforce().update();
      assertThat(database.schema()).doesNotContain("idx_active_routine_routine_id");
      new LiquibaseRun(database).enforce().rollbackTo("003");
      assertSame("the schema", schema, database.schema());
    }
  }

  @Test
  void warnsOfViewsThatShowEverything() {
    try (TestDatabase database = before.copy()) {
      database.execute(
          "CREATE VIEW titles AS SELECT title FROM items; CREATE MATERIALIZED VIEW tunings AS SELECT title FROM titles;"
              + "CREATE FUNCTION all_items() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM items'");
      StringBuilder screen = new StringBuilder();
      new LiquibaseRun(database).enforce().showing(screen::append).update();
      assertThat(screen)
          .contains(
              "004: whoever may read or call these sees every user's rows: all_items(), titles, tunings. A view: ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DROP POLICY tenant_isolation ON items, items does not have its policy",
    "ALTER POLICY tenant_isolation ON items USING (true), items does not have its policy",
    "ALTER POLICY tenant_isolation ON items TO gpra_app, items does not have its policy",
    "ALTER POLICY tenant_isolation ON routine_items WITH CHECK (true), routine_items does not have its policy",
    "CREATE TABLE items_archive () INHERITS (items), items has a child table",
    "ALTER TABLE items NO FORCE ROW LEVEL SECURITY, row-level security on items is not enabled and forced",
    "CREATE POLICY theirs ON items USING (true), items has the permissive policy theirs of somebody else",
  })
  void saysWhatIsOpenAtTheEnd(String change, String message) {
    try (TestDatabase database = before.copy()) {
      new LiquibaseRun(database).enforce().update();
      new LiquibaseRun(database).enforce().rollbackCount(2);
      database.execute(change);
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().update())
          .hasMessageContaining("004 is not complete: " + message);
      assertThat(database.applied()).doesNotContain("004-verify");
    }
  }

  @Test
  void neverEnablesItWithoutItsPolicy() {
    try (TestDatabase database = before.copy()) {
      new LiquibaseRun(database).enforce().update();
      List<String> applied = database.applied();
      int enabled = applied.size() - applied.indexOf("004-items-enabled");
      new LiquibaseRun(database).enforce().rollbackCount(enabled);
      database.execute("DROP POLICY tenant_isolation ON items");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().update())
          .hasMessageContaining("The policy of 004 on items is not there any more");
      assertThat(database.value(FORCED)).isEqualTo("0");
    }
  }

  /** As somebody tries in an incident. */
  @Test
  void isSwitchedOffAlsoWhereItsPolicyIsGone() {
    try (TestDatabase database = before.copy()) {
      new LiquibaseRun(database).enforce().update();
      database.execute(
          "DROP POLICY tenant_isolation ON items; COMMENT ON POLICY tenant_isolation ON routines IS 'see wiki';"
              + "ALTER POLICY tenant_isolation ON chord_charts RENAME TO own_charts");
      new LiquibaseRun(database).enforce().rollbackTo("003");
      assertThat(database.value(FORCED)).isEqualTo("0");
      assertThat(database.query("SELECT polname FROM pg_policy"))
          .containsExactly("tenant_isolation");
    }
    try (TestDatabase database = before.copy()) {
      new LiquibaseRun(database).enforce().update();
      database.execute(
          "DROP POLICY tenant_isolation ON items; CREATE POLICY theirs ON items USING (true)");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo("003"))
          .hasMessageContaining(
              "Row-level security on items is still on: its policies are not those of 004 (theirs)")
          .hasMessageContaining("ALTER TABLE items NO FORCE ROW LEVEL SECURITY");
    }
  }

  /** Where only some tables are switched off, each is counted in its own way. */
  @Test
  void goesBackFromTheMiddleAsAnOwnerWhomItBinds() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      String schema = database.schema();
      String data = database.data();
      new LiquibaseRun(database).enforce().as(role).update();
      new LiquibaseRun(database).enforce().as(role).rollbackCount(6);

      new LiquibaseRun(database).enforce().as(role).rollbackTo("000");

      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }
}
