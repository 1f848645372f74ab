package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import app.gpra.migrations.harness.Changelog;
import java.nio.file.Path;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApplicationChangelogTest {

  @AfterEach
  void clear() {
    System.clearProperty("liquibase.toTag");
  }

  @SuppressWarnings("try") // close() of Liquibase's accessor may throw anything.
  private static void check(String directory, String tag, String filter) throws Exception {
    System.setProperty("liquibase.toTag", tag);
    try (ResourceAccessor files = new DirectoryResourceAccessor(Path.of(directory))) {
      CommandScope command =
          new CommandScope("updateToTag")
              .addArgumentValue("changelogFile", Changelog.MASTER.toString())
              .addArgumentValue("labelFilter", filter);
      Scope.child(Scope.Attr.resourceAccessor, files, () -> ApplicationChangelog.checkTag(command));
    }
  }

  @ParameterizedTest
  @CsvSource({"., 001, !enforce", "., 003, enforce", "src, 0001, !enforce"})
  void hasTheTag(String directory, String tag, String filter) {
    assertThatCode(() -> check(directory, tag, filter)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "0001; Known tags: 000, 001, ",
        "003; -Dliquibase.toTag=003 is not reached with the label filter !enforce, which leaves out 003-require-owner.yaml. Add -Dliquibase.labelFilter=enforce to the same command."
      })
  void refusesOneThatIsNotReached(String tag, String sentence) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> check(".", tag, "!enforce"))
        .withMessageContaining(sentence);
  }
}
