package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.postgresql.PGProperty;

/**
 * A PgBouncer in transaction mode on loopback, before the PostgreSQL of the test run; stopped and
 * deleted when closed. For each role and database it has one connection to the server: the next
 * client gets what the last one left.
 */
public final class PgBouncer implements AutoCloseable {

  private static final Path PROGRAM = Path.of("/usr/sbin/pgbouncer");

  /** It refuses to run as root. */
  private static final String USER = "postgres";

  private static final Duration START = Duration.ofSeconds(30);

  private final Path directory;
  private final int port;
  private final Process process;

  private PgBouncer(Path directory, int port, Process process) {
    this.directory = directory;
    this.port = port;
    this.process = process;
  }

  /** Why there is none on this machine; empty where there is. */
  public static Optional<String> obstacle() {
    if (!Files.isExecutable(PROGRAM)) {
      return Optional.of(PROGRAM + " is not installed (Debian: apt-get install pgbouncer)");
    }
    return isRoot() && !isUser()
        ? Optional.of("it refuses to run as root, and there is no user " + USER)
        : Optional.empty();
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static boolean isUser() {
    try {
      FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(USER);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Starts one.
   *
   * @param reset whether it cleans a connection after each transaction: {@code
   *     server_reset_query_always}, which is off by default
   * @param database where one of the roles may connect
   * @param roles that may come through it
   */
  public static PgBouncer start(boolean reset, TestDatabase database, TestRole... roles) {
    try {
      Path directory = Files.createTempDirectory("gpra-pgbouncer");
      int port = freePort();
      URI server = URI.create(PostgresServer.get().url().substring("jdbc:".length()));
      Path users = directory.resolve("users.txt");
      Files.writeString(
          users,
          Stream.of(roles)
              .map(role -> "\"%s\" \"%s\"\n".formatted(role.name(), role.password()))
              .collect(Collectors.joining()));
      Path settings = directory.resolve("pgbouncer.ini");
      Files.writeString(
          settings,
          """
          [databases]
          * = host=%s port=%d
          [pgbouncer]
          listen_addr = 127.0.0.1
          listen_port = %d
          unix_socket_dir =
          auth_type = scram-sha-256
          auth_file = %s
          pool_mode = transaction
          default_pool_size = 1
          server_reset_query_always = %d
          ignore_startup_parameters = extra_float_digits
          query_wait_timeout = 20
          """
              .formatted(server.getHost(), server.getPort(), port, users, reset ? 1 : 0));
      List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
      if (isRoot()) {
        for (Path path : List.of(directory, users, settings)) {
          Files.getFileAttributeView(path, PosixFileAttributeView.class)
              .setOwner(
                  path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER));
        }
        command.addAll(List.of("-u", USER));
      }
      command.add(settings.toString());
      PgBouncer started =
          new PgBouncer(
              directory,
              port,
              new ProcessBuilder(command)
                  .redirectErrorStream(true)
                  .redirectOutput(directory.resolve("log").toFile())
                  .start());
      started.awaitAnswer(database, roles[0]);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitAnswer(TestDatabase database, TestRole role) {
    long deadline = System.nanoTime() + START.toNanos();
    while (true) {
      try (Connection connection = connect(database, role)) {
        connection.isValid(0);
        return;
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          String log = log();
          close();
          throw new IllegalStateException("PgBouncer did not answer: " + log, e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Connects through it, with the simple protocol: it may know no prepared statements. */
  public Connection connect(TestDatabase database, TestRole role) throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", role.name());
    login.setProperty("password", role.password());
    PGProperty.PREFER_QUERY_MODE.set(login, "simple");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, login);
  }

  /** Ends it and deletes its files. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(START.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    OwnServer.delete(directory);
  }
}
