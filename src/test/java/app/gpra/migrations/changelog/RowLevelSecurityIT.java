package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** 004, label enforce. What it keeps apart, TenantAttackIT shows. */
class RowLevelSecurityIT {

  private static final String TABLES =
      "'items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine'";

  private static final String FORCED =
      "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity AND relname IN ("
          + TABLES
          + ")";

  private static final String UNSEEN =
      "INSERT INTO ab_user (id, first_name, last_name, username, email) VALUES (-7, 'A', 'B', 'unseen', 'u@example.org')";

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
  @Tag("thorough")
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

  /** As under a later migration that has no label: with 002's tag as if it had come last. */
  @Test
  void isGoneBackPastOnlyWhereTheLabelFilterNamesIt() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      new LiquibaseRun(database).enforce().updateTo("004");
      database.execute(
          "UPDATE databasechangelog SET orderexecuted = 999, dateexecuted = now() WHERE id = '002-tag' OR id = '002-verify'");
      List<String> applied = database.applied();
      for (Consumer<LiquibaseRun> back :
          List.<Consumer<LiquibaseRun>>of(
              run -> run.rollbackTo("001"), run -> run.rollbackCount(3))) {
        assertThatThrownBy(() -> back.accept(new LiquibaseRun(database)))
            .hasMessageContaining("004-tag. Nothing was undone.")
            .hasMessageContaining("add -Dliquibase.labelFilter=enforce");
        assertThat(database.applied()).isEqualTo(applied);
      }
      List<String> screen = new ArrayList<>();
      new LiquibaseRun(database).enforce().showing(screen::add).rollbackCount(2);
      assertThat(screen).contains("To undo: 2 changesets of 002.");
      assertThat(database.applied()).hasSize(applied.size() - 2).endsWith("004-tag");
    }
  }

  @Test
  void countsWhatWouldBeLostAsAnOwnerWhomItBinds() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      new LiquibaseRun(database).enforce().as(role).updateTo("004");
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

      String not = "row-level security on items, which hides rows from this look: it has not";
      for (String changeAndMessage :
          List.of(
              "ALTER POLICY tenant_isolation ON items TO gpra_app -- " + not,
              "ALTER POLICY tenant_isolation ON items USING (false) -- " + not,
              "ALTER TABLE items DROP CONSTRAINT fk_items_user_id -- those of items without owner",
              "ALTER TABLE items ALTER user_id DROP NOT NULL -- those of items without owner")) {
        String[] parts = changeAndMessage.split(" -- ");
        try (TestDatabase altered = database.copy()) {
          // A copy of a database has none of its privileges.
          altered.execute(
              "%s; GRANT USAGE, CREATE ON SCHEMA public TO %s; GRANT CREATE ON DATABASE %s TO %2$s"
                  .formatted(parts[0], role.name(), altered));
          assertThatThrownBy(() -> new LiquibaseRun(altered).enforce().as(role).rollbackTo("000"))
              .hasMessageContaining(parts[1])
              .hasMessageContaining("Nothing was undone");
        }
      }

      database.execute("CREATE POLICY theirs ON items AS RESTRICTIVE USING (title <> 'mine')");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().as(role).rollbackTo("000"))
          .hasMessageContaining(
              "row-level security on items, which hides rows from this look: it has the policy theirs");
      new LiquibaseRun(database).enforce().as(role).rollbackTo("003");
    }
  }

  /** Their rows are hidden from whoever looks as each user in turn. */
  @Test
  void takesNothingFromAUserWhomThePoliciesDoNotSee() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      new LiquibaseRun(database).enforce().as(role).updateTo("004");
      database.execute(UNSEEN + "; INSERT INTO items (title, user_id) VALUES ('unseen', -7)");
      String found = database.schema() + database.data();
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().as(role).rollbackTo("000"))
          .hasMessageContaining("those of 1 user(s) whose id the policies take for nobody")
          .hasMessageContaining("Nothing was undone. Go back to 003 first");
      assertSame("the database", found, database.schema() + database.data());

      new LiquibaseRun(database).enforce().as(role).rollbackTo("003");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().as(role).rollbackTo("000"))
          .hasMessageContaining("items.user_id of 1 row(s)");
    }
  }

  /** All that is in the way is said at once. */
  @Test
  void stopsWhereTenantsWouldNotBeKeptApart() {
    stopsAt(
        List.of(
            "ALTER TABLE chord_charts ALTER COLUMN user_id DROP NOT NULL",
            "ALTER TABLE items ALTER COLUMN user_id DROP NOT NULL, DROP CONSTRAINT ck_items_user_id; INSERT INTO items (title) VALUES ('a'), ('b')",
            "ALTER ROLE gpra_app BYPASSRLS; CREATE ROLE middle ROLE gpra_app; CREATE ROLE almighty SUPERUSER ROLE middle",
            "ALTER ROLE gpra_app SET app.current_user_id = '4'; ALTER ROLE gpra_app SET row_security = off",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.current_user_id = ''5''', current_database()); END $$",
            "DO $$ BEGIN EXECUTE format('ALTER ROLE gpra_app IN DATABASE %I SET app.current_user_id = ''6''', current_database()); END $$",
            "ALTER ROLE ALL SET app.current_user_id = '7'",
            "CREATE POLICY theirs ON routines USING (true)",
            "CREATE POLICY tenant_isolation ON subscriptions AS RESTRICTIVE USING (true)",
            "ALTER TABLE chord_charts ENABLE ROW LEVEL SECURITY",
            "CREATE TABLE items_archive () INHERITS (items)",
            UNSEEN,
            "ALTER TABLE routines DROP CONSTRAINT fk_routines_user_id; INSERT INTO routines (name, user_id) VALUES ('of nobody', 99)"),
        "1 user(s) have an id that the policies take for nobody, and would not see their rows: SELECT id, username",
        "1 row(s) of routines have an owner that is no user: SELECT * FROM routines",
        "003 has not run, chord_charts.user_id may be empty",
        "2 row(s) of items have no owner: SELECT * FROM items WHERE user_id IS NULL",
        "row-level security does not bind gpra_app, which is a role with BYPASSRLS: use another role",
        "row-level security does not bind gpra_app, which is a member of almighty, a superuser: use another role",
        "would be user 4: ALTER ROLE gpra_app RESET app.current_user_id",
        "would be user 5: ALTER DATABASE",
        "would be user 6: ALTER ROLE gpra_app IN DATABASE",
        "would be user 7: ALTER ROLE ALL RESET app.current_user_id",
        "each of its statements would fail: ALTER ROLE gpra_app RESET row_security",
        "routines has the permissive policy theirs of somebody else, which would let through",
        "subscriptions has the",
        "row-level security on chord_charts is on already, and not by 004: ALTER TABLE",
        "items has child tables or partitions, or is no ordinary table: they would stay open");
    stopsAt(
        List.of("CREATE INDEX idx_active_routine_routine_id ON active_routine (updated_at)"),
        "the index idx_active_routine_routine_id is");
    stopsAt(
        List.of("ALTER TABLE active_routine RENAME TO elsewhere"),
        "the table active_routine is not there");
    stopsAt(
        List.of("ALTER ROLE gpra_app SUPERUSER"),
        "row-level security does not bind gpra_app, which is a superuser: use another role");
    stopsAt(
        List.of(
            "ALTER ROLE gpra_app CREATEROLE REPLICATION; GRANT pg_write_server_files TO gpra_app",
            "CREATE ROLE middle CREATEROLE ROLE gpra_app; CREATE ROLE almighty REPLICATION ROLE middle"),
        "row-level security does not bind gpra_app, which is a role with CREATEROLE, which can join others: use another role",
        "does not bind gpra_app, which is a member of middle, a role with CREATEROLE",
        "does not bind gpra_app, which is a member of almighty, a role with REPLICATION",
        "does not bind gpra_app, which is a member of pg_write_server_files, a role that gets at the server's files");
    stopsAt(
        List.of(
            "UPDATE items SET user_id = 4 WHERE id = 1",
            "INSERT INTO active_routine (routine_id) VALUES (NULL)"),
        "1 row(s) of routine_items have a routine and an item of different users: SELECT l.*",
        "1 row(s) of active_routine have no routine, and would be nobody's: DELETE FROM active_routine");
  }

  private static void stopsAt(List<String> given, String... sentences) {
    try (TestDatabase database = before.copy()) {
      try {
        given.forEach(database::execute);
        String found = database.schema() + database.data();
        assertThatThrownBy(() -> new LiquibaseRun(database).enforce().updateTo("004"))
            .hasMessageContainingAll(sentences)
            .hasMessageContaining("Nothing was changed");
        assertSame("the database", found, database.schema() + database.data());
      } finally {
        database.execute(
            "ALTER ROLE gpra_app NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION; REVOKE pg_write_server_files FROM gpra_app; ALTER ROLE gpra_app RESET ALL; ALTER ROLE ALL RESET app.current_user_id;"
                + " DROP ROLE IF EXISTS middle, almighty");
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
          .hasMessageContaining(role.name() + " does not own the table active_routine");
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

  @Test
  void saysWhatIsOpenAtTheEnd() {
    try (TestDatabase database = before.copy()) {
      new LiquibaseRun(database).enforce().updateTo("004");
      new LiquibaseRun(database).enforce().rollbackCount(2);
      database.execute(
          "DROP POLICY tenant_isolation ON items; ALTER POLICY tenant_isolation ON routines USING (true);"
              + "ALTER POLICY tenant_isolation ON chord_charts TO gpra_app; ALTER POLICY tenant_isolation ON routine_items WITH CHECK (true);"
              + "ALTER TABLE active_routine NO FORCE ROW LEVEL SECURITY; CREATE POLICY theirs ON subscriptions USING (true);"
              + "CREATE TABLE items_archive () INHERITS (items)");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().updateTo("004"))
          .hasMessageContaining(
              "004 is not complete: chord_charts does not have its policy; items does not have its policy; items has a child table;"
                  + " routine_items does not have its policy; routines does not have its policy; row-level security on active_routine is"
                  + " not enabled and forced; subscriptions has the permissive policy theirs of somebody else. Somebody changed it");
      assertThat(database.applied()).doesNotContain("004-verify");
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
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo("003"))
          .hasMessageContaining("any more: policy tenant_isolation on table routines. Nothing");
      new LiquibaseRun(database).enforce().with("gpra.rollback.marks", "leave").rollbackTo("003");
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
              "Row-level security on items is still on, and its policies are somebody else's: theirs.")
          .hasMessageContaining("ALTER TABLE items NO FORCE ROW LEVEL SECURITY");
    }
  }

  /** Where only some tables are switched off, each is counted in its own way. */
  @Test
  @Tag("thorough")
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
