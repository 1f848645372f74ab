package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        new ProcessBuilder("sh", project.resolve("migrate").toString(), command)
            .redirectErrorStream(true);
    Map<String, String> environment = script.environment();
    environment.merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
    environment.put("DATABASE_URL", "postgresql://gpra:geheim@db/gpra");
    environment.put("GITHUB_STEP_SUMMARY", summary.toString());
    environment.putAll(asked);
    Process process = script.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(
        process.waitFor(), output, Files.exists(summary) ? Files.readString(summary) : "");
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
        .doesNotContain("geheim")
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
        .doesNotContain("geheim");
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
