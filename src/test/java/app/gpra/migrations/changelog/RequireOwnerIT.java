package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** 003, label enforce. */
class RequireOwnerIT {

  private static final String LATE_ROWS =
      "INSERT INTO items (title, updated_at) VALUES ('late', '2026-01-01'); INSERT INTO items (title, user_id) VALUES ('mine', 4);"
          + " INSERT INTO routines (name) VALUES ('late'), ('later')";

  private static final String REQUIRED =
      "SELECT attrelid::regclass FROM pg_attribute WHERE attname = 'user_id' AND attnotnull AND attrelid IN"
          + " ('items'::regclass, 'routines'::regclass, 'chord_charts'::regclass) ORDER BY 1";

  @Test
  void waitsForItsLabel() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      assertThat(database.applied()).contains("002-tag").noneMatch(id -> id.startsWith("003"));
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");
      assertThat(new LiquibaseRun(database).updateSql()).doesNotContain("Changeset changelog/003-");

      new LiquibaseRun(database).enforce().update();
      assertThat(database.applied()).contains("003-tag", "004-tag");
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");
      assertThat(new LiquibaseRun(database).enforce().status()).contains("is up to date");
    }
  }

  @Test
  void sweepsWhatHasComeSinceAndGivesItBack() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      new LiquibaseRun(database).as(role).updateTo("002");
      // Who was the admin then goes on being it.
      database.execute(LATE_ROWS + "; UPDATE ab_user SET active = false WHERE id = 3");
      String schema = database.schema();
      String data = database.data();
      String rows = "SELECT to_jsonb(i) - 'user_id' FROM items i ORDER BY id";
      List<String> items = database.query(rows);

      new LiquibaseRun(database).enforce().as(role).updateTo("003");

      assertThat(database.query(REQUIRED)).containsExactly("items", "routines", "chord_charts");
      assertThat(database.query("SELECT DISTINCT title, user_id FROM items WHERE id > 36"))
          .containsExactlyInAnyOrder("late|3", "mine|4");
      assertThat(database.query("SELECT user_id FROM routines WHERE name LIKE 'late%'"))
          .containsExactly("3", "3");
      assertThat(database.query(rows)).isEqualTo(items);
      assertThatThrownBy(() -> database.execute("INSERT INTO items (title) VALUES ('nobody''s')"))
          .hasMessageContaining("user_id");

      new LiquibaseRun(database).enforce().as(role).rollbackTo("002");

      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  /** Whoever changed the owner of such a row since keeps it so. */
  @Test
  void givesBackOnlyWhatIsStillTheAdmins() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      database.execute(LATE_ROWS);
      new LiquibaseRun(database).enforce().updateTo("003");
      database.execute("UPDATE routines SET user_id = 5 WHERE name = 'late'");

      new LiquibaseRun(database).enforce().rollbackTo("002");

      assertThat(
              database.query(
                  "SELECT name, user_id FROM routines WHERE name LIKE 'late%' ORDER BY 1"))
          .containsExactly("late|5", "later|∅");
      assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("1");
    }
  }

  @Test
  void stopsWhileRowsWithoutOwnerKeepArriving() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      AtomicBoolean stopped = new AtomicBoolean();
      CompletableFuture<Void> oldApplication =
          CompletableFuture.runAsync(
              () -> {
                while (!stopped.get()) {
                  database.execute(
                      "INSERT INTO items (title) VALUES ('late'); SELECT pg_sleep(0.05)");
                }
              });
      try {
        assertThatThrownBy(
                () ->
                    new LiquibaseRun(database)
                        .enforce()
                        .with("gpra.owner.quiet", "59s")
                        .updateCount(5))
            .hasMessageContaining("Rows without user_id keep arriving: ")
            .hasMessageContaining(" in items within the last ")
            .hasMessageContaining("SELECT * FROM items WHERE user_id IS NULL");
      } finally {
        stopped.set(true);
        oldApplication.join();
      }
      database.execute("INSERT INTO items (title) VALUES ('accepted as before')");

      new LiquibaseRun(database).enforce().updateTo("003");

      assertThat(database.query(REQUIRED)).hasSize(3);
      assertThat(database.value("SELECT user_id FROM items WHERE title = 'accepted as before'"))
          .isEqualTo("3");
    }
  }

  /** 002 was not run but noted as done, so nobody has looked for the admin. */
  @Test
  void findsTheAdminWhere002DidNot() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("001");
      database.execute(
          "UPDATE items SET user_id = 4; UPDATE chord_charts SET user_id = 4; UPDATE routines SET user_id = 4 WHERE id > 1");
      new LiquibaseRun(database).changelogSyncTo("002");
      database.execute("UPDATE ab_user SET active = false WHERE username = 'admin'");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().updateTo("003"))
          .hasMessageContaining(
              "The user \"admin\" is not an active user with the role Admin, and no active user has the role Admin");
      database.execute("UPDATE ab_user SET active = true WHERE username = 'admin'");
      String schema = database.schema();
      String data = database.data();

      new LiquibaseRun(database).enforce().updateTo("003");
      assertThat(database.query("SELECT id FROM routines WHERE user_id = 3")).containsExactly("1");

      new LiquibaseRun(database).enforce().rollbackTo("002");
      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  @Test
  @Tag("thorough")
  void findsAnotherAdminWhereTheFirstIsGone() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      database.execute(
          "DELETE FROM routine_items; DELETE FROM active_routine; DELETE FROM ab_user_role; DELETE FROM ab_user WHERE id = 3;"
              + LATE_ROWS);
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().updateTo("003"))
          .hasMessageContaining("no active user has the role Admin");
      new LiquibaseRun(database).enforce().with("gpra.admin.username", "student2").updateTo("003");
      assertThat(database.query("SELECT DISTINCT user_id FROM routines")).containsExactly("5");
    }
  }

  /** What the first one had handed over is not taken from others for that. */
  @Test
  @Tag("thorough")
  void takesNothingFromWhomTheFirstAdminHandedTheirRowsTo() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      database.execute(
          "UPDATE items SET user_id = 4; DELETE FROM routine_items; DELETE FROM active_routine; DELETE FROM ab_user_role WHERE user_id = 3;"
              + " DELETE FROM ab_user WHERE id = 3;"
              + LATE_ROWS);
      new LiquibaseRun(database).enforce().with("gpra.admin.username", "student1").updateTo("003");
      new LiquibaseRun(database).enforce().rollbackTo("001");
      assertThat(database.query("SELECT user_id, count(*) FROM items GROUP BY 1 ORDER BY 1"))
          .containsExactly("4|37", "∅|1");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE items ADD CONSTRAINT ck_items_user_id CHECK (user_id > 0) -- ck_items_user_id on items is \"CHECK ((user_id > 0))\", expected CHECK (user_id IS NOT NULL)",
        "ALTER TABLE items ADD CONSTRAINT theirs NOT NULL user_id NOT VALID -- the constraint theirs on items is NOT NULL and not valid",
      })
  void stopsAtWhatIsInItsWay(String thereAndMessage) {
    String[] parts = thereAndMessage.split(" -- ");
    try (TestDatabase database = TestDatabase.legacy()) {
      assumeTrue(
          parts[0].contains("CHECK")
              || Integer.parseInt(database.value("SHOW server_version_num")) >= 180000,
          "before PostgreSQL 18 there is no such constraint");
      new LiquibaseRun(database).updateTo("002");
      database.execute(LATE_ROWS + ";" + parts[0]);
      String before = database.schema() + database.data();
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().update())
          .hasMessageContaining(parts[1])
          .hasMessageContaining("Nothing was changed");
      assertSame("the database", before, database.schema() + database.data());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE items DROP CONSTRAINT ck_items_user_id -- the NOT NULL of items.user_id",
        "ALTER TABLE routines ADD CONSTRAINT theirs CHECK (user_id IS NOT NULL) -- the constraint theirs on routines",
      })
  @Tag("thorough")
  void goesNotHalfwayBackWhereSomebodyElseRequiresAnOwner(String changeAndMessage) {
    String[] parts = changeAndMessage.split(" -- ");
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      database.execute(LATE_ROWS);
      new LiquibaseRun(database).enforce().updateTo("003");
      database.execute(parts[0]);
      List<String> applied = database.applied();
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().rollbackTo("002"))
          .hasMessageContaining(parts[1])
          .hasMessageContaining("Nothing was undone");
      assertThat(database.applied()).isEqualTo(applied);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE items ALTER COLUMN user_id SET NOT NULL",
        "ALTER TABLE items ADD CONSTRAINT theirs CHECK (user_id IS NOT NULL)",
      })
  @Tag("thorough")
  void leavesWhatRequiresAnOwnerAlready(String theirs) {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      database.execute(theirs);
      String schema = database.schema();
      new LiquibaseRun(database).enforce().updateTo("003");
      assertThat(database.query(REQUIRED)).hasSize(3);
      new LiquibaseRun(database).enforce().rollbackTo("002");
      assertSame("the schema", schema, database.schema());
    }
  }

  @Test
  void stopsWhileTheTablesAreObserved() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("002");
      database.script(Files.readString(Path.of("docs/sql/observe.sql")));
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().update())
          .hasMessageContaining("items is still being observed: psql -f docs/sql/observe-off.sql");
      assertThat(database.applied()).contains("002-tag").noneMatch(id -> id.startsWith("003"));
    }
  }

  @Test
  void isNotGoneBackUnder() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).enforce().updateTo("003");
      List<String> applied = database.applied();
      assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("001"))
          .hasMessageContaining("003-tag")
          .hasMessageContaining("add -Dliquibase.labelFilter=enforce to the same command");
      assertThatThrownBy(() -> new LiquibaseRun(database).rollbackCount(1))
          .hasMessageContaining("add -Dliquibase.labelFilter=enforce to the same command");
      assertThat(database.applied()).isEqualTo(applied);
      new LiquibaseRun(database).labels("enforce").rollbackTo("001");
      assertThat(database.applied()).last().isEqualTo("001-tag");
    }
  }
}
