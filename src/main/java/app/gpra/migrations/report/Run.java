package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One command that changes a database: what it has done, and the words for that. */
public final class Run {

  /** The one of this thread: an application may have several at once. */
  private static final ThreadLocal<Run> CURRENT = new ThreadLocal<>();

  private static final String INTERRUPTED = "It was interrupted, as by Ctrl-C.";

  private static final int MOST_NAMED = 3;

  /** How a changeset ended. */
  enum Result {
    APPLIED("applied"),
    PASSED_OVER("passed over"),
    UNDONE("undone"),
    FAILED("failed");

    private final String word;

    Result(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /**
   * A changeset that was gone through.
   *
   * @param reason why it was passed over; otherwise empty
   */
  record Handled(Entry entry, Result result, String reason, long nanos) {}

  /**
   * A lock that did not come at once.
   *
   * @param target on what
   * @param holders who had it
   */
  record Wait(String target, String holders, long nanos) {}

  private final Invocation invocation;
  private final Server server;
  private final Standing before;
  private final List<Entry> plan;
  private final LongSupplier nanoClock;
  private final long began;
  private final List<Handled> handled = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final List<Wait> waits = new ArrayList<>();
  private long handlingSince;

  /** The changeset that is being gone through; null if none is. */
  private String handling;

  private String failure;

  /**
   * Begins.
   *
   * @param plan what is to be gone through, in order
   */
  Run(
      Invocation invocation,
      Server server,
      Standing before,
      List<Entry> plan,
      LongSupplier nanoClock) {
    this.invocation = invocation;
    this.server = server;
    this.before = before;
    this.plan = plan;
    this.nanoClock = nanoClock;
    this.began = nanoClock.getAsLong();
  }

  /** {@return the one that runs in this thread; empty if none does} */
  public static Optional<Run> current() {
    return Optional.ofNullable(CURRENT.get());
  }

  static void setCurrent(Run run) {
    CURRENT.set(run);
  }

  static void clearCurrent() {
    CURRENT.remove();
  }

  Invocation invocation() {
    return invocation;
  }

  Server server() {
    return server;
  }

  List<Entry> plan() {
    return plan;
  }

  synchronized List<Handled> handled() {
    return List.copyOf(handled);
  }

  synchronized List<String> notices() {
    return List.copyOf(notices);
  }

  synchronized List<Wait> waits() {
    return List.copyOf(waits);
  }

  /** Why it failed; null if it did not. */
  synchronized String failure() {
    return failure;
  }

  boolean goesBack() {
    return invocation.goal().equals("rollback");
  }

  /** A changeset begins. */
  synchronized void begins(Screen screen, String id) {
    handlingSince = nanoClock.getAsLong();
    handling = id;
    screen.status(
        handled.size(), plan.size(), "%d of %d %s".formatted(handled.size(), plan.size(), id));
  }

  /** A changeset has ended: shows its line. */
  synchronized void ended(Screen screen, Entry entry, Result result, String reason) {
    Handled one = new Handled(entry, result, reason, nanoClock.getAsLong() - handlingSince);
    handled.add(one);
    handling = null;
    Screen.endStatus();
    if (result != Result.FAILED) {
      screen.say(line(screen, one));
    }
    Json.line("changeset", RunReport.Step.of(one));
  }

  /** First how far it is and how long it took: what comes last may be cut. */
  private String line(Screen screen, Handled one) {
    int width = Integer.toString(plan.size()).length();
    String counter =
        ("%" + width + "d/%d %9s ")
            .formatted(handled.size(), Math.max(handled.size(), plan.size()), time(one.nanos()));
    String id = one.entry().id();
    String how =
        switch (one.result()) {
          case PASSED_OVER -> " passed over";
          case UNDONE -> " undone";
          default -> "";
        };
    String why =
        switch (one.result()) {
          case PASSED_OVER -> ", " + one.reason();
          case UNDONE -> one.entry().undoes().isEmpty() ? "" : ": " + one.entry().undoes();
          default -> one.entry().comment().isEmpty() ? "" : ": " + one.entry().comment();
        };
    return counter
        + screen.in(Screen.Colour.BOLD, id)
        + (how.isEmpty()
            ? ""
            : screen.in(
                one.result() == Result.UNDONE ? Screen.Colour.GREEN : Screen.Colour.YELLOW, how))
        + screen.fitting(why, counter.length() + id.length() + how.length());
  }

  /**
   * Remembers what the database said.
   *
   * @param text a notice or a warning
   */
  public synchronized void notice(String text) {
    notices.add(text);
  }

  /**
   * Remembers what a statement has waited for.
   *
   * @param target a lock on which table, or what else it was
   * @param holders who had it
   * @param nanos for how long, as far as anybody has looked
   */
  public synchronized void waited(String target, String holders, long nanos) {
    waits.add(new Wait(target, holders, nanos));
  }

  /**
   * Remembers why it fails. The first reason is the cause; what follows comes of it.
   *
   * @param sentence what the operator is to read
   */
  public synchronized void failed(String sentence) {
    if (failure == null) {
      failure = sentence;
    }
  }

  /** Somebody has ended it. */
  void interrupted() {
    failed(INTERRUPTED);
  }

  /** The session has ended; Liquibase did not say so of all that it does. */
  synchronized void lost() {
    if (handled.size() < plan.size()) {
      failed("The server's log says why.");
    }
  }

  /** What is known before it begins. */
  List<String> heading() {
    List<String> lines = new ArrayList<>();
    if (plan.isEmpty()) {
      lines.add(server.sentence() + ".");
    } else {
      lines.add("%s. It stands %s.".formatted(server.sentence(), before.place()));
      lines.add((goesBack() ? "To undo: " : "To do: ") + Entry.count(plan) + ".");
    }
    return lines;
  }

  /**
   * What is to be said at the end.
   *
   * @param after where the database stands now; null if it could not be asked
   */
  synchronized List<String> end(Screen screen, Standing after) {
    List<String> lines = new ArrayList<>();
    lines.add(outcome(screen, after));
    if (failure != null) {
      failure
          .lines()
          .forEach(line -> lines.add((lines.size() == 1 ? "  reason: " : "    ") + line.strip()));
    }
    lines.addAll(details(after));
    String next = next();
    if (next != null) {
      lines.add("  " + next);
    }
    return lines;
  }

  String outcome(Screen screen, Standing after) {
    String now = after == null ? "" : ": %s stands %s".formatted(server.place(), after.place());
    if (after != null && after.isWhole() && !handled.isEmpty()) {
      now = now.replaceFirst(": no changeset|$", " now$0");
    }
    String time = time(nanoClock.getAsLong() - began);
    if (failure != null) {
      Handled last = handled.isEmpty() ? null : handled.get(handled.size() - 1);
      String in = last != null && last.result() == Result.FAILED ? last.entry().id() : handling;
      return screen.in(Screen.Colour.RED, "Stopped")
          + (in == null ? "" : " in " + in)
          + " after "
          + time
          + now
          + ".";
    }
    if (handled.isEmpty()) {
      return screen.in(Screen.Colour.GREEN, "Nothing to " + (goesBack() ? "undo" : "do"))
          + now
          + ".";
    }
    return screen.in(Screen.Colour.GREEN, goesBack() ? "Undone" : "Done")
        + " in "
        + time
        + now
        + ".";
  }

  /** Counted: applied, passed over, undone, there already, left out. */
  List<String> details(Standing after) {
    List<String> lines = new ArrayList<>();
    List<Entry> applied = of(Result.APPLIED);
    if (!applied.isEmpty()) {
      lines.add("  applied: " + Entry.count(applied));
    }
    handled.stream()
        .filter(one -> one.result() == Result.PASSED_OVER)
        .collect(Collectors.groupingBy(Handled::reason, LinkedHashMap::new, Collectors.toList()))
        .forEach(
            (reason, passed) ->
                lines.add(
                    "  passed over: %s (%s)"
                        .formatted(named(passed.stream().map(Handled::entry).toList()), reason)));
    List<Entry> undone = of(Result.UNDONE);
    if (!undone.isEmpty()) {
      String names = named(undone);
      String count = Entry.count(undone);
      lines.add("  undone: " + count + (names.equals(count) ? "" : " (" + names + ")"));
    }
    Standing now = after == null ? before : after;
    Set<String> gone = keys(handled.stream().map(Handled::entry).toList());
    if (failure != null) {
      Set<String> finished =
          keys(
              handled.stream()
                  .filter(one -> one.result() != Result.FAILED)
                  .map(Handled::entry)
                  .toList());
      List<Entry> rest =
          goesBack() || after == null
              ? plan.stream().filter(entry -> !finished.contains(entry.key())).toList()
              : now.pending();
      if (!rest.isEmpty()) {
        lines.add((goesBack() ? "  not undone: " : "  not applied: ") + Entry.count(rest));
      }
    }
    if (failure != null && after == null) {
      lines.add("  the session has ended: mvn liquibase:status says where the database stands");
    }
    if (!goesBack()) {
      // Another run may have done something while this one waited for it.
      List<Entry> there =
          now.applied().stream().filter(entry -> !gone.contains(entry.key())).toList();
      if (!there.isEmpty()) {
        lines.add("  there already: " + Entry.count(there));
      }
      List<Entry> leftOut = before.leftOut();
      if (!leftOut.isEmpty()) {
        lines.add(
            "  left out: %s, which wait for %s"
                .formatted(Entry.count(leftOut), Standing.labelFilter(leftOut)));
      }
    }
    return lines;
  }

  /** Each by its name, where they are few. */
  private static String named(List<Entry> entries) {
    return entries.size() > MOST_NAMED
        ? Entry.count(entries)
        : entries.stream().map(Entry::id).collect(Collectors.joining(", "));
  }

  private static Set<String> keys(List<Entry> entries) {
    return entries.stream().map(Entry::key).collect(Collectors.toSet());
  }

  private List<Entry> of(Result result) {
    return handled.stream().filter(one -> one.result() == result).map(Handled::entry).toList();
  }

  /** What comes next, the one command in it; null if nothing does. */
  private String next() {
    if (failure != null) {
      return "next: " + afterFailure();
    }
    String opposite = opposite();
    return opposite == null ? null : (goesBack() ? "forward again: " : "to go back: ") + opposite;
  }

  String afterFailure() {
    return (INTERRUPTED.equals(failure) ? "" : "correct what the error says, then ")
        + (GpraProperties.counts(invocation.given())
            ? "look at mvn liquibase:history and give the number of changesets that is left"
            : invocation.again());
  }

  /** The command that takes back what was done; null where nothing was. */
  String opposite() {
    List<Entry> gone =
        Stream.of(Result.APPLIED, Result.PASSED_OVER, Result.UNDONE)
            .flatMap(result -> of(result).stream())
            .toList();
    if (gone.isEmpty()) {
      return null;
    }
    boolean labelled = gone.stream().anyMatch(entry -> !entry.label().isEmpty());
    if (!goesBack()) {
      String tag =
          before.tag() != null
              ? before.tag()
              : gone.stream().map(Entry::tag).filter(t -> t != null).findFirst().orElse(null);
      if (tag == null) {
        return null;
      }
      // A later migration may have run before these: a tag would leave them, or take that too.
      return before.isBefore(tag, keys(gone))
          ? invocation.back(gone.size(), labelled)
          : invocation.back(tag, labelled);
    }
    // To where it was, not further.
    boolean last = before.pending().isEmpty();
    return invocation.forward(last || !before.isWhole() ? null : before.tag(), labelled);
  }

  /**
   * Says a time as short as it may be.
   *
   * @param nanos how long
   * @return for example {@code 1.1 s}
   */
  public static String time(long nanos) {
    long millis = nanos / 1_000_000;
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", Math.floor(millis / 100.0) / 10);
    }
    return "%d min %d s".formatted(millis / 60_000, millis % 60_000 / 1000);
  }
}
