package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How 002 gives rows to the admin, and takes them back: without touching one, or in batches. */
@Tag("thorough")
class UnownedRowsIT {

  private static final int ROWS = 20_000;

  /** Where each row is stored: another place or transaction once it was written again. */
  private static final String PLACES =
      "SELECT md5(string_agg(concat(ctid, xmin), ',' ORDER BY id)) FROM items";

  private static final String REPLACED =
      "SELECT column_replaced FROM gpra_admin_assignment.fills WHERE filled_table = 'items'::regclass";

  private static final String UNOWNED = "SELECT count(*) FROM items WHERE user_id IS NULL";

  private static final String REMEMBERED =
      "SELECT count(*) FROM gpra_admin_assignment.filled WHERE filled_table = 'items'::regclass";

  private static TestDatabase small;
  private static TestDatabase large;

  @BeforeAll
  static void bringTo001() {
    small = TestDatabase.legacy();
    new LiquibaseRun(small).updateTo("001");
    large = small.copy();
    large.execute(
        "INSERT INTO items (title, updated_at) SELECT 'item ' || n, '2020-01-01' FROM generate_series(1, "
            + ROWS
            + ") AS n");
  }

  @AfterAll
  static void close() {
    small.close();
    large.close();
  }

  /** At 001, with more items than one batch takes. */
  private static TestDatabase withItems() {
    return large.copy();
  }

  private static LiquibaseRun inSmallBatches(TestDatabase database) {
    return new LiquibaseRun(database)
        .with("gpra.batch.time", "5ms")
        .with("gpra.batch.pause", "5ms");
  }

  @Nested
  class WhereEveryRowIsWithoutOwner {

    @Test
    void touchesNoRowOnTheWayThereAndBack() {
      try (TestDatabase database = withItems()) {
        String places = database.value(PLACES);
        String schema = database.schema();
        String data = database.data();

        new LiquibaseRun(database).update();

        assertThat(database.value(PLACES)).isEqualTo(places);
        assertThat(database.value(UNOWNED)).isEqualTo("0");
        assertThat(database.value(REPLACED)).isEqualTo("t");
        assertThat(database.query("SELECT row_ids FROM gpra_admin_assignment.filled WHERE id = 1"))
            .containsExactly("{[1," + (ROWS + 37) + ")}");
        assertThat(database.schema().lines())
            .containsAll(schema.lines().filter(line -> line.contains("user_id")).toList());

        new LiquibaseRun(database).rollbackTo("001");

        assertThat(database.value(PLACES)).isEqualTo(places);
        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }

    /** A row that the application adds has no owner, as before. */
    @Test
    void leavesNoDefaultBehind() {
      try (TestDatabase database = withItems()) {
        new LiquibaseRun(database).update();
        database.execute("INSERT INTO items (title) VALUES ('from the old application')");
        assertThat(database.value(UNOWNED)).isEqualTo("1");
      }
    }

    /** Killed before it was recorded: the same steps again, and the index comes back. */
    @Test
    void assignsRowsThatHaveComeSince() {
      try (TestDatabase database = small.copy()) {
        database.execute("DELETE FROM routine_items; DELETE FROM items");
        String columns =
            database.schema().lines().filter(line -> line.contains("user_id")).toList().toString();
        new LiquibaseRun(database).updateCount(3);
        database.execute(
            "DELETE FROM databasechangelog WHERE id = '002-verify-items'; INSERT INTO items (title) VALUES ('the first')");

        new LiquibaseRun(database).update();

        assertThat(database.value(UNOWNED)).isEqualTo("0");
        assertThat(database.schema().lines().filter(line -> line.contains("user_id")).toList())
            .hasToString(columns);
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "INSERT INTO items (title, user_id) VALUES ('new', 3)",
          "UPDATE items SET user_id = 4 WHERE id = 7",
          "UPDATE items SET user_id = NULL WHERE id = 7",
          "CREATE VIEW theirs AS SELECT user_id FROM items",
        })
    @Tag("nightly")
    void goesBackInBatchesWhereSomethingHasChangedSince(String change) {
      try (TestDatabase database = withItems()) {
        new LiquibaseRun(database).update();
        database.execute(change);
        List<String> others =
            database.query("SELECT id, user_id FROM items WHERE user_id <> 3 OR id > 20036");

        new LiquibaseRun(database).rollbackTo("001");

        assertThat(
                database.query(
                    "SELECT id, user_id FROM items WHERE user_id IS NOT NULL OR id > 20036"))
            .isEqualTo(others);
        assertThat(
                database.value(
                    "SELECT count(DISTINCT ctid) FROM items WHERE xmin::text::bigint > (SELECT xmin::text::bigint FROM pg_class WHERE relname = 'subscriptions')"))
            .as("rows written again")
            .isNotEqualTo("0");
        assertThat(database.value("SELECT min(updated_at) FROM items WHERE id > 100"))
            .startsWith("2020-01-01");
      }
    }
  }

  @Nested
  class Batches {

    /** Each of these would be lost, or would not learn of it, if the column were replaced. */
    private static final List<String> THERE =
        List.of(
            "UPDATE items SET user_id = 4 WHERE id = 7",
            "CREATE INDEX theirs ON items (user_id, title)",
            "CREATE INDEX theirs ON items ((user_id + 1))",
            "CREATE INDEX theirs ON items (title) WHERE user_id > 0",
            "ALTER INDEX idx_items_user_id SET (fillfactor = 80)",
            "ALTER TABLE items CLUSTER ON idx_items_user_id",
            "ALTER TABLE items ADD CONSTRAINT theirs CHECK (user_id > 0)",
            "ALTER TABLE items ADD CONSTRAINT theirs FOREIGN KEY (user_id) REFERENCES ab_user ON DELETE CASCADE",
            "ALTER TABLE items ALTER COLUMN user_id SET DEFAULT 4",
            "ALTER TABLE items ALTER COLUMN user_id SET STATISTICS 1000",
            "ALTER TABLE items ALTER COLUMN user_id SET (n_distinct = 5)",
            "COMMENT ON COLUMN items.user_id IS 'theirs'",
            "COMMENT ON CONSTRAINT fk_items_user_id ON items IS 'theirs'",
            "COMMENT ON INDEX idx_items_user_id IS 'theirs'",
            "CREATE VIEW theirs AS SELECT user_id FROM items",
            "CREATE MATERIALIZED VIEW theirs AS SELECT * FROM items",
            "CREATE POLICY theirs ON items USING (user_id > 1)",
            "CREATE TRIGGER theirs BEFORE UPDATE OF user_id ON items FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()",
            "CREATE TRIGGER theirs BEFORE UPDATE ON items FOR EACH ROW WHEN (new.user_id > 5) EXECUTE FUNCTION update_updated_at_column()",
            "CREATE RULE theirs AS ON DELETE TO items WHERE old.user_id = 3 DO INSTEAD NOTHING",
            "ALTER TABLE items ADD COLUMN theirs int GENERATED ALWAYS AS (user_id + 1) STORED",
            "CREATE STATISTICS theirs ON user_id, title FROM items",
            "CREATE FUNCTION theirs() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(user_id) FROM items; END",
            "GRANT SELECT (user_id) ON items TO PUBLIC",
            "CREATE PUBLICATION theirs FOR TABLE items",
            "CREATE PUBLICATION theirs FOR ALL TABLES",
            "CREATE TABLE theirs () INHERITS (items)",
            "CREATE TABLE theirs (was items)",
            "ALTER TABLE items ADD COLUMN theirs int");

    /** Every twelfth of them. */
    static Stream<String> some() {
      return THERE.stream().filter(one -> THERE.indexOf(one) % 12 == 0);
    }

    static Stream<String> all() {
      return THERE.stream();
    }

    @ParameterizedTest
    @MethodSource("some")
    void areTakenWhereReplacingTheColumnWouldLoseSomething(String there) {
      assertAreTaken(there);
    }

    @ParameterizedTest
    @MethodSource("all")
    @Tag("nightly")
    void areTakenWhereReplacingTheColumnWouldLoseAnything(String there) {
      assertAreTaken(there);
    }

    private static void assertAreTaken(String there) {
      try (TestDatabase database = small.copy()) {
        database.execute(there);
        String schema = database.schema();
        String data = database.data();

        new LiquibaseRun(database).update();

        assertThat(database.value(REPLACED)).isEqualTo("f");
        assertThat(database.value(UNOWNED)).isEqualTo("0");
        assertThat(database.schema().lines()).containsAll(schema.lines().toList());

        new LiquibaseRun(database).rollbackTo("001");

        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }

    @Test
    void changeNothingButTheOwnerAndLeaveTriggersAsTheyWere() {
      try (TestDatabase database = withItems()) {
        database.execute(
            "UPDATE items SET user_id = 4 WHERE id = 7; ALTER TABLE items ENABLE ALWAYS TRIGGER update_items_updated_at;"
                + "CREATE TRIGGER off BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();"
                + "ALTER TABLE items DISABLE TRIGGER off");
        String rows =
            "SELECT md5(string_agg((to_jsonb(i) - 'user_id')::text, ',' ORDER BY id)) FROM items i";
        String before = database.value(rows);
        String schema = database.schema();

        inSmallBatches(database).update();

        assertThat(database.value(rows)).isEqualTo(before);
        assertThat(database.query("SELECT user_id, count(*) FROM items GROUP BY 1 ORDER BY 1"))
            .containsExactly("3|" + (ROWS + 35), "4|1");
        assertThat(Integer.parseInt(database.value(REMEMBERED))).isGreaterThan(3);

        inSmallBatches(database).rollbackTo("001");

        assertThat(database.value(rows)).isEqualTo(before);
        assertSame("the schema", schema, database.schema());
        assertThat(database.query("SELECT id, user_id FROM items WHERE user_id IS NOT NULL"))
            .containsExactly("7|4");
      }
    }

    /** However many rows with an owner were passed over before. */
    @Test
    void countTheRowsThatTheyWrite() {
      try (TestDatabase database = withItems()) {
        database.execute("UPDATE items SET user_id = 4 WHERE id <= 15000");
        new LiquibaseRun(database).update();
        assertThat(
                database.value(
                    "SELECT upper(row_ids) - lower(row_ids) FROM gpra_admin_assignment.filled WHERE id = 1"))
            .isEqualTo("1000");
      }
    }

    /** A test for each row whether one of the ranges has it would not end. */
    @Test
    void takeBackRowsThatAreScatteredAmongOthers() {
      try (TestDatabase database = withItems()) {
        database.execute("UPDATE items SET user_id = 4 WHERE id % 2 = 0");
        String data = database.data();

        new LiquibaseRun(database).update();
        assertThat(
                database.value(
                    "SELECT sum((SELECT count(*) FROM unnest(row_ids))) FROM gpra_admin_assignment.filled"))
            .isEqualTo(Integer.toString(ROWS / 2 + 18 + 6 + 21 + 1 - 25));
        try (TestDatabase further = database.copy()) {
          new LiquibaseRun(further).with("gpra.rollback.discard", "true").rollbackTo("000");
        }
        new LiquibaseRun(database).rollbackTo("001");

        assertSame("the data", data, database.data());
      }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goOnOrGoBackAfterTheyWereKilled(boolean goOn) throws Exception {
      try (TestDatabase database = withItems()) {
        database.execute("UPDATE items SET user_id = 4 WHERE id = 7");
        String data = database.data();
        CompletableFuture<Void> run =
            CompletableFuture.runAsync(
                () ->
                    new LiquibaseRun(database)
                        .with("gpra.batch.time", "5ms")
                        .with("gpra.batch.pause", "100ms")
                        .update());
        await(
            database,
            "SELECT to_regclass('gpra_admin_assignment.filled') IS NOT NULL",
            "SELECT count(*) > 2 FROM gpra_admin_assignment.filled");
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        assertThatThrownBy(() -> run.get(60, TimeUnit.SECONDS)).hasMessageContaining("terminat");
        assertThat(database.value("SELECT count(*) > 5000 FROM items WHERE user_id IS NULL"))
            .isEqualTo("t");
        String kept =
            database.value(
                "SELECT max(id) FROM gpra_admin_assignment.filled WHERE filled_table = 'items'::regclass AND row_ids && '{[1,9)}'");

        if (goOn) {
          inSmallBatches(database).update();
          assertThat(database.value(UNOWNED)).isEqualTo("0");
          assertThat(
                  database.value(
                      "SELECT max(id) FROM gpra_admin_assignment.filled WHERE filled_table = 'items'::regclass AND row_ids && '{[1,9)}'"))
              .isEqualTo(kept);
        }
        new LiquibaseRun(database).rollbackTo("001");
        assertSame("the data", data, database.data());
      }
    }

    /** The old application's rows have higher numbers, as a rule; here also lower ones. */
    @Test
    void includeRowsThatAreAddedMeanwhile() throws Exception {
      try (TestDatabase database = withItems()) {
        database.execute("UPDATE items SET user_id = 4 WHERE id = 7");
        AtomicBoolean stop = new AtomicBoolean();
        CompletableFuture<Integer> application =
            CompletableFuture.supplyAsync(
                () -> {
                  int added = 0;
                  while (!stop.get()) {
                    database.execute(
                        "INSERT INTO items (title) VALUES ('new');"
                            + "INSERT INTO items (id, title) VALUES (-%d, 'low')"
                                .formatted(added + 1));
                    added += 2;
                  }
                  return added;
                });
        try {
          inSmallBatches(database).updateCount(5);
          await(database, "SELECT count(*) > 20 FROM items WHERE title = 'low'");
          inSmallBatches(database).update();
        } finally {
          stop.set(true);
        }
        int added = application.get(60, TimeUnit.SECONDS);
        int late = Integer.parseInt(database.value(UNOWNED));
        assertThat(database.applied()).contains("002-tag");
        assertThat(late).isLessThan(added);
        assertThat(
                database.value(
                    "SELECT count(*) FROM items WHERE id < 0 AND user_id IS NULL AND id > -20"))
            .as("rows with low numbers from before the last look")
            .isEqualTo("0");
      }
    }
  }

  @Nested
  class Others {

    /** What is there when the locks have come counts, not what was there before the wait. */
    @ParameterizedTest
    @ValueSource(strings = {"read committed", "repeatable read"})
    void mayWriteWhileItWaitsForItsLocks(String isolation) throws Exception {
      try (TestDatabase database = small.copy()) {
        database.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %%I SET default_transaction_isolation = ''%s''', current_database()); END $$"
                .formatted(isolation));
        String script = "SET lock_timeout = 0; " + new LiquibaseRun(database).updateSql();
        try (Connection application = database.connect();
            Statement statement = application.createStatement()) {
          application.setAutoCommit(false);
          statement.execute("SELECT FROM ab_user LIMIT 1");
          statement.execute("INSERT INTO items (id, title, user_id) VALUES (500, 'theirs', 4)");
          CompletableFuture<TestDatabase> run =
              CompletableFuture.supplyAsync(() -> database.script(script));
          await(
              database,
              "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())");
          application.commit();
          run.get(60, TimeUnit.SECONDS);
        }
        assertThat(database.value("SELECT user_id FROM items WHERE id = 500")).isEqualTo("4");
        assertThat(database.value(UNOWNED)).isEqualTo("0");
      }
    }

    /** Its lock does not keep readers and writers waiting, but whoever queues behind it would. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areNotMadeToQueueBehindAVacuum(boolean batches) throws Exception {
      try (TestDatabase database = small.copy()) {
        if (batches) {
          database.execute("UPDATE items SET user_id = 4 WHERE id = 7");
        }
        try (Connection vacuum = database.connect();
            Statement statement = vacuum.createStatement()) {
          vacuum.setAutoCommit(false);
          statement.execute("LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE");
          String pid =
              Integer.toString(vacuum.unwrap(org.postgresql.PGConnection.class).getBackendPID());
          assertThatThrownBy(
                  () -> new LiquibaseRun(database).with("gpra.wait.limit", "1s").update())
              .hasMessageContaining(
                  batches
                      ? "waited"
                      : "A lock on items did not come in 1s (lock timeout). Held up by pid " + pid)
              .hasMessageContaining("pid " + pid);
        }
        new LiquibaseRun(database).update();
        assertThat(database.value(UNOWNED)).isEqualTo("0");
      }
    }

    @Test
    void mayLimitTheTimeOfStatements() {
      try (TestRole role = TestRole.create("pw");
          TestDatabase database = TestDatabase.legacy()) {
        role.grantLeastPrivileges(database);
        new LiquibaseRun(database).as(role).updateTo("001");
        database.execute(
            "UPDATE items SET user_id = 4 WHERE id = 7; ALTER ROLE "
                + role.name()
                + " SET statement_timeout = '1s'");
        new LiquibaseRun(database).as(role).with("gpra.batch.pause", "1200ms").update();
        assertThat(database.value(UNOWNED)).isEqualTo("0");
      }
    }
  }

  @Nested
  class GoingBack {

    /** As in a run that was killed before it could record what it had done. */
    @Test
    @Tag("nightly")
    void canBeTriedAgainWhereItFailedInItsLastChangeset() throws SQLException {
      try (TestDatabase database = small.copy()) {
        database.execute("UPDATE items SET user_id = 4 WHERE id = 7");
        String schema = database.schema();
        String data = database.data();
        new LiquibaseRun(database).updateCount(3);
        database.execute("DELETE FROM databasechangelog WHERE id = '002-verify-items'");
        try (Connection application = database.connect();
            Statement statement = application.createStatement()) {
          application.setAutoCommit(false);
          statement.execute("UPDATE items SET title = title WHERE id = 5");
          assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("001"))
              .hasMessageContaining("lock timeout");
        }
        assertThat(database.applied()).last().isEqualTo("002-verify-routines");

        new LiquibaseRun(database).rollbackTo("001");

        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }

    /** A row in a gap of the range is remembered twice when it was swept. */
    @Test
    void stopsWhereOneRowWouldBeLostThoughAnotherIsRememberedTwice() {
      try (TestDatabase database = small.copy()) {
        database.execute("DELETE FROM routine_items; DELETE FROM items WHERE id = 20");
        new LiquibaseRun(database).updateCount(5);
        database.execute("INSERT INTO items (id, title) VALUES (20, 'again')");
        new LiquibaseRun(database).update();
        database.execute("INSERT INTO items (title, user_id) VALUES ('of a student', 4)");
        assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
            .hasMessageContaining("items.user_id of 1 row(s)");
      }
    }

    @Test
    void leavesNothingOfAnIndexBuildThatWasKilled() {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("000");
        String schema = database.schema();
        new LiquibaseRun(database).updateTo("001");
        database.execute(
            "CREATE TABLE gpra_no_building (id int); CREATE INDEX gpra_building_idx_items_user_id ON gpra_no_building (id)");
        new LiquibaseRun(database).rollbackTo("000");
        assertSame("the schema", schema, database.schema());
      }
    }
  }

  private static void await(TestDatabase database, String... conditions) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    for (String condition : conditions) {
      while (!database.value(condition).equals("t")) {
        assertThat(Instant.now()).as(condition).isBefore(deadline);
      }
    }
  }
}
