package app.gpra.migrations.changelog;

import app.gpra.migrations.harness.Crashes;

/** {@code update} whose session ends anywhere. */
class UpdateCrashIT extends SessionCrash {

  UpdateCrashIT() {
    super(Crashes.Command.UPDATE);
  }
}
