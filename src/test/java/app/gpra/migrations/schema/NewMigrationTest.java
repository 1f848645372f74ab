package app.gpra.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.changelog.ChangelogRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewMigrationTest {

  @TempDir Path directory;

  @AfterEach
  void forget() {
    System.clearProperty("migration");
  }

  private void run(String name) {
    System.setProperty("migration", name);
    NewMigration.main(new String[] {directory.toString()});
  }

  @Test
  void keepsTheRulesOnceItsTodosAreWritten() throws Exception {
    ProjectCopy project = ProjectCopy.in(directory);
    String number = new ProjectChangelog(directory).nextNumber();
    run("for-the-test");

    String file = "changelog/" + number + "-for-the-test.yaml";
    assertThat(ChangelogRules.violations(directory))
        .containsExactly(file + ": says TODO in line 1, write what only a person knows");
    Files.writeString(directory.resolve(file), project.read(file).replace("TODO", "Goals"));
    assertThat(ChangelogRules.violations(directory)).isEmpty();
  }

  @Test
  void theNextHasTheNextNumber() throws Exception {
    ProjectCopy.in(directory);
    run("for-the-test");
    run("for-the-test-1");
    List<String> migrations = new ProjectChangelog(directory).migrations();
    int size = migrations.size();
    assertThat(migrations.subList(size - 2, size))
        .containsExactly(
            "%03d-for-the-test.yaml".formatted(size - 2),
            "%03d-for-the-test-1.yaml".formatted(size - 1));
    assertThat(ChangelogRules.violations(directory)).allMatch(line -> line.contains("says TODO"));
  }

  /** As two branches leave it that both added one. */
  @Test
  void ofTwoWithOneNumberTheLaterGetsTheNext() throws Exception {
    ProjectCopy project = ProjectCopy.in(directory);
    String number = new ProjectChangelog(directory).nextNumber();
    String next = "%03d".formatted(Integer.parseInt(number) + 1);
    run("ours");
    String ours = "changelog/" + number + "-ours.yaml";
    Files.writeString(
        directory.resolve("changelog/" + number + "-theirs.yaml"),
        project.read(ours).replace("-ours", "-theirs"));
    String master = "changelog/db.changelog-master.yaml";
    Files.writeString(
        directory.resolve(master),
        project.read(master)
            + "  - include: {file: "
            + number
            + "-theirs.yaml, relativeToChangelogFile: true}\n");
    String before = project.read(ours);
    assertThat(ChangelogRules.violations(directory))
        .anyMatch(line -> line.contains("java@renumber"));

    Renumber.main(new String[] {directory.toString()});

    assertThat(project.read(ours)).isEqualTo(before);
    assertThat(project.read("changelog/" + next + "-theirs.yaml"))
        .isEqualTo(before.replace("-ours", "-theirs").replace(number, next));
    assertThat(ChangelogRules.violations(directory)).allMatch(line -> line.contains("says TODO"));
    assertThatThrownBy(() -> Renumber.main(new String[] {directory.toString()}))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("nothing to renumber");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Add Goal", "005-goal", "-x", "../x", "require-owner"})
  void refusesANameThatIsNone(String name) throws Exception {
    List<String> before = ProjectCopy.in(directory).files();
    assertThatThrownBy(() -> run(name))
        .isInstanceOf(Refusal.class)
        .hasMessageMatching(
            "(No name was given|-Dmigration=.* is no name): add -Dmigration=what-it-does, .* to the same command\\.|There is changelog/003-require-owner\\.yaml already: take another name, .*");
    assertThat(new ProjectCopy(directory).files()).isEqualTo(before);
  }
}
