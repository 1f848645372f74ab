package app.gpra.migrations.report;

import java.util.List;

/**
 * What an operator reads last of a run. Of one in Maven that did not succeed it comes below Maven's
 * own lines, when the JVM ends. That is also where Ctrl-C ends it.
 */
final class LastLines extends Thread {

  private final Run run;
  private final Screen screen;
  private List<String> lines;

  private LastLines(Run run, Screen screen) {
    super("gpra-last-lines");
    this.run = run;
    this.screen = screen;
  }

  /** Begins with a run. */
  static LastLines of(Run run, Screen screen) {
    LastLines last = new LastLines(run, screen);
    if (Screen.isCommand()) {
      Runtime.getRuntime().addShutdownHook(last);
    }
    return last;
  }

  /**
   * The run has ended.
   *
   * @param end what is to be said
   */
  synchronized void end(List<String> end, boolean failed) {
    lines = end;
    if (!failed || !Screen.isMaven()) {
      lines.forEach(screen::say);
      lines = List.of();
      try {
        Runtime.getRuntime().removeShutdownHook(this);
      } catch (IllegalStateException e) {
        // The JVM ends.
      }
    }
  }

  @Override
  public synchronized void run() {
    if (lines == null) {
      run.interrupted();
      lines = run.end(screen, null);
      Report.write(RunReport.of(run, null, List.of(), List.of()));
    }
    // After a failure Maven has closed what classes come from: these have all been used before.
    Screen.endStatus();
    for (String line : lines) {
      screen.say(line);
    }
  }
}
