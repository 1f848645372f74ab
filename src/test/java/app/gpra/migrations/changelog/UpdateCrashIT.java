package app.gpra.migrations.changelog;

/** {@code update} whose session ends anywhere. */
class UpdateCrashIT extends SessionCrash {

  UpdateCrashIT() {
    super(Command.UPDATE);
  }
}
