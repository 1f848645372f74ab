package app.gpra.migrations.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import liquibase.database.Database;

/** What {@code history} says to a program: what a database has, in the order in which it ran. */
public final class History {

  private History() {}

  /**
   * Writes it as JSON.
   *
   * @param database to be asked
   * @param out stays open
   * @throws SQLException if the server does not answer
   * @throws IOException if it cannot be written
   */
  public static void write(Database database, OutputStream out) throws SQLException, IOException {
    out.write(Json.document(HistoryRow.of(database)).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
