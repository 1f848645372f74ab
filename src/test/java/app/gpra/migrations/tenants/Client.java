package app.gpra.migrations.tenants;

import app.gpra.migrations.harness.TestDatabase;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** A session of somebody, and all that it was shown since {@link #forget}. */
final class Client implements AutoCloseable {

  private final Connection connection;
  private final List<String> shown = new ArrayList<>();

  Client(Connection connection) {
    this.connection = connection;
  }

  /** Everything that came back, messages too. */
  List<String> shown() {
    return shown;
  }

  void forget() {
    shown.clear();
  }

  /** Begins a transaction in which somebody is asking. */
  Client begin(Object user) throws SQLException {
    return run("BEGIN; SELECT set_config('app.current_user_id', '" + user + "', true)");
  }

  /** Runs statements, whatever they return. */
  Client run(String... statements) throws SQLException {
    for (String statement : statements) {
      answer(statement);
    }
    return this;
  }

  List<String> rows(String sql) throws SQLException {
    return answer(sql).rows();
  }

  /**
   * What a statement returned.
   *
   * @param rows each its columns joined by a bar
   * @param count how many rows it returned or wrote
   */
  record Answer(List<String> rows, long count) {}

  /** Runs a statement; the data of a COPY … FROM STDIN is what follows its first line. */
  Answer answer(String sql) throws SQLException {
    try {
      if (sql.startsWith("COPY ")) {
        return copy(sql);
      }
      try (Statement statement = connection.createStatement()) {
        return answer(statement, sql);
      }
    } catch (SQLException e) {
      // With what the server says as detail, hint and context.
      shown.add(e.getMessage());
      throw e;
    }
  }

  private Answer answer(Statement statement, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    long count = 0;
    try {
      boolean returns = statement.execute(sql);
      // The last result of several counts.
      while (returns || statement.getUpdateCount() >= 0) {
        rows.clear();
        count = Math.max(0, statement.getUpdateCount());
        if (returns) {
          rows.addAll(TestDatabase.rows(statement.getResultSet()));
          count = rows.size();
        }
        shown.addAll(rows);
        returns = statement.getMoreResults();
      }
      return new Answer(List.copyOf(rows), count);
    } finally {
      for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
        shown.add(w.getMessage());
      }
    }
  }

  private Answer copy(String sql) throws SQLException {
    try {
      int line = sql.indexOf('\n');
      if (line > 0) {
        byte[] data = sql.substring(line + 1).getBytes(StandardCharsets.UTF_8);
        long count =
            connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn(sql.substring(0, line), new ByteArrayInputStream(data));
        return new Answer(List.of(), count);
      }
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql, output);
      List<String> rows = output.toString(StandardCharsets.UTF_8).lines().toList();
      shown.addAll(rows);
      return new Answer(rows, rows.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The connection below, to break it. */
  Connection connection() {
    return connection;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
