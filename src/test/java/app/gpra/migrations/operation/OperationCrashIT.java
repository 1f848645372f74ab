package app.gpra.migrations.operation;

import app.gpra.migrations.harness.Crashes;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.util.Locale;
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
    try (TestDatabase start = OperationChangelog.tables(name);
        Crashes crashes =
            new Crashes(
                start,
                database ->
                    new LiquibaseRun(database)
                        .changelog("changelogs/operations.yaml")
                        .with("operations", name),
                "899",
                EVERY)) {
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
