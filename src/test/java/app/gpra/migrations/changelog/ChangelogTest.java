package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChangelogTest {

  @Test
  void followsTheRules() {
    assertThat(ChangelogRules.violations(Path.of(""))).isEmpty();
    assertThat(Changelog.tags()).startsWith("000", "001", "002", "003", "004").isSorted();
    assertThat(Changelog.changeSets()).hasSizeGreaterThan(40);
  }

  /**
   * A name is put into SQL by format() only, which quotes it: %I, %L, or %s of a regclass; a
   * variable alone holds what format() made.
   */
  @Test
  void buildsNoSqlByConcatenation() throws IOException {
    Pattern execute = Pattern.compile("\\bEXECUTE\\s(?!FUNCTION|PROCEDURE)(?:'[^']*'|[^;'])*");
    List<String> found = new ArrayList<>();
    try (Stream<Path> paths =
        Stream.concat(
            Files.walk(Path.of("changelog")), Files.walk(Path.of("src/main/resources/app")))) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        execute
            .matcher(Files.readString(path))
            .results()
            .map(MatchResult::group)
            .forEach(found::add);
      }
    }
    assertThat(found)
        .hasSizeGreaterThan(20)
        .allMatch(
            sql ->
                sql.matches(
                    "(?s)EXECUTE\\s+(format\\(\\s*('[^']*')+(\\s*'[^']*')*\\s*[,)].*|\\w+(\\s(INTO|LOOP|USING)\\b.*)?|\\$query\\$.*)"));
  }
}
