package app.gpra.migrations.connection;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded server of one project directory. Everything it owns is below {@code
 * target/embedded-postgres}: {@code data} is complete or absent, because a new one is made and
 * filled as {@code data.new} and then renamed.
 */
final class EmbeddedPostgresServer {

  static final String USER = "postgres";
  static final String DATABASE = "gpra";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresServer.class);
  private static final long STOP_SECONDS = 20;

  /**
   * Where other goals of the same Maven run find the server: each goal has a class loader, and so
   * static fields, of its own.
   */
  private static final String PORT_PROPERTY = "app.gpra.embedded.port:";

  private EmbeddedPostgresServer() {}

  /**
   * Starts the server unless this JVM has; it ends with the JVM.
   *
   * @param project the project's directory
   * @return the port on 127.0.0.1
   * @throws IOException if it does not start
   * @throws IllegalStateException if another JVM uses the same directory, or the data is another
   *     version's
   */
  static int start(Path project) throws IOException, SQLException {
    Path home = project.toAbsolutePath().normalize().resolve("target/embedded-postgres");
    synchronized (System.getProperties()) {
      String property = PORT_PROPERTY + home;
      Integer running = Integer.getInteger(property);
      if (running != null) {
        return running;
      }
      Files.createDirectories(home);
      lock(home);
      Path data = home.resolve("data");
      stopLeftover(data);
      if (!Files.exists(data)) {
        create(project, home, data);
      }
      EmbeddedPostgres server = launch(home, data);
      System.setProperty(property, Integer.toString(server.getPort()));
      return server.getPort();
    }
  }

  /** Held until the JVM ends, so the channel is not closed. */
  private static void lock(Path home) throws IOException {
    FileChannel channel =
        FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      throw new IllegalStateException(
          "Another Maven run uses the embedded database in "
              + home
              + ": wait until it has ended, then run the same command again.");
    }
  }

  private static void create(Path project, Path home, Path data) throws IOException, SQLException {
    Path unfinished = home.resolve("data.new");
    stopLeftover(unfinished);
    delete(unfinished);
    try (EmbeddedPostgres server = launch(home, unfinished)) {
      execute(server, USER, "CREATE DATABASE " + DATABASE);
      for (String script :
          List.of("01-flask-appbuilder.sql", "02-legacy-schema.sql", "03-sample-data.sql")) {
        execute(
            server, DATABASE, Files.readString(project.resolve("changelog/demo").resolve(script)));
      }
    }
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private static EmbeddedPostgres launch(Path home, Path data) throws IOException, SQLException {
    Path version = data.resolve("PG_VERSION");
    EmbeddedPostgres server;
    try {
      server =
          EmbeddedPostgres.builder()
              .setOverrideWorkingDirectory(home.resolve("server").toFile())
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setServerConfig("listen_addresses", "127.0.0.1")
              // The library turns these off; this data is kept.
              .setServerConfig("fsync", "on")
              .setServerConfig("full_page_writes", "on")
              .setServerConfig("synchronous_commit", "on")
              .setErrorRedirector(
                  ProcessBuilder.Redirect.appendTo(home.resolve("server.log").toFile()))
              .setOutputRedirector(
                  ProcessBuilder.Redirect.appendTo(home.resolve("server.log").toFile()))
              .start();
    } catch (IOException | IllegalStateException e) {
      throw new IOException(
          "The embedded PostgreSQL did not start on %s%s: see %s. To begin afresh run mvn clean, then the same command again."
              .formatted(
                  data,
                  Files.exists(version)
                      ? " (made by PostgreSQL " + Files.readString(version).strip() + ")"
                      : "",
                  home.resolve("server.log")),
          e);
    }
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT current_setting('data_directory'), current_setting('server_version')")) {
      result.next();
      // Another server may have taken the port in between; nothing is ever done to it.
      if (!Path.of(result.getString(1)).toRealPath().equals(data.toRealPath())) {
        throw new IOException(
            "Another PostgreSQL answers on port "
                + server.getPort()
                + ": run the same command again.");
      }
      LOG.info("Embedded PostgreSQL {}, data in {}", result.getString(2), data);
    }
    return server;
  }

  private static void execute(EmbeddedPostgres server, String database, String sql)
      throws SQLException {
    try (Connection connection = server.getDatabase(USER, database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** After a JVM that was killed its server lives on, or its pid file does. */
  private static void stopLeftover(Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    String firstLine = Files.readString(pidFile).lines().findFirst().orElse("").strip();
    ProcessHandle process =
        firstLine.matches("\\d{1,9}")
            ? ProcessHandle.of(Long.parseLong(firstLine)).orElse(null)
            : null;
    // Another process may have that number by now: only one that was started on this directory is
    // ours.
    if (process != null && process.info().commandLine().orElse("").contains(data.toString())) {
      LOG.info(
          "Stopping the embedded PostgreSQL that a killed run left behind (pid {})", process.pid());
      stop(process);
    }
    Files.deleteIfExists(pidFile);
  }

  private static void stop(ProcessHandle process) {
    process.destroy();
    try {
      process.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof TimeoutException)) {
        throw e;
      }
      process.destroyForcibly();
      process.onExit().join();
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
