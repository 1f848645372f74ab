package app.gpra.migrations.schema;

import app.gpra.migrations.report.Screen;

/** What the person at the keyboard has to know; a stack trace would say nothing more. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence that names object, cause and next command. */
  Refusal(String sentence) {
    super(Screen.printable(sentence), null, false, false);
  }

  /** Without the class's name: Maven prints it. */
  @Override
  public String toString() {
    return getMessage();
  }
}
