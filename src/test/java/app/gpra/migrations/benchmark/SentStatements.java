package app.gpra.migrations.benchmark;

import app.gpra.migrations.benchmark.OldApplication.Sample;
import app.gpra.migrations.harness.Calls;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** What a migration has sent to the server, and when. */
final class SentStatements implements Calls {

  private static final int LONGEST_TEXT = 90;

  /**
   * How long a client stood still while one statement ran.
   *
   * @param sql its beginning
   */
  record Wait(String sql, double seconds) {}

  private record Sent(String sql, long begin, long end) {}

  private final List<Sent> sent = new ArrayList<>();
  private String running;
  private long began;

  @Override
  public void begin(String call, Connection connection) {
    finish();
    running = call;
    began = System.nanoTime();
  }

  @Override
  public void end(String call, Connection connection) {
    finish();
  }

  /** The one that runs ends, whether with an answer or with an error. */
  void finish() {
    if (running != null) {
      sent.add(new Sent(running, began, System.nanoTime()));
      running = null;
    }
  }

  /** Of each statement, the longest first. */
  List<Wait> waits(List<Sample> samples) {
    return sent.stream()
        .map(
            statement ->
                new Wait(
                    shortened(statement.sql),
                    samples.stream()
                        .mapToDouble(sample -> together(statement, sample))
                        .max()
                        .orElse(0)))
        .sorted(Comparator.comparingDouble(Wait::seconds).reversed())
        .toList();
  }

  /** For how long both ran, in seconds. */
  private static double together(Sent statement, Sample sample) {
    long began = Math.max(sample.begin(), statement.begin);
    long ended = Math.min(sample.begin() + Math.round(sample.seconds() * 1e9), statement.end);
    return Math.max(0, ended - began) / 1e9;
  }

  private static String shortened(String sql) {
    String text =
        sql.lines()
            .filter(line -> !line.startsWith("--"))
            .collect(Collectors.joining(" "))
            .replaceAll("[\\s|`]+", " ")
            .strip();
    return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT).strip() + " …";
  }
}
