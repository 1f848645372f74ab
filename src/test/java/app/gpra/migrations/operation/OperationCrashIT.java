package app.gpra.migrations.operation;

import app.gpra.migrations.harness.Crashes;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operation, there and back, whose session ends anywhere ({@link Crashes}). */
@Tag("nightly")
@Tag("thorough")
class OperationCrashIT {

  private static final int EVERY = Integer.getInteger("crash.every", 1);

  @ParameterizedTest
  @ValueSource(strings = {"constraints", "drops", "fills", "types", "unique"})
  void goesOnAndGoesBackFromWhereverTheSessionEnded(String name) {
    Function<TestDatabase, LiquibaseRun> runs =
        database ->
            new LiquibaseRun(database)
                .changelog("changelogs/operations.yaml")
                .with("operations", name)
                .with("gpra.rollback.narrow", "true");
    try (TestDatabase start = OperationChangelog.tables(name)) {
      if (name.equals("drops")) {
        // What others had made is the changelog's once it was dropped and made again.
        runs.apply(start).update();
        runs.apply(start).rollbackTo("899");
      }
      tryAll(name, start, runs);
    }
  }

  private static void tryAll(
      String name, TestDatabase start, Function<TestDatabase, LiquibaseRun> runs) {
    try (Crashes crashes = new Crashes(start, runs, "899", EVERY)) {
      for (Crashes.Command command : Crashes.Command.values()) {
        ReliabilityReport.tell(
            "crashes of %s, %s".formatted(name, command.name().toLowerCase(Locale.ROOT)),
            crashes.tried(
                command,
                command == Crashes.Command.UPDATE ? start : crashes.migrated(),
                Integer.MAX_VALUE));
      }
    }
  }
}
