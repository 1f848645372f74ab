package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;

/** A session that looks at something over and over, in a thread of its own. */
abstract class Watcher implements AutoCloseable {

  private static final long PAUSE_MILLIS = 2;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean ended;
  private volatile long most;
  private volatile Exception failure;

  /** Of a database; {@link #start} begins. */
  Watcher(TestDatabase database) {
    thread = new Thread(() -> watch(database), getClass().getSimpleName());
    thread.setDaemon(true);
  }

  private void watch(TestDatabase database) {
    try (Connection connection = database.connect()) {
      // The first one parses, plans and reads the catalogs.
      look(connection);
      begun.countDown();
      while (!ended) {
        most = Math.max(most, look(connection));
        Thread.sleep(PAUSE_MILLIS);
      }
      most = Math.max(most, look(connection));
    } catch (SQLException | InterruptedException e) {
      failure = e;
    } finally {
      begun.countDown();
    }
  }

  /**
   * Looks once.
   *
   * @return a time in nanoseconds or another figure, of which the greatest counts; 0 if there is
   *     none
   */
  abstract long look(Connection connection) throws SQLException;

  /** Begins, and returns when it has looked once. */
  void start() throws InterruptedException {
    thread.start();
    begun.await();
  }

  /** Ends after a last look, and returns the longest time, in seconds. */
  double longest() {
    return most() / 1e9;
  }

  /** Ends after a last look, and returns the greatest figure. */
  long most() {
    close();
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    return most;
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
