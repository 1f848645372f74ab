package app.gpra.migrations.harness;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Ends a run's session at one of the calls by which it sends something to the server: what a
 * server, a network or a client that dies does. {@link FaultyDriver} makes the calls known to it.
 */
public final class Fault implements Calls {

  /** Connection exception: connection_failure. */
  private static final String CONNECTION_FAILURE = "08006";

  private static final int DEADLINE_MILLIS = 10_000;

  private final TestDatabase database;
  private final int before;
  private final Predicate<List<String>> after;
  private final List<String> calls = new ArrayList<>();
  private boolean happened;

  private Fault(TestDatabase database, int before, Predicate<List<String>> after) {
    this.database = database;
    this.before = before;
    this.after = after;
  }

  /** Before the call of that number, from 0: the server never sees it. */
  public static Fault before(TestDatabase database, int call) {
    return new Fault(database, call, calls -> false);
  }

  /** After the call of that number, from 0: the server has done it, the answer is lost. */
  public static Fault after(TestDatabase database, int call) {
    return after(database, calls -> calls.size() == call + 1);
  }

  /** After the first call for which the calls so far, it included, are as asked. */
  public static Fault after(TestDatabase database, Predicate<List<String>> calls) {
    return new Fault(database, -1, calls);
  }

  /** What was called so far: the SQL, or the method that sends one. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  /** Whether the session was ended. */
  public boolean happened() {
    return happened;
  }

  @Override
  public void begin(String call, Connection connection) throws SQLException {
    if (!happened && calls.size() == before) {
      end(connection);
    }
    calls.add(call);
  }

  @Override
  public void end(String call, Connection connection) throws SQLException {
    if (!happened && after.test(calls)) {
      end(connection);
      throw new SQLException("The connection was lost after: " + call, CONNECTION_FAILURE);
    }
  }

  private void end(Connection connection) throws SQLException {
    happened = true;
    int pid = connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      statement.execute("SELECT pg_terminate_backend(%d, %d)".formatted(pid, DEADLINE_MILLIS));
    }
  }
}
