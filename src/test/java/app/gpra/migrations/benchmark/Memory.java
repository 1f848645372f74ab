package app.gpra.migrations.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a process of this machine has in memory, as Linux tells it. */
final class Memory {

  /** The most that it has had, its programs included. */
  static final String PEAK = "VmHWM";

  /** What is its own: for a server's process without the buffers that all of them share. */
  static final String OWN = "RssAnon";

  private Memory() {}

  /**
   * Asks.
   *
   * @return bytes; 0 where the process has ended, or the system is another
   */
  static long of(long pid, String line) {
    try {
      return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
          .filter(text -> text.startsWith(line + ":"))
          .mapToLong(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      // It ended while its file was read.
      if (Files.notExists(Path.of("/proc/" + pid))) {
        return 0;
      }
      throw new UncheckedIOException(e);
    }
  }
}
