package app.gpra.migrations.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * System properties that are set for the time of a run, as {@code -D} does on Maven's command line.
 * Runs that want the same ones may go side by side; others wait for each other.
 */
final class SystemProperties implements AutoCloseable {

  private static final long DEADLINE_SECONDS = 300;
  private static final Object MONITOR = new Object();

  private static int holders;
  private static Map<String, String> current = Map.of();
  private static Map<String, String> before = Map.of();

  private SystemProperties() {}

  /**
   * Sets the properties until the result is closed.
   *
   * @throws IllegalStateException if other runs keep others for minutes
   */
  static SystemProperties set(Map<String, String> properties) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    synchronized (MONITOR) {
      while (holders > 0 && !current.equals(properties)) {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
          throw new IllegalStateException(
              "Another run holds %s, this one wants %s".formatted(current, properties));
        }
        MONITOR.wait(millis);
      }
      if (holders == 0) {
        before = new HashMap<>();
        current = Map.copyOf(properties);
        current.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
      }
      holders++;
    }
    return new SystemProperties();
  }

  /** Puts back what was there before, when the last run is done. */
  @Override
  public void close() {
    synchronized (MONITOR) {
      holders--;
      if (holders == 0) {
        before.forEach(
            (name, value) -> {
              if (value == null) {
                System.clearProperty(name);
              } else {
                System.setProperty(name, value);
              }
            });
        MONITOR.notifyAll();
      }
    }
  }
}
