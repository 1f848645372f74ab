package app.gpra.migrations.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import liquibase.changelog.RanChangeSet;

/** What {@code history} says to a program: what a database has, in the order in which it ran. */
public final class History {

  private History() {}

  /**
   * Writes it as JSON.
   *
   * @param ran what it has, in order
   * @param out stays open
   * @throws IOException if it cannot be written
   */
  public static void write(List<RanChangeSet> ran, OutputStream out) throws IOException {
    out.write(
        Json.document(ran.stream().map(HistoryRow::of).toList()).getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
