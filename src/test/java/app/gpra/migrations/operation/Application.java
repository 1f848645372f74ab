package app.gpra.migrations.operation;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGStatement;

/** One version of an application, which runs the same statements over and over in one session. */
final class Application implements AutoCloseable {

  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final AtomicLong done = new AtomicLong();
  private final Thread thread;
  private volatile boolean ended;

  /** Opens its session. */
  interface Opener {
    Connection open() throws SQLException;
  }

  /** Starts it, as who may do everything. */
  Application(TestDatabase database, boolean prepares, String... statements) {
    this(database::connect, prepares, statements);
  }

  /**
   * Starts it.
   *
   * @param prepares whether its statements are prepared on the server
   */
  Application(Opener session, boolean prepares, String... statements) {
    thread = new Thread(() -> run(session, prepares, statements));
    thread.start();
  }

  private void run(Opener session, boolean prepares, String... statements) {
    try (Connection connection = session.open()) {
      List<PreparedStatement> prepared = new ArrayList<>();
      for (String statement : statements) {
        PreparedStatement one = connection.prepareStatement(statement);
        one.unwrap(PGStatement.class).setPrepareThreshold(prepares ? 1 : 0);
        prepared.add(one);
      }
      // (Outside of a transaction the driver prepares it again by itself.)
      connection.setAutoCommit(!prepares);
      while (!ended) {
        for (PreparedStatement one : prepared) {
          try {
            one.execute();
            if (prepares) {
              connection.commit();
            }
            done.incrementAndGet();
          } catch (SQLException e) {
            faults.add(e.getMessage());
            if (prepares) {
              connection.rollback();
            }
          }
          Thread.sleep(1);
        }
      }
    } catch (SQLException e) {
      faults.add(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when it has gone on for a while. */
  Application works() throws InterruptedException {
    for (long before = done.get(); done.get() < before + 20 && thread.isAlive(); ) {
      Thread.sleep(5);
    }
    return this;
  }

  /** What went wrong so far. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Ends it, after the statement that it runs. */
  Application stop() {
    close();
    return this;
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
