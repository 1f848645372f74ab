package app.gpra.migrations.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.benchmark.SqlMigration.Step;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our batches against a loop of batches written by hand, over the same rows in one run. */
class BatchBenchmark {

  private static final int ROWS = Integer.getInteger("benchmark.batch.rows", 200_000);
  private static final int ROUNDS = Integer.getInteger("benchmark.batch.rounds", 3);
  private static final List<Integer> SIZES = List.of(1_000, 5_000, 20_000, 100_000);
  private static final double LIMIT = 1.5;
  private static final String OURS = "ours, without pauses";
  private static final String AS_CONFIGURED = "ours, with the default pause after each batch";

  @BeforeAll
  static void startServer() {
    BenchmarkServer.start();
  }

  @Test
  void takesNotMuchLongerThanTheFastestLoopWrittenByHand() {
    Map<String, Double> fastest = new LinkedHashMap<>();
    try (TestDatabase library = PracticeLibrary.of(ROWS)) {
      new LiquibaseRun(library).updateTo("001");
      // Where one row has an owner, the quick way is closed.
      library.execute("UPDATE items SET user_id = 4 WHERE id = 1").execute("VACUUM (ANALYZE)");
      for (int round = 0; round < ROUNDS; round++) {
        for (int size : SIZES) {
          fastest.merge(
              "by hand, %s ids a batch".formatted(Figures.number(size)),
              measure(library, database -> byHand(database, size)),
              Math::min);
        }
        for (String way : List.of(OURS, AS_CONFIGURED)) {
          fastest.merge(
              way, measure(library, database -> ours(database, way.equals(OURS))), Math::min);
        }
      }
    }
    double byHand =
        fastest.entrySet().stream()
            .filter(way -> way.getKey().startsWith("by hand"))
            .mapToDouble(Map.Entry::getValue)
            .min()
            .orElseThrow();
    List<List<String>> rows = new ArrayList<>();
    fastest.forEach(
        (way, seconds) ->
            rows.add(
                List.of(
                    way,
                    Figures.time(seconds),
                    Figures.number(ROWS / seconds),
                    Figures.number(seconds / byHand))));
    new BenchmarkReport("batches", "Batches, by hand and ours")
        .paragraph(
            """
            %s items of which one has an owner already, so that all others have to be updated. By hand: one client, the
            trigger off, `UPDATE … WHERE id >= … AND id < … AND user_id IS NULL` with a commit each, the trigger on again. Ours: the
            changeset `002-verify-items`, which switches the trigger off within each batch alone, remembers which rows it gave,
            and looks for replicas that fall behind. The fastest of %d rounds each."""
                .formatted(Figures.number(ROWS), ROUNDS))
        .table(List.of("way", "time", "rows a second", "divided by the fastest by hand"), rows)
        .heading("Goal")
        .goals(
            List.of(
                Goal.atMost(
                    "time of ours without pauses, divided by the fastest by hand",
                    LIMIT,
                    fastest.get(OURS) / byHand)))
        .write();
  }

  private static double measure(TestDatabase library, ToDoubleFunction<TestDatabase> way) {
    try (TestDatabase database = library.copy()) {
      database.execute("CHECKPOINT");
      double seconds = way.applyAsDouble(database);
      assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
      assertThat(
              database.value(
                  "SELECT tgenabled FROM pg_trigger WHERE tgname = 'update_items_updated_at'"))
          .isEqualTo("O");
      return seconds;
    }
  }

  private static double byHand(TestDatabase database, int size) {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      long begin = System.nanoTime();
      statement.execute("ALTER TABLE items DISABLE TRIGGER update_items_updated_at");
      int last;
      try (ResultSet ids = statement.executeQuery("SELECT max(id) FROM items")) {
        ids.next();
        last = ids.getInt(1);
      }
      try (PreparedStatement batch =
          connection.prepareStatement(
              "UPDATE items SET user_id = 3 WHERE id >= ? AND id < ? AND user_id IS NULL")) {
        for (int low = 1; low <= last; low += size) {
          batch.setInt(1, low);
          batch.setInt(2, low + size);
          batch.executeUpdate();
        }
      }
      statement.execute("ALTER TABLE items ENABLE TRIGGER update_items_updated_at");
      return (System.nanoTime() - begin) / 1e9;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double ours(TestDatabase database, boolean withoutPauses) {
    LiquibaseRun run = new LiquibaseRun(database);
    if (withoutPauses) {
      run.with("gpra.batch.pause", "0ms");
    }
    List<Step> steps = SqlMigration.ours(run).to002();
    double seconds = 0;
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = 500");
      for (Step step : steps) {
        long begin = System.nanoTime();
        statement.execute(step.sql());
        if (step.changeSet().equals("002-verify-items")) {
          seconds += (System.nanoTime() - begin) / 1e9;
        }
      }
      return seconds;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
