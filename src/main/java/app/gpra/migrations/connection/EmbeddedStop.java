package app.gpra.migrations.connection;

import java.io.IOException;
import java.nio.file.Path;

/**
 * {@code mvn compile exec:java@stop}: ends the embedded database that {@link EmbeddedStart} left
 * running, and no other server. Its data stays.
 */
public final class EmbeddedStop {

  private EmbeddedStop() {}

  /**
   * Ends it, if it runs.
   *
   * @param args the project's directory first
   * @throws IOException if it does not end
   */
  public static void main(String[] args) throws IOException {
    // Nothing is there to log with, and nothing has to be.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    System.out.println(
        EmbeddedPostgresServer.end(Path.of(args[0]))
            ? "The embedded database has ended. Its data stays in %s, until mvn clean."
                .formatted(EmbeddedPostgresDirectory.HOME)
            : "No embedded database was running.");
  }
}
