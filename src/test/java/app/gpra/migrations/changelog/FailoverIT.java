package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.LiquibaseRun.LiquibaseFailure;
import app.gpra.migrations.harness.PrimaryAndStandby;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The primary dies while a command runs, the standby takes its place, and the same command, with
 * both in {@code DATABASE_URL}, goes on to where an undisturbed one ends.
 *
 * <p>With a synchronous standby no changeset that was finished is lost. With an asynchronous one
 * the last ones may be: here they are, as the standby gets nothing for a while. What is left is
 * what an earlier moment had.
 */
@Tag("thorough")
@Tag("nightly")
class FailoverIT {

  private static final int ROUNDS =
      Integer.getInteger("failover.rounds", ReliabilityReport.full() ? 28 : 2);

  private static final String BASELINE = "000";
  private static final Pattern CHANGESET = Pattern.compile(" *\\d+/\\d+ .* \\d{3}-.*");

  /** About as long as a changeset takes: it dies inside of one, too. */
  private static final int LONGEST_DELAY_NANOS = 50_000_000;

  /** What a database holds; {@code applied} in the order in which the changesets ran. */
  private record State(String schema, String data, List<String> applied) {
    static State of(TestDatabase database) {
      return new State(database.schema(), database.dataButTimes(), database.applied());
    }
  }

  private final Random random = new Random(2026);
  private int unfinished;
  private int lost;

  /** Where undisturbed runs end. */
  private State migrated;

  private State back;

  @TempDir Path directory;

  @Test
  void isFollowedByTheSameCommandWhichGoesOn() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      boolean synchronous = round % 2 == 1;
      try (PrimaryAndStandby servers =
          synchronous ? PrimaryAndStandby.synchronous() : PrimaryAndStandby.start()) {
        TestDatabase database = TestDatabase.legacyOn(servers.primary());
        // Some rows are assigned in batches.
        database.execute("CREATE PUBLICATION changes FOR TABLE chord_charts");
        if (migrated == null) {
          runUndisturbed(database);
        }
        boolean update = round / 2 % 2 == (synchronous ? 1 : 0);
        failOver(servers, database, update, synchronous, "in round " + round);
      }
    }
    assertThat(unfinished).as("commands that had not finished").isPositive();
    assertThat(lost).as("failovers that lost changesets").isPositive();
    ReliabilityReport.tell(
        "failovers",
        "%d times the primary was killed, half of them with a synchronous standby; %d times the command had not finished. %d times the asynchronous standby did not have what had been finished last. The same command then went on to where an undisturbed one ends, each time."
            .formatted(ROUNDS, unfinished, lost));
  }

  private void runUndisturbed(TestDatabase legacy) {
    try (TestDatabase copy = legacy.copy()) {
      new LiquibaseRun(copy).enforce().update();
      migrated = State.of(copy);
      new LiquibaseRun(copy).enforce().rollbackTo(BASELINE);
      back = State.of(copy);
    }
  }

  private void failOver(
      PrimaryAndStandby servers,
      TestDatabase database,
      boolean update,
      boolean synchronous,
      String where)
      throws IOException {
    Files.writeString(
        directory.resolve(".env"), "DATABASE_URL=" + servers.address(database) + "\n");
    List<String> all = migrated.applied();
    if (!update) {
      command(run(database), true);
    }
    servers.awaitStandby();
    int changesets = all.size() - (update ? 0 : back.applied().size());
    int end = 2 + random.nextInt(changesets - 1);
    int heldBack = synchronous ? 0 : Math.max(1, end - 1 - random.nextInt(3));
    int delay = random.nextInt(LONGEST_DELAY_NANOS);

    List<String> finished = new ArrayList<>();
    CompletableFuture<Void> dead = new CompletableFuture<>();
    boolean failed = false;
    try {
      command(
          run(database)
              .showing(
                  line -> {
                    if (CHANGESET.matcher(line).matches() && !dead.isDone()) {
                      finished.add(line);
                      if (finished.size() == heldBack) {
                        servers.holdBack();
                      }
                      if (finished.size() == end) {
                        dieLater(servers, delay, dead);
                      }
                    }
                  }),
          update);
    } catch (LiquibaseFailure e) {
      if (finished.size() < end) {
        throw e;
      }
      failed = true;
    }
    dead.join();
    servers.promoteStandby();
    TestDatabase promoted = database.on(servers.standby());
    List<String> left = promoted.applied();
    // A line comes before its changeset is recorded, the next one after that.
    int acknowledged = failed ? finished.size() - 1 : changesets;
    int there = update ? left.size() : all.size() - left.size();
    assertThat(all).as(where).startsWith(left.toArray(String[]::new));
    if (synchronous) {
      assertThat(there).as("finished changesets " + where).isGreaterThanOrEqualTo(acknowledged);
    }
    unfinished += failed ? 1 : 0;
    lost += there < acknowledged ? 1 : 0;

    command(run(promoted), update);
    State expected = update ? migrated : back;
    assertSame("The schema " + where, expected.schema(), promoted.schema());
    assertSame("The data " + where, expected.data(), promoted.dataButTimes());
    assertThat(promoted.applied()).as(where).isEqualTo(expected.applied());
  }

  private static void dieLater(PrimaryAndStandby servers, int nanos, CompletableFuture<Void> dead) {
    CompletableFuture.runAsync(
            servers::killPrimary, CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS))
        .whenComplete(
            (done, failure) -> {
              if (failure == null) {
                dead.complete(null);
              } else {
                dead.completeExceptionally(failure);
              }
            });
  }

  private LiquibaseRun run(TestDatabase database) {
    return new LiquibaseRun(database).enforce().addressIn(directory);
  }

  private static void command(LiquibaseRun run, boolean update) {
    if (update) {
      run.update();
    } else {
      run.rollbackTo(BASELINE);
    }
  }
}
