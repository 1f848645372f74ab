package app.gpra.migrations.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image, as a cluster would run it. Where no Docker engine answers, that is said and it ends.
 */
@Tag("thorough")
class ContainerIT {

  private static final String IMAGE = "gpra-migrations-test";
  private static final String BASE = IMAGE + "-base";

  /** As in docs/ci: nothing may be written, nothing is allowed. */
  private static final List<String> CONFINED =
      List.of(
          "docker",
          "run",
          "--rm",
          "--read-only",
          "--cap-drop=ALL",
          "--security-opt=no-new-privileges",
          // The tests' server listens on this machine alone.
          "--network=host");

  @TempDir static Path directory;

  @BeforeAll
  static void build() throws IOException {
    boolean answers = answers();
    if (!answers) {
      System.out.println("No Docker engine answers: the image is neither built nor run.");
    }
    assumeTrue(answers);
    String base = System.getProperty("image.base", BASE);
    if (base.equals(BASE)) {
      succeeds("sh", "src/test/resources/image-base.sh", BASE, System.getProperty("java.home"));
    }
    succeeds("docker", "build", "--build-arg", "BASE=" + base, "--tag", IMAGE, ".");
  }

  private static boolean answers() {
    try {
      return run(List.of("docker", "version")).exitCode() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @AfterAll
  static void remove() throws IOException {
    if (answers()) {
      run(List.of("docker", "image", "rm", "--force", IMAGE, BASE));
    }
  }

  private static MavenRun run(List<String> command) throws IOException {
    Path output = Files.createTempFile(directory, "docker", ".log");
    return MavenRun.end(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start(),
        output);
  }

  private static String succeeds(String... command) throws IOException {
    MavenRun run = run(List.of(command));
    assertThat(run.exitCode()).as(run.output()).isZero();
    return run.output();
  }

  private static MavenRun confined(String databaseUrl, String javaOptions, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(CONFINED);
    command.addAll(List.of("-e", "DATABASE_URL=" + databaseUrl));
    command.addAll(List.of("-e", "JAVA_TOOL_OPTIONS=" + javaOptions, IMAGE));
    command.addAll(List.of(arguments));
    return run(command);
  }

  @Test
  void migratesAsNobodyAndWritesNothing() throws Exception {
    try (TestRole role = TestRole.create("p");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      String url =
          database.bareUrl().replace("jdbc:postgresql://", "postgresql://" + role.name() + ":p@");

      assertThat(succeeds("docker", "image", "inspect", "--format={{.Config.User}}", IMAGE))
          .isEqualTo("65532:65532\n");
      MavenRun update = confined(url, "-Dfile.encoding=UTF-8", "update");
      assertThat(update.exitCode()).as(update.output()).isZero();
      assertThat(update.output())
          .contains("Done in ", " stands at 002 now.", "/gpra/gpra-migrations.jar rollback");
      MavenRun back = confined(url, "-Dfile.encoding=UTF-8", "rollback", "--tag=001");
      assertThat(back.output()).contains(" stands at 001 now.");
      // What it does without a word.
      assertThat(confined(url, "-Dfile.encoding=UTF-8").output()).contains("Not applied: 002");
      assertThat(confined(url.replace(":p@", ":wr0ng@"), "-Dx=y", "update"))
          .satisfies(
              wrong -> {
                assertThat(wrong.exitCode()).isOne();
                assertThat(wrong.output()).contains("[ERROR] ").doesNotContain("wr0ng");
              });
    }
  }

  @Test
  void takesItsClassesFromTheArchive() throws Exception {
    assertThat(confined("", "-Xlog:class+load", "update").output())
        .contains("liquibase.command.CommandScope source: shared objects file (top)");
  }
}
