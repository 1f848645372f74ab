package app.gpra.migrations.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {

  private static Words words(String line) {
    return Words.of(List.of(line.split(" ")));
  }

  /** Either way, the command has its argument and the messages have the goal's word for it. */
  @ParameterizedTest
  @CsvSource({
    "rollback --tag=001, rollback, tag, rollbackTag, 001",
    "rollback --tag 001, rollback, tag, rollbackTag, 001",
    "rollback -Dliquibase.rollbackTag=001, rollback, tag, rollbackTag, 001",
    "-Dliquibase.rollbackTag=001 rollbackSQL, rollbackSql, tag, rollbackTag, 001",
    "rollback-count --count=2, rollbackCount, count, rollbackCount, 2",
    "rollback -Dliquibase.rollbackCount=2, rollbackCount, count, rollbackCount, 2",
    "rollbackSQL -Dliquibase.rollbackCount=2, rollbackCountSql, count, rollbackCount, 2",
    "update -Dliquibase.toTag=002, updateToTag, tag, toTag, 002",
    "update-to-tag --tag=002, updateToTag, tag, toTag, 002",
    "update-count --count=1, updateCount, count, changesToApply, 1",
    "updateSQL -Dliquibase.toTag=002, updateToTagSql, tag, toTag, 002",
    "update --label-filter=enforce, update, labelFilter, labelFilter, enforce",
    "tag --tag=x, tag, tag, tag, x"
  })
  void meanTheSame(String line, String command, String argument, String property, String value) {
    assertThat(words(line).command()).isEqualTo(command);
    assertThat(words(line).properties())
        .containsEntry("liquibase.command." + argument, value)
        .containsEntry("liquibase." + property, value);
  }

  @Test
  void leavesHowFarToTheCommandThatHasIt() {
    assertThat(words("update -Dliquibase.rollbackTag=001").command()).isEqualTo("update");
    assertThat(words("status -Dgpra.report=a=b").properties())
        .containsEntry("gpra.report", "a=b")
        .doesNotContainKey("liquibase.command.report");
  }

  /** It may be a secret that stands behind a misspelt option. */
  @Test
  void repeatsNoWordThatItDoesNotKnow() {
    assertThat(words("update --pasword hunter2 twice").options())
        .contains("pasword")
        .noneMatch(option -> option.matches(".*(hunter2|twice).*"));
  }
}
