package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code -Dchangelog.release=true} adds the changesets of this version to the list of released
 * ones.
 */
class ReleasedChangeSetsTest {

  private static final Path LIST = Path.of("changelog/released.csv");

  private static final String MASTER =
      """
      databaseChangeLog:
        - include: {file: 000-first.yaml, relativeToChangelogFile: true}
      """;

  private static final String FIRST =
      """
      databaseChangeLog:
        - logicalFilePath: changelog/000-first.yaml
        - changeSet:
            id: 000-one
            author: gpra
            comment: As it was.
            changes:
              - sql: SELECT 1
            rollback: []
        - changeSet:
            id: 000-two
            author: gpra
            changes:
              - sqlFile: {path: two.sql, relativeToChangelogFile: true}
      """;

  @TempDir Path project;

  @BeforeEach
  void writeChangelog() throws IOException {
    Files.createDirectory(project.resolve("changelog"));
    write("db.changelog-master.yaml", MASTER);
    write("000-first.yaml", FIRST);
    write("two.sql", "SELECT 2");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(project.resolve("changelog").resolve(file), text);
  }

  private static ReleasedChangeSets nothing() {
    return new ReleasedChangeSets(Map.of());
  }

  @Test
  void noReleasedChangeSetOfTheProjectHasChanged() {
    Path here = Path.of("");
    ReleasedChangeSets released = ReleasedChangeSets.read(LIST);
    assertThat(released.violations(here)).isEmpty();
    assertThat(released.with(here).checksums()).hasSizeGreaterThan(40);
    if (Boolean.getBoolean("changelog.release")) {
      released.with(here).write(LIST);
    }
  }

  @Test
  void whatIsNewOrOnlyReadsDifferentlyIsNoViolation() throws IOException {
    ReleasedChangeSets released = nothing().with(project);

    write(
        "db.changelog-master.yaml",
        MASTER + "  - include: {file: 001-new.yaml, relativeToChangelogFile: true}\n");
    write("001-new.yaml", FIRST.replace("000-", "001-"));
    write("000-first.yaml", FIRST.replace("As it was.", "In other words.").replace("[]", "SELECT"));

    assertThat(released.checksums()).hasSize(2);
    assertThat(released.violations(project)).isEmpty();
  }

  @Test
  void aChangeOfTheSqlIsAViolation() throws IOException {
    ReleasedChangeSets released = nothing().with(project);

    write("000-first.yaml", FIRST.replace("SELECT 1", "SELECT 3"));

    assertThat(released.violations(project))
        .containsExactly(
            "changelog/000-first.yaml::000-one: was released and has changed, put it back and correct it with"
                + " another changeset, or name validCheckSum: "
                + released.checksums().get("changelog/000-first.yaml::000-one").get(0));
  }

  @Test
  void aChangeThatNamesTheReleasedChecksumIsNoViolation() throws IOException {
    ReleasedChangeSets released = nothing().with(project);
    String checksum = released.checksums().get("changelog/000-first.yaml::000-one").get(0);

    write("000-first.yaml", naming(checksum).replace("SELECT 1", "SELECT 3"));

    assertThat(released.violations(project)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1:any", "9:00000000000000000000000000000000"})
  void aChangeThatNamesAnotherChecksumIsAViolation(String checksum) throws IOException {
    ReleasedChangeSets released = nothing().with(project);

    write("000-first.yaml", naming(checksum).replace("SELECT 1", "SELECT 3"));

    assertThat(released.violations(project)).hasSize(1).first().asString().contains("::000-one: ");
  }

  @Test
  void aChecksumThatIsNotNeededIsAViolation() throws IOException {
    ReleasedChangeSets released = nothing().with(project);

    write(
        "000-first.yaml",
        naming(released.checksums().get("changelog/000-first.yaml::000-one").get(0)));

    assertThat(released.violations(project))
        .containsExactly(
            "changelog/000-first.yaml::000-one: has not changed and needs no validCheckSum, take it out");
  }

  private static String naming(String checksum) {
    return FIRST.replaceFirst(
        "author: gpra", "author: gpra\n      validCheckSum: \"%s\"".formatted(checksum));
  }

  @Test
  void aChangeOfAProcedureIsAViolation() throws IOException {
    ReleasedChangeSets released = nothing().with(project);

    write("two.sql", "SELECT 3");

    assertThat(released.violations(project)).hasSize(1).first().asString().contains("::000-two: ");
  }

  @Test
  void aChangeSetThatIsGoneIsAViolation() throws IOException {
    ReleasedChangeSets released = nothing().with(project);

    write("000-first.yaml", FIRST.replace("000-one", "000-other"));

    assertThat(released.violations(project))
        .containsExactly(
            "changelog/000-first.yaml::000-one: was released and is gone, put it back or name it in changelog/replaced.properties");
  }

  @Test
  void aChangeSetThatAnotherOneStandsForMayBeGone() throws IOException {
    ReleasedChangeSets released = nothing().with(project);
    write("replaced.properties", "000-two = 000-one, 000-none");

    assertThat(released.violations(project))
        .containsExactly(
            "changelog/000-first.yaml::000-one: is there, take it out of changelog/replaced.properties");

    write("000-first.yaml", FIRST.replace("000-one", "000-other"));
    assertThat(released.violations(project)).isEmpty();
  }

  @Test
  void aReleaseAddsWhatIsNewAndKeepsWhatIsThere() throws IOException {
    Path list = project.resolve("released.csv");
    String old = "changelog/000-first.yaml::000-one,9:00000000000000000000000000000000";
    Files.writeString(list, "# What this is.\n" + old + "\n");

    ReleasedChangeSets.read(list).with(project).write(list);

    assertThat(Files.readAllLines(list))
        .hasSize(4)
        .startsWith("# What this is.", old)
        .element(2)
        .asString()
        .matches("changelog/000-first.yaml::000-one,9:[0-9a-f]{32}");
    assertThat(Files.readAllLines(list))
        .last()
        .asString()
        .matches("changelog/000-first.yaml::000-two,9:[0-9a-f]{32}");
  }

  /** Of a database that the first release made, and of one that the second made. */
  @Test
  void aChangeSetThatWasReleasedTwiceNamesTheOtherChecksum() throws IOException {
    ReleasedChangeSets first = nothing().with(project);
    String name = "changelog/000-first.yaml::000-one";
    write(
        "000-first.yaml",
        naming(first.checksums().get(name).get(0)).replace("SELECT 1", "SELECT 3"));

    ReleasedChangeSets both = first.with(project);

    assertThat(both.checksums().get(name)).hasSize(2);
    assertThat(both.violations(project)).isEmpty();
    write("000-first.yaml", FIRST.replace("SELECT 1", "SELECT 3"));
    assertThat(both.violations(project)).hasSize(1);
  }
}
