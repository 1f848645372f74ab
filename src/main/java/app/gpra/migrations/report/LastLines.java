package app.gpra.migrations.report;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an operator reads last of a run. Of one in Maven that did not succeed it comes below Maven's
 * own lines, when the JVM ends. That is also where Ctrl-C ends it. Of a run that could not begin it
 * says why.
 */
final class LastLines extends Thread {

  /** The command that a reason ends with. */
  private static final Pattern NEXT =
      Pattern.compile(
          "(?i)\\bthen (run (?:mvn [^.;]*\\w|the (?:same )?command again[^.;]*))[^.;]*[.;]?\\s*$");

  private static boolean refused;

  private final Run run;
  private final Screen screen;
  private final Screen errors;
  private List<String> lines;

  private LastLines(Run run, Screen screen) {
    super("gpra-last-lines");
    this.run = run;
    this.screen = screen;
    errors = screen.ofErrors();
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
   * Of one that could not begin; the first reason counts.
   *
   * @param reason why
   */
  static synchronized void refused(String reason) {
    if (refused || !Screen.isMaven()) {
      return;
    }
    refused = true;
    Screen screen = Screen.current();
    LastLines last = new LastLines(null, screen);
    Matcher command = NEXT.matcher(reason);
    last.lines =
        List.of(
            RunReport.refused(reason).title() + ".",
            "  reason: " + reason.replaceAll("\\s+", " "),
            "  next: "
                + (command.find()
                    ? command.group(1)
                    : "correct what the reason says, then run the same command again"));
    // What it needs is loaded now: later that is too late.
    last.lines.forEach(screen.unseen()::say);
    Screen.endStatus();
    try {
      Runtime.getRuntime().addShutdownHook(last);
    } catch (IllegalStateException e) {
      // The JVM ends.
    }
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
      errors.say(line);
    }
  }
}
