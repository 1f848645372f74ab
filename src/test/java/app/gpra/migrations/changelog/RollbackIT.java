package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollbackIT {

  /** The same kinds of changeset come several times. */
  private static final int EVERY = ReliabilityReport.full() ? 1 : 9;

  /** Every row of the legacy tables, without the columns that are new, which bear a mark. */
  private static List<String> legacyRows(TestDatabase database) {
    return database.query(
        Stream.of(
                "items",
                "routines",
                "routine_items",
                "chord_charts",
                "active_routine",
                "common_chords",
                "ab_user",
                "ab_role",
                "ab_user_role")
            .map(
                table ->
                    """
                    SELECT '%1$s', to_jsonb(t) - ARRAY(
                             SELECT attname::text FROM pg_attribute
                              WHERE attrelid = '%1$s'::regclass AND col_description(attrelid, attnum) LIKE '[gpra %%')
                      FROM %1$s t"""
                        .formatted(table))
            .collect(Collectors.joining(" UNION ALL ", "", " ORDER BY 1, 2")));
  }

  /** The changesets come from the changelog: a new one is covered the day it is added. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void restoresEachPointOnTheWayUpChangesetByChangeset() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      List<String> rows = legacyRows(database);
      new LiquibaseRun(database).enforce().as(role).updateCount(1);
      List<String> schemas = new ArrayList<>();
      int all = Changelog.changeSets().size();
      for (int done = 1; done < all; done += EVERY) {
        schemas.add(database.schema());
        new LiquibaseRun(database).enforce().as(role).updateCount(EVERY);
      }
      assertThat(new LiquibaseRun(database).enforce().as(role).status()).contains("is up to date");
      assertThat(database.applied()).hasSize(all).contains("004-tag");
      String complete = database.schema();

      for (int i = schemas.size() - 1; i >= 0; i--) {
        int left = 1 + i * EVERY;
        new LiquibaseRun(database)
            .enforce()
            .as(role)
            .rollbackCount(database.applied().size() - left);
        assertThat(database.applied()).hasSize(left);
        assertSame(
            "the schema with %d changesets".formatted(left), schemas.get(i), database.schema());
        assertThat(legacyRows(database)).isEqualTo(rows);
      }
      new LiquibaseRun(database).enforce().as(role).update();
      assertSame("the schema after going up again", complete, database.schema());
      assertThat(legacyRows(database)).isEqualTo(rows);
    }
  }

  /** Killed after a changeset's commit and before it was recorded, it runs again. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void endsInTheSamePlaceWhenEachChangesetRanTwice() {
    try (TestDatabase undisturbed = TestDatabase.legacy();
        TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(undisturbed).enforce().update();
      String legacy = database.schema();
      String data = database.data();
      int step = ReliabilityReport.full() ? 1 : 2;
      for (int done = 0; done < undisturbed.applied().size(); done += step) {
        new LiquibaseRun(database).enforce().updateCount(step);
        database.execute(
            "DELETE FROM databasechangelog WHERE orderexecuted = (SELECT max(orderexecuted) FROM databasechangelog)");
        new LiquibaseRun(database).enforce().updateCount(1);
      }
      assertThat(database.applied()).isEqualTo(undisturbed.applied());
      assertSame("the schema", undisturbed.schema(), database.schema());

      new LiquibaseRun(database).enforce().rollbackTo("000");

      assertSame("the schema after going back", legacy, database.schema());
      assertSame("the data after going back", data, database.data());
    }
  }

  /** Killed after a changeset's commit and before it was recorded, and then the other way. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void takesBackWhatWasNotRecorded() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).enforce().updateTo("000");
      String schema = database.schema();
      String data = database.data();
      int changeSets = Changelog.changeSets().size();
      int step = 2 * EVERY;
      for (int done = 3; done < changeSets; done += step) {
        new LiquibaseRun(database).enforce().updateCount(done == 3 ? 1 : step);
        try (TestDatabase killed = database.copy()) {
          killed.execute(
              "DELETE FROM databasechangelog WHERE orderexecuted = (SELECT max(orderexecuted) FROM databasechangelog)");
          new LiquibaseRun(killed).enforce().rollbackTo("000");
          String last = database.applied().get(done - 1);
          assertSame("the schema, without a record of " + last, schema, killed.schema());
          assertSame("the data, without a record of " + last, data, killed.data());
        }
      }
    }
  }

  @Test
  void restoresEachTag() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateCount(2);
      String legacy = database.data();
      List<String> schemas = new ArrayList<>(List.of(database.schema()));
      List<String> tags = Changelog.tags();
      for (String tag : tags.subList(1, tags.size())) {
        new LiquibaseRun(database).enforce().updateTo(tag);
        schemas.add(database.schema());
      }
      String complete = database.schema();
      for (int to = tags.size() - 2; to >= 0; to--) {
        new LiquibaseRun(database).enforce().rollbackTo(tags.get(to));
        assertSame("the schema of tag " + tags.get(to), schemas.get(to), database.schema());
        // The tag stays: the same command again does nothing and succeeds.
        new LiquibaseRun(database).enforce().rollbackTo(tags.get(to));
        assertSame("the schema of tag " + tags.get(to), schemas.get(to), database.schema());
        if (to == 0) {
          assertSame("the data", legacy, database.data());
        }
        new LiquibaseRun(database).enforce().update();
        assertSame("the schema after going up again", complete, database.schema());
      }
    }
  }

  @Nested
  class Ownership {

    @Test
    void isTakenOnlyFromRowsThat002GaveAnOwner() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        database.execute(
            "UPDATE items SET user_id = 3 WHERE id = 1; UPDATE items SET user_id = 4 WHERE id = 2");
        new LiquibaseRun(database).updateTo("002");
        database.execute(
            "INSERT INTO items (title, user_id) VALUES ('new, the admin''s', 3);"
                + "UPDATE items SET user_id = 5 WHERE id = 3");

        new LiquibaseRun(database).rollbackTo("001");

        assertThat(
                database.query(
                    "SELECT id, user_id FROM items WHERE user_id IS NOT NULL ORDER BY id"))
            .containsExactly("1|3", "2|4", "3|5", "37|3");
        assertThat(database.value("SELECT count(*) FROM subscriptions")).isEqualTo("0");
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "UPDATE subscriptions SET stripe_price_id = 'price_1'",
          "ALTER TABLE subscriptions ADD COLUMN note text; UPDATE subscriptions SET note = 'x'",
          "CREATE TABLE invoices (of int REFERENCES subscriptions ON DELETE CASCADE); INSERT INTO invoices SELECT id FROM subscriptions",
        })
    @Tag("thorough")
    void keepsTheSubscriptionThatSomebodyChangedOrRefersTo(String change) {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).update();
        database.execute(change);
        new LiquibaseRun(database).rollbackTo("001");
        assertThat(database.value("SELECT count(*) FROM subscriptions")).isEqualTo("1");
      }
    }

    @Test
    void isUndoneAsAWholeByTheFirstChangesetAfterARunThatWasKilled() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        String schema = database.schema();
        String data = database.data();
        new LiquibaseRun(database).updateCount(4);
        // As if it had been killed before it could record what it had done.
        database.execute("DELETE FROM databasechangelog WHERE id LIKE '002-verify-%'");

        new LiquibaseRun(database).rollbackTo("001");

        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }
  }

  @Nested
  class Guard {

    private static TestDatabase migrated;

    @BeforeAll
    static void migrateTo001() {
      migrated = TestDatabase.legacy();
      new LiquibaseRun(migrated).updateTo("001");
    }

    @AfterAll
    static void drop() {
      migrated.close();
    }

    @Test
    void stopsBeforeAnythingIsUndoneWhereUsersWouldLoseData() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("002");
        database.execute(
            "INSERT INTO subscriptions (user_id, tier) VALUES (4, 'pro'), (5, 'free');"
                + "INSERT INTO items (title, user_id, created_via) VALUES ('mine', 4, 'import')");
        String schema = database.schema();
        String data = database.data();
        List<String> applied = database.applied();

        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
            .hasMessageContaining("items.user_id of 1 row(s)")
            .hasMessageContaining("items.created_via of 1 row(s)")
            .hasMessageContaining("2 row(s) of subscriptions")
            .hasMessageContaining("-Dgpra.rollback.discard=true");
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackCount(applied.size() - 2))
            .hasMessageContaining("2 row(s) of subscriptions");

        assertThat(database.applied()).isEqualTo(applied);
        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());

        // What is not in danger may go.
        new LiquibaseRun(database).rollbackTo("001");
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
            .hasMessageContaining("2 row(s) of subscriptions");
        new LiquibaseRun(database).with("gpra.rollback.discard", "true").rollbackTo("000");
        assertThat(database.value("SELECT to_regclass('subscriptions')")).isEqualTo("∅");
      }
    }

    /** A pool's session remembers an earlier rollback. */
    @Test
    void looksAgainInASessionThatHasLookedBefore() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).update();
        database.execute(
            "INSERT INTO items (title, created_via) VALUES ('mine', 'import');"
                + "ALTER DATABASE %1$s SET gpra.guarded = 'yes';".formatted(database)
                + "ALTER DATABASE %1$s SET gpra.looked_at = 'tag|000|count'".formatted(database));
        assertThatThrownBy(() -> new LiquibaseRun(database).handedOver().rollbackTo("000"))
            .hasMessageContaining("items.created_via of 1 row(s)");
      }
    }

    /** Where going back begins in the middle of a migration, too, and whatever the tag's case. */
    @Test
    void looksAtAllThatTheCommandReaches() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("000");
        database.execute("UPDATE databasechangelog SET tag = 'Release-1' WHERE id = '000-tag'");
        new LiquibaseRun(database).update();
        database.execute(
            "INSERT INTO items (title, user_id, created_via) VALUES ('mine', 4, 'import')");
        new LiquibaseRun(database).rollbackCount(1);
        List<String> applied = database.applied();
        String data = database.data();

        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("release-1"))
            .hasMessageContaining("items.created_via of 1 row(s)");
        assertThat(database.applied()).isEqualTo(applied);
        assertSame("the data", data, database.data());

        new LiquibaseRun(database).rollbackCount(5);
        List<String> fewer = database.applied();
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("release-1"))
            .hasMessageContaining("items.created_via of 1 row(s)");
        assertThat(database.applied()).isEqualTo(fewer);
      }
    }

    @Test
    void stopsWhereWhatOthersMadeWouldGoWithOurs() {
      List<String> made =
          List.of(
              "CREATE INDEX theirs ON items (user_id, title) -- index theirs",
              "CREATE INDEX theirs ON items ((user_id + 1)) -- index theirs",
              "CREATE INDEX theirs ON items (title) WHERE user_id > 0 -- index theirs",
              "ALTER TABLE items ADD CONSTRAINT theirs CHECK (user_id > 0) -- constraint theirs",
              "CREATE STATISTICS theirs ON user_id, title FROM items -- statistics object theirs",
              "ALTER TABLE subscriptions ADD COLUMN note text -- column note of table subscriptions",
              "CREATE INDEX theirs ON subscriptions (mrr) -- index theirs",
              "ALTER TABLE subscriptions ADD CONSTRAINT theirs CHECK (mrr >= 0) -- constraint theirs",
              "ALTER TABLE subscriptions ADD CONSTRAINT theirs UNIQUE (stripe_price_id) -- constraint theirs",
              "CREATE TRIGGER theirs BEFORE UPDATE ON subscriptions FOR EACH ROW EXECUTE FUNCTION update_updated_at_column() -- trigger theirs",
              "CREATE POLICY theirs ON subscriptions -- policy theirs",
              "CREATE RULE theirs AS ON DELETE TO subscriptions DO ALSO NOTHING -- rule theirs",
              "CREATE STATISTICS theirs ON tier, status FROM subscriptions -- statistics object theirs");
      try (TestDatabase database = migrated.copy()) {
        List<String> named = new ArrayList<>();
        for (String one : made) {
          String[] parts = one.replace("theirs", "theirs" + named.size()).split(" -- ");
          database.execute(parts[0]);
          named.add(parts[1]);
        }
        String schema = database.schema();
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
            .hasMessageContainingAll(named.toArray(CharSequence[]::new))
            .hasMessageContaining("-Dgpra.rollback.discard=true");
        assertSame("the schema", schema, database.schema());
        new LiquibaseRun(database).with("gpra.rollback.discard", "true").rollbackTo("000");
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "CREATE VIEW theirs AS SELECT user_id FROM items -- view theirs",
          "CREATE VIEW theirs AS SELECT tier FROM subscriptions -- view theirs",
          "CREATE POLICY theirs ON routines USING (EXISTS (SELECT FROM subscriptions)) -- policy theirs",
          "CREATE TABLE theirs () INHERITS (subscriptions) -- table theirs",
          "CREATE TABLE theirs (s subscriptions) -- table theirs",
          "CREATE POLICY theirs ON items USING (user_id > 1) -- policy theirs",
          "CREATE TRIGGER theirs BEFORE UPDATE OF user_id ON items FOR EACH ROW EXECUTE FUNCTION"
              + " update_updated_at_column() -- trigger theirs",
          "ALTER TABLE items ADD COLUMN theirs int GENERATED ALWAYS AS (user_id + 1) STORED -- theirs",
          "CREATE TABLE theirs (subscription_id int REFERENCES subscriptions) -- on table theirs",
        })
    void stopsWhereOthersBuiltOnOursEvenWhenToldToDiscard(String built) {
      String[] parts = built.split(" -- ");
      try (TestDatabase database = migrated.copy()) {
        database.execute(parts[0]);
        String schema = database.schema();
        assertThatThrownBy(
                () ->
                    new LiquibaseRun(database)
                        .with("gpra.rollback.discard", "true")
                        .rollbackTo("000"))
            .hasMessageContaining(parts[1])
            .hasMessageContaining("Drop that first");
        assertSame("the schema", schema, database.schema());
      }
    }

    @Test
    void stopsWhereSomebodyElseRequiresAnOwner() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).update();
        database.execute("ALTER TABLE items ALTER COLUMN user_id SET NOT NULL");
        List<String> applied = database.applied();
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("001"))
            .hasMessageContaining("the NOT NULL of items.user_id");
        assertThat(database.applied()).isEqualTo(applied);
      }
    }

    @Test
    void worksWhereEveryTableIsPublished() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute("CREATE PUBLICATION theirs FOR ALL TABLES");
        database.execute("INSERT INTO routines (id, name) VALUES (2147483647, 'the last number')");
        new LiquibaseRun(database).update();
        new LiquibaseRun(database).rollbackTo("000");
        assertThat(database.applied()).containsExactly("000-legacy-tables", "000-tag");
      }
    }

    @Test
    @Tag("thorough")
    void neverReachesIntoAnotherSchema() {
      try (TestDatabase database = TestDatabase.legacy().addLegacyIn("app")) {
        new LiquibaseRun(database).update();
        String publicOnly = database.schema();
        new LiquibaseRun(database).in("app").update();
        String schema = database.schema();

        assertThatThrownBy(() -> new LiquibaseRun(database).in("app, public").rollbackTo("000"))
            .hasMessageContaining("items in app, public")
            .hasMessageContaining("currentSchema");
        assertSame("the schema", schema, database.schema());

        new LiquibaseRun(database).in("app").rollbackTo("000");
        assertSame("the schema", publicOnly, database.schema());
      }
    }

    /** The history changes in the transaction that undoes. */
    @Test
    void keepsTheHistoryOfWhatCouldNotBeUndone() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        List<String> applied = database.applied();
        try (Connection reader = database.connect();
            Statement statement = reader.createStatement()) {
          reader.setAutoCommit(false);
          statement.execute("LOCK TABLE chord_charts IN ACCESS SHARE MODE");
          assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
              .hasMessageContaining("lock timeout");
        }
        List<String> left = database.applied();
        assertThat(applied).startsWith(left.toArray(String[]::new)).hasSizeGreaterThan(left.size());
        new LiquibaseRun(database).update();
        assertThat(database.applied()).contains("002-tag");
      }
    }
  }
}
