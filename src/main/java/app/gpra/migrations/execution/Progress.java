package app.gpra.migrations.execution;

import app.gpra.migrations.report.Screen;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Shows how far a long statement is: a bar on a terminal, elsewhere a plain line for the first
 * step, then at most one every five seconds, and the last.
 */
final class Progress implements AutoCloseable {

  private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;
  private static final Pattern NOTICE =
      Pattern.compile("(.+?): (\\d{1,18}) of (\\d{1,18}) (row\\(s\\))(.*)", Pattern.DOTALL);

  private final Consumer<String> out;
  private final Consumer<Step> bar;
  private final LongSupplier nanoClock;
  private String task = "";
  private Step pending;
  private long shown;

  /**
   * Begins with nothing.
   *
   * @param bar draws a step on a terminal, in place of the last; null where nobody looks
   */
  Progress(Consumer<String> out, Consumer<Step> bar, LongSupplier nanoClock) {
    this.out = out;
    this.bar = bar;
    this.nanoClock = nanoClock;
  }

  /**
   * A step of something long.
   *
   * @param task what it is; all steps of one have the same
   * @param unit what is counted
   * @param rest what else is to be said, with the space before it; may be empty
   */
  record Step(String task, long done, long total, String unit, String rest) {

    /** Empty if the notice counts nothing. */
    static Optional<Step> of(String notice) {
      Matcher step = NOTICE.matcher(notice);
      return step.matches()
          ? Optional.of(
              new Step(
                  step.group(1),
                  Long.parseLong(step.group(2)),
                  Long.parseLong(step.group(3)),
                  step.group(4),
                  step.group(5)))
          : Optional.empty();
    }

    String line() {
      return "%s: %d of %d %s%s".formatted(task, done, total, unit, rest);
    }
  }

  /** Shows a step. */
  void show(Step step) {
    if (!step.task().equals(task)) {
      close();
      task = step.task();
      shown = nanoClock.getAsLong() - NANOS_BETWEEN_LINES;
    }
    if (bar != null) {
      bar.accept(step);
    } else if (nanoClock.getAsLong() - shown >= NANOS_BETWEEN_LINES
        || step.done() >= step.total()) {
      out.accept(step.line());
      shown = nanoClock.getAsLong();
      pending = null;
    } else {
      pending = step;
    }
  }

  /** Makes way for a notice that is no step; one about the same says more than a step to come. */
  void giveWay(String notice) {
    if (bar != null) {
      Screen.endStatus();
    }
    if (notice.startsWith(task + ": ")) {
      pending = null;
    }
  }

  /** The statement is over: shows the last step, and takes the bar away. */
  @Override
  public void close() {
    if (bar != null) {
      Screen.endStatus();
    }
    if (pending != null) {
      out.accept(pending.line());
      pending = null;
    }
    task = "";
  }
}
