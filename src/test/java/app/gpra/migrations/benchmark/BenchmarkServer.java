package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.EmbeddedServer;
import app.gpra.migrations.harness.PostgresServer;
import com.sun.management.OperatingSystemMXBean;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The one PostgreSQL of a benchmark run: embedded, of its own, and durable, where that of the tests
 * is not. It is stopped and its data deleted when the JVM ends. With {@code -Dpostgres=jdbc:…} it
 * is the one that is named there.
 */
final class BenchmarkServer {

  /** Not in a temporary directory, which may be memory: fsync has to cost what it costs. */
  private static final Path HOME = Path.of("target/benchmark");

  /**
   * The library turns the first three off. No checkpoint for want of space, which would favour
   * whoever writes less.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "synchronous_commit", "on",
          "full_page_writes", "on",
          "max_wal_size", "16GB",
          "shared_buffers", "1GB",
          "maintenance_work_mem", "256MB");

  private static final List<String> TOLD =
      List.of(
          "fsync",
          "synchronous_commit",
          "full_page_writes",
          "wal_level",
          "max_wal_size",
          "checkpoint_timeout",
          "shared_buffers",
          "maintenance_work_mem",
          "autovacuum");

  /** Started when first asked for; the harness is told that this is the tests' server. */
  private static final PostgresServer INSTANCE = launch();

  private BenchmarkServer() {}

  /** Starts it unless it runs; from then on databases of the harness are made on it. */
  static PostgresServer start() {
    return INSTANCE;
  }

  private static PostgresServer launch() {
    if (System.getProperty("postgres", "").startsWith("jdbc:")) {
      return PostgresServer.get();
    }
    try {
      Files.createDirectories(HOME);
      EmbeddedPostgres.Builder builder =
          EmbeddedServer.builder()
              .setDataDirectory(Files.createTempDirectory(HOME, "data"))
              .setOutputRedirector(log())
              .setErrorRedirector(log());
      SETTINGS.forEach(builder::setServerConfig);
      @SuppressWarnings("resource") // Stopped by its own shutdown hook.
      EmbeddedPostgres server = builder.start();
      System.setProperty("postgres", EmbeddedServer.on(server).jdbcUrl("postgres"));
      return PostgresServer.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder.Redirect log() {
    return ProcessBuilder.Redirect.appendTo(HOME.resolve("postgres.log").toFile());
  }

  /** What the figures of a report depend on, in one sentence; nothing that names the machine. */
  static String machine() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return "%d cores, %d GB of memory, %s %s, %s %s, PostgreSQL %s with %s"
        .formatted(
            system.getAvailableProcessors(),
            Math.round(system.getTotalMemorySize() / 1e9),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            System.getProperty("java.vm.name"),
            Runtime.version().feature(),
            show("server_version").replaceFirst(" .*", ""),
            String.join(
                ", ", TOLD.stream().map(name -> "`" + name + " = " + show(name) + "`").toList()));
  }

  private static String show(String setting) {
    return query("SHOW " + setting).get(0);
  }

  private static List<String> query(String sql) {
    try (Connection connection = INSTANCE.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getString(1));
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
