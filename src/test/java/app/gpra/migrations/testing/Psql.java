package app.gpra.migrations.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs a script as {@code psql -X -v ON_ERROR_STOP=1 -f} does: statement by statement, each in a
 * transaction of its own unless the script begins one, up to the first that fails. With psql where
 * there is one, and through the driver where there is none.
 */
public final class Psql {

  private static final long MINUTES = 5;

  private Psql() {}

  /**
   * Runs a script in one session.
   *
   * @return what was printed, the server's notices among it
   * @throws AssertionError if a statement fails, with the server's message
   */
  public static String run(TestDatabase database, String script) {
    return binary()
        .map(psql -> runWithPsql(psql, database, script))
        .orElseGet(() -> runWithDriver(database, script));
  }

  /** The program, where it is on the PATH. */
  static Optional<Path> binary() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(Pattern.quote(File.pathSeparator)))
        .filter(directory -> !directory.isEmpty())
        .flatMap(directory -> Stream.of("psql", "psql.exe").map(name -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static String runWithPsql(Path psql, TestDatabase database, String script) {
    try {
      Path directory = Files.createTempDirectory("psql");
      Path file = Files.writeString(directory.resolve("script.sql"), script);
      Path output = directory.resolve("output.txt");
      ProcessBuilder builder =
          new ProcessBuilder(psql.toString(), "-X", "-v", "ON_ERROR_STOP=1", "-f", file.toString());
      builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
      builder
          .environment()
          .putAll(
              Map.of(
                  "PGHOST", database.server().host(),
                  "PGPORT", Integer.toString(database.server().port()),
                  "PGDATABASE", database.name(),
                  "PGUSER", database.username(),
                  "PGPASSWORD", database.password(),
                  "PGCLIENTENCODING", "UTF8"));
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(output);
      Files.delete(file);
      Files.delete(output);
      Files.delete(directory);
      if (!ended || process.exitValue() != 0) {
        throw new AssertionError("psql failed:\n" + text);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  static String runWithDriver(TestDatabase database, String script) {
    StringBuilder output = new StringBuilder();
    try (Connection connection = database.connection();
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      for (String sql : SqlScript.statements(script)) {
        statement.execute(sql);
        SQLWarning warning = statement.getWarnings();
        while (warning != null) {
          output.append(warning.getMessage()).append('\n');
          warning = warning.getNextWarning();
        }
        statement.clearWarnings();
      }
      return output.toString();
    } catch (SQLException e) {
      throw new AssertionError(output + e.getMessage(), e);
    }
  }
}
