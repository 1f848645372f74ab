package app.gpra.migrations.report;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import liquibase.ui.CompositeUIService;
import liquibase.ui.ConsoleUIService;
import liquibase.ui.UIService;

/**
 * Where Liquibase's command line shows its lines, kept free of its own as the log of a Maven goal
 * is. Only that command line asks for it.
 */
public final class Terminal extends ConsoleUIService {

  static final Screen.Filter FILTER = new Screen.Filter(null);

  /** Held, or its handler would be lost with it. */
  private static final Logger LOG = Logger.getLogger("liquibase");

  /** Used through {@code META-INF/services}. */
  public Terminal() {}

  static boolean is(UIService ui) {
    return ui instanceof CompositeUIService several
        && several.getOutputServices().stream().anyMatch(Terminal.class::isInstance);
  }

  /** {@inheritDoc} */
  @Override
  public void sendMessage(String message) {
    if (!FILTER.hides("info", message)) {
      super.sendMessage(message);
    }
  }

  /** {@inheritDoc} */
  @Override
  public void sendErrorMessage(String message) {
    if (!FILTER.hides("error", message)) {
      super.sendErrorMessage(message);
    }
  }

  /** Shows warnings, and what this project writes into Liquibase's log. */
  public static void showLog() {
    LOG.setLevel(Level.INFO);
    LOG.setUseParentHandlers(false);
    LOG.addHandler(new Log());
  }

  /**
   * Says why a command failed.
   *
   * @param sentence may have several lines
   */
  public static void error(String sentence) {
    Screen.endStatus();
    Invocation.worded(sentence)
        .lines()
        .forEach(line -> System.err.println("[ERROR] " + Screen.printable(line)));
  }

  /** The log, as Maven would show it. */
  private static final class Log extends Handler {

    @Override
    public void publish(LogRecord record) {
      int level = record.getLevel().intValue();
      boolean error = level >= Level.SEVERE.intValue();
      boolean warning = level >= Level.WARNING.intValue();
      String message = String.valueOf(record.getMessage());
      if (level < Level.INFO.intValue()
          || FILTER.hides(error ? "error" : warning ? "warn" : "info", message)
          || !warning && !Screen.saysSomething()) {
        return;
      }
      String line = Invocation.worded(message);
      System.err.println((error ? "[ERROR] " : warning ? "[WARNING] " : "") + line);
    }

    @Override
    public void flush() {
      System.err.flush();
    }

    @Override
    public void close() {
      // Standard error stays open.
    }
  }
}
