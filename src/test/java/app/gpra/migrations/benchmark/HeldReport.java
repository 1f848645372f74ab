package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/**
 * Somebody's report on items, in a transaction that stays open for a while: it holds its lock on
 * the table, and its snapshot, as pg_dump does.
 */
final class HeldReport extends Thread {

  private final TestDatabase database;
  private final long millis;
  private final CountDownLatch holds = new CountDownLatch(1);

  private HeldReport(TestDatabase database, long millis) {
    super("report");
    this.database = database;
    this.millis = millis;
    setDaemon(true);
  }

  /** Starts one, and returns when it holds its lock. */
  static HeldReport start(TestDatabase database, long millis) throws InterruptedException {
    HeldReport report = new HeldReport(database, millis);
    report.start();
    report.holds.await();
    return report;
  }

  @Override
  public void run() {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      statement.execute("SELECT tuning, count(*) FROM items GROUP BY tuning");
      holds.countDown();
      Thread.sleep(millis);
      connection.commit();
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      holds.countDown();
    }
  }
}
