package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Takes the time for which a session holds locks that keep out writers of a table of the
 * application's: from the last look before one was seen to the end of the first at which it was
 * gone, so two looks too long at most.
 */
final class LockWatch extends Watcher {

  /**
   * SHARE is what a plain CREATE INDEX takes. A lock is known by its transaction too: the next one
   * may take the same again.
   */
  private static final String HELD =
      """
      SELECT relation::text || mode || virtualtransaction
        FROM pg_locks
       WHERE pid = ? AND granted AND locktype = 'relation'
         AND relation IN ('items'::regclass, 'routines'::regclass, 'chord_charts'::regclass, 'ab_user'::regclass)
         AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
      """;

  private final int pid;
  private final Map<String, Long> since = new HashMap<>();
  private long lastLook = System.nanoTime();

  /** Of the session with that process id. */
  LockWatch(TestDatabase database, int pid) {
    super(database);
    this.pid = pid;
  }

  @Override
  long look(Connection connection) throws SQLException {
    long now = System.nanoTime();
    Set<String> seen = new HashSet<>();
    try (PreparedStatement held = connection.prepareStatement(HELD)) {
      held.setInt(1, pid);
      try (ResultSet locks = held.executeQuery()) {
        while (locks.next()) {
          seen.add(locks.getString(1));
        }
      }
    }
    long after = System.nanoTime();
    long longest = 0;
    for (String lock : Set.copyOf(since.keySet())) {
      if (!seen.contains(lock)) {
        longest = Math.max(longest, after - since.remove(lock));
      }
    }
    for (String lock : seen) {
      since.putIfAbsent(lock, lastLook);
    }
    lastLook = now;
    return longest;
  }
}
