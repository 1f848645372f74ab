package app.gpra.migrations.changelog;

import app.gpra.migrations.harness.Crashes;

/** {@code rollback} whose session ends anywhere. */
class RollbackCrashIT extends SessionCrash {

  RollbackCrashIT() {
    super(Crashes.Command.ROLLBACK);
  }
}
