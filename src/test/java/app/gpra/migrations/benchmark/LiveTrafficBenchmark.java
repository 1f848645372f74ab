package app.gpra.migrations.benchmark;

import app.gpra.migrations.benchmark.OldApplication.Sample;
import app.gpra.migrations.benchmark.SentStatements.Wait;
import app.gpra.migrations.benchmark.SqlMigration.Step;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.knowm.xchart.XYChart;

/** The application goes on while its database is migrated, and somebody runs long reports. */
class LiveTrafficBenchmark {

  private static final int ROWS = Integer.getInteger("benchmark.live.rows", 1_000_000);
  private static final int ROUNDS = Integer.getInteger("benchmark.live.rounds", 3);
  private static final long REPORT_MILLIS = 8_000;
  private static final long REPORT_NANOS = REPORT_MILLIS * 1_000_000;
  private static final long BEFORE_MILLIS = 12_000;
  private static final long AFTER_MILLIS = 5_000;
  private static final double LONGEST_WAIT = 0.1;
  private static final double MOST_TIME = 1.5;

  /** How long a try to lock tables may wait. */
  private static final double TRY = 0.05;

  /** As 1.0.0 asked for locks: at once, and for half a second. */
  private static final String WITHOUT_LOOKING = "ALTER DATABASE %s SET gpra.lock.look = 'off'";

  /** SQLSTATE deadlock_detected. */
  private static final String DEADLOCK = "40P01";

  private static final int MOST_FAILURES = 20;

  private static final int MOST_STATEMENTS = 12;

  /** The longest statement in each such interval is a point of the plot. */
  private static final double INTERVAL = 0.25;

  private interface Part {
    /** Returns how many times it failed before it succeeded. */
    int run(TestDatabase database, SentStatements sent) throws SQLException;
  }

  /**
   * One migration under traffic.
   *
   * @param begin of the migration, by {@link System#nanoTime}
   * @param seconds that it took
   * @param failed how many times it had to be started again
   * @param reportBefore when the one in the time before began
   * @param reports when those that were in its way began
   * @param sent what it sent
   * @param samples of the clients, from before it until after it
   */
  private record Run(
      long begin,
      double seconds,
      int failed,
      long reportBefore,
      List<Long> reports,
      SentStatements sent,
      List<Sample> samples,
      int acknowledged,
      List<String> lost) {

    double after(Sample sample) {
      return (sample.begin() - begin) / 1e9;
    }

    Stream<Sample> during() {
      // A statement that began before counts too, if it had to wait.
      return samples.stream()
          .filter(sample -> after(sample) + sample.seconds() >= 0 && after(sample) <= seconds);
    }

    Stream<Sample> before() {
      return samples.stream().filter(sample -> after(sample) + sample.seconds() < 0);
    }

    double because() {
      return Math.max(0, longest(during()) - longest(before()));
    }

    /** Statements longer than a try, of the client that had most of them during one report. */
    long mostOverATry() {
      return reports.stream().mapToLong(report -> mostOverATry(during(), report)).max().orElse(0);
    }

    /** The same without a migration: what the machine does. */
    long mostOverATryBefore() {
      return mostOverATry(before(), reportBefore);
    }

    private static long mostOverATry(Stream<Sample> samples, long report) {
      return samples
          .filter(sample -> sample.seconds() > TRY)
          .filter(sample -> Math.abs(sample.begin() - report - REPORT_NANOS / 2) < REPORT_NANOS / 2)
          .collect(Collectors.groupingBy(Sample::client, Collectors.counting()))
          .values()
          .stream()
          .max(Comparator.naturalOrder())
          .orElse(0L);
    }

    long failures() {
      return samples.stream().filter(sample -> sample.error() != null).count();
    }
  }

  @BeforeAll
  static void startServer() {
    BenchmarkServer.start();
  }

  @Test
  void nobodyNotices() throws Exception {
    Run naive;
    List<Run> blind = new ArrayList<>();
    List<Run> ours = new ArrayList<>();
    try (TestDatabase library = PracticeLibrary.of(ROWS)) {
      SqlMigration migration = SqlMigration.naive();
      naive =
          run(
              library,
              (database, sent) -> execute(database, sent, migration.to001()),
              (database, sent) -> execute(database, sent, migration.to002()));
      for (int round = 0; round < ROUNDS; round++) {
        blind.add(
            run(
                library,
                (database, sent) -> {
                  database.execute(WITHOUT_LOOKING.formatted(database));
                  return migrate(patient(database).with("gpra.lock.timeout", "500ms"), sent, "001");
                },
                (database, sent) ->
                    migrate(patient(database).with("gpra.lock.timeout", "500ms"), sent, "002")));
        ours.add(
            run(
                library,
                (database, sent) -> migrate(patient(database), sent, "001"),
                (database, sent) -> migrate(patient(database), sent, "002")));
      }
    }
    report(naive, blind, ours);
  }

  private static LiquibaseRun patient(TestDatabase database) {
    return new LiquibaseRun(database).with("gpra.wait.limit", "10min");
  }

  private static int migrate(LiquibaseRun run, SentStatements sent, String tag) {
    run.failing(sent).updateTo(tag);
    sent.finish();
    return 0;
  }

  /**
   * Runs a naive migration, again where it and the application have waited for each other and the
   * server has chosen it to give way.
   *
   * @return how many times it failed
   */
  private static int execute(TestDatabase database, SentStatements sent, List<Step> steps)
      throws SQLException {
    for (int failed = 0; ; failed++) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        for (Step step : steps) {
          sent.begin(step.sql(), connection);
          statement.execute(step.sql());
          sent.finish();
        }
        return failed;
      } catch (SQLException e) {
        if (!DEADLOCK.equals(e.getSQLState()) || failed == MOST_FAILURES) {
          throw e;
        }
      }
    }
  }

  private static Run run(TestDatabase library, Part to001, Part to002) throws Exception {
    try (TestDatabase database = library.copy()) {
      OldApplication application = new OldApplication(database, ROWS);
      // What the machine and a report do to the clients without a migration.
      long reportBefore = System.nanoTime();
      HeldReport.start(database, REPORT_MILLIS);
      Thread.sleep(BEFORE_MILLIS);
      HeldReport.start(database, REPORT_MILLIS);
      SentStatements sent = new SentStatements();
      long begin = System.nanoTime();
      int failed = to001.run(database, sent);
      HeldReport second = HeldReport.start(database, REPORT_MILLIS);
      long secondBegan = System.nanoTime();
      failed += to002.run(database, sent);
      double seconds = (System.nanoTime() - begin) / 1e9;
      second.join();
      Thread.sleep(AFTER_MILLIS);
      application.end();
      return new Run(
          begin,
          seconds,
          failed,
          reportBefore,
          List.of(begin, secondBegan),
          sent,
          application.samples(),
          application.acknowledged(),
          application.lost());
    }
  }

  private static void report(Run naive, List<Run> blind, List<Run> ours) {
    Run one = ours.get(0);
    BenchmarkReport report =
        new BenchmarkReport("live-traffic", "Live traffic: the old application goes on");
    report.paragraph(
        """
        Six clients of the old application work on %s items before, during and after `update` from the legacy schema to
        002: point reads, lists, updates and inserts in autocommit; transactions that read ab_user, then write items or
        routines and chord charts. A report holds its lock on items for 8 s in the time before, another one from before the start of 001, a third
        from before the start of 002. Naive: the former Alembic migrations in SQL. Ours: Liquibase within one JVM, with the
        project's executor, which looks before it asks for a lock. Without looking: the same, but it asks at once, and waits
        500 ms (`gpra.lock.look` off, `gpra.lock.timeout` 500 ms). These two take turns. *Started again*: the migration and
        the application waited for each other, and the server ended the migration, which was then run once more.

            mvn -Pbenchmark verify -Dit.test=LiveTrafficBenchmark"""
            .formatted(Figures.number(ROWS)));
    report.table(
        List.of(
            "",
            "statements",
            "of these failed",
            "longest before",
            "longest during",
            "over 50 ms of one client during one report",
            "the same before",
            "migration",
            "started again",
            "writes acknowledged",
            "of these lost"),
        Stream.of(
                Stream.of(row("naive", naive)),
                blind.stream().map(run -> row("ours, without looking", run)),
                ours.stream().map(run -> row("ours", run)))
            .flatMap(rows -> rows)
            .toList());
    report.paragraph(
        """
        What was before the migration shows what the machine and a report cost anyway. The migration accounts for
        what a statement took beyond that.""");
    double because = median(ours, Run::because);
    double most = median(ours, Run::mostOverATry);
    report
        .heading("Goals")
        .paragraph("Medians of %d runs.".formatted(ROUNDS))
        .goals(
            List.of(
                Goal.none("statements that failed", (long) sum(ours, Run::failures)),
                new Goal(
                    "longest statement during ours minus the longest before",
                    "at most 100 ms",
                    Figures.time(because),
                    because <= LONGEST_WAIT),
                new Goal(
                    "statements over 50 ms of one client during one report",
                    "at most 1",
                    Figures.number(most),
                    most <= 1),
                Goal.atMost(
                    "time with looking to time without",
                    MOST_TIME,
                    median(ours, Run::seconds) / median(blind, Run::seconds)),
                Goal.none(
                    "acknowledged writes that were lost",
                    (long) sum(ours, run -> run.lost().size()))));
    report.plot("latency", "Longest statement over time", plot(naive, blind.get(0), one));
    List<Wait> ofNaive = naive.sent().waits(naive.samples());
    List<Wait> ofOurs = one.sent().waits(one.samples());
    report
        .heading("By statement sent")
        .paragraph(
            """
            Each statement that the migration sent, and the longest time for which a client stood still while it ran: of naive's %s and of
            the %s that the first run of ours sent, those with the longest."""
                .formatted(Figures.number(ofNaive.size()), Figures.number(ofOurs.size())))
        .table(
            List.of("", "naive", "a client stood still", "ours", "a client stood still"),
            IntStream.range(0, MOST_STATEMENTS)
                .mapToObj(
                    rank ->
                        Stream.concat(
                                Stream.of(Integer.toString(rank + 1)),
                                Stream.of(ofNaive, ofOurs)
                                    .map(waits -> waits.get(rank))
                                    .flatMap(
                                        wait ->
                                            Stream.of(
                                                "`" + wait.sql() + "`",
                                                Figures.time(wait.seconds()))))
                            .toList())
                .toList())
        .plot(
            "statements",
            "How long a client stood still while one statement ran",
            byStatement(ofNaive, ofOurs));
    report
        .heading("By client")
        .paragraph("The first run of ours.")
        .table(
            List.of(
                "client",
                "naive: median before",
                "median during",
                "longest during",
                "ours: median before",
                "median during",
                "longest during"),
            byClient(naive, one));
    Stream.of(Stream.of(naive), blind.stream(), ours.stream())
        .flatMap(runs -> runs)
        .flatMap(run -> run.samples().stream())
        .filter(sample -> sample.error() != null)
        .map(sample -> sample.client() + ": " + sample.error().lines().findFirst().orElse(""))
        .distinct()
        .limit(10)
        .forEach(error -> report.paragraph("Failed: " + error));
    report.write();
  }

  private static List<String> row(String way, Run run) {
    return List.of(
        way,
        Figures.number(run.samples().size()),
        Long.toString(run.failures()),
        Figures.time(longest(run.before())),
        Figures.time(longest(run.during())),
        Long.toString(run.mostOverATry()),
        Long.toString(run.mostOverATryBefore()),
        Figures.time(run.seconds()),
        Integer.toString(run.failed()),
        Figures.number(run.acknowledged()),
        Integer.toString(run.lost().size()));
  }

  private static List<List<String>> byClient(Run naive, Run ours) {
    List<List<String>> rows = new ArrayList<>();
    ours.samples().stream()
        .map(Sample::client)
        .distinct()
        .forEach(
            client -> {
              List<String> row = new ArrayList<>(List.of(client));
              Predicate<Sample> own = sample -> sample.client().equals(client);
              for (Run run : List.of(naive, ours)) {
                row.add(Figures.time(median(run.before().filter(own))));
                row.add(Figures.time(median(run.during().filter(own))));
                row.add(Figures.time(longest(run.during().filter(own))));
              }
              rows.add(row);
            });
    return rows;
  }

  private static XYChart byStatement(List<Wait> naive, List<Wait> ours) {
    XYChart chart =
        Plots.chart(
            "How long a client stood still while one statement ran",
            "statements, the longest first",
            "milliseconds (logarithmic)");
    Plots.naive(
        chart, "naive (%d statements)".formatted(naive.size()), ranks(naive), millis(naive));
    Plots.ours(chart, "ours (%d statements)".formatted(ours.size()), ranks(ours), millis(ours));
    Plots.logarithmic(chart);
    return chart;
  }

  private static List<Double> ranks(List<Wait> waits) {
    return IntStream.rangeClosed(1, waits.size()).mapToObj(rank -> (double) rank).toList();
  }

  private static List<Double> millis(List<Wait> waits) {
    // Nothing at all has no logarithm.
    return waits.stream().map(wait -> Math.max(0.1, wait.seconds() * 1000)).toList();
  }

  private static double longest(Stream<Sample> samples) {
    return samples.mapToDouble(Sample::seconds).max().orElse(0);
  }

  private static double median(Stream<Sample> samples) {
    return Figures.median(samples.mapToDouble(Sample::seconds).toArray());
  }

  private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
    return Figures.median(runs.stream().mapToDouble(figure).toArray());
  }

  private static double sum(List<Run> runs, ToDoubleFunction<Run> figure) {
    return runs.stream().mapToDouble(figure).sum();
  }

  private static XYChart plot(Run naive, Run blind, Run ours) {
    XYChart chart =
        Plots.chart(
            "Longest statement of the old application",
            "seconds since the migration began",
            "milliseconds (logarithmic)");
    TreeMap<Double, Double> naiveLongest = longestByTime(naive);
    TreeMap<Double, Double> oursLongest = longestByTime(ours);
    Plots.naive(
        chart,
        "naive (%s)".formatted(Figures.time(naive.seconds())),
        List.copyOf(naiveLongest.keySet()),
        List.copyOf(naiveLongest.values()));
    Plots.ours(
        chart,
        "ours (%s)".formatted(Figures.time(ours.seconds())),
        List.copyOf(oursLongest.keySet()),
        List.copyOf(oursLongest.values()));
    TreeMap<Double, Double> blindLongest = longestByTime(blind);
    Plots.aside(
        chart,
        "ours, without looking (%s)".formatted(Figures.time(blind.seconds())),
        List.copyOf(blindLongest.keySet()),
        List.copyOf(blindLongest.values()));
    Plots.logarithmicY(chart);
    // Even numbers at the ticks.
    chart.getStyler().setXAxisMin(2 * Math.floor(naiveLongest.firstKey() / 2));
    return chart;
  }

  /**
   * Milliseconds of the longest statement by the time at which it began; a long one counts until it
   * ended.
   */
  private static TreeMap<Double, Double> longestByTime(Run run) {
    TreeMap<Double, Double> longest = new TreeMap<>();
    for (Sample sample : run.samples()) {
      double first = Math.floor(run.after(sample) / INTERVAL);
      double last = Math.floor((run.after(sample) + sample.seconds()) / INTERVAL);
      for (double interval = first; interval <= last; interval++) {
        longest.merge(interval * INTERVAL, sample.seconds() * 1000, Math::max);
      }
    }
    return longest;
  }
}
