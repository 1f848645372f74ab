package app.gpra.migrations.tenants;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Migrations after 004, run by the tables' owner, whom row-level security binds like everybody. */
@Tag("thorough")
@Tag("nightly")
class LaterMigrationIT {

  private static final String REFUSED =
      "query would be affected by row-level security policy for table \"%s\"";

  private static TestRole owner;
  private static TestDatabase migrated;

  private TestDatabase database;

  @BeforeAll
  static void migrate() {
    owner = TestRole.create("secret");
    migrated = TestDatabase.legacy();
    owner.own(migrated);
    new LiquibaseRun(migrated).as(owner).enforce().update();
    // Rows of every user: they are the admin's, 3, so far.
    migrated.execute(
        "UPDATE items SET user_id = 4 WHERE id % 3 = 1; UPDATE items SET user_id = 5 WHERE id % 3 = 2;"
            + " UPDATE chord_charts SET user_id = 4 WHERE chord_id % 2 = 0");
  }

  @AfterAll
  static void dropAll() {
    migrated.close();
    owner.close();
  }

  @BeforeEach
  void copy() {
    database = migrated.copy();
  }

  @AfterEach
  void drop() {
    database.close();
  }

  private LiquibaseRun run(String changelog) {
    return new LiquibaseRun(database).as(owner).enforce().changelog(changelog);
  }

  @Nested
  class Data {

    private static final String PATTERN = "changelogs/later-data.yaml";

    @Test
    void isNotChangedByWhoeverForgetsTheTenants() {
      String data = database.data();
      assertThatThrownBy(() -> run("changelogs/later-plain.yaml").update())
          .hasMessageContaining(REFUSED.formatted("items"));
      assertSame("the data", data, database.data());
      assertThat(database.applied()).doesNotContain("later-plain");
    }

    /** The contrast: what the connection's {@code row_security = off} prevents. */
    @Test
    void wouldSilentlyStayAsItIsWithRowSecurityOn() {
      String data = database.data();
      database.script(owner, "SET row_security = on; UPDATE items SET songbook = 'Collected'");
      assertSame("the data", data, database.data());
    }

    @Test
    void isChangedTenantByTenantAndBack() {
      String schema = database.schema();
      String data = withoutTimes(database);
      run(PATTERN).update();
      assertThat(
              database.query(
                  "SELECT user_id, count(*), count(difficulty) FROM items GROUP BY 1 ORDER BY 1"))
          .containsExactly("3|12|12", "4|12|12", "5|12|12");
      assertThat(
              database.value(
                  "SELECT convalidated FROM pg_constraint WHERE conname = 'ck_items_difficulty'"))
          .isEqualTo("t");

      run(PATTERN).rollbackCount(4);
      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, withoutTimes(database));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void isProvedToBeChangedForEveryTenant(int leftOut) {
      LiquibaseRun run = run(PATTERN).with("test.left.out", Integer.toString(leftOut));
      assertThatThrownBy(run::update)
          .hasMessageContaining("\"ck_items_difficulty\"")
          .hasMessageContaining("is violated by some row");
      assertThat(database.applied())
          .contains("later-difficulty-required")
          .doesNotContain("later-difficulty-valid");

      // Back to before the loop, and again.
      run(PATTERN).rollbackCount(2);
      run(PATTERN).update();
      assertThat(database.value("SELECT count(*) FROM items WHERE difficulty IS NULL"))
          .isEqualTo("0");
    }

    /** A trigger sets the time of each change. */
    private static String withoutTimes(TestDatabase database) {
      return database.data().replaceAll("\"updated_at\": \"[^\"]*\"", "");
    }
  }

  @Test
  void countsWhatATypeWouldCutOfEachTenant() {
    String pattern = "changelogs/later-type.yaml";
    run(pattern).update();
    database.execute(
        "UPDATE items SET tuning = repeat('x', 60) WHERE id IN (SELECT min(id) FROM items GROUP BY user_id)");
    assertThatThrownBy(() -> run(pattern).with("gpra.rollback.narrow", "true").rollbackCount(1))
        .hasMessageContaining("made since: items.tuning of 3 row(s). Nothing was undone.");

    run(pattern)
        .with("gpra.rollback.narrow", "true")
        .with("gpra.rollback.discard", "true")
        .rollbackCount(1);
    assertThat(database.value("SELECT count(*) FROM items WHERE tuning = repeat('x', 50)"))
        .isEqualTo("3");
  }

  @Nested
  class ForeignKey {

    private static final String VALID =
        "SELECT convalidated FROM pg_constraint WHERE conname = 'fk_source_item'";

    @BeforeEach
    void addColumn() {
      database.script(owner, "ALTER TABLE chord_charts ADD COLUMN source_item_id integer");
      database.execute(
          "UPDATE chord_charts SET source_item_id = i.id FROM items i WHERE i.user_id = chord_charts.user_id");
    }

    private void violate(int user) {
      database.execute(
          "UPDATE chord_charts SET source_item_id = 4711 WHERE chord_id ="
              + " (SELECT max(chord_id) FROM chord_charts WHERE user_id = %d)".formatted(user));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isNotValidatedByWhoeverForgetsTheTenants(boolean violated) {
      if (violated) {
        violate(4);
      }
      assertThatThrownBy(() -> run("changelogs/later-key.yaml").update())
          .hasMessageContaining(REFUSED.formatted("chord_charts"));
      assertThat(database.value(VALID)).isEqualTo("f");
      run("changelogs/later-key.yaml").rollbackCount(1);

      assertThatThrownBy(() -> run("changelogs/later-key-at-once.yaml").update())
          .hasMessageContaining(REFUSED.formatted("chord_charts"));
      assertThat(database.query(VALID)).isEmpty();
    }

    /** The contrast: what the connection's {@code row_security = off} prevents. */
    @Test
    void wouldBeValidatedFalselyWithRowSecurityOn() {
      violate(4);
      database.script(
          owner,
          "SET row_security = on; ALTER TABLE chord_charts ADD CONSTRAINT fk_source_item"
              + " FOREIGN KEY (source_item_id) REFERENCES items (id)");
      assertThat(database.value(VALID)).isEqualTo("t");
      assertThat(
              database.value(
                  "SELECT count(*) FROM chord_charts WHERE source_item_id NOT IN (SELECT id FROM items)"))
          .isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"by-tenant", "unforced"})
    void isValidatedForReal(String way) {
      String schema = database.schema();
      String changelog = "changelogs/later-key-%s.yaml".formatted(way);
      run(changelog).update();
      assertThat(database.value(VALID)).isEqualTo("t");
      assertThat(
              database.value(
                  "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"))
          .isEqualTo("6");
      run(changelog).rollbackCount(2);
      assertSame("the schema", schema, database.schema());
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void isNotValidatedTenantByTenantWhereARowOfOneViolatesIt(int user) {
      violate(user);
      assertThatThrownBy(() -> run("changelogs/later-key-by-tenant.yaml").update())
          .hasMessageContaining(
              "1 chord chart(s) of user %d have a source that is not an item of theirs"
                  .formatted(user));
      assertThat(database.value(VALID)).isEqualTo("f");
      database.execute("UPDATE chord_charts SET source_item_id = NULL WHERE source_item_id = 4711");
      run("changelogs/later-key-by-tenant.yaml").update();
      assertThat(database.value(VALID)).isEqualTo("t");
    }

    /** Which the key itself would not mind. */
    @Test
    void isNotValidatedTenantByTenantWhereARowHasAnothersItem() {
      database.execute(
          "UPDATE chord_charts SET source_item_id = (SELECT min(id) FROM items WHERE user_id = 5) WHERE chord_id = 2");
      assertThatThrownBy(() -> run("changelogs/later-key-by-tenant.yaml").update())
          .hasMessageContaining("1 chord chart(s) of user 4 have a source");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void isNotValidatedUnforcedWhereARowOfOneViolatesIt(int user) {
      violate(user);
      String schema = database.schema();
      assertThatThrownBy(() -> run("changelogs/later-key-unforced.yaml").update())
          .hasMessageContaining("violates foreign key constraint \"fk_source_item\"");
      assertThat(database.value(VALID)).isEqualTo("f");
      run("changelogs/later-key-unforced.yaml").rollbackCount(1);
      assertSame("the schema", schema, database.schema());
    }

    /** On which the validation tenant by tenant relies. */
    @Test
    void isHeldToByAllThatComesOnceItIsAdded() {
      assertThatThrownBy(() -> run("changelogs/later-key.yaml").update())
          .hasMessageContaining(REFUSED.formatted("chord_charts"));
      assertThatThrownBy(() -> violate(3))
          .hasMessageContaining("violates foreign key constraint \"fk_source_item\"");
    }
  }
}
