package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way to call Liquibase reads commands that may be typed there. */
class InvocationTest {

  private static final String TO_001 = "mvn liquibase:rollback -Dliquibase.rollbackTag=001";

  @AfterEach
  void mavenAgain() {
    Invocation.runsAs("mvn");
  }

  @Test
  void areMavensGoals() {
    Invocation.runsAs("mvn");
    assertThat(Invocation.worded("Go back: " + TO_001)).isEqualTo("Go back: " + TO_001);
  }

  @Test
  void areTheRunnableJarsCommands() {
    Invocation.runsAs("java -jar x.jar");
    assertThat(Invocation.worded(TO_001))
        .isEqualTo("java -jar x.jar rollback -Dliquibase.rollbackTag=001");
  }

  /** What Spring or another program calls has no command line, so this is what is known best. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "look at mvn liquibase:history, look at liquibase history",
        "mvn liquibase:rollback -Dliquibase.rollbackTag=001, liquibase rollback --tag=001",
        "mvn liquibase:rollback '-Dliquibase.rollbackTag=a b', liquibase rollback '--tag=a b'",
        "mvn liquibase:rollback -Dliquibase.rollbackCount=2, liquibase rollback-count --count=2",
        "mvn liquibase:update -Dliquibase.toTag=002 -Dliquibase.labelFilter=x, liquibase update-to-tag --tag=002 --label-filter=x",
        "mvn liquibase:update -Dliquibase.changesToApply=2, liquibase update-count --count=2",
        "add -Dgpra.drop.all=shop to the same command., add -Dgpra.drop.all=shop to the same command (in JAVA_OPTS or whatever starts the JVM).",
        "add -Dliquibase.contexts=test, add --contexts=test"
      })
  void areLiquibasesOwnEverywhereElse(String given, String expected) {
    Invocation.runsAs(Invocation.LIQUIBASE);
    assertThat(Invocation.worded(given)).isEqualTo(expected);
  }
}
