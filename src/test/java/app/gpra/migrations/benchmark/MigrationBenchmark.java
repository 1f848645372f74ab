package app.gpra.migrations.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The same migration of the same rows, naive and ours, in one run. */
class MigrationBenchmark {

  /** Numbers of items, ascending. */
  private static final List<Integer> SIZES =
      Arrays.stream(System.getProperty("benchmark.rows", "100000,1000000,3000000").split(","))
          .map(Integer::valueOf)
          .sorted()
          .toList();

  /** From here on the goals count: below, both are over in no time. */
  private static final int GOALS_FROM = 1_000_000;

  private static final double FASTER = 30;
  private static final double SHARE = 0.01;
  private static final double LOCK_GROWTH = 3;

  /** A lock shorter than that cannot be told from one of that length; see {@link LockWatch}. */
  private static final double LOCK_RESOLUTION = 0.010;

  private static final int SLOWEST = 8;

  private static final String PAGE = System.getProperty("benchmark.page", "migration");

  /**
   * One way of migrating.
   *
   * @param throughLiquibase seconds of 002 when Liquibase runs it, with its preconditions and its
   *     history; NaN where it does not
   * @param client bytes that {@code java -jar … update} of both has in memory at most; 0 where it
   *     is not run
   */
  private record Way(Measurement to001, Measurement to002, double throughLiquibase, long client) {}

  private record Comparison(int rows, Way naive, Way ours) {

    /** The time for which the naive way keeps its rows locked is that of its transaction. */
    double rowsLocked() {
      return naive.to002.seconds();
    }
  }

  @BeforeAll
  static void startServer() {
    BenchmarkServer.start();
  }

  @Test
  void takesSecondsWhereTheNaiveOneTakesMinutes() {
    List<Comparison> comparisons = new ArrayList<>();
    for (int rows : SIZES) {
      try (TestDatabase library = PracticeLibrary.of(rows)) {
        comparisons.add(new Comparison(rows, naive(library), ours(library)));
      }
    }
    report(comparisons);
  }

  private static Way naive(TestDatabase library) {
    SqlMigration migration = SqlMigration.naive();
    return way(library, migration, Double.NaN, 0);
  }

  private static Way ours(TestDatabase library) {
    SqlMigration migration;
    long client;
    try (TestDatabase database = library.copy()) {
      migration = SqlMigration.ours(new LiquibaseRun(database));
      client = memoryOfUpdate(database);
    }
    try (TestDatabase database = library.copy()) {
      new LiquibaseRun(database).updateTo("001");
      long begin = System.nanoTime();
      new LiquibaseRun(database).update();
      return way(library, migration, (System.nanoTime() - begin) / 1e9, client);
    }
  }

  private static long memoryOfUpdate(TestDatabase database) {
    Path log = Path.of("target/update.log");
    try {
      ProcessBuilder java =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin/java").toString(),
                  "-jar",
                  System.getProperty("test.jar").replaceFirst("\\.jar$", "-all.jar"),
                  "update")
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      java.environment().put("DATABASE_URL", database.jdbcUrl());
      Process process = java.start();
      long most = 0;
      while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
        most = Math.max(most, Memory.of(process.pid(), Memory.PEAK));
      }
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
      return most;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each twice: for the time with nobody looking, then for the locks. */
  private static Way way(
      TestDatabase library, SqlMigration migration, double throughLiquibase, long client) {
    List<Measurement> timed = measured(library, migration, false);
    List<Measurement> watched = measured(library, migration, true);
    return new Way(
        timed.get(0).withLocksOf(watched.get(0)),
        timed.get(1).withLocksOf(watched.get(1)),
        throughLiquibase,
        client);
  }

  /** Of 001 and of 002 after it, in one session, as an update of both is. */
  private static List<Measurement> measured(
      TestDatabase library, SqlMigration migration, boolean watched) {
    try (TestDatabase database = library.copy();
        Connection connection = database.connect()) {
      return List.of(
          Measurement.of(database, connection, migration.to001(), watched),
          Measurement.of(database, connection, migration.to002(), watched));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void report(List<Comparison> comparisons) {
    BenchmarkReport report =
        new BenchmarkReport(
            PAGE,
            "The same migration, naive and ours, up to %s items"
                .formatted(Figures.number(comparisons.get(comparisons.size() - 1).rows)));
    report.paragraph(
        """
        Naive is what the former Alembic set-up ran: plain ALTERs, indexes and foreign keys in one transaction (001), one
        UPDATE for each table in another (002). Ours is the script of `updateSQL`. Both are run in SQL, statement by
        statement in one session, on copies of the same database: that many items, a tenth as many chord charts and places in routines, a
        hundredth as many routines, all indexes and triggers. 002 of ours contains building the indexes again and validating the
        foreign keys; naive made both in 001.""");
    report.heading("002: every row gets its owner").table(header(), rows(comparisons, Way::to002));
    report.paragraph(
        """
        *Lock*: the longest time for which writers of a table were kept out (SHARE, SHARE ROW EXCLUSIVE or stronger, as
        pg_locks showed them to a second session every 2 ms). *Write*, *read*: the longest time that another client waited for the locks of an UPDATE
        of one row, and for a SELECT of one. *Growth*: by how much items grew, with its indexes and without. *updated_at lost*: in so many
        rows it changed. *Memory*: the most that the session's process of the server had for itself, without the buffers that all share.
        *Memory of Java*: the most that `java -jar … update` of 001 and 002 had, with the programs of Java itself. *Through Liquibase*: the same 002 by `update` within one JVM, with preconditions and history. Naive's rows stay
        locked for the whole of its time. The locks are those of a second run of the same: looking at them takes time from the
        migration.""");

    comparisons.stream()
        .flatMap(comparison -> comparison.ours.to002.notices().stream())
        .distinct()
        .forEach(notice -> report.paragraph("**The changelog said: " + notice + "**"));
    Comparison smallest = comparisons.get(0);
    Comparison largest = comparisons.get(comparisons.size() - 1);
    if (smallest != largest) {
      report
          .heading(
              "From %s to %s items, %s times as many"
                  .formatted(
                      Figures.number(smallest.rows),
                      Figures.number(largest.rows),
                      Figures.number((double) largest.rows / smallest.rows)))
          .table(
              List.of("002", "time", "lock", "write", "read", "WAL", "memory", "memory of Java"),
              growth(smallest, largest));
    }
    List<Goal> goals = goals(comparisons);
    if (!goals.isEmpty()) {
      report.heading("Goals").goals(goals);
    }
    report.plot("time", "Seconds of 002 by number of items", timePlot(comparisons));
    report.plot(
        "lock",
        "Longest time that another client's UPDATE waited, by number of items",
        lockPlot(comparisons));
    report
        .heading("001: columns, indexes, keys")
        .table(header(), rows(comparisons, Way::to001))
        .heading("Where the time of ours goes")
        .table(List.of("changeset of 002", "items", "time", "share"), slowest(comparisons));
    report.write();
  }

  private static List<String> header() {
    return List.of(
        "items",
        "",
        "time",
        "lock",
        "write",
        "read",
        "WAL",
        "growth",
        "of the heap",
        "`updated_at` lost",
        "memory",
        "through Liquibase",
        "memory of Java");
  }

  private static String name(Comparison comparison, Way way) {
    return way == comparison.naive ? "naive" : "ours";
  }

  /** How much more of each figure of 002 the largest size takes than the smallest. */
  private static List<List<String>> growth(Comparison smallest, Comparison largest) {
    List<List<String>> rows = new ArrayList<>();
    for (boolean naive : List.of(true, false)) {
      Way from = naive ? smallest.naive : smallest.ours;
      Way to = naive ? largest.naive : largest.ours;
      rows.add(
          List.of(
              name(smallest, from),
              times(to.to002.seconds(), from.to002.seconds()),
              times(to.to002.longestLock(), from.to002.longestLock()),
              times(to.to002.longestWrite(), from.to002.longestWrite()),
              times(to.to002.longestRead(), from.to002.longestRead()),
              times(to.to002.wal(), from.to002.wal()),
              times(to.to002.memory(), from.to002.memory()),
              times(to.client, from.client)));
    }
    return rows;
  }

  private static String times(double to, double from) {
    return from == 0 ? "" : Figures.number(to / from) + " times";
  }

  private static List<List<String>> rows(
      List<Comparison> comparisons, Function<Way, Measurement> part) {
    List<List<String>> rows = new ArrayList<>();
    for (Comparison comparison : comparisons) {
      for (Way way : List.of(comparison.naive, comparison.ours)) {
        Measurement measured = part.apply(way);
        rows.add(
            List.of(
                Figures.number(comparison.rows),
                name(comparison, way),
                Figures.time(measured.seconds()),
                Figures.time(measured.longestLock()),
                Figures.time(measured.longestWrite()),
                Figures.time(measured.longestRead()),
                Figures.size(measured.wal()),
                Figures.size(measured.growth()),
                Figures.size(measured.heapGrowth()),
                Figures.number(measured.changed()),
                measured.memory() == 0 ? "" : Figures.size(measured.memory()),
                measured == way.to002 && way == comparison.ours
                    ? Figures.time(way.throughLiquibase)
                    : "",
                way.client == 0 ? "" : Figures.size(way.client)));
      }
    }
    return rows;
  }

  private static List<Goal> goals(List<Comparison> comparisons) {
    List<Goal> goals = new ArrayList<>();
    Comparison smallest = comparisons.get(0);
    for (Comparison comparison : comparisons) {
      if (comparison.rows < GOALS_FROM) {
        continue;
      }
      Measurement naive = comparison.naive.to002;
      Measurement ours = comparison.ours.to002;
      String at = " at " + Figures.number(comparison.rows) + " items";
      goals.add(
          Goal.atLeast("002 faster than naive" + at, FASTER, naive.seconds() / ours.seconds()));
      goals.add(
          Goal.share(
              "longest lock of ours, divided by the time for which naive keeps rows locked," + at,
              SHARE,
              ours.longestLock() / comparison.rowsLocked()));
      goals.add(
          Goal.share(
              "longest wait of a writer with ours, divided by that time," + at,
              SHARE,
              ours.longestWrite() / comparison.rowsLocked()));
      goals.add(
          Goal.share(
              "WAL of ours, divided by naive's," + at, SHARE, (double) ours.wal() / naive.wal()));
      goals.add(
          Goal.share(
              "growth of items with ours, divided by naive's," + at,
              SHARE,
              Math.max(0.0, ours.growth()) / naive.growth()));
      if (smallest.rows < comparison.rows) {
        goals.add(
            Goal.atMost(
                "longest lock, divided by that at %s items (10 ms at least), with %s times as many rows"
                    .formatted(
                        Figures.number(smallest.rows),
                        Figures.number((double) comparison.rows / smallest.rows)),
                LOCK_GROWTH,
                ours.longestLock() / Math.max(smallest.ours.to002.longestLock(), LOCK_RESOLUTION)));
      }
    }
    return goals;
  }

  private static List<List<String>> slowest(List<Comparison> comparisons) {
    List<List<String>> rows = new ArrayList<>();
    for (Comparison comparison : comparisons) {
      Measurement measured = comparison.ours.to002;
      measured.changeSets().entrySet().stream()
          .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
          .limit(SLOWEST)
          .forEach(
              changeSet ->
                  rows.add(
                      List.of(
                          "`" + changeSet.getKey() + "`",
                          Figures.number(comparison.rows),
                          Figures.time(changeSet.getValue()),
                          Figures.percent(changeSet.getValue() / measured.seconds()))));
    }
    return rows;
  }

  private static XYChart timePlot(List<Comparison> comparisons) {
    return plot(
        "002: time",
        "seconds",
        comparisons,
        comparison -> comparison.naive.to002.seconds(),
        "naive",
        comparison -> comparison.ours.to002.seconds(),
        "ours, with index and validation");
  }

  private static XYChart lockPlot(List<Comparison> comparisons) {
    return plot(
        "002: how long another client's UPDATE of one row waited",
        "milliseconds",
        comparisons,
        comparison -> comparison.naive.to002.longestWrite() * 1000,
        "naive",
        comparison -> comparison.ours.to002.longestWrite() * 1000,
        "ours");
  }

  private static XYChart plot(
      String title,
      String unit,
      List<Comparison> comparisons,
      ToDoubleFunction<Comparison> naive,
      String naiveName,
      ToDoubleFunction<Comparison> ours,
      String oursName) {
    List<Double> sizes = comparisons.stream().map(comparison -> (double) comparison.rows).toList();
    XYChart chart = Plots.chart(title, "items", unit + " (logarithmic)");
    for (XYSeries series :
        List.of(
            Plots.naive(chart, naiveName, sizes, values(comparisons, naive)),
            Plots.ours(chart, oursName, sizes, values(comparisons, ours)))) {
      series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(series.getLineColor());
    }
    Plots.logarithmic(chart);
    return chart;
  }

  private static List<Double> values(
      List<Comparison> comparisons, ToDoubleFunction<Comparison> value) {
    // Nothing at all has no logarithm.
    return comparisons.stream().map(one -> Math.max(1e-4, value.applyAsDouble(one))).toList();
  }
}
