package app.gpra.migrations.changelog;

/** {@code rollback} whose session ends anywhere. */
class RollbackCrashIT extends SessionCrash {

  RollbackCrashIT() {
    super(Command.ROLLBACK);
  }
}
