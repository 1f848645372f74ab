package app.gpra.migrations.execution;

import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A second session that sees what the migration's session waits for and holds. */
final class Watcher {

  /** Modes that keep others from writing, or from reading too. */
  private static final String STRONG =
      " AND l.granted AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"
          // A temporary one is nobody else's.
          + " AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = l.relation AND t.relpersistence = 't')";

  /** Looks at others only while the session waits: pg_blocking_pids takes locks of its own. */
  private static final String HOLDER =
      """
      h.pid, a.backend_start::text, a.usename, a.application_name, a.state, date_trunc('second', a.xact_start)::text, a.query,
      a.backend_type, a.query = '<insufficient privilege>'\
      """;

  private static final String HOLDERS =
      """
      SELECT coalesce((SELECT 'a lock on ' || string_agg(DISTINCT l.relation::regclass::text, ', ') FROM pg_locks l
                        WHERE l.pid = m.pid AND l.relation IS NOT NULL AND (NOT l.granted OR l.locktype = 'tuple')),
                      CASE m.wait_event WHEN 'virtualxid' THEN 'the end of an older transaction'
                                        WHEN 'transactionid' THEN 'a lock on a row' ELSE 'a lock (' || m.wait_event || ')' END),
             %s
        FROM pg_stat_get_activity(?) m
       CROSS JOIN LATERAL (SELECT DISTINCT unnest(pg_blocking_pids(m.pid))) AS h (pid)
        LEFT JOIN pg_stat_activity a ON a.pid = h.pid
       WHERE m.wait_event_type = 'Lock'
       ORDER BY h.pid
      """
          .formatted(HOLDER);

  private static final String ONE =
      "SELECT ?, %s FROM (VALUES (?)) AS h (pid) LEFT JOIN pg_stat_activity a USING (pid) WHERE a.pid IS NOT NULL OR h.pid = 0"
          .formatted(HOLDER);

  private static final String ADVISORY =
      """
      SELECT ?, %s
        FROM pg_locks h
        LEFT JOIN pg_stat_activity a ON a.pid = h.pid
       WHERE h.locktype = 'advisory' AND h.granted AND h.classid = ? AND h.objid = ? AND h.objsubid = 2
         AND h.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """
          .formatted(HOLDER);

  private static final String BUILD =
      """
      SELECT coalesce(index_relid::regclass::text, relid::regclass::text), phase,
             CASE WHEN phase LIKE '%tuples%' THEN tuples_done ELSE blocks_done END,
             CASE WHEN phase LIKE '%tuples%' THEN tuples_total ELSE blocks_total END,
             CASE WHEN phase LIKE '%tuples%' THEN 'row(s)' ELSE 'block(s)' END
        FROM pg_stat_progress_create_index WHERE pid = ?
      """;

  private final Connection connection;
  private final int pid;

  /**
   * Begins to watch.
   *
   * @param connection another session, on the same server
   * @param pid of the migration's session
   * @param began when that session began
   * @throws SQLException if the connection ends at another server
   */
  Watcher(Connection connection, int pid, String began) throws SQLException {
    this.connection = connection;
    this.pid = pid;
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET application_name = 'gpra-migrations watcher'; SET statement_timeout = '2s'");
    }
    List<String> there =
        list(
            "SELECT backend_start::text FROM pg_stat_get_activity(?) WHERE backend_start IS NOT NULL");
    if (!there.equals(List.of(began))) {
      throw new SQLException("a second connection ended at another server of the url");
    }
  }

  /**
   * What a session waits for.
   *
   * @param target a lock on which table, or what else it is
   * @param holders whoever has it, or stands in line before
   */
  record Wait(String target, List<Holder> holders) {

    /** A table's name is anybody's text. */
    Wait {
      target = Screen.printable(target);
    }
  }

  /** Empty while the migration waits for nobody. */
  Optional<Wait> look() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(HOLDERS)) {
      statement.setInt(1, pid);
      return wait(statement);
    }
  }

  /** What it would wait for, as of {@link #look(Connection, String, int)}. */
  Optional<Wait> look(String target, int holder) throws SQLException {
    return look(connection, target, holder);
  }

  /**
   * What a session would wait for, as any session may ask.
   *
   * @param target as in {@link Wait}
   * @return empty if the session of the holder has ended
   */
  static Optional<Wait> look(Connection connection, String target, int holder) throws SQLException {
    // A transaction sees the sessions that were there when it first looked.
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_stat_clear_snapshot()");
    }
    try (PreparedStatement statement = connection.prepareStatement(ONE)) {
      statement.setString(1, target);
      statement.setInt(2, holder);
      return wait(statement);
    }
  }

  /**
   * Who holds an advisory lock of this database, as any session may ask.
   *
   * @param target as in {@link Wait}
   * @param key both halves of the key
   * @return empty if nobody does
   */
  static Optional<Wait> advisoryLock(Connection connection, String target, int[] key)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(ADVISORY)) {
      statement.setString(1, target);
      statement.setInt(2, key[0]);
      statement.setInt(3, key[1]);
      return wait(statement);
    }
  }

  private static Optional<Wait> wait(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      String target = null;
      List<Holder> holders = new ArrayList<>();
      while (row.next()) {
        target = row.getString(1);
        holders.add(
            new Holder(
                row.getInt(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getBoolean(10)));
      }
      return holders.isEmpty() ? Optional.empty() : Optional.of(new Wait(target, holders));
    }
  }

  /**
   * Whether a transaction is still open, as any session may ask.
   *
   * @param transaction as {@code pg_locks.virtualtransaction} has it
   */
  static boolean isThere(Connection connection, String transaction) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE virtualtransaction = ?)")) {
      statement.setString(1, transaction);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /**
   * Relations on which the migration's transaction has a strong lock and that it did not make
   * itself: those are not visible from here.
   */
  List<String> strongLocks() throws SQLException {
    return list(
        "SELECT c.oid::regclass::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.pid = ?"
            + " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            + STRONG
            + " GROUP BY c.oid, c.relkind ORDER BY c.relkind NOT IN ('r', 'p'), 1");
  }

  /** The same from the migration's own connection: those that it made itself count too. */
  static List<String> strongLocksOf(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT DISTINCT l.relation::regclass::text FROM pg_locks l WHERE l.relation IS NOT NULL AND l.pid ="
                    + " pg_backend_pid()"
                    + STRONG)) {
      return strings(row);
    }
  }

  /** How far the index is that the migration builds; empty if it builds none. */
  Optional<Progress.Step> indexBuild() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(BUILD)) {
      statement.setInt(1, pid);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getLong(4) > 0
            ? Optional.of(
                new Progress.Step(
                    Screen.printable(row.getString(1)) + ": " + row.getString(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getString(5),
                    ""))
            : Optional.empty();
      }
    }
  }

  private List<String> list(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, pid);
      try (ResultSet row = statement.executeQuery()) {
        return strings(row);
      }
    }
  }

  private static List<String> strings(ResultSet row) throws SQLException {
    List<String> values = new ArrayList<>();
    while (row.next()) {
      values.add(Screen.printable(row.getString(1)));
    }
    return values;
  }
}
