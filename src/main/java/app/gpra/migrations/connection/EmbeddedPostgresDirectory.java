package app.gpra.migrations.connection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of one project's embedded server, {@code target/embedded-postgres}, and the sole right
 * to use them, which lasts until it is closed or the JVM ends.
 *
 * <p>{@code data} is complete or absent: a new one is made and filled as {@code data.new} and then
 * renamed.
 */
final class EmbeddedPostgresDirectory implements AutoCloseable {

  static final String HOME = "target/embedded-postgres";

  static final String PASSWORD = "password";

  /** Has the port of a server that is to stay. */
  private static final String KEPT = "kept";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Behind the text, which the others have to read: on Windows a locked byte cannot be read. */
  private static final long LOCKED_BYTE = 1_000_000;

  private final Path home;

  /** Held on to: a channel that is garbage is closed, and its lock freed, while the server runs. */
  private final FileChannel lock;

  private EmbeddedPostgresDirectory(Path home, FileChannel lock) {
    this.home = home;
    this.lock = lock;
  }

  /**
   * The same for all names of a project's directory; made if it is missing, for its owner only.
   *
   * @throws IllegalStateException if it is somebody else's
   */
  static Path home(Path project) throws IOException {
    try {
      return PrivatePostgres.folder(project.resolve(HOME)).toRealPath();
    } catch (FileSystemException e) {
      throw unusable(project.resolve(HOME), e);
    }
  }

  /**
   * Takes the directory. Must not be called for one that this JVM holds: closing a second channel
   * on a file frees the locks of the first.
   *
   * @param home what {@link #home(Path)} returned
   * @throws IllegalStateException if another JVM holds it
   * @throws IOException if it cannot be written to
   */
  static EmbeddedPostgresDirectory claim(Path home) throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              home.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw unusable(home, e);
    }
    try {
      if (channel.tryLock(LOCKED_BYTE, 1, false) == null) {
        throw new IllegalStateException(
            "The embedded database in %s is in use by another Maven run (pid %s); wait until it has ended, then run the command again."
                .formatted(HOME, read(channel)));
      }
      channel.truncate(0);
      channel.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
      return new EmbeddedPostgresDirectory(home, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The port of a server that was started to stay, and runs; null if there is none. Whoever only
   * uses it does not claim the directory.
   */
  static Integer keptPort(Path home) throws IOException {
    Path kept = home.resolve(KEPT);
    if (!Files.exists(kept)) {
      return null;
    }
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      return processes.anyMatch(process -> isOf(home, process))
          ? Integer.valueOf(Files.readString(kept).strip())
          : null;
    }
  }

  /** A server runs that is to stay when this JVM has ended. */
  void keep(int port) throws IOException {
    Path unfinished = Files.createTempFile(home, KEPT, null);
    Files.writeString(unfinished, port + "\n");
    Files.move(unfinished, home.resolve(KEPT), StandardCopyOption.ATOMIC_MOVE);
  }

  Path data() {
    return home.resolve("data");
  }

  Path unfinishedData() {
    return home.resolve("data.new");
  }

  Path home() {
    return home;
  }

  /**
   * What a superuser of the server has to know. Made with the first data, and with data that has
   * none yet.
   *
   * @throws IllegalStateException if it is gone
   */
  String password() throws IOException {
    if (!Files.exists(password(home))) {
      if (Files.exists(data()) && !PrivatePostgres.trusts(data())) {
        throw new IllegalStateException(
            "The embedded database's password, %s/%s, is gone: run mvn clean, which deletes the database too, then run the command again."
                .formatted(HOME, PASSWORD));
      }
      // Whole or absent, and never to be read by others.
      Path unfinished = Files.createTempFile(home, PASSWORD, null);
      Files.writeString(unfinished, PrivatePostgres.newPassword() + "\n");
      Files.move(unfinished, password(home), StandardCopyOption.ATOMIC_MOVE);
    }
    return readPassword(home);
  }

  /** The password of a server that runs. */
  static String readPassword(Path home) throws IOException {
    return Files.readString(password(home)).strip();
  }

  private static Path password(Path home) {
    return home.resolve(PASSWORD);
  }

  Path log() {
    return home.resolve("server.log");
  }

  /**
   * Ends what a killed run left behind, or what was to stay, and waits for that. A server lives on
   * without its JVM, so does an initdb.
   *
   * @return whether there was something
   * @throws IOException if one does not end
   */
  boolean stopLeftovers() throws IOException {
    List<ProcessHandle> leftovers;
    try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
      // Not the server's own children: they end with it.
      leftovers =
          processes
              .filter(this::isOurs)
              .filter(process -> process.parent().filter(this::isOurs).isEmpty())
              .toList();
      for (ProcessHandle leftover : leftovers) {
        stop(leftover);
      }
    }
    // Their numbers may be other processes' by now, and then no server would start.
    Files.deleteIfExists(data().resolve("postmaster.pid"));
    Files.deleteIfExists(home.resolve(KEPT));
    return !leftovers.isEmpty();
  }

  void deleteUnfinishedData() throws IOException {
    if (Files.exists(unfinishedData())) {
      delete(unfinishedData());
    }
  }

  /**
   * The library marks what it has unpacked whole, and fails on the remains of an unpacking that was
   * killed.
   */
  void deleteUnfinishedPrograms() throws IOException {
    Path programs = PrivatePostgres.programs(home);
    if (!Files.isDirectory(programs)) {
      return;
    }
    try (Stream<Path> unpacked = Files.list(programs)) {
      for (Path version : unpacked.filter(Files::isDirectory).toList()) {
        if (!Files.exists(version.resolve(".exists"))) {
          delete(version);
        }
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The unfinished data is finished, and no server runs on it. */
  void publishData() throws IOException {
    Files.move(unfinishedData(), data(), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  /**
   * Only programs in this directory, never another PostgreSQL, whatever a pid file says; wherever
   * an older version unpacked them. A process that has ended and waits for its parent has no
   * command any more.
   */
  private static boolean isOf(Path home, ProcessHandle process) {
    return process
        .info()
        .command()
        .filter(command -> Path.of(command).startsWith(home))
        .isPresent();
  }

  private boolean isOurs(ProcessHandle process) {
    return isOf(home, process);
  }

  private void stop(ProcessHandle process) throws IOException {
    interrupt(process);
    if (hasEnded(process)) {
      return;
    }
    process.destroyForcibly();
    if (!hasEnded(process)) {
      throw new IOException(
          "The embedded PostgreSQL that a killed run left behind does not end: end process %d, then run the command again."
              .formatted(process.pid()));
    }
  }

  /** The server's fast shutdown; that on TERM would wait until its last client has gone. */
  private static void interrupt(ProcessHandle process) throws IOException {
    try {
      int exitCode =
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      if (exitCode == 0) {
        return;
      }
    } catch (IOException e) {
      // Windows has no such program; there the next start recovers.
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    process.destroy();
  }

  private boolean hasEnded(ProcessHandle process) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (isOurs(process)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
    return true;
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("Interrupted while an old embedded PostgreSQL was stopped", e);
  }

  private static IOException unusable(Path home, FileSystemException e) {
    return new IOException(
        "The embedded database needs to write to %s and cannot (%s): make it writable or delete it, then run the command again."
            .formatted(home, e.getReason() == null ? e.getClass().getSimpleName() : e.getReason()),
        e);
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(32);
    channel.read(buffer, 0);
    String pid = StandardCharsets.US_ASCII.decode(buffer.flip()).toString().strip();
    return pid.isEmpty() ? "unknown" : pid;
  }
}
