package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChangelogTest {

  static List<Path> files() {
    return Changelog.files();
  }

  @Test
  void includesEveryMigrationInOrder() throws IOException {
    try (Stream<Path> paths = Files.list(Path.of("changelog"))) {
      List<Path> migrations =
          paths
              .filter(path -> path.getFileName().toString().matches("\\d{3}-.*\\.yaml"))
              .sorted()
              .toList();
      assertThat(files()).hasSizeGreaterThan(2).isEqualTo(migrations);
    }
  }

  @Test
  void hasEachIdOnce() {
    List<Object> ids = Changelog.changeSets().stream().map(one -> one.get("id")).toList();
    assertThat(ids).hasSizeGreaterThan(30).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("files")
  void isIdentifiedByItsPathWhereverItIsRunFrom(Path file) {
    assertThat(Changelog.entries(file).get(0))
        .containsEntry("logicalFilePath", file.toString().replace('\\', '/'));
  }

  @ParameterizedTest
  @MethodSource("files")
  void endsEachMigrationWithATagOfItsNumber(Path file) {
    String number = file.getFileName().toString().substring(0, 3);
    List<Map<String, Object>> changeSets = Changelog.changeSets(file);

    assertThat(changeSets).extracting("id").asString().contains(number + "-");
    assertThat(changeSets.get(changeSets.size() - 1))
        .containsEntry("id", number + "-tag")
        .extracting("changes")
        .isEqualTo(
            List.of(Map.of("tagDatabase", Map.of("tag", number, "keepTagOnRollback", true))));
  }

  @ParameterizedTest
  @MethodSource("files")
  void saysForEachChangeSetWhyItIsThereAndHowItIsUndone(Path file) {
    String number = file.getFileName().toString().substring(0, 3);
    assertThat(Changelog.changeSets(file))
        .allSatisfy(
            changeSet -> {
              assertThat(changeSet.get("id")).asString().matches(number + "(-[a-z]+)+");
              assertThat(changeSet.get("comment")).asString().hasSizeGreaterThan(20);
              assertThat(changeSet.get("rollback"))
                  .asInstanceOf(InstanceOfAssertFactories.LIST)
                  .startsWith(
                      Map.of("sql", "SET gpra.changeset = '" + changeSet.get("id") + "'"),
                      Map.of(
                          "sqlFile",
                          Map.of(
                              "path",
                              "changelog/sql/begin-rollback.sql",
                              "splitStatements",
                              false)));
            });
  }

  /** An unknown one would deploy everything: the master refuses it, from a list. */
  @Test
  void knowsEveryTag() {
    String master =
        Changelog.entries(Changelog.MASTER).stream()
            .filter(entry -> entry.containsKey("preConditions"))
            .map(Object::toString)
            .collect(Collectors.joining());

    assertThat(Changelog.tags()).startsWith("000", "001", "002").isSorted();
    assertThat(master).contains("Known tags: " + String.join(", ", Changelog.tags()) + ".");
    assertThat(Changelog.tags())
        .allSatisfy(tag -> assertThat(master).contains("{property=liquibase.toTag, value=" + tag));
  }
}
