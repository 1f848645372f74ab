package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.PrimaryAndStandby;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The batches of 002 wait for replicas and for the archive, so that neither falls far behind. */
@Tag("thorough")
@Tag("nightly")
class ReplicaIT {

  private static final Duration PATIENCE = Duration.ofSeconds(45);
  private static final String OWNED = "SELECT count(*) FROM items WHERE user_id IS NOT NULL";
  private static final String WAITING_FOR_REPLICA =
      "items.user_id: waiting for the replica \"standby\" at 127.0.0.1, .* behind.*";
  private static final String WAITING_FOR_ARCHIVE = "items.user_id: waiting for .*archiv.*";

  /** More than the limit below, and than a WAL segment, of what says nothing. */
  private static final String WRITE_WAL =
      "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000000)) FROM generate_series(1, 5)";

  private static PrimaryAndStandby servers;
  private static TestDatabase template;

  private TestDatabase database;

  /** One row has an owner, so that the others get theirs in batches. */
  @BeforeAll
  static void start() {
    servers = PrimaryAndStandby.start();
    template = TestDatabase.legacyOn(servers.primary());
    new LiquibaseRun(template).updateTo("001");
    template.execute(
        "UPDATE items SET user_id = 4 WHERE id = 1; INSERT INTO items (title, notes) SELECT 'Study ' || n, 'Slowly' FROM"
            + " generate_series(1, 10000) AS n");
  }

  @AfterAll
  static void stop() {
    servers.close();
  }

  @BeforeEach
  void copy() {
    database = template.copy();
    servers.awaitStandby();
  }

  @AfterEach
  void recover() {
    servers.resumeReplay();
    servers.archiveWith("true");
  }

  private LiquibaseRun run() {
    return new LiquibaseRun(database)
        .with("gpra.wal.pending", "1MB")
        .with("gpra.wait.limit", "1min");
  }

  @Test
  void waitsForTheReplicaAndGoesOnWithIt() throws Exception {
    servers.pauseReplay();
    database.execute(WRITE_WAL);

    CompletableFuture<String> update = CompletableFuture.supplyAsync(run()::update);
    awaitNotices(update, WAITING_FOR_REPLICA, 1);
    String owned = database.value(OWNED);
    awaitNotices(update, WAITING_FOR_REPLICA, 2);
    assertThat(database.value(OWNED)).as("rows with an owner while it waits").isEqualTo(owned);
    assertThat(Long.parseLong(owned)).isLessThan(10_000);

    servers.resumeReplay();
    update.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
    servers.awaitStandby();
    String rows =
        "SELECT md5(string_agg(i::text, chr(10) ORDER BY id)) FROM items i UNION ALL SELECT md5(string_agg(h::text, chr(10)"
            + " ORDER BY orderexecuted)) FROM databasechangelog h";
    assertThat(database.on(servers.standby()).query(rows)).isEqualTo(database.query(rows));
  }

  @Test
  void endsAtTheLimitAndGoesOnWhereItWas() {
    servers.pauseReplay();
    database.execute(WRITE_WAL);

    assertThatThrownBy(() -> run().with("gpra.wait.limit", "500ms").update())
        .hasMessageContaining("the replica \"standby\" at 127.0.0.1")
        .hasMessageContaining("-Dgpra.wal.pending")
        .hasMessageContaining("run the same command again");

    servers.resumeReplay();
    servers.awaitStandby();
    run().update();
    assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
  }

  @Test
  void waitsForTheArchive() throws Exception {
    database.execute(WRITE_WAL);
    database.execute("SELECT pg_switch_wal()");
    await(
        () -> !database.value("SELECT archived_count FROM pg_stat_archiver").equals("0"),
        "nothing was archived");
    servers.archiveWith("false");
    for (int segment = 0; segment < 2; segment++) {
      database.execute(WRITE_WAL);
      database.execute("SELECT pg_switch_wal()");
    }

    CompletableFuture<String> update = CompletableFuture.supplyAsync(run()::update);
    awaitNotices(update, WAITING_FOR_ARCHIVE, 1);
    assertThat(Long.parseLong(database.value(OWNED))).isLessThan(10_000);

    servers.archiveWith("true");
    update.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
  }

  @Test
  void saysWhatItCannotSeeAndGoesOn() {
    database.execute("CREATE ROLE not_a_monitor LOGIN PASSWORD 'p'");
    TestRole role = new TestRole("not_a_monitor", "p").grantLeastPrivileges(database);
    database.execute(
        "ALTER TABLE subscriptions OWNER TO not_a_monitor; ALTER TABLE databasechangelog OWNER TO not_a_monitor");
    servers.pauseReplay();
    database.execute(WRITE_WAL);
    int before = servers.notices().size();

    run().as(role).update();

    assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
    await(
        () -> servers.notices().stream().skip(before).anyMatch(line -> line.contains("pg_monitor")),
        "no NOTICE names pg_monitor");
    assertThat(servers.notices().stream().skip(before))
        .noneMatch(line -> line.matches(WAITING_FOR_REPLICA));
  }

  @Test
  void changesNothingWhereTheTargetIsAStandby() {
    TestDatabase standby = database.on(servers.standby());
    String schema = standby.schema();
    String data = standby.data();

    assertThatThrownBy(() -> new LiquibaseRun(standby).update()).hasMessageContaining("standby");

    assertSame("the schema", schema, standby.schema());
    assertSame("the data", data, standby.data());
  }

  private void awaitNotices(CompletableFuture<String> update, String pattern, int count) {
    await(
        () -> {
          if (update.isDone()) {
            throw new AssertionError("The update did not wait: " + update.join());
          }
          return servers.notices().stream().filter(line -> line.matches(pattern)).count() >= count;
        },
        "not %d time(s) \"%s\"; the last: %s".formatted(count, pattern, servers.notices()));
  }

  private static void await(BooleanSupplier condition, String otherwise) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(otherwise).isLessThan(deadline);
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
