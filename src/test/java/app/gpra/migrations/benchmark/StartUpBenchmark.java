package app.gpra.migrations.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands from their start to their end, where there is nothing to do. */
class StartUpBenchmark {

  private static final int RUNS = Integer.getInteger("benchmark.startup.runs", 9);

  /** It reads more of the same number of changesets: preconditions, comments, rollback blocks. */
  private static final double LIMIT = 1.2;

  private static final double LIMIT_OF_JAR = 0.6;
  private static final double LIMIT_WITH_ARCHIVE = 0.5;

  /** As in {@code .mvn/jvm.config}, for a JVM that lives for seconds. */
  private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  @BeforeAll
  static void startServer() {
    BenchmarkServer.start();
  }

  @Test
  void takesNotMuchLongerThanTheBarePlugin(@TempDir Path compiled, @TempDir Path bare)
      throws IOException {
    MavenRun.copyProject(compiled, true);
    MavenRun.copyProject(bare, false);
    Files.writeString(bare.resolve(Changelog.MASTER), plainChangelog());
    double[] ours = new double[RUNS];
    double[] plugin = new double[RUNS];
    double[] validate = new double[RUNS];
    double[] jar = new double[RUNS];
    double[] flagged = new double[RUNS];
    double[] archived = new double[RUNS];
    Path archive = compiled.resolve("classes.jsa");
    // No superuser: everybody on the machine may read a command line.
    try (TestRole role = TestRole.create("p");
        TestDatabase database = TestDatabase.legacy();
        TestDatabase other = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      new LiquibaseRun(database).as(role).update();
      role.grantLeastPrivileges(other);
      String url = other.bareUrl();
      String asApplication =
          database.bareUrl().replace("jdbc:postgresql://", "postgresql://" + role.name() + ":p@");
      java(compiled, asApplication, "-XX:ArchiveClassesAtExit=" + archive);
      // The first round is not counted: it brings the files into memory.
      for (int run = -1; run < RUNS; run++) {
        double oursTook = seconds(compiled, asApplication, "liquibase:update");
        double pluginTook =
            seconds(
                bare,
                null,
                "liquibase:update",
                "-Dliquibase.url=" + url,
                "-Dliquibase.username=" + role.name(),
                "-Dliquibase.password=p");
        double validateTook = seconds(bare, null, "validate");
        double jarTook = java(compiled, asApplication);
        double flaggedTook = java(compiled, asApplication, FLAGS.toArray(String[]::new));
        double archivedTook =
            java(
                compiled,
                asApplication,
                FLAGS.get(0),
                FLAGS.get(1),
                "-XX:SharedArchiveFile=" + archive);
        if (run >= 0) {
          jar[run] = jarTook;
          flagged[run] = flaggedTook;
          archived[run] = archivedTook;
          ours[run] = oursTook;
          plugin[run] = pluginTook;
          validate[run] = validateTook;
        }
      }
    }
    double bareMedian = Figures.median(plugin);
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("`mvn liquibase:update`, ours", ours, bareMedian));
    rows.add(row("`mvn liquibase:update`, the bare plugin", plugin, bareMedian));
    rows.add(row("`mvn validate`", validate, bareMedian));
    rows.add(row("`java -jar … update`, without flags", jar, bareMedian));
    rows.add(
        row(
            "`java -XX:… -jar … update`, with the flags of `.mvn/jvm.config`",
            flagged,
            bareMedian));
    rows.add(row("the same, with an archive of its classes", archived, bareMedian));
    new BenchmarkReport("start-up", "Start-up: an update with nothing to do")
        .paragraph(
            """
            Wall time on a database that is up to date. The bare plugin has none of our classes, and a changelog of
            as many plain changesets (%d), as it refuses ours. All take turns, %d times after one that is not counted; Maven's
            with `.mvn/jvm.config`. Without flags the jar starts a second JVM that has them. The archive was written by `java -XX:ArchiveClassesAtExit=classes.jsa -jar … update`."""
                .formatted(Changelog.changeSets().size(), RUNS))
        .table(
            List.of(
                "command", "median", "shortest", "longest", "median, divided by the bare plugin's"),
            rows)
        .heading("Goal")
        .goals(
            List.of(
                Goal.atMost(
                    "median of ours, divided by the bare plugin's",
                    LIMIT,
                    Figures.median(ours) / bareMedian),
                Goal.atMost(
                    "`java -jar … update`, without flags, divided by `mvn liquibase:update` of the same round, median",
                    LIMIT_OF_JAR,
                    ratio(jar, ours)),
                Goal.atMost(
                    "with an archive of its classes, divided likewise",
                    LIMIT_WITH_ARCHIVE,
                    ratio(archived, ours))))
        .write();
  }

  /** The median of the rounds' ratios: what disturbs the machine disturbs both. */
  private static double ratio(double[] one, double[] other) {
    return Figures.median(
        IntStream.range(0, one.length).mapToDouble(run -> one[run] / other[run]).toArray());
  }

  private static double java(Path directory, String databaseUrl, String... flags) {
    List<String> command =
        new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(List.of(flags));
    String jar = System.getProperty("test.jar").replaceFirst("\\.jar$", "-all.jar");
    command.addAll(List.of("-jar", Path.of(jar).toAbsolutePath().toString(), "update"));
    Path output = directory.resolve("java.log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("DATABASE_URL", databaseUrl);
    long begin = System.nanoTime();
    try {
      MavenRun run = MavenRun.end(builder.start(), output);
      double seconds = (System.nanoTime() - begin) / 1e9;
      assertThat(run.exitCode()).as(run.output()).isZero();
      return seconds;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As many changesets as there are here, in Liquibase's own words. */
  private static String plainChangelog() {
    StringBuilder changelog = new StringBuilder("databaseChangeLog:\n");
    for (int number = 0; number < Changelog.changeSets().size(); number++) {
      changelog.append(
          """
            - changeSet:
                id: "%1$d"
                author: bare
                changes:
                  - createTable: {tableName: t%1$d, columns: [column: {name: id, type: int}]}
          """
              .formatted(number));
    }
    return changelog.toString();
  }

  private static List<String> row(String command, double[] seconds, double bareMedian) {
    return List.of(
        command,
        Figures.time(Figures.median(seconds)),
        Figures.time(Arrays.stream(seconds).min().orElseThrow()),
        Figures.time(Arrays.stream(seconds).max().orElseThrow()),
        Figures.number(Figures.median(seconds) / bareMedian));
  }

  private static double seconds(Path project, String databaseUrl, String... arguments) {
    long begin = System.nanoTime();
    MavenRun run = MavenRun.run(project, databaseUrl, arguments);
    double seconds = (System.nanoTime() - begin) / 1e9;
    assertThat(run.exitCode()).as(run.output()).isZero();
    return seconds;
  }
}
