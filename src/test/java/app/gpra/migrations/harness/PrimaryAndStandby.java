package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A primary that archives its WAL and a hot standby that streams from it: two embedded servers on
 * loopback, both stopped and deleted when closed.
 *
 * <p>The embedded binaries have no pg_basebackup, so the standby is made by the <a
 * href="https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP">low-level
 * backup API</a>, as it is since PostgreSQL 15.
 */
public final class PrimaryAndStandby implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Directories of a server that a backup has empty, and files that it does not have. */
  private static final Set<String> EMPTY =
      Set.of(
          "log",
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private static final Set<String> LEFT_OUT =
      Set.of("postmaster.pid", "postmaster.opts", "epg-lock");

  private final OwnServer primary;
  private final OwnServer standby;

  private PrimaryAndStandby(OwnServer primary, OwnServer standby) {
    this.primary = primary;
    this.standby = standby;
  }

  /** Starts both; the standby has replayed all that the primary has. */
  public static PrimaryAndStandby start() {
    return start(Map.of());
  }

  /** The same, and no commit is acknowledged that the standby has not flushed. */
  public static PrimaryAndStandby synchronous() {
    PrimaryAndStandby servers = start(Map.of("synchronous_commit", "on"));
    try {
      execute(servers.primary(), "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
      execute(servers.primary(), "SELECT pg_reload_conf()");
      await(
          servers.primary(),
          "SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
      return servers;
    } catch (RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  private static PrimaryAndStandby start(Map<String, String> more) {
    Map<String, String> settings =
        new HashMap<>(Map.of("wal_level", "replica", "archive_mode", "on", "wal_keep_size", "1GB"));
    settings.putAll(more);
    OwnServer primary = OwnServer.start(settings);
    PrimaryAndStandby servers;
    try {
      servers = new PrimaryAndStandby(primary, startStandby(primary));
    } catch (IOException | SQLException | RuntimeException e) {
      primary.close();
      throw new IllegalStateException("A standby did not start", e);
    }
    try {
      servers.archiveWith("true");
      servers.awaitStandby();
      return servers;
    } catch (RuntimeException e) {
      servers.close();
      throw e;
    }
  }

  /** The server that is written to. */
  public PostgresServer primary() {
    return primary.server();
  }

  /** The server that only replays what the primary wrote. */
  public PostgresServer standby() {
    return standby.server();
  }

  /** As an application that knows both has it in DATABASE_URL. */
  public String address(TestDatabase database) {
    return "postgresql://postgres:%s@127.0.0.1:%d,127.0.0.1:%d/%s?target_session_attrs=read-write"
        .formatted(EmbeddedServer.PASSWORD, primary.port(), standby.port(), database);
  }

  /** Sends the standby nothing from now on: what is committed is lost with the primary. */
  public void holdBack() {
    String sender = value(primary(), "SELECT pid FROM pg_stat_replication");
    try {
      int exit = new ProcessBuilder("kill", "-STOP", sender).inheritIO().start().waitFor();
      if (exit != 0) {
        throw new IllegalStateException("kill -STOP " + sender + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Ends the primary as a machine that fails does. */
  public void killPrimary() {
    primary.kill();
  }

  /** The standby takes the primary's place. */
  public void promoteStandby() {
    execute(standby(), "SELECT pg_promote()");
    await("SELECT NOT pg_is_in_recovery()");
  }

  /** Every NOTICE of the primary up to now. */
  public List<String> notices() {
    return primary.log("NOTICE");
  }

  /** Lets the standby receive, but replay nothing from now on. */
  public void pauseReplay() {
    execute(standby(), "SELECT pg_wal_replay_pause()");
    await("SELECT pg_get_wal_replay_pause_state() = 'paused'");
  }

  /** Lets the standby replay again; does nothing if it does already. */
  public void resumeReplay() {
    execute(standby(), "SELECT pg_wal_replay_resume()");
  }

  /** Waits until the standby has replayed all that the primary has written by now. */
  public void awaitStandby() {
    // A commit that is flushed at once: the embedded server writes others when it likes.
    execute(
        primary(),
        "SET synchronous_commit = on; SELECT pg_logical_emit_message(true, 'flush', '')");
    String written = value(primary(), "SELECT pg_current_wal_flush_lsn()");
    await("SELECT pg_last_wal_replay_lsn() >= '" + written + "'");
  }

  /**
   * What the primary runs for each finished WAL segment from now on.
   *
   * @param command {@code true} has archived it, {@code false} cannot archive anything
   */
  public void archiveWith(String command) {
    execute(primary(), "ALTER SYSTEM SET archive_command = '" + command + "'");
    execute(primary(), "SELECT pg_reload_conf()");
  }

  private static OwnServer startStandby(OwnServer primary) throws IOException, SQLException {
    Path directory = Files.createTempDirectory("gpra-standby");
    try {
      backUp(primary, OwnServer.data(directory));
    } catch (IOException | SQLException | RuntimeException e) {
      OwnServer.delete(directory);
      throw e;
    }
    return OwnServer.start(directory, Map.of("wal_receiver_status_interval", "1"));
  }

  private static void backUp(OwnServer primary, Path data) throws IOException, SQLException {
    // The session that began the backup has to end it.
    try (Connection connection = primary.server().connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_backup_start('standby', fast => true)");
      copy(primary.data(), data);
      try (ResultSet stopped =
          statement.executeQuery(
              "SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)")) {
        stopped.next();
        Files.writeString(data.resolve("backup_label"), stopped.getString("labelfile"));
      }
    }
    Files.createFile(data.resolve("standby.signal"));
    Files.writeString(
        data.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres password=%s application_name=standby'\n"
            .formatted(primary.port(), EmbeddedServer.PASSWORD),
        StandardOpenOption.APPEND);
  }

  /** Copies a server's files while they change; what the copy misses is in the WAL. */
  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path source, BasicFileAttributes attributes)
              throws IOException {
            // The server refuses a directory that others can read.
            Files.copy(
                source, to.resolve(from.relativize(source)), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path source, BasicFileAttributes attributes)
              throws IOException {
            Path relative = from.relativize(source);
            if (!EMPTY.contains(relative.getName(0).toString())
                && !LEFT_OUT.contains(relative.toString())) {
              try {
                Files.copy(source, to.resolve(relative));
              } catch (NoSuchFileException e) {
                // Dropped meanwhile.
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path source, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }
        });
  }

  /** Stops both, the standby first, and deletes their files. */
  @Override
  public void close() {
    try {
      standby.close();
    } finally {
      primary.close();
    }
  }

  private void await(String condition) {
    await(standby(), condition);
  }

  private static void await(PostgresServer server, String condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!value(server, condition).equals("t")) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("Not within " + PATIENCE + ": " + condition);
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private static void execute(PostgresServer server, String sql) {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage() + " in: " + sql, e);
    }
  }

  private static String value(PostgresServer server, String sql) {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return String.valueOf(result.getString(1));
    } catch (SQLException e) {
      throw new IllegalStateException(e.getMessage() + " in: " + sql, e);
    }
  }
}
