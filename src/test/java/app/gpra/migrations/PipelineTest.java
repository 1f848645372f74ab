package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** What the pipelines run, with a {@code mvn} that only says what it was given. */
class PipelineTest {

  private static final String MVN =
      """
      #!/bin/sh
      for argument; do echo "<$argument>"; done
      mkdir -p target/liquibase
      cat "$SCRIPT" >target/liquibase/preview.sql
      exit ${MVN_EXIT:-0}
      """;

  /** What that leaves. */
  private static final String SCRIPT =
      """
      -- Database: gpra, system identifier 7713617627619017282
      -- Settings: '-Dliquibase.labelFilter=!enforce' -Dgpra.admin.username=admin
      -- Ran at: 11/29/26, 3:36 PM
      -- Against: gpra_preview@jdbc:postgresql://one:5432/gpra
      -- Liquibase version: 5.0.4

      -- Changeset changelog/001.yaml::001-one::gpra
      UPDATE items SET notes = '1';
      INSERT INTO databasechangelog (ID, LIQUIBASE, DEPLOYMENT_ID) VALUES ('001-one', '5.0.4', '5966601455');
      INSERT INTO databasechangelog (ID, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('001-tag', '5.0.4', '5966601455', '001');
      """;

  /** A script's end. */
  private record Ran(int exit, String output, String summary) {}

  @TempDir Path directory;

  private Ran migrate(String command, Map<String, String> asked)
      throws IOException, InterruptedException {
    Path script = project().resolve(".ci/migrate");
    Files.createDirectories(script.getParent());
    Files.copy(Path.of(".ci/migrate"), script, StandardCopyOption.REPLACE_EXISTING);
    Path mvn = Files.writeString(directory.resolve("mvn"), MVN);
    assertThat(mvn.toFile().setExecutable(true)).isTrue();
    Path summary = directory.resolve("summary.md");
    ProcessBuilder migrate = new ProcessBuilder("sh", script.toString(), command);
    Map<String, String> environment = migrate.environment();
    environment.merge("PATH", directory.toString(), (path, first) -> first + ":" + path);
    environment.put("DATABASE_URL", "postgresql://gpra:s3cr3t@db/gpra");
    environment.put("GITHUB_STEP_SUMMARY", summary.toString());
    environment.putAll(asked);
    if (!asked.containsKey("SCRIPT")) {
      environment.put("SCRIPT", now(SCRIPT).toString());
    }
    Ran ran = run(migrate);
    return new Ran(
        ran.exit(), ran.output(), Files.exists(summary) ? Files.readString(summary) : "");
  }

  private Path project() {
    return directory.resolve("project");
  }

  /** What the next preview leaves. */
  private Path now(String script) throws IOException {
    return Files.writeString(directory.resolve("now.sql"), script);
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

  /** A preview's SQL, of a project that is a clone. */
  private String approved() throws IOException, InterruptedException {
    write("project/changelog/001.yaml", "as it was committed\n");
    Files.createDirectories(project().resolve(".ci"));
    Files.copy(Path.of(".ci/migrate"), project().resolve(".ci/migrate"));
    git("init", "--quiet", "project");
    commit("project");
    assertThat(migrate("preview", Map.of())).returns(0, Ran::exit);
    Path approved = directory.resolve("approved.sql");
    Files.copy(project().resolve("target/liquibase/preview.sql"), approved);
    return approved.toString();
  }

  private static List<String> sums(String summary) {
    return Pattern.compile("SHA-256 of the SQL: ([0-9a-f]{64})\\n")
        .matcher(summary)
        .results()
        .map(sum -> sum.group(1))
        .toList();
  }

  @Test
  void runsWhatWasApproved() throws Exception {
    Map<String, String> asked =
        Map.of(
            "APPROVED",
            approved(),
            "SCRIPT",
            now(SCRIPT
                    .replace("11/29/26, 3:36 PM", "11/30/26, 9:01 AM")
                    .replace("gpra_preview@jdbc:postgresql://one", "gpra@jdbc:postgresql://two")
                    .replace("5966601455", "5970000001"))
                .toString());
    Ran ran = migrate("update", asked);
    assertThat(ran)
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .containsSubsequence("<liquibase:updateSQL>", "<liquibase:update>");
    assertThat(sums(ran.summary())).as("of the preview and of the run").hasSize(2);
    assertThat(Set.copyOf(sums(ran.summary()))).hasSize(1);
  }

  /** The preview that is made to compare with would overwrite what was approved. */
  @Test
  void anApprovedFileIsReadBeforeTheNewPreviewIsWritten() throws Exception {
    approved();
    Map<String, String> asked =
        Map.of(
            "APPROVED",
            "target/liquibase/preview.sql",
            "SCRIPT",
            now(SCRIPT.replace("001-one", "001-two")).toString());
    assertThat(migrate("update", asked))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("What would run now is not what was approved");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gpra, system    | gpra2, system           | -- Database: gpra2, system identifier 7713617627619017282
          identifier 77   | identifier 78           | -- Database: gpra, system identifier 7813617627619017282
          username=admin  | username=root           | -- Settings: '-Dliquibase.labelFilter=!enforce' -Dgpra.admin.username=root
          version: 5.0.4  | version: 5.0.5          | -- Liquibase version: 5.0.5
          001-one::gpra   | 001-two::gpra           | -- Changeset changelog/001.yaml::001-two::gpra
          = '1'           | = '1.0'                 | UPDATE items SET notes = '1.0';
          = '1'           | = 'é\\033[2J'           | UPDATE items SET notes = 'M-CM-)^[[2J';
          UPDATE          | -- Ran at: now\\nUPDATE | -- Ran at: now
          ('001-one'      | ('1234567890'           | INSERT INTO databasechangelog (ID, LIQUIBASE, DEPLOYMENT_ID) VALUES ('1234567890', '5.0.4', '');
          , '001');\\n    | , '001');\\nTRUNCATE;   | TRUNCATE;-- The end
          UPDATE items    | -- UPDATE items         | -- UPDATE items SET notes = '1';
          , '001');\\n    | , '002');\\n            | INSERT INTO databasechangelog (ID, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('001-tag', '5.0.4', '', '002');
          """)
  void refusesAnotherScriptThanWasApproved(String then, String now, String line) throws Exception {
    String other = SCRIPT.replace(then.translateEscapes(), now.translateEscapes());
    assertThat(other).isNotEqualTo(SCRIPT);
    Map<String, String> asked = Map.of("APPROVED", approved(), "SCRIPT", now(other).toString());
    Ran ran = migrate("update", asked);
    assertThat(ran)
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("  approved: ", "\n  now:      " + line + "\nNothing was run.")
        .doesNotContain("<liquibase:update>", "\u001b");
    assertThat(ran.summary()).contains("**update was refused**", "  now:      " + line);
  }

  @ParameterizedTest
  @CsvSource({
    "changelog/001.yaml, ', and changes that are not committed'",
    ".mvn/new.xml, ', and changes that are not committed'",
    ".git/HEAD, 'unknown, not in a clone'"
  })
  void refusesAnotherCommitThanWasApproved(String changed, String now) throws Exception {
    String approved = approved();
    write("project/" + changed, "changed since\n");
    Map<String, String> asked = Map.of("APPROVED", approved);
    assertThat(migrate("update", asked))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .containsPattern(
            "line that differs is 1 of the SQL:\n  approved: -- Commit: [0-9a-f]{40}\n")
        .containsPattern("\n  now:      -- Commit: .*" + now + "\n")
        .doesNotContain("<liquibase:update>");

    // Nor does it help to have that approved.
    Files.copy(
        project().resolve("target/liquibase/preview.sql"),
        Path.of(approved),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(migrate("update", asked))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("What is approved is a commit, and here it is ", now + ". Nothing was run.")
        .doesNotContain("<liquibase:update>");
  }

  @Test
  void refusesTheNextCommit() throws Exception {
    String approved = approved();
    commit("project");
    assertThat(migrate("update", Map.of("APPROVED", approved)))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .containsPattern("approved: -- Commit: [0-9a-f]{40}\n  now:      -- Commit: [0-9a-f]{40}\n")
        .doesNotContain("<liquibase:update>");
  }

  @Test
  void refusesWhereThePreviewLeftNothing() throws Exception {
    assertThat(migrate("update", Map.of("APPROVED", "approved.sql")))
        .returns(2, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("There is no file approved.sql", "Nothing was run.")
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

  /** A report as {@code status} writes it, of one changeset that is new. */
  private static final String REPORT =
      """
      # The offline history stands at 001

      - The offline history stands at 001. Not applied: 005, 1 changeset.

      | | changeset | who waits | it takes | a rollback |
      |---|---|---|---|---|
      | 🟠 | `005-a` | whoever reads or writes, for milliseconds: items | milliseconds | drops the column |

      <details><summary>005-a Why</summary>

      ```sql
      SELECT 'new';
      ```

      </details>

      ## Timeline

      - `001-a` 2026-11-29 15:36:00
      - `005-a` pending
      """;

  @Test
  void previewsWhatIsNewAndWhatIsDifferent() throws Exception {
    script(".ci/preview", Files.readString(Path.of(".ci/preview")));
    script(".ci/squawk", "#!/bin/sh\nprintf '\\033[31merror\\033[0m: slow\\n'\nexit 1\n");
    script(
        "bin/mvn",
        """
        #!/bin/sh
        echo noise
        mkdir -p target/classes target/preview
        case "$*" in *liquibase:status*) cat report >target/preview/report.md ;; esac
        exit $(cat exit)
        """);
    for (String file : List.of("pom.xml", ".mvn/x", "liquibase.properties", "docs/x")) {
      write(file, "");
    }
    write("exit", "0");
    write("report", REPORT.lines().limit(3).map(line -> line + "\n").reduce("", String::concat));
    write("changelog/001.yaml", "");
    write("src/test/resources/golden/001.update.sql", "SELECT 'before';\n");
    write("src/test/resources/golden/001.locks.md", "| `001-a` | `items` | SHARE | |\n");
    git("init", "--quiet");
    commit(".");
    Ran unchanged = preview();
    write("report", REPORT);
    write("src/test/resources/golden/001.update.sql", "SELECT 'after';\n");
    write("src/test/resources/golden/005.locks.md", "| `005-a` | `items` | ACCESS EXCLUSIVE | |\n");
    git("add", "--all");

    assertThat(unchanged.output())
        .contains("No changeset is new.", "No changeset locks anything else");
    assertThat(preview())
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("| 🟠 | `005-a` | whoever reads", "```sql\nSELECT 'new';\n```")
        .doesNotContain("The offline history", "`001-a`")
        .contains("001.update.sql: 1 line(s) added, 1 removed</summary>")
        .contains("````diff\n@@ -1 +1 @@\n-SELECT 'before';\n+SELECT 'after';\n````")
        .contains("|---|---|---|---|\n| `005-a` | `items` | ACCESS EXCLUSIVE | |\n")
        .contains("**failed**.\n\n````\nerror: slow\n````");

    write("report", REPORT.replace("SELECT 'new';", "SELECT 'new';\n".repeat(5000)));
    assertThat(preview().output())
        .contains("| 🟠 | `005-a` | whoever reads", "too long for a comment")
        .doesNotContain("SELECT 'new'")
        .hasSizeLessThan(60_000);

    write("exit", "1");
    assertThat(preview())
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("**It cannot be said**: the log of this job has the reason.");
  }

  private void script(String file, String text) throws IOException {
    write(file, text);
    assertThat(directory.resolve(file).toFile().setExecutable(true)).isTrue();
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(directory.resolve(file).getParent());
    Files.writeString(directory.resolve(file), text);
  }

  private void commit(String clone) throws IOException, InterruptedException {
    git("-C", clone, "add", "--all");
    git(
        "-C",
        clone,
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "commit",
        "--quiet",
        "--allow-empty",
        "--message=As it is now");
  }

  private void git(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    assertThat(run(new ProcessBuilder(command).directory(directory.toFile())))
        .returns(0, Ran::exit);
  }

  private Ran preview() throws IOException, InterruptedException {
    ProcessBuilder preview =
        new ProcessBuilder("sh", ".ci/preview", "HEAD")
            .directory(directory.toFile())
            .redirectError(directory.resolve("errors").toFile());
    preview.environment().merge("PATH", directory + "/bin", (path, first) -> first + ":" + path);
    Process process = preview.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output, "");
  }

  private static List<Path> files(String directory, String beginning) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(beginning))
          .sorted()
          .toList();
    }
  }

  static Stream<Path> workflows() throws IOException {
    return Stream.concat(
        files(".github/workflows", "").stream(), files("docs/ci", "github-").stream());
  }

  static Stream<Path> pipelines() throws IOException {
    return files("docs/ci", "gitlab-").stream();
  }

  /** GitLab ends a job after an hour that does not say otherwise. */
  @ParameterizedTest
  @MethodSource("pipelines")
  void saysHowLongAJobMayTake(Path pipeline) throws IOException {
    Map<String, Map<String, Object>> jobs = jobs(new Yaml().load(Files.readString(pipeline)));
    assertThat(jobs.keySet().stream().filter(name -> !name.startsWith(".")))
        .isNotEmpty()
        .allMatch(name -> jobs.get(name).containsKey("timeout") || inherits(jobs, name, "timeout"));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Map<String, Object>> jobs(Map<String, Object> pipeline) {
    return pipeline.entrySet().stream()
        .filter(
            one ->
                one.getValue() instanceof Map
                    && !Set.of("default", "variables", "workflow").contains(one.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, one -> (Map<String, Object>) one.getValue()));
  }

  private static boolean inherits(
      Map<String, Map<String, Object>> jobs, String name, String keyword) {
    Object parent = jobs.get(name).get("extends");
    return parent != null
        && (jobs.get(parent).containsKey(keyword) || inherits(jobs, (String) parent, keyword));
  }

  /** The same jar, and somebody's approval, in each environment. */
  @Test
  void promotesOneJar() throws IOException {
    Map<String, Map<String, Map<String, Object>>> workflow =
        new Yaml().load(Files.readString(Path.of("docs/ci/github-promotion.yml")));
    Map<String, Map<String, Object>> jobs = new LinkedHashMap<>(workflow.get("jobs"));
    jobs.remove("jar");
    assertThat(jobs.keySet())
        .containsExactly("staging-sql", "staging", "production-sql", "production");
    jobs.forEach(
        (name, job) ->
            assertThat(job.toString())
                .as(name)
                .contains("sha256sum --check", "needs.jar.outputs.sha256", "java -jar")
                .contains("environment=" + name.replace("-sql", "-preview")));
    assertThat(jobs.get("production-sql").get("needs")).isEqualTo(List.of("jar", "staging"));

    Map<String, Map<String, Object>> gitlab =
        jobs(new Yaml().load(Files.readString(Path.of("docs/ci/gitlab-promotion.yml"))));
    assertThat(gitlab.get(".migrations").get("before_script").toString())
        .contains("sha256sum --check SHA256SUMS");
    assertThat(gitlab.get(".update").get("rules").toString()).contains("when=manual");
    assertThat(gitlab.get("production-sql").get("needs")).isEqualTo(List.of("jar", "staging"));
  }

  /** It says so itself. */
  @Test
  void theLinterSaysWhatItHasNotRead() throws Exception {
    script("project/.ci/squawk", Files.readString(Path.of(".ci/squawk")));
    script("bin/npx", "#!/bin/sh\necho squawk\n[ $# -gt 3 ]\n");
    write(
        "project/a.sql",
        "DO $$ BEGIN END $$;\nCALL p();\nCREATE PROCEDURE pg_temp.p()\nSELECT 1;\n  CALL q();\n");
    ProcessBuilder squawk =
        new ProcessBuilder("sh", directory.resolve("project/.ci/squawk").toString(), "a.sql");
    squawk.environment().merge("PATH", directory + "/bin", (path, first) -> first + ":" + path);
    assertThat(run(squawk))
        .returns(0, Ran::exit)
        .extracting(Ran::output)
        .asString()
        .contains("squawk has not looked into 3 DO blocks, CALLs, functions and procedures");
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

  /** In a cluster and in an engine alike. */
  @ParameterizedTest
  @ValueSource(strings = {"kubernetes-job.yml", "kubernetes-init-container.yml"})
  void theImageMayDoNothingInACluster(String file) throws IOException {
    String template = Files.readString(Path.of("docs/ci", file));
    Map<String, Object> read = new Yaml().load(template);
    assertThat(read).containsKey("spec");
    assertThat(template)
        .contains(
            "runAsNonRoot: true",
            "runAsUser: 65532",
            "allowPrivilegeEscalation: false",
            "readOnlyRootFilesystem: true",
            "capabilities: {drop: [ALL]}",
            "image: IMAGE@sha256:DIGEST",
            "secretKeyRef");
  }

  /** Which base is trusted, and from where, is for whoever builds to say. */
  @Test
  void theImageStartsFromWhatItIsGiven() throws IOException {
    String dockerfile = Files.readString(Path.of("Dockerfile"));
    assertThat(dockerfile.lines().filter(line -> line.matches("(ARG|FROM|USER) .*")))
        .containsExactly("ARG BASE", "FROM ${BASE}", "USER 65532:65532");
    assertThat(Files.readAllLines(Path.of(".dockerignore")))
        .containsExactly("*", "!target/gpra-migrations-*-all.jar");
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
