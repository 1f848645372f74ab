package app.gpra.migrations.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maven from its start to its end, where there is nothing to do. */
class StartUpBenchmark {

  private static final int RUNS = Integer.getInteger("benchmark.startup.runs", 9);
  private static final double LIMIT = 1.1;

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
    // No superuser: everybody on the machine may read a command line.
    try (TestRole role = TestRole.create("p");
        TestDatabase database = TestDatabase.legacy();
        TestDatabase other = TestDatabase.empty()) {
      role.grantLeastPrivileges(database);
      new LiquibaseRun(database).as(role).update();
      role.grantLeastPrivileges(other);
      String url = other.bareUrl();
      String asApplication =
          database.bareUrl().replace("jdbc:postgresql://", "postgresql://" + role.name() + ":p@");
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
        if (run >= 0) {
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
    new BenchmarkReport("start-up", "Start-up: an update with nothing to do")
        .paragraph(
            """
            Wall time of Maven on a database that is up to date. The bare plugin has none of our classes, and a changelog of
            as many plain changesets (%d), as it refuses ours. The three take turns, %d times after one that is not counted;
            all with `.mvn/jvm.config`."""
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
                    Figures.median(ours) / bareMedian)))
        .write();
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
