package app.gpra.migrations.schema;

import java.util.logging.Level;
import java.util.logging.Logger;

/** A command says what it found; Liquibase's log of how is left out. What fails is an exception. */
final class Quiet {

  /** Held on to: a logger that nobody holds forgets its level. */
  private static final Logger LIQUIBASE = Logger.getLogger("liquibase");

  private Quiet() {}

  static void down() {
    LIQUIBASE.setLevel(Level.OFF);
    // slf4j says that nothing is there to log with: nothing has to be.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
  }
}
