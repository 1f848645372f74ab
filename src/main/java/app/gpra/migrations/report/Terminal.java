package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import liquibase.ui.ConsoleUIService;

/**
 * Where the command line shows its lines: on standard error, kept free of Liquibase's own as the
 * log of a Maven goal is. Standard output is for results: SQL, a list.
 */
public final class Terminal extends ConsoleUIService {

  /** Held, or its handler would be lost with it. */
  private static final Logger LOG = Logger.getLogger("liquibase");

  private final Screen.Filter filter = new Screen.Filter(null);

  /**
   * Shows warnings too, and what this project writes into Liquibase's log.
   *
   * @param level from which all of that log is shown; null is none
   */
  public Terminal(Level level) {
    setOutputStream(System.err);
    LOG.setLevel(level == null ? Level.INFO : level);
    LOG.setUseParentHandlers(false);
    LOG.addHandler(new Log(level != null));
  }

  Screen.Filter filter() {
    return filter;
  }

  /** {@inheritDoc} */
  @Override
  public void sendMessage(String message) {
    if (!filter.hides("info", message)) {
      show("info", "", message);
    }
  }

  /** {@inheritDoc} */
  @Override
  public void sendErrorMessage(String message) {
    if (!filter.hides("error", message)) {
      show("error", "", message);
    }
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
        .forEach(line -> show("error", "[ERROR] ", Screen.printable(line)));
  }

  private static void show(String level, String before, String text) {
    if (GpraProperties.isJson()) {
      Json.text(level, text);
    } else {
      System.err.println(before + text);
    }
  }

  /** The log, as Maven would show it. */
  private final class Log extends Handler {
    private final boolean all;

    Log(boolean all) {
      this.all = all;
    }

    @Override
    public void publish(LogRecord record) {
      int level = record.getLevel().intValue();
      boolean error = level >= Level.SEVERE.intValue();
      boolean warning = level >= Level.WARNING.intValue();
      String message = String.valueOf(record.getMessage());
      String name = error ? "error" : warning ? "warn" : "info";
      if (all || !filter.hides(name, message) && (warning || Screen.saysSomething())) {
        show(name, error ? "[ERROR] " : warning ? "[WARNING] " : "", Invocation.worded(message));
      }
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
