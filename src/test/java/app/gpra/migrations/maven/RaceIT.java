package app.gpra.migrations.maven;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several at once on one database. */
@Tag("thorough")
@Tag("nightly")
class RaceIT {

  private static final int RUNS_AT_ONCE = 8;
  private static final int CLIENTS = 4;
  private static final int ROUNDS = ReliabilityReport.full() ? 6 : 1;
  private static final String TO_BASELINE = "-Dliquibase.rollbackTag=000";

  @TempDir Path project;

  @BeforeEach
  void copyProject() {
    MavenRun.copyProject(project, true);
  }

  @Test
  void eightUpdatesRunEachChangeSetOnce() {
    try (TestDatabase database = TestDatabase.legacy();
        TestDatabase alone = TestDatabase.legacy()) {
      List<String[]> commands = new ArrayList<>();
      for (int i = 0; i < RUNS_AT_ONCE; i++) {
        commands.add(new String[] {"liquibase:update"});
      }
      runAtOnce(database, commands);
      assertThat(database.query("SELECT id FROM databasechangelog GROUP BY id HAVING count(*) > 1"))
          .isEmpty();
      new LiquibaseRun(alone).update();
      assertSame("the schema", alone.schema(), database.schema());
      assertSame("the data", alone.dataButTimes(), database.dataButTimes());
      assertThat(database.applied()).isEqualTo(alone.applied());
    }
  }

  /** Whichever is last: the database is where that one takes it, and nothing in between. */
  @Test
  void updatesAgainstRollbacksEndWhereOneOfThemDoes() {
    try (TestDatabase migrated = TestDatabase.legacy();
        TestDatabase base = TestDatabase.legacy()) {
      new LiquibaseRun(migrated).update();
      new LiquibaseRun(base).updateTo("000");
      for (int round = 0; round < ROUNDS; round++) {
        try (TestDatabase database = (round % 2 == 0 ? base : migrated).copy()) {
          runAtOnce(
              database,
              List.of(
                  new String[] {"liquibase:update"},
                  new String[] {"liquibase:rollback", TO_BASELINE},
                  new String[] {"liquibase:update"},
                  new String[] {"liquibase:rollback", TO_BASELINE}));
          TestDatabase end = database.applied().contains("002-tag") ? migrated : base;
          assertSame("the schema", end.schema(), database.schema());
          assertSame("the data", end.dataButTimes(), database.dataButTimes());
          assertThat(database.applied()).containsExactlyInAnyOrderElementsOf(end.applied());
        }
      }
    }
    ReliabilityReport.tell(
        "races",
        "Eight updates at once; two updates and two rollbacks at once, %d times."
            .formatted(ROUNDS));
  }

  private void runAtOnce(TestDatabase database, List<String[]> commands) {
    List<Process> processes = new ArrayList<>();
    List<Path> outputs = new ArrayList<>();
    for (String[] command : commands) {
      Path output = project.resolve("run" + outputs.size() + ".log");
      outputs.add(output);
      processes.add(MavenRun.start(project, database.jdbcUrl(), output, command));
    }
    for (int i = 0; i < processes.size(); i++) {
      MavenRun run = MavenRun.end(processes.get(i), outputs.get(i));
      assertThat(run.exitCode()).as(run.output()).isZero();
    }
  }

  /** What the application was told is stored is there, whatever runs meanwhile. */
  @Test
  void noWriteOfTheApplicationIsLost() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    AtomicBoolean done = new AtomicBoolean();
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      List<Future<List<Integer>>> stored = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        stored.add(clients.submit(() -> write(database, done)));
      }
      for (int round = 0; round < ROUNDS; round++) {
        patient(database).update();
        patient(database).rollbackTo("000");
      }
      patient(database).update();
      done.set(true);
      int written = 0;
      for (Future<List<Integer>> ids : stored) {
        String values = ids.get().toString().replace('[', '{').replace(']', '}');
        assertThat(
                database.query(
                    "SELECT w.id FROM unnest('%s'::int[]) AS w (id) WHERE NOT EXISTS (SELECT FROM items i WHERE i.id = w.id AND i.notes = 'kept')"
                        .formatted(values)))
            .isEmpty();
        written += ids.get().size();
      }
      assertThat(written).isPositive();
    } finally {
      done.set(true);
      clients.shutdownNow();
    }
  }

  private static LiquibaseRun patient(TestDatabase database) {
    return new LiquibaseRun(database)
        .with("gpra.wait.limit", "60s")
        .with("gpra.rollback.discard", "true");
  }

  private static List<Integer> write(TestDatabase database, AtomicBoolean done)
      throws SQLException {
    List<Integer> ids = new ArrayList<>();
    try (Connection connection = database.connect();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO items (title) VALUES ('t')", new String[] {"id"});
        PreparedStatement update =
            connection.prepareStatement("UPDATE items SET notes = 'kept' WHERE id = ?")) {
      // The old application prepares nothing on the server.
      insert.unwrap(org.postgresql.PGStatement.class).setPrepareThreshold(0);
      update.unwrap(org.postgresql.PGStatement.class).setPrepareThreshold(0);
      while (!done.get()) {
        insert.executeUpdate();
        try (ResultSet key = insert.getGeneratedKeys()) {
          key.next();
          update.setInt(1, key.getInt("id"));
          update.executeUpdate();
          ids.add(key.getInt("id"));
        }
      }
    }
    return ids;
  }
}
