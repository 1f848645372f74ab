package app.gpra.migrations.benchmark;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.postgresql.PGProperty;

/**
 * A client's connection, which keeps its statements prepared, or sends each as text. It is a
 * superuser's, which takes the role of a transaction: where each role had a server process of its
 * own, one of them may have had the quieter core.
 */
final class TenantSession implements AutoCloseable {

  private static final String ASKING = "SELECT set_config('app.current_user_id', ?, true)";

  private static final String ROLE = "SELECT set_config('role', ?, true)";

  /** Prepared for one role: under another the server would plan it anew. */
  private record Key(String role, String statement) {}

  private record Prepared(PreparedStatement statement, List<String> placeholders) {}

  private final Connection connection;
  private final Map<Key, Prepared> prepared = new HashMap<>();
  private String role = "";

  /**
   * Connects.
   *
   * @param url with the superuser's name
   * @param whetherPrepared on the server, from the first time on; otherwise the simple protocol,
   *     with the values in the text, as psycopg2 does it
   */
  TenantSession(String url, boolean whetherPrepared) {
    Properties properties = new Properties();
    PGProperty.PREPARE_THRESHOLD.set(properties, 1);
    PGProperty.PREFER_QUERY_MODE.set(properties, whetherPrepared ? "extended" : "simple");
    try {
      connection = DriverManager.getConnection(url, properties);
      connection.setAutoCommit(false);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  Connection connection() {
    return connection;
  }

  /** Takes a role and says who is asking, until the end of the transaction. */
  void begin(String taken, Tenant tenant) throws SQLException {
    role = "";
    setting(ROLE, taken);
    role = taken;
    ask(tenant);
  }

  /** Says who is asking, until the end of the transaction. */
  void ask(Tenant tenant) throws SQLException {
    setting(ASKING, Integer.toString(tenant.id()));
  }

  private void setting(String statement, String value) throws SQLException {
    PreparedStatement ready = prepare(statement).statement;
    ready.setString(1, value);
    consume(ready);
  }

  /**
   * Runs a statement, and fetches what it gives.
   *
   * @return seconds
   */
  double run(String statement, Tenant tenant, int turn) throws SQLException {
    Prepared ready = prepare(statement);
    for (int i = 0; i < ready.placeholders.size(); i++) {
      ready.statement.setObject(i + 1, tenant.value(ready.placeholders.get(i), turn));
    }
    long begin = System.nanoTime();
    int rows = consume(ready.statement);
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (rows == 0) {
      // What is compared has to do something.
      throw new IllegalStateException("No row: " + statement);
    }
    return seconds;
  }

  private Prepared prepare(String statement) throws SQLException {
    Key key = new Key(role, statement);
    Prepared ready = prepared.get(key);
    if (ready == null) {
      ready =
          new Prepared(
              connection.prepareStatement(TenantQuery.parameters(statement)),
              TenantQuery.placeholders(statement));
      prepared.put(key, ready);
    }
    return ready;
  }

  private static int consume(PreparedStatement statement) throws SQLException {
    if (!statement.execute()) {
      return statement.getUpdateCount();
    }
    int rows = 0;
    try (ResultSet result = statement.getResultSet()) {
      while (result.next()) {
        rows++;
      }
    }
    return rows;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
