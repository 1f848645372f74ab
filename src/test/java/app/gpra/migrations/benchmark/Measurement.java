package app.gpra.migrations.benchmark;

import app.gpra.migrations.benchmark.SqlMigration.Step;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.postgresql.PGConnection;

/**
 * What a part of a migration cost.
 *
 * @param seconds from its first statement to the end of its last
 * @param longestLock the longest time for which it held a lock that keeps out writers of a table,
 *     in seconds
 * @param longestWrite the longest time that an UPDATE of one row of items had to wait for its locks
 *     meanwhile, in seconds
 * @param longestRead the longest time that a SELECT of one row of items took meanwhile, in seconds
 * @param memory of the session's process of the server at most, its shared buffers left out, in
 *     bytes; 0 if nobody looked
 * @param wal bytes written to the write-ahead log
 * @param growth of items with its indexes, in bytes
 * @param heapGrowth of items without them, in bytes
 * @param changed rows of items whose updated_at is another now
 * @param changeSets seconds of each changeset, in order
 * @param notices in which the changelog says that it does not take the quick way, and why
 */
record Measurement(
    double seconds,
    double longestLock,
    double longestWrite,
    double longestRead,
    long memory,
    long wal,
    long growth,
    long heapGrowth,
    long changed,
    Map<String, Double> changeSets,
    List<String> notices) {

  /**
   * Takes the locks of an UPDATE, on the table and on one of the first rows that a naive one comes
   * to, and writes nothing: neither log nor table may grow by what only looks.
   */
  private static final String WRITE =
      "LOCK TABLE items IN ROW EXCLUSIVE MODE; SELECT title FROM items WHERE id = 1 FOR NO KEY UPDATE";

  private static final String READ = "SELECT title FROM items WHERE id = 2";

  /**
   * Runs statements one by one.
   *
   * @param connection to the database, which both parts of a migration go through
   * @param watched whether its locks are measured: that takes time from it
   */
  static Measurement of(
      TestDatabase database, Connection connection, List<Step> steps, boolean watched) {
    // Each begins with no page in the write-ahead log, as the other did.
    database.execute("CHECKPOINT");
    String began = database.value("SELECT now()");
    long heap = bytes(database, "pg_relation_size('items')");
    long total = bytes(database, "pg_total_relation_size('items')");
    Map<String, Double> changeSets = new LinkedHashMap<>();
    List<String> notices = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        LockWatch locks =
            new LockWatch(database, connection.unwrap(PGConnection.class).getBackendPID());
        MemoryWatch memory =
            new MemoryWatch(database, connection.unwrap(PGConnection.class).getBackendPID());
        Probe write = new Probe(database, WRITE);
        Probe read = new Probe(database, READ)) {
      // As the project's own driver does.
      statement.execute("SET lock_timeout = 500");
      if (watched) {
        locks.start();
        memory.start();
        write.start();
        read.start();
      }
      long wal = bytes(database, "pg_current_wal_insert_lsn() - '0/0'");
      long begin = System.nanoTime();
      for (Step step : steps) {
        long start = System.nanoTime();
        statement.execute(step.sql());
        for (SQLWarning said = statement.getWarnings();
            said != null;
            said = said.getNextWarning()) {
          if (said.getMessage().contains("in batches, because")) {
            notices.add(said.getMessage());
          }
        }
        changeSets.merge(step.changeSet(), (System.nanoTime() - start) / 1e9, Double::sum);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      wal = bytes(database, "pg_current_wal_insert_lsn() - '0/0'") - wal;
      return new Measurement(
          seconds,
          locks.longest(),
          write.longest(),
          read.longest(),
          memory.most(),
          wal,
          bytes(database, "pg_total_relation_size('items')") - total,
          bytes(database, "pg_relation_size('items')") - heap,
          bytes(database, "(SELECT count(*) FROM items WHERE updated_at > '" + began + "')"),
          changeSets,
          notices);
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** This one's cost, with the locks of another that did the same. */
  Measurement withLocksOf(Measurement watched) {
    return new Measurement(
        seconds,
        watched.longestLock,
        watched.longestWrite,
        watched.longestRead,
        watched.memory,
        wal,
        growth,
        heapGrowth,
        changed,
        changeSets,
        notices);
  }

  private static long bytes(TestDatabase database, String expression) {
    return Long.parseLong(database.value("SELECT (" + expression + ")::bigint"));
  }
}
