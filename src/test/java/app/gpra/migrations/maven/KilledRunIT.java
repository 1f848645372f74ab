package app.gpra.migrations.maven;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven killed with {@code kill -9} at random moments of its work on the database. */
@Tag("thorough")
@Tag("nightly")
class KilledRunIT {

  private static final int KILLS =
      Integer.getInteger("crash.kills", ReliabilityReport.full() ? 60 : 4);

  private static final String BASELINE = "000";
  private static final long DEADLINE_SECONDS = 60;

  /** Longer than a run's work takes: some are over before they are killed. */
  private static final int LONGEST_MILLIS = 6_000;

  private static final List<String> ENFORCE =
      List.of(
          "-Dliquibase.labelFilter=enforce", "-Dgpra.app.role=gpra_app", "-Dgpra.owner.quiet=0ms");

  private static TestDatabase legacy;
  private static TestDatabase migrated;
  private static String firstSchema;
  private static String firstData;

  @TempDir Path project;

  @BeforeAll
  static void runUndisturbed() {
    legacy = TestDatabase.legacy();
    // Assigned in batches.
    legacy.execute("CREATE PUBLICATION changes FOR TABLE chord_charts");
    migrated = legacy.copy();
    new LiquibaseRun(migrated).enforce().update();
    try (TestDatabase back = migrated.copy()) {
      new LiquibaseRun(back).enforce().rollbackTo(BASELINE);
      firstSchema = back.schema();
      firstData = back.data();
    }
  }

  @AfterAll
  static void drop() {
    migrated.close();
    legacy.close();
  }

  @Test
  void leavesADatabaseThatTheNextRunTakesOnOrBack() throws Exception {
    MavenRun.copyProject(project, true);
    Random random = new Random(42);
    int unfinished = 0;
    for (int i = 0; i < KILLS; i++) {
      boolean update = i % 2 == 0;
      boolean opposite = i / 2 % 2 == 0;
      int delay = random.nextInt(LONGEST_MILLIS);
      try (TestDatabase database = (update ? legacy : migrated).copy()) {
        int finished = update ? migrated.applied().size() : 2;
        kill(database, update, delay);
        unfinished += database.applied().size() == finished ? 0 : 1;
        String where =
            "after %s killed %d ms after it connected"
                .formatted(update ? "update" : "rollback", delay);
        // Without its tag there is nothing to go back to.
        boolean up = update != opposite || !database.applied().contains(BASELINE + "-tag");
        LiquibaseRun next = new LiquibaseRun(database).enforce();
        if (up) {
          next.update();
          assertSame("The schema " + where, migrated.schema(), database.schema());
          assertSame("The data " + where, migrated.dataButTimes(), database.dataButTimes());
          assertThat(database.applied()).containsExactlyInAnyOrderElementsOf(migrated.applied());
        } else {
          next.rollbackTo(BASELINE);
          assertSame("The schema " + where, firstSchema, database.schema());
          assertSame("The data " + where, firstData, database.data());
        }
      }
    }
    ReliabilityReport.tell(
        "kills",
        "%d runs of Maven killed, %d of them before they had finished; then the same command or the opposite one."
            .formatted(KILLS, unfinished));
    assertThat(unfinished).as("runs that were killed in time").isPositive();
  }

  /** Kills the JVM so long after its session was seen; its session may go on for a while. */
  private void kill(TestDatabase database, boolean update, int delay) throws Exception {
    List<String> command =
        new ArrayList<>(
            update
                ? List.of("liquibase:update")
                : List.of("liquibase:rollback", "-Dliquibase.rollbackTag=" + BASELINE));
    command.addAll(ENFORCE);
    Process maven =
        MavenRun.start(
            project,
            database.jdbcUrl(),
            project.resolve("killed.log"),
            command.toArray(String[]::new));
    waitUntil(() -> !maven.isAlive() || sessions(database) > 0);
    maven.waitFor(delay, TimeUnit.MILLISECONDS);
    maven.descendants().forEach(ProcessHandle::destroyForcibly);
    maven.destroyForcibly().waitFor();
    // Nobody ends it: the lock is free again because its session has ended.
    waitUntil(
        () ->
            database
                .value(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
                .equals("0"));
  }

  private static int sessions(TestDatabase database) {
    return Integer.parseInt(
        database.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"));
  }

  private interface Condition {
    boolean holds();
  }

  private static void waitUntil(Condition condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(20);
    }
  }
}
