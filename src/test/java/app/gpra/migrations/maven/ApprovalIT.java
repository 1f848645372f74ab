package app.gpra.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.OwnServer;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pipeline runs is what was approved, with Maven and PostgreSQL as they are. */
@Tag("thorough")
@Tag("nightly")
class ApprovalIT {

  @TempDir private Path directory;

  private Path project;
  private Path approved;

  private record Ran(int exit, String output) {}

  @BeforeEach
  void cloneProject() throws IOException, InterruptedException {
    project = Files.createDirectory(directory.resolve("project"));
    approved = directory.resolve("approved.sql");
    MavenRun.copyProject(project, true);
    Files.createDirectory(project.resolve(".ci"));
    Files.copy(Path.of(".ci/migrate"), project.resolve(".ci/migrate"));
    assertThat(project.resolve(".ci/migrate").toFile().setExecutable(true)).isTrue();
    Files.copy(Path.of(".gitignore"), project.resolve(".gitignore"));
    Path mvn =
        Files.writeString(
            directory.resolve("mvn"),
            "#!/bin/sh\nexec '%s' '-Dmaven.repo.local=%s' '-Dliquibase.version=%s' \"$@\"\n"
                .formatted(
                    Path.of(System.getProperty("maven.home"), "bin", "mvn"),
                    System.getProperty("test.maven.repo.local"),
                    System.getProperty("test.liquibase.version")));
    assertThat(mvn.toFile().setExecutable(true)).isTrue();
    run(Map.of(), "git", "init", "--quiet");
    commit();
  }

  private void commit() throws IOException, InterruptedException {
    run(Map.of(), "git", "add", "--all");
    List<String> command =
        List.of(
            "git",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "commit",
            "-m",
            "As it is");
    assertThat(run(Map.of(), command.toArray(String[]::new))).returns(0, Ran::exit);
  }

  private Ran run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(project.toFile());
    builder.environment().merge("PATH", directory.toString(), (path, ours) -> ours + ":" + path);
    builder.environment().putAll(environment);
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }

  private void approve(String command, String url, Map<String, String> asked)
      throws IOException, InterruptedException {
    Ran preview = run(with(url, asked), ".ci/migrate", command);
    assertThat(preview.exit()).as(preview.output()).isZero();
    Files.copy(
        project.resolve("target/liquibase/%s.sql".formatted(command)),
        approved,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private Ran migrate(String command, String url, Map<String, String> asked)
      throws IOException, InterruptedException {
    Map<String, String> environment = with(url, asked);
    environment.put("APPROVED", approved.toString());
    return run(environment, ".ci/migrate", command);
  }

  private static Map<String, String> with(String url, Map<String, String> asked) {
    Map<String, String> environment = new HashMap<>(asked);
    environment.put("DATABASE_URL", url);
    return environment;
  }

  /** The same server by another address, as after a failover. */
  private static String elsewhere(String url) {
    return url.contains("127.0.0.1")
        ? url.replace("127.0.0.1", "localhost")
        : url.replace("localhost", "127.0.0.1");
  }

  private static void assertRefused(Ran ran, String then, String now) {
    assertThat(ran.output())
        .containsPattern("\n  approved: " + then + "\n  now:      " + now + "\nNothing was run\\.")
        .doesNotContain(" applied: ", "undone: ");
    assertThat(ran.exit()).isEqualTo(2);
  }

  @Test
  void updatesWhatWasApproved() throws Exception {
    try (OwnServer other = OwnServer.start(Map.of());
        TestDatabase database = TestDatabase.legacy();
        TestDatabase neighbour = TestDatabase.legacy();
        TestDatabase namesake = TestDatabase.legacyOn(other.server()).rename(database.toString())) {
      String url = database.jdbcUrl();
      approve("preview", url, Map.of());

      assertRefused(
          migrate("update", url, Map.of("ADMIN_USERNAME", "student1")),
          "-- Settings: '-Dliquibase.labelFilter=!enforce'",
          "-- Settings: '-Dliquibase.labelFilter=!enforce' -Dgpra.admin.username=student1");
      assertRefused(
          migrate("update", neighbour.jdbcUrl(), Map.of()),
          "-- Database: %s, system identifier \\d+".formatted(database),
          "-- Database: %s, system identifier \\d+".formatted(neighbour));
      assertRefused(
          migrate("update", namesake.jdbcUrl(), Map.of()),
          "-- Database: %s, system identifier %s".formatted(database, identifier(database)),
          "-- Database: %s, system identifier %s".formatted(database, identifier(namesake)));
      Path sql = project.resolve("changelog/sql/admin.sql");
      String before = Files.readString(sql);
      Files.writeString(sql, before.replaceFirst("DECLARE", "DECLARE -- edited\n"));
      assertRefused(
          migrate("update", url, Map.of()),
          "-- Commit: [0-9a-f]{40}",
          "-- Commit: [0-9a-f]{40}, and changes that are not committed");
      Files.writeString(sql, before);
      assertThat(database.applied()).isEmpty();
      assertThat(neighbour.applied()).isEmpty();
      assertThat(namesake.applied()).isEmpty();

      Ran update = migrate("update", elsewhere(url), Map.of());
      assertThat(update.exit()).as(update.output()).isZero();
      assertThat(update.output())
          .containsPattern("What runs is what was approved\\. SHA-256 of the SQL: [0-9a-f]{64}\n")
          .contains("the admin is admin");
    }
  }

  private static String identifier(TestDatabase database) {
    return database.value("SELECT system_identifier FROM pg_control_system()");
  }

  @Test
  void goesBackAsWasApproved() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      String url = database.jdbcUrl();
      Map<String, String> asked = Map.of("ROLLBACK_TAG", "001");
      assertThat(run(with(url, Map.of()), ".ci/migrate", "update")).returns(0, Ran::exit);
      approve("preview-rollback", url, asked);

      assertRefused(
          migrate("rollback", url, Map.of("ROLLBACK_TAG", "001", "DISCARD", "true")),
          "-- Settings: .* -Dgpra.rollback.discard=false",
          "-- Settings: .* -Dgpra.rollback.discard=true");
      assertThat(database.applied()).contains("002-tag");
      Ran rollback = migrate("rollback", elsewhere(url), asked);
      assertThat(rollback.exit()).as(rollback.output()).isZero();
      assertThat(database.applied()).contains("001-tag").doesNotContain("002-tag");
    }
  }
}
