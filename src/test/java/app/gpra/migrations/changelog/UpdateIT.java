package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateIT {

  private static final String UNOWNED =
      "SELECT (SELECT count(*) FROM items WHERE user_id IS NULL) + (SELECT count(*) FROM routines WHERE user_id IS"
          + " NULL) + (SELECT count(*) FROM chord_charts WHERE user_id IS NULL)";

  /** Where each row is stored: another place or transaction once it was written again. */
  private static final String PLACES =
      "SELECT 'items', id, ctid, xmin FROM items UNION ALL SELECT 'routines', id, ctid, xmin FROM routines"
          + " UNION ALL SELECT 'chord_charts', chord_id, ctid, xmin FROM chord_charts ORDER BY 1, 2";

  /** Facts of the target schema, without the comments and names that may differ. */
  private static String target(TestDatabase database) {
    return database
        .schema()
        .lines()
        .filter(line -> line.matches("(column|index|constraint|trigger|function) .*"))
        .filter(line -> !line.matches(".*(alembic_version|gpra_admin_assignment|: comment ).*"))
        .map(line -> line.replace("subscriptions_user_id_fkey", "fk_subscriptions_user_id"))
        // How a function's body is indented does not matter.
        .map(line -> line.replaceAll(" +", " "))
        // A serial is equivalent to an identity.
        .filter(line -> !line.matches("column public.subscriptions.id: (default|identity) .*"))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  @Nested
  class StartingPoints {

    @Test
    void endsWithTheSameSchemaFromEmptyLegacyAndAlembic() {
      try (TestDatabase empty = TestDatabase.withFlaskAppBuilder();
          TestDatabase legacy = TestDatabase.legacy();
          TestDatabase alembic = TestDatabase.alembic()) {
        empty.addAdmin();
        new LiquibaseRun(empty).update();
        new LiquibaseRun(legacy).update();
        new LiquibaseRun(alembic).update();

        assertThat(target(legacy))
            .contains("idx_items_user_id", "ck_subscriptions_tier", "fk_chord_charts_user_id");
        assertSame("the schema from an empty database", target(legacy), target(empty));
        assertSame("the schema from Alembic's", target(legacy), target(alembic));
        assertThat(legacy.value(UNOWNED)).isEqualTo("0");
      }
    }

    /** On whatever server: one that keeps something of its own for each column closed the way. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void givesEveryRowItsOwnerWithoutUpdatingOne(boolean optionsOfTheServer) {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        if (optionsOfTheServer) {
          database.addOptionsOfTheServer();
        }
        List<String> places = database.query(PLACES);

        new LiquibaseRun(database).updateTo("002");

        assertThat(database.value(UNOWNED)).isEqualTo("0");
        assertThat(database.query(PLACES)).isEqualTo(places).hasSizeGreaterThan(50);
        assertThat(
                database.query(
                    "SELECT attrelid::regclass FROM pg_attribute WHERE attname = 'user_id' AND attmissingval IS NOT NULL ORDER BY 1"))
            .containsExactlyInAnyOrder("items", "routines", "chord_charts");
      }
    }

    @Test
    void doesNothingTheSecondTime() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).update();
        String schema = database.schema();
        String data = database.data();
        String history =
            String.join(
                "\n", database.query("SELECT * FROM databasechangelog ORDER BY orderexecuted"));

        new LiquibaseRun(database).update();

        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
        assertSame(
            "the history",
            history,
            String.join(
                "\n", database.query("SELECT * FROM databasechangelog ORDER BY orderexecuted")));
        assertThat(new LiquibaseRun(database).status()).contains("is up to date");
      }
    }

    @Test
    void addsOnlyWhatAlembicLacksAndKeepsItAll() {
      try (TestDatabase database = TestDatabase.alembic()) {
        List<String> before = database.schema().lines().toList();
        String data = database.data();

        new LiquibaseRun(database).updateTo("002");

        assertThat(database.schema().lines().filter(line -> !before.contains(line)).toList())
            .allMatch(line -> line.contains(" ck_") || line.contains("gpra_admin_assignment"));
        assertThat(database.schema().lines()).containsAll(before);

        new LiquibaseRun(database).rollbackTo("000");
        assertSame("the schema after going back", String.join("\n", before), database.schema());
        assertSame("the data after going back", data, database.data());
      }
    }
  }

  @Nested
  class ObjectsThatAreThere {

    @ParameterizedTest
    @ValueSource(
        strings = {
          "ALTER TABLE items ADD COLUMN user_id integer REFERENCES ab_user ON DELETE CASCADE",
          "ALTER TABLE routines ADD COLUMN user_id integer; CREATE INDEX by_owner ON routines (user_id)",
          // As PostgreSQL writes it after a dump has been restored.
          "ALTER TABLE items ADD COLUMN created_via varchar(50) NOT NULL DEFAULT 'manual' CONSTRAINT ck_items_created_via"
              + " CHECK (((created_via)::text = ANY (ARRAY[('manual'::character varying)::text, ('import'::character"
              + " varying)::text])))",
        })
    void takesAnEquivalentObjectAsDoneAndKeepsItOnRollback(String there) {
      assertIsDoneAndStays(there);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "ALTER TABLE items ADD COLUMN user_id integer",
          "ALTER TABLE chord_charts ADD COLUMN generation_method varchar(50)",
          "ALTER TABLE items ADD COLUMN created_via varchar(50) NOT NULL DEFAULT 'manual'"
              + " CONSTRAINT known CHECK (created_via IN ('manual', 'import'))",
          "ALTER TABLE items ADD COLUMN created_via varchar(50) NOT NULL DEFAULT 'manual';"
              + " ALTER TABLE items ADD CONSTRAINT known CHECK (created_via IN ('manual', 'import')) NOT VALID",
          "ALTER TABLE items ADD COLUMN user_id integer REFERENCES ab_user ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
          "ALTER TABLE items ADD COLUMN user_id integer; CREATE INDEX idx_items_user_id ON items (user_id) WITH (fillfactor=90)",
        })
    @Tag("thorough")
    @Tag("nightly")
    void takesAnotherEquivalentObjectAsDoneAndKeepsItOnRollback(String there) {
      assertIsDoneAndStays(there);
    }

    private static void assertIsDoneAndStays(String there) {
      try (TestDatabase database = TestDatabase.legacy().execute(there)) {
        String schema = database.schema();
        String data = database.data();

        new LiquibaseRun(database).update();
        assertThat(new LiquibaseRun(database).status()).contains("is up to date");

        new LiquibaseRun(database).rollbackTo("000");
        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "ALTER TABLE items ADD COLUMN user_id bigint -- items.user_id is bigint",
          "ALTER TABLE items ADD COLUMN user_id integer REFERENCES routines ON DELETE CASCADE -- REFERENCES routines(id)",
          "CREATE INDEX idx_items_user_id ON items (title) -- the index idx_items_user_id",
          "CREATE TABLE subscriptions (id int PRIMARY KEY, user_id int NOT NULL) -- the table subscriptions has no column tier",
          "ALTER TABLE items ADD COLUMN \"USER_ID\" integer -- differs from user_id only in case",
          "ALTER TABLE items ADD COLUMN created_via varchar(50) NOT NULL DEFAULT 'manual' CHECK (created_via <> 'import') --"
              + " expected CHECK (created_via IN ('manual', 'import'))",
          "ALTER TABLE chord_charts RENAME TO charts -- the table chord_charts is not there",
          "ALTER TABLE items RENAME TO \"ITEMS\" -- the table \"ITEMS\" is there, which differs from items only in case",
          "CREATE RULE theirs AS ON UPDATE TO routines DO ALSO NOTHING -- the rule theirs on routines would do something else",
          "CREATE VIEW subscriptions AS SELECT 1 AS id -- subscriptions is a view, expected an ordinary table",
        })
    void stopsAtADifferentObjectAndChangesNothing(String thereAndMessage) {
      assertStopsAndChangesNothing(thereAndMessage);
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "ALTER TABLE items ADD COLUMN user_id integer REFERENCES ab_user -- ON DELETE CASCADE",
          "ALTER TABLE routines ADD COLUMN user_id integer NOT NULL DEFAULT 7 -- routines.user_id is integer not null",
          "ALTER TABLE items ADD COLUMN created_via varchar(50) NOT NULL DEFAULT 'import' -- default import, expected character varying(50) not null default manual",
          "ALTER TABLE routines ADD COLUMN user_id integer; ALTER TABLE routines ADD CONSTRAINT fk_routines_user_id"
              + " FOREIGN KEY (user_id) REFERENCES ab_user ON DELETE CASCADE NOT VALID -- NOT VALID",
          "CREATE TABLE subscriptions (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES ab_user ON DELETE CASCADE,"
              + " stripe_subscription_id varchar(255) UNIQUE, stripe_price_id varchar(255), tier varchar(50) NOT NULL"
              + " DEFAULT 'pro', status varchar(50) NOT NULL DEFAULT 'active'::varchar(50), mrr numeric(10,2) NOT NULL DEFAULT '0.00',"
              + " current_period_start timestamptz, current_period_end timestamptz, cancel_at_period_end boolean NOT NULL"
              + " DEFAULT false, created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP, updated_at timestamptz NOT NULL"
              + " DEFAULT now()) -- different: subscriptions.tier is character varying(50) not null default pro, expected"
              + " character varying(50) not null default free. Nothing was changed",
          "ALTER TABLE items ADD COLUMN user_id integer GENERATED ALWAYS AS (id) STORED -- computed from id",
          "ALTER TABLE items ADD COLUMN user_id integer UNIQUE -- is unique",
          "ALTER TABLE routine_items DROP CONSTRAINT routine_items_item_id_fkey; ALTER TABLE items DROP CONSTRAINT items_pkey"
              + " -- items has no primary key",
          "CREATE TABLE theirs (whole items[]) -- column whole of table theirs is of the row type of items",
        })
    @Tag("thorough")
    @Tag("nightly")
    void stopsAtAnotherDifferentObjectAndChangesNothing(String thereAndMessage) {
      assertStopsAndChangesNothing(thereAndMessage);
    }

    private static void assertStopsAndChangesNothing(String thereAndMessage) {
      String[] parts = thereAndMessage.split(" -- ");
      try (TestDatabase database = TestDatabase.legacy().execute(parts[0])) {
        String schema = database.schema();

        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining(parts[1])
            .hasMessageContaining("Nothing was changed");

        assertSame("the schema", schema, database.schema());
      }
    }

    @Test
    void stopsAtValuesThatAConstraintRefuses() {
      try (TestDatabase database = TestDatabase.alembic()) {
        database.execute("UPDATE items SET created_via = 'magic' WHERE id <= 2");

        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining(
                "Rows of items hold what ck_items_created_via does not allow: created_via = magic in 2 row(s). Find them all with SELECT * FROM items AS t"
                    + " WHERE NOT (created_via IN ('manual', 'import')), correct them, then run the same command again.");
      }
    }

    @Test
    void saysWhatIsMissingAtTheEnd() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        new LiquibaseRun(database).rollbackCount(2);
        database.execute(
            "DROP INDEX idx_items_user_id; ALTER TABLE routines DROP CONSTRAINT fk_routines_user_id;"
                + " ALTER TABLE subscriptions DROP COLUMN status");

        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining("is not complete. Missing: ")
            .hasMessageContaining("the table subscriptions has no column status");

        database.execute(
            "ALTER TABLE subscriptions ADD COLUMN status varchar(50) NOT NULL DEFAULT 'active'");
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining(
                "Missing: ck_subscriptions_status on subscriptions, CHECK (status IN ('active', 'canceled', 'past_due', 'trialing', 'incomplete'));"
                    + " fk_routines_user_id on routines, FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE;"
                    + " the index idx_items_user_id on items (user_id); the index idx_subscriptions_status on subscriptions (status). ")
            .hasMessageContaining("go back to before the changesets that make it");
        assertThat(database.applied()).doesNotContain("001-tag");
      }
    }

    @Test
    void stopsWithoutFlaskAppBuilder() {
      try (TestDatabase database = TestDatabase.empty()) {
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining("flask fab create-admin");
      }
    }
  }

  /** As docs/summary.md says. Somebody else's routine may have the item until 004. */
  @Test
  void deletingAUserDeletesWhatTheyOwnUnlessARoutineHasIt() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      database.execute(
          """
          DELETE FROM ab_user_role WHERE user_id = 4;
          INSERT INTO items (id, title, user_id) VALUES (1001, 'in a routine', 4), (1002, 'in none', 4);
          INSERT INTO routines (name, user_id) VALUES ('without items', 4);
          INSERT INTO chord_charts (item_id, title, chord_data, user_id) VALUES ('1002', 'a chart', '{}', 4);
          INSERT INTO subscriptions (user_id) VALUES (4);
          INSERT INTO routine_items (routine_id, item_id) SELECT min(id), 1001 FROM routines WHERE user_id <> 4;
          """);
      String data = database.data();

      assertThatThrownBy(() -> database.execute("DELETE FROM ab_user WHERE id = 4"))
          .cause()
          .hasMessageContaining("on table \"routine_items\"")
          .extracting(failure -> ((SQLException) failure).getSQLState())
          .isEqualTo("23503");
      assertSame("the data", data, database.data());

      database.execute(
          "DELETE FROM routine_items WHERE item_id = 1001; DELETE FROM ab_user WHERE id = 4");
      assertThat(
              database.query(
                  "SELECT user_id FROM items UNION SELECT user_id FROM routines UNION SELECT user_id FROM chord_charts"
                      + " UNION SELECT user_id FROM subscriptions"))
          .containsExactly("3");
    }
  }

  /** An index that a killed run had begun is known by its working name, and built again. */
  @Test
  void buildsAnUnfinishedIndexAgain() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      String schema = database.schema();
      database.execute(
          "ALTER TABLE items ADD COLUMN user_id int; CREATE INDEX gpra_building_idx_items_user_id ON items (user_id);"
              + "UPDATE pg_index SET indisvalid = false WHERE indexrelid ="
              + " 'gpra_building_idx_items_user_id'::regclass");
      new LiquibaseRun(database).update();
      assertThat(database.schema()).contains("idx_items_user_id").doesNotContain("gpra_building_");
      new LiquibaseRun(database).rollbackTo("000");
      database.execute("ALTER TABLE items DROP COLUMN user_id");
      assertSame("the schema", schema, database.schema());
    }
  }

  @Nested
  class Tags {

    @Test
    void stopsAfterTheTag() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        assertThat(database.applied()).contains("001-tag").doesNotContain("002-verify-items");
      }
    }

    @Test
    void refusesAnUnknownTagAndChangesNothing() {
      try (TestDatabase database = TestDatabase.legacy()) {
        String schema = database.schema();
        assertThatThrownBy(() -> new LiquibaseRun(database).updateTo("0001"))
            .hasMessageContaining("Known tags: 000, 001, 002");
        assertSame("the schema", schema, database.schema());
        assertThat(database.applied()).isEmpty();
      }
    }
  }

  @Nested
  class LabelFilters {

    @ParameterizedTest
    @ValueSource(strings = {"enfroce", "!enfroce", "enforce and rollout"})
    void areRefusedWhereNoChangesetHasTheLabel(String filter) {
      try (TestDatabase database = TestDatabase.legacy()) {
        assertThatThrownBy(() -> new LiquibaseRun(database).labels(filter).update())
            .hasMessageContaining("no changeset of this changelog has the label ")
            .hasMessageContaining("It has enforce.");
        assertThat(database.applied()).isEmpty();
      }
    }

    @Test
    void mayNameAnyLabelForAnotherChangelog() {
      try (TestDatabase database = TestDatabase.empty()) {
        new LiquibaseRun(database)
            .changelog("changelogs/settings.yaml")
            .labels("!billing")
            .update();
        assertThat(database.applied()).containsExactly("settings");
      }
    }
  }

  @Nested
  class Admin {

    private static final String OWNERS =
        "SELECT DISTINCT u.username FROM items i JOIN ab_user u ON u.id = i.user_id";

    @Test
    void isTheUserNamed() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).with("gpra.admin.username", "student1").update();
        assertThat(database.query(OWNERS)).containsExactly("student1");
      }
    }

    @ParameterizedTest
    @Tag("thorough")
    @ValueSource(
        strings = {
          "o'brien",
          "$q$",
          "x'; DROP TABLE items; --",
          "$gpra_body$",
          "a\\'{d 'x'} /* -- \n :x ? $1 {gpra.app.role} $gpra$",
          "admin$${gpra.app.role}gpra_value$ || lo_create(0)::text || $${gpra.app.role}gpra_value$"
        })
    void hasANameThatIsData(String name) {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute(
            "UPDATE ab_user SET username = $h$" + name + "$h$ WHERE username = 'student2'");
        LiquibaseRun run = new LiquibaseRun(database).with("gpra.admin.username", name);
        if (name.contains("$gpra_") || name.contains("${")) {
          assertThatThrownBy(run::update).hasMessageContaining("gpra.admin.username");
          assertThat(database.value("SELECT count(*) FROM pg_largeobject_metadata")).isEqualTo("0");
          assertThat(database.value("SELECT to_regclass('databasechangelog')")).isEqualTo("∅");
          return;
        }
        run.update();
        assertThat(database.query(OWNERS)).containsExactly(name);
      }
    }

    @Test
    void isTheOneActiveUserWithTheRoleWhereThereIsNoSuchName() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute("UPDATE ab_user SET username = 'chief' WHERE username = 'admin'");
        new LiquibaseRun(database).update();
        assertThat(database.query(OWNERS)).containsExactly("chief");
      }
    }

    /** Somebody has that name, and somebody else is the admin. */
    @Test
    void isNobodyForTheNameAlone() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute(
            "UPDATE ab_user SET username = 'chief' WHERE username = 'admin'; INSERT INTO ab_user (id, first_name, last_name, username,"
                + " active, email) VALUES (9, 'A', 'B', 'admin', false, 'a@example.org')");
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining(
                "The user \"admin\" is not an active user with the role Admin, and one active user has the role Admin: chief. Name one:"
                    + " mvn liquibase:update -Dgpra.admin.username=chief or -Dgpra.admin.username=admin");
        assertThat(database.applied()).last().isEqualTo("001-tag");
        assertThatThrownBy(
                () -> new LiquibaseRun(database).with("gpra.admin.username", "chef").update())
            .hasMessageContaining(
                "There is no user \"chef\", and one active user has the role Admin: chief. Name one:");
        assertThat(database.applied()).last().isEqualTo("001-tag");
        new LiquibaseRun(database).with("gpra.admin.username", "admin").update();
        assertThat(database.query(OWNERS)).containsExactly("admin");
      }
    }

    @Test
    void isTheOneCalledAdminWhereThereAreSeveral() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute(
            "INSERT INTO ab_user_role SELECT 99, u.id, r.id FROM ab_user u, ab_role r WHERE u.username = 'student1' AND r.name = 'Admin'");
        new LiquibaseRun(database).update();
        assertThat(database.query(OWNERS)).containsExactly("admin");
      }
    }

    @Test
    void isNamedByTheOperatorWhereThereAreSeveral() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute(
            "UPDATE ab_user SET username = 'chief' WHERE username = 'admin'; INSERT INTO ab_user_role SELECT 99, u.id,"
                + " r.id FROM ab_user u, ab_role r WHERE u.username = 'student1' AND r.name = 'Admin'");
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining("chief, student1")
            .hasMessageContaining("-Dgpra.admin.username=");
        assertThat(database.applied()).contains("001-tag").doesNotContain("002-verify-items");
      }
    }

    @Test
    void isMissedInPlainWords() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute(
            "DELETE FROM ab_user_role; UPDATE ab_user SET username = 'chief' WHERE username = 'admin'");
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining("no active user has the role Admin")
            .hasMessageContaining("flask fab create-admin");
      }
    }

    @Test
    void mayBeGivenDifferentlyLaterWithoutBreakingAChecksum() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).update();
        LiquibaseRun other =
            new LiquibaseRun(database)
                .with("gpra.admin.username", "o'brien")
                .with("gpra.lock.timeout", "250ms")
                .with("gpra.rollback.discard", "true");
        assertThat(other.status()).contains("is up to date");
        other.update();
        other.rollbackTo("001");
        assertThat(database.value(UNOWNED)).isEqualTo("63");
      }
    }
  }

  @Test
  void changesNoColumnButTheOwnerAndLeavesTriggersAlone() {
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute(
          "ALTER TABLE items ENABLE ALWAYS TRIGGER update_items_updated_at;"
              + "CREATE TRIGGER off BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();"
              + "ALTER TABLE items DISABLE TRIGGER off");
      String rows = "SELECT to_jsonb(i) - 'user_id' - 'created_via' FROM items i ORDER BY id";
      String triggers =
          "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'items'::regclass AND NOT tgisinternal ORDER BY 1";
      List<String> before = database.query(rows);
      List<String> triggersBefore = database.query(triggers);

      new LiquibaseRun(database).updateTo("002");

      assertThat(database.query(rows)).isEqualTo(before);
      assertThat(database.query(triggers))
          .isEqualTo(triggersBefore)
          .contains("off|D", "update_items_updated_at|A");
    }
  }

  @Test
  void worksInAnotherSchemaAndRefusesTwo() {
    try (TestDatabase database = TestDatabase.legacy().addLegacyIn("\"App\"")) {
      String schema = database.schema();
      String data = database.data();

      assertThatThrownBy(() -> new LiquibaseRun(database).in("\"App\", public").update())
          .hasMessageContaining("the search_path has items twice, in ")
          .hasMessageContaining("?currentSchema=");
      assertSame("the schema", schema, database.schema());

      new LiquibaseRun(database).in("\"App\"").update();
      assertThat(database.value("SELECT count(user_id) FROM \"App\".items")).isEqualTo("36");
      assertThat(database.value("SELECT to_regclass('public.subscriptions')")).isEqualTo("∅");
      assertThat(new LiquibaseRun(database).in("\"App\"").status()).contains("is up to date");

      new LiquibaseRun(database).in("\"App\"").rollbackTo("000");
      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  @Test
  void saysWhichPrivilegesItLacks() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      database.execute(
          "REVOKE SELECT ON ab_role FROM %1$s; REVOKE REFERENCES ON ab_user FROM %1$s; ALTER TABLE items OWNER TO CURRENT_USER"
              .formatted(role.name()));
      String schema = database.schema();

      assertThatThrownBy(() -> new LiquibaseRun(database).as(role).update())
          .hasMessageContainingAll(
              role.name() + " does not own the table items; ",
              role.name() + " may not REFERENCES ab_user")
          .hasMessageContaining("Nothing was changed");
      assertSame("the schema", schema, database.schema());
    }
  }

  @Test
  void needsNoMorePrivilegesThanTheDocumentsSay() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      String schema = database.schema();
      String data = database.data();

      new LiquibaseRun(database).as(role).update();
      assertThat(database.value(UNOWNED)).isEqualTo("0");

      new LiquibaseRun(database).as(role).rollbackTo("000");
      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  @Test
  void leavesRowsThatHaveAnOwner() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("001");
      database.execute(
          "UPDATE items SET user_id = (SELECT id FROM ab_user WHERE username = 'student1') WHERE id = 7");
      new LiquibaseRun(database).update();
      assertThat(
              database.query(
                  "SELECT i.id FROM items i JOIN ab_user u ON u.id = i.user_id WHERE u.username = 'student1'"))
          .containsExactly("7");
      assertThat(
              database.query(
                  "SELECT u.username, s.tier, s.status FROM subscriptions s JOIN ab_user u ON u.id = s.user_id"))
          .containsExactly("admin|unlimited|active");
    }
  }
}
