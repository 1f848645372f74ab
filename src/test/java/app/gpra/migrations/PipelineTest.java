package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pipelines run, with a {@code mvn} that only says what it was given. */
class PipelineTest {

  private static final String MVN =
      """
      #!/bin/sh
      for argument; do echo "<$argument>"; done
      mkdir -p target/liquibase
      echo "-- Changeset changelog/001.yaml::001-one::gpra" >target/liquibase/preview.sql
      exit ${MVN_EXIT:-0}
      """;

  /** A script's end. */
  private record Ran(int exit, String output, String summary) {}

  @TempDir Path directory;

  private Ran migrate(String command, Map<String, String> asked)
      throws IOException, InterruptedException {
    Path project = Files.createDirectories(directory.resolve("project/.ci"));
    Files.copy(Path.of(".ci/migrate"), project.resolve("migrate"));
    Path mvn = Files.writeString(directory.resolve("mvn"), MVN);
    assertThat(mvn.toFile().setExecutable(true)).isTrue();
    Path summary = directory.resolve("summary.md");
    ProcessBuilder script =
        new ProcessBuilder("sh", project.resolve("migrate").toString(), command);
    Map<String, String> environment = script.environment();
    environment.merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
    environment.put("DATABASE_URL", "postgresql://gpra:s3cr3t@db/gpra");
    environment.put("GITHUB_STEP_SUMMARY", summary.toString());
    environment.putAll(asked);
    Ran ran = run(script);
    return new Ran(
        ran.exit(), ran.output(), Files.exists(summary) ? Files.readString(summary) : "");
  }

  private static Ran run(ProcessBuilder command) throws IOException, InterruptedException {
    Process process = command.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output, "");
  }

  @ParameterizedTest
  @CsvSource({
    "preview, liquibase:updateSQL",
    "update, liquibase:update",
    "preview-rollback, liquibase:rollbackSQL",
    "rollback, liquibase:rollback"
  })
  void runsTheGoal(String command, String goal) throws Exception {
    Map<String, String> asked =
        Map.of("LABELS", "enforce", "ROLLBACK_TAG", "003", "APP_ROLE", "o'brien; x");
    assertThat(migrate(command, asked))
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("<" + goal + ">", "<-Dliquibase.labelFilter=enforce>")
        .contains("<-Dgpra.app.role=o'brien; x>")
        .doesNotContain("s3cr3t")
        .matches(
            output ->
                command.endsWith("rollback")
                    == output.contains(
                        "<-Dliquibase.rollbackTag=003>\n<-Dgpra.rollback.discard=false>"));
  }

  @Test
  void leavesTheSecondRolloutOutUnlessAskedFor() throws Exception {
    assertThat(migrate("update", Map.of("LABELS", "")).output())
        .contains("<-Dliquibase.labelFilter=!enforce>")
        .doesNotContain("toTag", "gpra.app.role", "gpra.admin.username");
  }

  @Test
  void saysWhatWouldRunAndThatItFailed() throws Exception {
    assertThat(migrate("preview", Map.of("MVN_EXIT", "3")))
        .returns(3, Ran::exit)
        .extracting(Ran::summary)
        .asString()
        .contains("What update would run", "- 001-one", "**preview failed**");
  }

  @Test
  void runsWhatWasApproved() throws Exception {
    Path approved =
        Files.writeString(
            directory.resolve("approved.sql"),
            "-- Ran at: then\n-- Changeset changelog/001.yaml::001-one::gpra\n");
    assertThat(migrate("update", Map.of("APPROVED", approved.toString())))
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .containsSubsequence("<liquibase:updateSQL>", "<liquibase:update>");
  }

  /** The preview that is made to compare with would overwrite what was approved. */
  @Test
  void anApprovedFileIsReadBeforeTheNewPreviewIsWritten() throws Exception {
    Path approved =
        Files.createDirectories(directory.resolve("project/target/liquibase"))
            .resolve("preview.sql");
    Files.writeString(approved, "-- Changeset changelog/001.yaml::001-two::gpra\n");
    assertThat(migrate("update", Map.of("APPROVED", "target/liquibase/preview.sql")))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("The database is not as it was in the preview");
  }

  @ParameterizedTest
  @CsvSource({"001-two, The database is not as it was in the preview", ", There is no file"})
  void runsNothingElseThanWhatWasApproved(String changeset, String reason) throws Exception {
    Path approved = directory.resolve("approved.sql");
    if (changeset != null) {
      Files.writeString(approved, "-- Changeset changelog/001.yaml::" + changeset + "::gpra\n");
    }
    assertThat(migrate("update", Map.of("APPROVED", approved.toString())))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains(reason, "Nothing was run.")
        .doesNotContain("<liquibase:update>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ROLLBACK_TAG=001; ls",
        "ROLLBACK_TAG=$(ls)",
        "ROLLBACK_TAG=001\n",
        "ROLLBACK_TAG=1",
        "ROLLBACK_COUNT=0",
        "ROLLBACK_COUNT=-1",
        "ROLLBACK_COUNT=1 -Dx=y",
        "LABELS=${env.DATABASE_URL}",
        "LABELS=enforce\nx",
        "APP_ROLE=${env.DATABASE_URL}",
        "ADMIN_USERNAME=a\nb",
        "DISCARD=yes",
        "TO_TAG=HEAD",
        "DATABASE_URL=",
      })
  void refusesWhatIsNotValid(String asked) throws Exception {
    String[] pair = asked.split("=", 2);
    assertThat(migrate("rollback", Map.of(pair[0], pair[1])))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .startsWith(pair[0] + " is not ")
        .endsWith("Nothing was run.\n")
        .hasLineCount(1)
        .doesNotContain("s3cr3t");
  }

  @Test
  void goesBackToATagOrByACount() throws Exception {
    String sentence =
        "Give either ROLLBACK_TAG or ROLLBACK_COUNT, and not both. Nothing was run.\n";
    assertThat(migrate("rollback", Map.of())).returns(sentence, Ran::output).returns(2, Ran::exit);
  }

  @Test
  void doesNotGoBackToATagAndByACount() throws Exception {
    String sentence =
        "Give either ROLLBACK_TAG or ROLLBACK_COUNT, and not both. Nothing was run.\n";
    assertThat(migrate("rollback", Map.of("ROLLBACK_TAG", "001", "ROLLBACK_COUNT", "2")))
        .returns(sentence, Ran::output)
        .returns(2, Ran::exit);
  }

  @Test
  void previewsWhatIsNewAndWhatIsDifferent() throws Exception {
    Files.createDirectories(directory.resolve(".ci"));
    Files.copy(Path.of(".ci/preview"), directory.resolve(".ci/preview"));
    Path squawk =
        Files.writeString(
            directory.resolve(".ci/squawk"),
            "#!/bin/sh\nprintf '\\033[31merror\\033[0m: slow\\n'\nexit 1\n");
    assertThat(squawk.toFile().setExecutable(true)).isTrue();
    write("src/test/resources/golden/001.update.sql", "SELECT 'before';\n");
    write("docs/locks.md", "| `001-a` | `items` | SHARE | |\n");
    git("init", "--quiet");
    commit();
    Ran unchanged = preview();
    write("src/test/resources/golden/001.update.sql", "SELECT 'after';\n");
    write("src/test/resources/golden/005.update.sql", "SELECT 'new';\n");
    write(
        "docs/locks.md",
        "| `001-a` | `items` | SHARE | |\n| `005-a` | `items` | ACCESS EXCLUSIVE | |\n");
    git("add", "--all");

    assertThat(unchanged.output())
        .contains(
            "No SQL of a migration is new or different.", "No row of the table in docs/locks.md");
    assertThat(preview())
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("````diff\n@@ -1 +1 @@\n-SELECT 'before';\n+SELECT 'after';\n````")
        .contains("005.update.sql: 1 line(s) added, 0 removed", "````sql\nSELECT 'new';\n````")
        .contains("|---|---|---|---|\n| `005-a` | `items` | ACCESS EXCLUSIVE | |\n")
        .doesNotContain("`001-a`")
        .contains("**failed**.\n\n````\nerror: slow\n````");

    write("src/test/resources/golden/005.update.sql", "SELECT 'new';\n".repeat(5000));
    git("add", "--all");
    assertThat(preview().output())
        .contains("too long for a comment", "5000 +")
        .doesNotContain("SELECT 'new'")
        .hasSizeLessThan(60_000);
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(directory.resolve(file).getParent());
    Files.writeString(directory.resolve(file), text);
  }

  private void commit() throws IOException, InterruptedException {
    git("add", "--all");
    git(
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "commit",
        "--quiet",
        "-m",
        "As it was");
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    assertThat(run(new ProcessBuilder(command).directory(directory.toFile())))
        .returns(0, Ran::exit);
  }

  private Ran preview() throws IOException, InterruptedException {
    return run(new ProcessBuilder("sh", ".ci/preview", "HEAD").directory(directory.toFile()));
  }

  static Stream<Path> workflows() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(".github/workflows"))) {
      return files.sorted().toList().stream();
    }
  }

  /** Where a tag can be moved, so can what runs with a secret. */
  @ParameterizedTest
  @MethodSource("workflows")
  void pinsActionsAndGrantsNothingByDefault(Path workflow) throws IOException {
    String text = Files.readString(workflow);
    assertThat(text).contains("\npermissions: {}\n");
    assertThat(text.lines().filter(line -> line.contains("uses:")).toList())
        .allMatch(line -> line.matches(" +- uses: \\S+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+"));
    assertThat(text.split("actions/checkout@[^\n]*\n"))
        .satisfies(
            parts ->
                assertThat(List.of(parts).subList(1, parts.length))
                    .allMatch(
                        part -> part.matches("(?s) +with:\n +persist-credentials: false\n.*")));
    assertThat(text).doesNotContain("pull_request_target");
  }

  /** An expression in a script is text that somebody else has written. */
  @ParameterizedTest
  @MethodSource("workflows")
  void putsNoExpressionIntoAScript(Path workflow) throws IOException {
    assertThat(
            Pattern.compile("(?m)^ +(?:- )?run: (?:\\|\n(?: {10,}.*\n)+|.*\n)")
                .matcher(Files.readString(workflow))
                .results()
                .map(MatchResult::group)
                .toList())
        .isNotEmpty()
        .noneMatch(script -> script.contains("${{"));
  }

  @Test
  void testsVersionsOfTheMatrix() throws IOException {
    String matrix = Files.readString(Path.of(".ci/matrix"));
    List<String> versions =
        Pattern.compile("(?:postgres|liquibase): \"([\\d.]+)\"")
            .matcher(Files.readString(Path.of(".github/workflows/verify.yml")))
            .results()
            .map(version -> version.group(1))
            .toList();
    assertThat(versions).hasSizeGreaterThan(5).allMatch(matrix::contains);
  }
}
