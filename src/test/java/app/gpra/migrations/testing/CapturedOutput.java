package app.gpra.migrations.testing;

import java.util.logging.Level;
import liquibase.logging.Logger;
import liquibase.logging.core.AbstractLogService;
import liquibase.logging.core.AbstractLogger;
import liquibase.ui.ConsoleUIService;

/** What Liquibase logs and prints, kept instead of shown. */
final class CapturedOutput {

  private final StringBuffer text = new StringBuffer();

  /** What was logged and printed so far, a line each. */
  String text() {
    return text.toString();
  }

  /** For Liquibase's scope: keeps messages from INFO on. */
  AbstractLogService logService() {
    return new CapturingLogService();
  }

  /** For Liquibase's scope: keeps messages, the server's notices among them. */
  ConsoleUIService ui() {
    return new CapturingUi();
  }

  private void add(String line) {
    text.append(line).append('\n');
  }

  private final class CapturingLogService extends AbstractLogService {

    @Override
    public int getPriority() {
      return PRIORITY_NOT_APPLICABLE;
    }

    @Override
    public Logger getLog(@SuppressWarnings("rawtypes") Class source) {
      return new CapturingLogger();
    }
  }

  private final class CapturingLogger extends AbstractLogger {

    @Override
    public void log(Level level, String message, Throwable failure) {
      if (level.intValue() >= Level.INFO.intValue()) {
        add(level.getName() + ": " + message + (failure == null ? "" : " " + failure.getMessage()));
      }
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }

  private final class CapturingUi extends ConsoleUIService {

    @Override
    public void sendMessage(String message) {
      add(message);
    }

    @Override
    public void sendErrorMessage(String message) {
      add("ERROR: " + message);
    }

    @Override
    public void sendErrorMessage(String message, Throwable failure) {
      add("ERROR: " + message + " " + failure.getMessage());
    }
  }
}
