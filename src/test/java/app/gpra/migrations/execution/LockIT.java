package app.gpra.migrations.execution;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.PostgresServer;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LockException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.postgresql.PGConnection;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LockIT {

  private static final int CLIENTS = 4;

  /** Has no lock that a migration wants, but a snapshot that a concurrent build waits for. */
  private static final String OLD_TRANSACTION =
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1";

  private final Logger logger = Logger.getLogger("liquibase.executor");
  private final List<String> log = new CopyOnWriteArrayList<>();
  private volatile Consumer<String> listener = line -> {};
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          if (line.getLevel().intValue() >= Level.INFO.intValue()) {
            log.add(line.getMessage());
            listener.accept(line.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listenToTheLog() {
    logger.setLevel(Level.INFO);
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    logger.setLevel(null);
  }

  /** A session of the application's that holds a lock until it is told to leave. */
  private static final class Blocker implements AutoCloseable {
    private final Connection connection;
    private final Statement statement;
    private final String pid;

    Blocker(TestDatabase database, String sql) throws SQLException {
      connection = database.connect();
      statement = connection.createStatement();
      statement.execute("SET application_name = 'report'");
      var row = statement.executeQuery("SELECT pg_backend_pid()");
      row.next();
      pid = row.getString(1);
      connection.setAutoCommit(false);
      statement.execute(sql);
    }

    void leave() {
      try {
        connection.rollback();
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  private List<String> holdersNamed() {
    return log.stream().filter(line -> line.startsWith("Waiting for")).toList();
  }

  @Nested
  class ABlockerThatLeaves {

    @Test
    void isNamedOnceAndKeepsNobodyWaiting() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker reader = new Blocker(database, "SELECT 'a user''s secret' FROM items LIMIT 1")) {
        Future<?> application = workWhileItIsWaitedFor(reader, database);
        new LiquibaseRun(database).with("gpra.wait.limit", "30s").update();

        assertThat(application).succeedsWithin(0, TimeUnit.SECONDS);
        assertThat(database.applied()).contains("002-tag");
        assertThat(holdersNamed())
            .singleElement()
            .asString()
            .startsWith("Waiting for a lock on items, held up by pid " + reader.pid + ", user ")
            .contains("application \"report\", idle in transaction since 2")
            .contains("query: SELECT '…' FROM items LIMIT 1")
            .contains("It is tried for 30.0 s more.")
            .doesNotContain("secret");
      }
    }

    @Test
    void isWaitedForByARollbackToo() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("000");
        String schema = database.schema();
        new LiquibaseRun(database).update();
        try (Blocker reader = new Blocker(database, "SELECT * FROM items LIMIT 1")) {
          listener = line -> reader.leave();
          new LiquibaseRun(database).with("gpra.wait.limit", "30s").rollbackTo("000");
        }
        assertSame("the schema", schema, database.schema());
        assertThat(holdersNamed()).singleElement().asString().contains("\"report\"");
      }
    }

    /** A key needs two tables: whoever has one of them keeps nobody from the other. */
    @Test
    void isLookedForOnEachOfTheTables() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy()) {
        List<Object> ids = Changelog.changeSets().stream().map(one -> one.get("id")).toList();
        new LiquibaseRun(database).updateCount(ids.indexOf("001-items-user-id-fk-valid"));
        try (Blocker writer = new Blocker(database, "UPDATE items SET title = 'x' WHERE id = 2")) {
          Future<?> application =
              workWhileItIsWaitedFor(
                  writer, database, "UPDATE ab_user SET active = active WHERE id = 3");
          new LiquibaseRun(database).with("gpra.wait.limit", "30s").update();
          assertThat(application).succeedsWithin(0, TimeUnit.SECONDS);
          assertThat(holdersNamed())
              .singleElement()
              .asString()
              .startsWith("Waiting for a lock on items, held up by pid " + writer.pid);
        }
      }
    }

    /** A wait that is shorter than deadlock_timeout does not cancel it. */
    @Test
    @Tag("thorough")
    void mayBeAnAutovacuum() throws SQLException {
      try (OwnServer server = OwnServer.start(Map.of("autovacuum_naptime", "1s"));
          TestDatabase database = TestDatabase.legacyOn(server.server())) {
        database.execute(
            "ALTER TABLE items SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 1);"
                + " INSERT INTO items (title) SELECT repeat('x', 200) FROM generate_series(1, 5000)");
        database.execute("UPDATE items SET notes = 'n'");
        String vacuums =
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%public.items%'";
        until(() -> !database.query(vacuums).isEmpty());
        listener =
            line -> {
              database.execute("ALTER SYSTEM SET autovacuum = off");
              database.query("SELECT pg_reload_conf()");
              database.query("SELECT pg_cancel_backend(pid) FROM (" + vacuums + ") AS one");
            };
        new LiquibaseRun(database).with("gpra.wait.limit", "30s").update();
        assertThat(database.applied()).contains("002-tag");
        assertThat(holdersNamed())
            .singleElement()
            .asString()
            .contains("a lock on items, held up by pid ")
            .contains(", an autovacuum worker since 2");
      }
    }

    @Test
    @Tag("thorough")
    @Tag("nightly")
    void isNamedAgainWhenItStays() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker reader = new Blocker(database, "SELECT * FROM items LIMIT 1")) {
        listener =
            line -> {
              if (line.startsWith("Still")) {
                reader.leave();
              }
            };
        new LiquibaseRun(database).with("gpra.wait.limit", "60s").update();
        assertThat(log)
            .filteredOn(line -> line.startsWith("Still"))
            .singleElement()
            .asString()
            .contains("waiting for a lock on items, held up by pid " + reader.pid)
            .contains("It is tried for 30.0 s more.");
      }
    }

    @Test
    void isWaitedForByAScriptToo() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker reader = new Blocker(database, "SELECT * FROM items LIMIT 1")) {
        String script = new LiquibaseRun(database).with("gpra.wait.limit", "30s").updateSql();
        Future<?> application = workWhileItIsWaitedFor(reader, database);
        CompletableFuture.runAsync(
            () -> {
              until(
                  () ->
                      database
                          .value(
                              "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()")
                          .equals("1"));
              listener.accept("It waits.");
            });
        database.script(script);
        assertThat(application).succeedsWithin(0, TimeUnit.SECONDS);
        assertThat(database.applied()).contains("002-tag");
      }
    }

    /** A precondition reads ab_user; the first one of 002 does nothing else. */
    @Test
    void isWaitedForByAPreconditionToo() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        try (Blocker blocker =
            new Blocker(database, "LOCK TABLE ab_user IN ACCESS EXCLUSIVE MODE")) {
          listener = line -> leaveAfterTwoTries(blocker, database);
          new LiquibaseRun(database).with("gpra.wait.limit", "30s").update();
        }
        assertThat(database.applied()).contains("002-tag");
        assertThat(holdersNamed())
            .singleElement()
            .asString()
            .startsWith("Waiting for a lock on ab_user, held up by pid ");
      }
    }

    @Test
    void isWaitedForWhereTheTransactionHasStrongLocksOnlyOnItsOwnTables() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker reader = new Blocker(database, "SELECT * FROM items LIMIT 1")) {
        listener = line -> leaveAfterTwoTries(reader, database);
        new LiquibaseRun(database)
            .changelog("changelogs/own-table.yaml")
            .with("gpra.wait.limit", "30s")
            .update();
        assertThat(database.schema()).contains("made_here");
      }
    }

    /**
     * As soon as the migration says that it waits, the application writes for a while, and waits no
     * moment for it; then the other leaves.
     */
    private Future<?> workWhileItIsWaitedFor(Blocker blocker, TestDatabase database) {
      return workWhileItIsWaitedFor(blocker, database, "UPDATE items SET notes = 'n' WHERE id = 1");
    }

    private Future<?> workWhileItIsWaitedFor(Blocker blocker, TestDatabase database, String sql) {
      CompletableFuture<Void> begun = new CompletableFuture<>();
      listener = line -> begun.complete(null);
      return begun
          .thenRunAsync(() -> write(database, sql))
          .whenComplete((nothing, failure) -> blocker.leave());
    }

    private static void write(TestDatabase database, String sql) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SET lock_timeout = '5ms'");
        for (int i = 0; i < 60; i++) {
          statement.execute(sql);
          Thread.sleep(20);
        }
      } catch (SQLException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Away from the thread that looks, which has to go on looking. */
    private void leaveAfterTwoTries(Blocker blocker, TestDatabase database) {
      Thread thread =
          new Thread(
              () -> {
                String waiting =
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database"
                        + " WHERE datname = current_database())";
                until(() -> database.value(waiting).equals("1"));
                until(() -> database.value(waiting).equals("0"));
                until(() -> database.value(waiting).equals("1"));
                blocker.leave();
              });
      thread.setDaemon(true);
      thread.start();
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void until(Condition condition) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    try {
      while (!condition.holds()) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("It did not happen in time");
        }
        Thread.sleep(5);
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A server's process ends a moment after its session. */
  private static void untilItsSessionsHaveEnded(TestDatabase database) {
    until(
        () ->
            database
                .value(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'gpra-migrations%' AND datname = current_database()")
                .equals("0"));
  }

  @Nested
  class ABlockerThatStays {

    @Test
    void isInTheErrorAndNothingIsHalfDone() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker idle = new Blocker(database, "UPDATE items SET title = 'x' WHERE id = 1")) {
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining("A lock on items did not come in 2s")
            .hasMessageContaining("lock timeout")
            .hasMessageContaining("Held up by pid " + idle.pid + ", user ")
            .hasMessageContaining("application \"report\", idle in transaction since 2")
            .hasMessageContaining("query: UPDATE items SET title = '…' WHERE id = 1")
            .hasMessageContaining("SELECT pg_terminate_backend(" + idle.pid + ")")
            .hasMessageContaining("run the same command again")
            .hasMessageNotContaining("Failed SQL");
        assertThat(database.applied())
            .contains("001-subscriptions")
            .doesNotContain("001-items-user-id");
        assertThat(database.schema()).doesNotContain("items.user_id");
        untilItsSessionsHaveEnded(database);

        idle.leave();
        new LiquibaseRun(database).update();
        assertThat(database.applied()).contains("002-tag");
      }
    }

    /** The same command would undo as many again. */
    @Test
    @Tag("thorough")
    void isToldWithTheNumberThatIsLeftWhereChangesetsAreCounted() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).updateTo("001");
        int applied = database.applied().size();
        try (Blocker reader = new Blocker(database, "SELECT * FROM chord_charts LIMIT 1")) {
          assertThatThrownBy(() -> new LiquibaseRun(database).rollbackCount(applied - 2))
              .hasMessageContaining("Held up by pid " + reader.pid)
              .hasMessageContaining(
                  "then look at mvn liquibase:history and run the same command with the number of changesets that is left");
        }
        assertThat(database.applied()).hasSizeBetween(3, applied - 1);
      }
    }

    @Test
    void isNotWaitedForWhileTheTransactionHasStrongLocks() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker reader = new Blocker(database, "SELECT * FROM items LIMIT 1")) {
        String schema = database.schema();
        assertThatThrownBy(
                () ->
                    new LiquibaseRun(database)
                        .changelog("changelogs/strong-lock.yaml")
                        .with("gpra.wait.limit", "5s")
                        // (Time enough to be seen, on a busy machine too.)
                        .with("gpra.lock.timeout", "500ms")
                        .update())
            .hasMessageContaining("lock timeout")
            .hasMessageContaining("has a strong lock on routines already")
            .hasMessageContaining("Held up by pid " + reader.pid);
        assertThat(database.query("SELECT id FROM databasechangelog")).isEmpty();
        assertThat(database.schema()).doesNotContain("made_here", "routines.first");

        reader.leave();
        new LiquibaseRun(database).changelog("changelogs/strong-lock.yaml").update();
        assertThat(database.schema()).contains("made_here").isNotEqualTo(schema);
      }
    }

    @Test
    void isNamedAsFarAsTheRoleMaySee() throws SQLException {
      try (TestRole role = TestRole.create("S@cret-9");
          TestDatabase database = TestDatabase.legacy()) {
        role.grantLeastPrivileges(database);
        try (Blocker reader = new Blocker(database, "SELECT 'hidden' FROM items LIMIT 1")) {
          assertThatThrownBy(() -> new LiquibaseRun(database).as(role).update())
              .hasMessageContaining("Held up by pid " + reader.pid)
              .hasMessageContaining("application \"report\", state and query not visible")
              .hasMessageContaining("GRANT pg_monitor TO \"" + role.name() + "\"")
              .hasMessageNotContaining("hidden")
              .hasMessageNotContaining("S@cret-9");
        }
        assertThat(log).noneMatch(line -> line.contains("S@cret-9"));
        assertThat(holdersNamed()).singleElement().asString().contains("GRANT pg_monitor");
      }
    }

    /** Whoever may connect may hold it. The role may not see when that session began. */
    @Test
    void isSaidAtOnceAndAtTheEndWhereItHasTheChangelogLock() throws Exception {
      try (TestRole role = TestRole.create("pw");
          TestDatabase database = TestDatabase.legacy();
          Connection elsewhere = neighbourThatHasTheSameLock();
          Connection other = database.connect();
          Statement statement = other.createStatement()) {
        role.grantLeastPrivileges(database);
        statement.execute("SET application_name = 'nightly report'");
        PatientLockService first = new PatientLockService();
        first.setDatabase(
            DatabaseFactory.getInstance()
                .findCorrectDatabaseImplementation(new JdbcConnection(other)));
        assertThat(first.acquireLock()).isTrue();
        int pid = other.unwrap(PGConnection.class).getBackendPID();
        String holder =
            "Held by pid %d, user %s, application \"nightly report\", state and query not visible (SELECT pg_terminate_backend(%1$d))."
                .formatted(pid, other.getMetaData().getUserName());
        List<String> screen = new CopyOnWriteArrayList<>();
        assertThatThrownBy(
                () ->
                    new LiquibaseRun(database)
                        .as(role)
                        .with("liquibase.changelogLockWaitTimeInMinutes", "0")
                        .showing(screen::add)
                        .update())
            .hasMessageContaining("Another session has the changelog lock")
            .hasMessageContaining(holder)
            .hasMessageContaining("Nothing was done")
            .hasMessageContaining("then run the same command again");
        assertThat(screen)
            .contains(
                "Another session has the changelog lock: it is waited for, 0 minute(s) at the most. "
                    + holder);
        assertThat(database.applied()).isEmpty();
        assertThat(elsewhere.isClosed()).isFalse();

        first.releaseLock();
        new LiquibaseRun(database).as(role).updateTo("000");
        assertThat(database.applied()).contains("000-tag");
      }
    }

    @Test
    @Tag("thorough")
    @Tag("nightly")
    void isSaidAgainWhereItHasTheChangelogLock() throws Exception {
      try (TestDatabase database = TestDatabase.legacy();
          Connection other = database.connect()) {
        PatientLockService first = new PatientLockService();
        first.setDatabase(
            DatabaseFactory.getInstance()
                .findCorrectDatabaseImplementation(new JdbcConnection(other)));
        assertThat(first.acquireLock()).isTrue();
        List<String> again = new CopyOnWriteArrayList<>();
        new LiquibaseRun(database)
            .with("liquibase.changelogLockWaitTimeInMinutes", "2")
            .showing(
                line -> {
                  if (line.startsWith("Another session has the changelog lock still")) {
                    again.add(line);
                    try {
                      first.releaseLock();
                    } catch (LockException e) {
                      throw new IllegalStateException(e);
                    }
                  }
                })
            .updateTo("000");
        assertThat(again)
            .singleElement()
            .asString()
            .contains(": it is waited for, 1 min ", "more. Held by pid ");
      }
    }

    @Test
    @Tag("thorough")
    void isNamedFromAConnectionThatWasHandedOverWhereItWasSeenBefore() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker reader = new Blocker(database, "SELECT * FROM items LIMIT 1")) {
        assertThatThrownBy(() -> new LiquibaseRun(database).handedOver().update())
            .hasMessageContaining("A lock on items did not come in 2s")
            .hasMessageContaining("Held up by pid " + reader.pid);
        // The table that the transaction made itself cannot be told from others.
        assertThatThrownBy(
                () ->
                    new LiquibaseRun(database)
                        .handedOver()
                        .changelog("changelogs/own-table.yaml")
                        .update())
            .hasMessageContaining("has a strong lock on made_here")
            .hasMessageContaining("cannot be seen, because this connection was handed over");
        assertThat(log).filteredOn(line -> line.contains("cannot be seen")).hasSize(1);
        reader.leave();
        new LiquibaseRun(database).handedOver().update();
        assertThat(database.applied()).contains("002-tag");
      }
    }
  }

  /** A lock of the same number in another database is not this one's. */
  private static Connection neighbourThatHasTheSameLock() throws Exception {
    Connection neighbour = PostgresServer.get().connect("postgres");
    PatientLockService lock = new PatientLockService();
    lock.setDatabase(
        DatabaseFactory.getInstance()
            .findCorrectDatabaseImplementation(new JdbcConnection(neighbour)));
    assertThat(lock.acquireLock()).isTrue();
    return neighbour;
  }

  @Nested
  class TheFirstRun {

    /** 1.0.0 waited for it without end: whoever may connect can hold an advisory lock. */
    @Test
    void waitsForNoLockThatIsOpenToEverybody() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker stranger = new Blocker(database, "SELECT pg_advisory_lock(1735422561)")) {
        new LiquibaseRun(database).updateTo("000");
        assertThat(database.applied()).contains("000-tag");
        assertThat(
                database.value(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = "
                        + stranger.pid))
            .isEqualTo("1");
      }
    }

    @Test
    void goesOnWithTheHistoryThatAnotherMakesMeanwhile() throws SQLException {
      try (TestDatabase ready = TestDatabase.legacy();
          TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(ready).updateTo("000");
        String columns =
            ready.value(
                "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'databasechangelog'::regclass AND attnum > 0");
        try (Blocker other =
            new Blocker(database, "CREATE TABLE databasechangelog (" + columns + ")")) {
          listener =
              line -> {
                try {
                  other.connection.commit();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              };
          new LiquibaseRun(database).with("gpra.wait.limit", "30s").updateTo("000");
          assertThat(database.applied()).contains("000-tag");
          assertThat(holdersNamed()).singleElement().asString().contains("pid " + other.pid);
        }
      }
    }
  }

  /** Transactions of the application that read its users and then write keep going. */
  @Test
  @Timeout(120)
  @Tag("thorough")
  void neverMakesATransactionOfTheApplicationFail() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    AtomicBoolean done = new AtomicBoolean();
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      String schema = database.schema();
      List<Future<Integer>> results = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        int client = i;
        results.add(clients.submit(() -> readUsersThenWrite(database, client, done)));
      }
      new LiquibaseRun(database).with("gpra.wait.limit", "60s").update();
      new LiquibaseRun(database)
          .with("gpra.wait.limit", "60s")
          .with("gpra.rollback.discard", "true")
          .rollbackTo("000");
      done.set(true);
      for (Future<Integer> result : results) {
        assertThat(result.get()).isPositive();
      }
      assertSame("the schema", schema, database.schema());
    } finally {
      done.set(true);
      clients.shutdownNow();
    }
  }

  /**
   * Without a pause: no gap in which a lock comes by chance, and rows come as quickly as they can.
   */
  private static int readUsersThenWrite(TestDatabase database, int client, AtomicBoolean done)
      throws SQLException {
    int transactions = 0;
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (!done.get()) {
        statement.executeQuery("SELECT count(*) FROM ab_user");
        statement.execute("UPDATE items SET notes = 'n' WHERE id = " + (client + 1));
        statement.execute("INSERT INTO routines (name) VALUES ('r')");
        connection.commit();
        transactions++;
      }
    }
    return transactions;
  }

  @Nested
  class AnIndexBuild {

    @Test
    void isEndedWhenTheTimeIsSpentAndSucceedsTheNextTime() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker old = new Blocker(database, "UPDATE items SET title = 'x' WHERE id = 1")) {
        assertThatThrownBy(
                () -> new LiquibaseRun(database).changelog("changelogs/index.yaml").update())
            .hasMessageContaining("did not come in 2s")
            .hasMessageContaining("lock timeout")
            .hasMessageContaining("Held up by pid " + old.pid);
        old.leave();
        List<String> screen = new CopyOnWriteArrayList<>();
        new LiquibaseRun(database).changelog("changelogs/index.yaml").showing(screen::add).update();
        assertThat(
                database.value(
                    "SELECT indisvalid FROM pg_index WHERE indexrelid = 'idx_test'::regclass"))
            .isEqualTo("t");
        assertThat(screen).contains("lock_timeout is 50ms");
      }
    }

    @Test
    @Tag("thorough")
    void isEndedByTheServerOnAConnectionThatWasHandedOver() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker old = new Blocker(database, "UPDATE items SET title = 'x' WHERE id = 1")) {
        assertThatThrownBy(
                () ->
                    new LiquibaseRun(database)
                        .handedOver()
                        .changelog("changelogs/index.yaml")
                        .update())
            .hasMessageContaining("lock timeout");
        old.leave();
        List<String> screen = new CopyOnWriteArrayList<>();
        new LiquibaseRun(database)
            .handedOver()
            .changelog("changelogs/index.yaml")
            .showing(screen::add)
            .update();
        assertThat(screen).contains("lock_timeout is 50ms");
      }
    }

    /** Tables that only this session has are in nobody's way, so the look is tried again. */
    @Test
    @Tag("thorough")
    void isTriedAgainAfterTheSessionsOwnTablesWhereNobodyWatches() throws SQLException {
      try (TestRole role = TestRole.create("pw");
          TestDatabase database = TestDatabase.legacy()) {
        role.own(database);
        new LiquibaseRun(database).as(role).update();
        untilItsSessionsHaveEnded(database);
        database.execute("ALTER ROLE %s CONNECTION LIMIT 1".formatted(role.name()));
        try (Blocker blocker = new Blocker(database, "LOCK TABLE items")) {
          assertThatThrownBy(() -> new LiquibaseRun(database).as(role).rollbackTo("000"))
              .hasMessageContaining("did not come in 2s");
          blocker.leave();
        }
        untilItsSessionsHaveEnded(database);
        new LiquibaseRun(database).as(role).rollbackTo("000");
      }
    }

    /** The role may have one session only, so nobody watches: neither a build nor a removal. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    @Tag("thorough")
    void isEndedByTheServerWhereNoSecondSessionIsLetIn() throws SQLException {
      try (TestRole role = TestRole.create("pw");
          TestDatabase database = TestDatabase.legacy()) {
        role.grantLeastPrivileges(database);
        database.execute("ALTER ROLE %s CONNECTION LIMIT 1".formatted(role.name()));
        try (Blocker old = new Blocker(database, OLD_TRANSACTION)) {
          assertThatThrownBy(
                  () ->
                      new LiquibaseRun(database)
                          .as(role)
                          .with("gpra.wait.limit", "1s")
                          .updateTo("001"))
              .hasMessageContaining("A lock did not come in 1s")
              .hasMessageContaining("cannot be seen, because a second connection failed")
              .hasMessageContaining("then run the same command again");
          old.leave();
        }
        untilItsSessionsHaveEnded(database);
        new LiquibaseRun(database).as(role).updateTo("001");
        String schema = database.schema();

        try (Blocker reader = new Blocker(database, "SELECT * FROM chord_charts LIMIT 1")) {
          assertThatThrownBy(
                  () ->
                      new LiquibaseRun(database)
                          .as(role)
                          .with("gpra.wait.limit", "1s")
                          .rollbackCount(3))
              .hasMessageContaining("A lock did not come in 1s");
          reader.leave();
        }
        untilItsSessionsHaveEnded(database);
        new LiquibaseRun(database).as(role).updateTo("001");
        assertSame("the schema after going up again", schema, database.schema());
      }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void isEndedByTheServerWhereWhoWatchedIsGone() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker old = new Blocker(database, OLD_TRANSACTION)) {
        listener =
            line ->
                database.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND application_name = 'gpra-migrations watcher'");
        assertThatThrownBy(() -> new LiquibaseRun(database).updateTo("001"))
            .hasMessageContaining("The end of an older transaction did not come in 2s")
            .hasMessageContaining("Held up by pid " + old.pid)
            .hasMessageContaining("then run the same command again");
        assertThat(holdersNamed()).hasSize(1);
        listener = line -> {};
        old.leave();
        new LiquibaseRun(database).updateTo("001");
        assertThat(database.applied()).contains("001-tag");
      }
    }

    /** Whatever lock_timeout the session has: psql sets none. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
    void isEndedByTheServerInAScript() throws SQLException {
      try (TestDatabase database = TestDatabase.legacy()) {
        try (Blocker old = new Blocker(database, OLD_TRANSACTION)) {
          String script = new LiquibaseRun(database).with("gpra.wait.limit", "0s").updateSql();
          assertThatThrownBy(() -> database.script(script)).hasMessageContaining("lock timeout");
          old.leave();
        }
        database.script(new LiquibaseRun(database).updateSql());
        assertThat(database.applied()).contains("002-tag");
      }
    }

    /** A writer that then wants what the build has: the server ends one of the two. */
    @Test
    @Tag("thorough")
    void isBuiltAgainAfterADeadlock() throws Exception {
      try (TestDatabase database = TestDatabase.legacy();
          Blocker writer =
              new Blocker(
                  database,
                  "SET deadlock_timeout = '1h'; UPDATE items SET title = 'x' WHERE id = 1")) {
        String building =
            "SELECT count(*) FROM pg_locks WHERE locktype IN ('virtualxid', 'transactionid') AND NOT granted";
        Thread thread =
            new Thread(
                () -> {
                  until(() -> !database.value(building).equals("0"));
                  try {
                    writer.statement.execute("LOCK TABLE items IN SHARE UPDATE EXCLUSIVE MODE");
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                  writer.leave();
                });
        thread.start();
        new LiquibaseRun(database)
            .changelog("changelogs/index.yaml")
            .with("gpra.wait.limit", "30s")
            .update();
        thread.join();
        until(
            () ->
                database
                    .value(
                        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                    .equals("1"));
        assertThat(
                database.value(
                    "SELECT indisvalid FROM pg_index WHERE indexrelid = 'idx_test'::regclass"))
            .isEqualTo("t");
      }
    }
  }

  @Nested
  class Settings {

    @Test
    void areGivenToAPlainUrlToAPoolsConnectionAndAfterAReset() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute("ALTER DATABASE %s SET lock_timeout = '1h'".formatted(database));
        for (boolean handedOver : List.of(false, true)) {
          List<String> screen = new CopyOnWriteArrayList<>();
          LiquibaseRun run =
              new LiquibaseRun(database)
                  .changelog("changelogs/settings.yaml")
                  .with("gpra.lock.timeout", "300ms")
                  .showing(screen::add);
          database.execute("DROP TABLE IF EXISTS databasechangelog");
          (handedOver ? run.handedOver() : run).update();
          assertThat(screen)
              .containsOnlyOnce(
                  "lock_timeout=300ms row_security=off application_name=gpra-migrations");
        }
      }
    }

    @Test
    void areRefusedWhereTheServerWouldCallADeadlockSooner() {
      try (TestDatabase database = TestDatabase.legacy()) {
        database.execute("ALTER DATABASE %s SET deadlock_timeout = '40ms'".formatted(database));
        String sentence =
            "gpra.lock.timeout is 50 ms and has to be shorter than this server's deadlock_timeout, 40 ms";
        assertThatThrownBy(() -> new LiquibaseRun(database).update())
            .hasMessageContaining(sentence)
            .hasMessageContaining("-Dgpra.lock.timeout=20ms");
        assertThatThrownBy(() -> new LiquibaseRun(database).handedOver().update())
            .hasMessageContaining(sentence);
        assertThat(database.applied()).isEmpty();

        new LiquibaseRun(database).with("gpra.lock.timeout", "20ms").updateTo("000");
        assertThat(database.applied()).contains("000-tag");
      }
    }
  }

  @Test
  void noticesAppearWhileTheStatementRuns() throws Exception {
    try (TestDatabase database = TestDatabase.legacy();
        Connection other = database.connect();
        Statement statement = other.createStatement()) {
      List<String> screen = new CopyOnWriteArrayList<>();
      new LiquibaseRun(database)
          .changelog("changelogs/notices.yaml")
          .showing(
              line -> {
                screen.add(line);
                if (line.equals("first")) {
                  try {
                    statement.execute("SELECT pg_advisory_lock(42)");
                  } catch (SQLException e) {
                    throw new IllegalStateException(e);
                  }
                }
              })
          .update();
      assertThat(screen)
          .containsSubsequence(
              "002: items: 1 of 3 row(s) assigned",
              "first",
              "somebody has heard the first",
              "002: items: 3 of 3 row(s) assigned")
          .doesNotContain("002: items: 2 of 3 row(s) assigned")
          .doesNotHaveDuplicates();
    }
  }
}
