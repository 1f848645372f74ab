package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A client that runs one statement over and over, and takes the time of each. */
final class Probe extends Watcher {

  private final String sql;

  /** With a statement that is rolled back each time, so that it leaves nothing behind. */
  Probe(TestDatabase database, String sql) {
    super(database);
    this.sql = sql;
  }

  @Override
  long look(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      // pgjdbc sends BEGIN with the statement.
      long begin = System.nanoTime();
      statement.execute();
      return System.nanoTime() - begin;
    } finally {
      connection.rollback();
    }
  }
}
