package app.gpra.migrations.changelog;

import app.gpra.migrations.harness.Crashes;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A run of this application's changelog whose session ends anywhere ({@link Crashes}). */
@Tag("thorough")
abstract class SessionCrash {

  /** Of so many points one is tried, unless all are: the gate has no hour. */
  private static final int EVERY =
      Integer.getInteger("crash.every", ReliabilityReport.full() ? 1 : 800);

  private static final int FEW = 20;

  /** Where the way begins: -Dcrash.baseline=002 looks at what comes after it only. */
  private static final String BASELINE = System.getProperty("crash.baseline", "000");

  /** Rows of this one cannot be assigned the quick way. */
  private static final String PUBLICATION = "CREATE PUBLICATION changes FOR TABLE chord_charts";

  private static TestDatabase legacy;
  private static Crashes crashes;

  @BeforeAll
  static void runUndisturbed() {
    legacy = TestDatabase.legacy().execute(PUBLICATION);
    crashes = new Crashes(legacy, SessionCrash::run, BASELINE, EVERY);
  }

  @AfterAll
  static void drop() {
    crashes.close();
    legacy.close();
  }

  private static LiquibaseRun run(TestDatabase database) {
    return new LiquibaseRun(database).enforce();
  }

  private final Crashes.Command command;

  SessionCrash(Crashes.Command command) {
    this.command = command;
  }

  /** The gate's way is that of 002, there and back. */
  @Test
  void goesOnAndGoesBackFromWhereverTheSessionEnded() {
    try (TestDatabase from =
        (command == Crashes.Command.UPDATE ? legacy : crashes.migrated()).copy()) {
      if (command == Crashes.Command.UPDATE
          && !(BASELINE.equals("000") && ReliabilityReport.full())) {
        run(from).updateTo(BASELINE.equals("000") ? "001" : BASELINE);
      }
      ReliabilityReport.tell(
          "crashes of "
              + command.name().toLowerCase(Locale.ROOT)
              + (BASELINE.equals("000") ? "" : " after " + BASELINE),
          crashes.tried(command, from, ReliabilityReport.full() ? Integer.MAX_VALUE : FEW));
    }
  }
}
