package app.gpra.migrations.connection;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * {@code mvn compile exec:java@start}: starts the embedded database and leaves it running, for
 * every command with {@code -Pembedded}, until {@link EmbeddedStop} ends it.
 */
public final class EmbeddedStart {

  private EmbeddedStart() {}

  /**
   * Starts it, unless it runs.
   *
   * @param args the project's directory first
   * @throws IOException if it does not start
   * @throws SQLException if the sample data cannot be loaded
   */
  public static void main(String[] args) throws IOException, SQLException {
    // Nothing is there to log with, and nothing has to be.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    int port = EmbeddedPostgresServer.keep(Path.of(args[0]));
    System.out.println(
        "The embedded database runs on 127.0.0.1:%d, for every command with -Pembedded, until this ends it: mvn exec:java@stop"
            .formatted(port));
  }
}
