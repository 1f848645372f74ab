package app.gpra.migrations.harness;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What everything in this JVM logs, at every level, Liquibase and pgjdbc included. */
public final class EveryLog extends Handler implements AutoCloseable {

  private static final Logger ROOT = Logger.getLogger("");

  private final Level before = ROOT.getLevel();
  private final StringBuffer text = new StringBuffer();

  private EveryLog() {
    setFormatter(new SimpleFormatter());
    setLevel(Level.ALL);
  }

  /** Begins to listen. */
  public static EveryLog listen() {
    EveryLog log = new EveryLog();
    ROOT.addHandler(log);
    ROOT.setLevel(Level.ALL);
    return log;
  }

  @Override
  public void publish(LogRecord entry) {
    text.append(getFormatter().format(entry));
  }

  /** Adds an error with all that it hangs on, as a stack trace would show it. */
  public void add(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    text.append(trace);
  }

  /** Everything up to now; then it begins anew. */
  public String take() {
    String all = text.toString();
    text.setLength(0);
    return all;
  }

  @Override
  public void flush() {}

  /** Listens no more. */
  @Override
  public void close() {
    ROOT.removeHandler(this);
    ROOT.setLevel(before);
  }
}
