package app.gpra.migrations.execution;

import app.gpra.migrations.report.Screen;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows how far a long statement is: a bar on a terminal, elsewhere a plain line for the first
 * step, then at most one every five seconds, and the last.
 */
final class Progress implements AutoCloseable {

  private static final long NANOS_BETWEEN_LINES = 5_000_000_000L;
  private static final Pattern NOTICE =
      Pattern.compile("(.+?): (\\d{1,18}) of (\\d{1,18}) (row\\(s\\))(.*)", Pattern.DOTALL);

  private final Consumer<String> out;
  private final boolean terminal;
  private final LongSupplier nanoClock;
  private ProgressBar bar;
  private String task = "";
  private Step pending;
  private long shown;

  Progress(Consumer<String> out, boolean terminal, LongSupplier nanoClock) {
    this.out = out;
    this.terminal = terminal;
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
    if (terminal) {
      draw(step);
    } else if (nanoClock.getAsLong() - shown >= NANOS_BETWEEN_LINES
        || step.done() >= step.total()) {
      out.accept(step.line());
      shown = nanoClock.getAsLong();
      pending = null;
    } else {
      pending = step;
    }
  }

  private void draw(Step step) {
    if (bar == null) {
      Screen.endStatus();
      bar =
          new ProgressBarBuilder()
              .setTaskName(step.task())
              .setInitialMax(step.total())
              .setStyle(ProgressBarStyle.ASCII)
              .showSpeed()
              .build();
    }
    bar.maxHint(step.total());
    bar.stepTo(step.done());
    bar.setExtraMessage(" " + step.unit() + step.rest());
  }

  /** The statement is over: shows the last step. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
    if (pending != null) {
      out.accept(pending.line());
      pending = null;
    }
    task = "";
  }
}
