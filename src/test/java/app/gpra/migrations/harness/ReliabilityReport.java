package app.gpra.migrations.harness;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a test that makes its own cases has tried: printed, and written into the page that {@code
 * -Dreliability.report} names, between two comments that have the section's name.
 */
public final class ReliabilityReport {

  private static final String PAGE = System.getProperty("reliability.report", "");

  private ReliabilityReport() {}

  /** Whether every case is to be tried, not a selection that fits the gate. */
  public static boolean full() {
    return !PAGE.isEmpty();
  }

  /**
   * Tells the figures.
   *
   * @param section its two comments stand in the page: {@code <!-- name -->} and {@code <!-- end of
   *     name -->}
   * @param markdown one or more lines
   */
  public static void tell(String section, String markdown) {
    System.out.println(section + ": " + markdown.strip());
    if (full()) {
      write(section, markdown.strip());
    }
  }

  /** Under a lock: the test run has more than one JVM. */
  private static void write(String section, String markdown) {
    try (FileChannel file = FileChannel.open(Path.of(PAGE), READ, WRITE)) {
      file.lock();
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {}
      String page = new String(bytes.array(), StandardCharsets.UTF_8);
      String begin = "<!-- " + section + " -->\n";
      String end = "<!-- end of " + section + " -->";
      Matcher found =
          Pattern.compile(Pattern.quote(begin) + ".*?" + Pattern.quote(end), Pattern.DOTALL)
              .matcher(page);
      if (!found.find()) {
        throw new IllegalStateException(PAGE + " has no section " + section);
      }
      String written =
          found.replaceFirst(Matcher.quoteReplacement(begin + "\n" + markdown + "\n\n" + end));
      file.truncate(0);
      file.write(ByteBuffer.wrap(written.getBytes(StandardCharsets.UTF_8)), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
