package app.gpra.migrations.harness;

import java.sql.Connection;
import java.sql.SQLException;

/** Learns of each call by which a run sends something to the server; see {@link FaultyDriver}. */
public interface Calls {

  /**
   * One is about to be made.
   *
   * @param call the SQL, or the method that sends one
   */
  void begin(String call, Connection connection) throws SQLException;

  /**
   * It has been made, and has not failed.
   *
   * @throws SQLException which the run gets instead of the answer
   */
  void end(String call, Connection connection) throws SQLException;
}
