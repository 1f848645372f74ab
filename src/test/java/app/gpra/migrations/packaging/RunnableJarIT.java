package app.gpra.migrations.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar that runs without Maven, as an operator starts it: in a directory with nothing in it. */
@Tag("maven")
class RunnableJarIT {

  private static final String PASSWORD = "s3cret-of-the-jar";

  private static final String SESSIONS =
      "SELECT count(*) FROM pg_stat_activity WHERE usename = '%s'";

  @TempDir Path directory;

  /** What it said, and how it ended. */
  private record Result(int exitCode, String output, String errors) {
    String both() {
      return output + errors;
    }
  }

  private Result run(String databaseUrl, String... arguments) throws Exception {
    return result(start(databaseUrl, List.of(), arguments));
  }

  private Process start(String databaseUrl, List<String> flags, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-jar", PackagedJar.runnable().file().toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(directory.resolve("out.txt").toFile())
            .redirectError(directory.resolve("err.txt").toFile());
    builder.environment().remove("PGPASSWORD");
    builder.environment().put("DATABASE_URL", databaseUrl);
    return builder.start();
  }

  private Result result(Process process) throws Exception {
    int exitCode = process.waitFor();
    return new Result(
        exitCode,
        Files.readString(directory.resolve("out.txt")),
        Files.readString(directory.resolve("err.txt")));
  }

  private static String url(TestDatabase database, TestRole role, String password) {
    return database
        .bareUrl()
        .replace("jdbc:postgresql://", "postgresql://" + role.name() + ":" + password + "@");
  }

  private static String command() {
    return "java -jar " + PackagedJar.runnable().file().toAbsolutePath() + " ";
  }

  @Test
  void doesWhatTheGoalsDo() throws Exception {
    try (TestRole role = TestRole.create(PASSWORD);
        TestDatabase database = TestDatabase.legacy();
        TestDatabase other = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      role.grantLeastPrivileges(other);
      String url = url(database, role, PASSWORD);

      Result sql = run(url, "update-sql");
      assertThat(sql.exitCode()).as(sql.both()).isZero();
      assertThat(sql.output())
          .contains(
              "-- Database: ",
              "-- Settings: '-Dliquibase.labelFilter=!enforce'\n",
              "user_id",
              "(%srollback), then run update again.".formatted(command()))
          .doesNotContain("(mvn ");
      assertThat(sql.errors()).contains("nothing was run on the database");
      assertThat(database.applied()).isEmpty();

      Result update = run(url, "update");
      assertThat(update.exitCode()).as(update.both()).isZero();
      assertThat(update.output()).isEmpty();
      assertThat(update.errors().lines())
          .doesNotHaveDuplicates()
          .first()
          .asString()
          .endsWith("It stands at the beginning: no changeset is applied yet.");
      assertThat(update.errors())
          .containsPattern("Done in .*: .* stands at 002 now\\.")
          .contains("the admin is admin", "  left out: " + Changelog.leftOut() + ", which wait for")
          .endsWith("  to go back: " + command() + "rollback -Dliquibase.rollbackTag=000\n")
          .doesNotContain("mvn", "Liquibase", "Running Changeset");

      // The same changesets as with Maven and in an application: each may go on where another was.
      new LiquibaseRun(other).as(role).update();
      assertThat(PackagedJar.identities(database)).isEqualTo(PackagedJar.identities(other));

      Result status = run(url, "status");
      assertThat(status.output())
          .contains(" stands at 002. Not applied: nothing, it is up to date");
      assertThat(run(url, "history").output()).contains("002-tag");

      List<Map<String, Object>> plain = Changelog.withoutLabel();
      List<Map<String, Object>> lastTwo = plain.subList(plain.size() - 2, plain.size());
      Result count = run(url, "rollback-count", "--count=2");
      assertThat(count.exitCode()).as(count.both()).isZero();
      assertThat(count.errors()).contains("  undone: " + Changelog.counted(lastTwo));

      Result tag = run(url, "rollback", "--tag=001");
      assertThat(tag.exitCode()).as(tag.both()).isZero();
      assertThat(tag.errors())
          .contains(" stands at 001 now.", "  forward again: " + command() + "update");

      Result words = run(url, "rollback", "-Dliquibase.rollbackTag=000", "-Dgpra.report=report.md");
      assertThat(words.exitCode()).as(words.both()).isZero();
      assertThat(words.errors()).contains(" stands at 000 now.");
      assertThat(directory.resolve("report.md")).content().contains(command() + "update");

      assertThat(run(url, "update", "-Dliquibase.toTag=001").errors())
          .contains("stands at 001 now");
      assertThat(run(url, "update-to-tag", "--tag=002").errors()).contains("stands at 002 now");
    }
  }

  @Test
  void saysWhyItFailsAndWhatToTypeNext() throws Exception {
    try (TestRole role = TestRole.create(PASSWORD);
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      database.execute("UPDATE ab_user SET active = false");
      String url = url(database, role, PASSWORD);

      Result stopped = run(url, "update");

      assertThat(stopped.exitCode()).isOne();
      assertThat(stopped.errors())
          .containsPattern("Stopped in 002-preflight after .* stands at 001 now\\.")
          .contains("  next: correct what the error says, then " + command() + "update")
          .doesNotContain("\tat ", "mvn ");
      assertThat(stopped.errors().lines().filter(line -> line.startsWith("[ERROR] "))).hasSize(1);

      assertThat(run(url, "update-to-tag", "--tag=999"))
          .satisfies(
              wrong -> {
                assertThat(wrong.exitCode()).isOne();
                assertThat(wrong.errors()).contains("999 names no migration of this changelog");
              });
      assertThat(run(url, "update", "-Dgpra.nothing=1").errors())
          .contains("[ERROR] Unknown property -Dgpra.nothing");
      assertThat(run(url, "--help").output()).contains("  rollback-count ").doesNotContain("-step");
      for (String count : List.of("0", "-1", "two")) {
        assertThat(run(url, "rollback-count", "--count=" + count).errors())
            .contains("[ERROR] -Dliquibase.rollbackCount=" + count + " is not valid");
      }
    }
  }

  @Test
  void printsNoSecret() throws Exception {
    try (TestRole role = TestRole.create(PASSWORD);
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      for (Result wrong :
          List.of(
              run(url(database, role, "wr0ng"), "update"),
              run(url(database, role, PASSWORD), "update", "--pasword=wr0ng"),
              run(url(database, role, PASSWORD), "update", "--pasword", "wr0ng"),
              run(url(database, role, PASSWORD), "rollback", "wr0ng"),
              run("", "update", "--url=" + database.bareUrl(), "--password=wr0ng"),
              run("", "update", "--url=jdbc:postgresql://ann:wr0ng@h/app"),
              run("", "update", "--url=postgresql://ann:wr0ng@h/app"))) {
        assertThat(wrong.exitCode()).as(wrong.both()).isOne();
        assertThat(wrong.errors().lines()).hasSize(1);
        assertThat(wrong.errors())
            .startsWith("[ERROR] ")
            .doesNotContain("wr0ng")
            .doesNotContain(PASSWORD);
      }
    }
  }

  /** The work is done in a second JVM, unless the first has flags. */
  @ParameterizedTest
  @CsvSource({"-Dx=y, true, 137", "-Dx=y, false, 143", "-Xshare:auto, false, 143"})
  void endsWithTheProcessThatWasStarted(String flag, boolean killed, int exitCode)
      throws Exception {
    try (TestRole role = TestRole.create(PASSWORD);
        TestDatabase database = TestDatabase.legacy();
        Connection report = database.connect();
        Statement statement = report.createStatement()) {
      role.grantLeastPrivileges(database);
      report.setAutoCommit(false);
      statement.execute("LOCK TABLE items IN ACCESS SHARE MODE");
      Process process = start(url(database, role, PASSWORD), List.of(flag), "update");
      await(() -> Files.readString(directory.resolve("err.txt")).contains("To do: "));
      boolean second = !flag.startsWith("-X");
      assertThat(process.children()).hasSize(second ? 1 : 0);
      List<ProcessHandle> children = process.children().toList();

      if (killed) {
        process.destroyForcibly();
      } else {
        process.destroy();
      }

      Result ended = result(process);
      assertThat(ended.exitCode()).isEqualTo(exitCode);
      if (killed) {
        await(() -> children.stream().noneMatch(ProcessHandle::isAlive));
      } else {
        assertThat(children).noneMatch(ProcessHandle::isAlive);
        assertThat(ended.errors())
            .contains("  reason: It was interrupted", "  next: " + command() + "update");
      }
      await(() -> database.value(SESSIONS.formatted(role.name())).equals("0"));
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("time").isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  /** One object a line on standard output, and nothing else; a program needs no other. */
  @Test
  void speaksJson() throws Exception {
    try (TestRole role = TestRole.create(PASSWORD);
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      String url = url(database, role, PASSWORD);
      Schema schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(Files.readString(Path.of("docs/json.schema.json")));

      Result update = run(url, "update", "-Dgpra.output=json");
      assertThat(update.exitCode()).as(update.both()).isZero();
      assertThat(update.errors()).isEmpty();
      assertThat(update.output().lines())
          .allMatch(line -> schema.validate(line, InputFormat.JSON).isEmpty())
          .first()
          .asString()
          .contains("It stands at the beginning");
      assertThat(update.output().lines().filter(line -> line.contains("\"event\":\"changeset\"")))
          .hasSize(Changelog.withoutLabel().size());
      assertThat(update.output().lines())
          .last()
          .asString()
          .startsWith("{\"event\":\"end\",\"command\":\"update\",\"outcome\":\"done\"");

      for (String command : List.of("status", "history")) {
        String document = run(url, command, "-Dgpra.output=json").output();
        assertThat(schema.validate(document, InputFormat.JSON)).as(document).isEmpty();
        assertThat(document).contains("\"id\": \"002-tag\"");
      }
      Result wrong = run(url, "update", "-Dgpra.output=json", "--nothing=1");
      assertThat(wrong.exitCode()).isOne();
      assertThat(wrong.both())
          .startsWith(
              "{\"event\":\"text\",\"level\":\"error\",\"text\":\"Not understood: --nothing")
          .hasLineCount(1);
    }
  }

  /** Whenever it is built: nothing in it is younger than the version. */
  @Test
  void isTheSameEachTime() throws IOException {
    Matcher timestamp =
        Pattern.compile("outputTimestamp>(.+?)Z<").matcher(Files.readString(Path.of("pom.xml")));
    assertThat(timestamp.find()).isTrue();
    try (JarFile jar = new JarFile(PackagedJar.runnable().file().toFile())) {
      assertThat(jar.stream().map(ZipEntry::getTimeLocal))
          .allMatch(time -> !time.isAfter(LocalDateTime.parse(timestamp.group(1))));
      assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
          .startsWith("app.gpra.");
      assertThat(jar.stream().map(Object::toString))
          .contains(PackagedJar.CHANGELOG + Changelog.MASTER)
          .noneMatch(name -> name.matches(".*(zonky|postgres-linux|commons/compress).*"));
    }
  }
}
