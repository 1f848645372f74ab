package app.gpra.migrations.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a command has done, or would do, for those who were not there: the page, the Markdown and
 * the JSON are three forms of it. In JSON, what is null or does not apply is not there.
 *
 * @param command the goal: {@code update}, {@code rollback}, {@code status}
 * @param outcome {@code begun}, {@code done}, {@code nothing}, {@code stopped}, {@code refused},
 *     {@code unfinished}, {@code preview}, {@code status}, {@code drift}, {@code same}
 * @param title the same in a sentence without a full stop
 * @param server the database; null where there was no connection
 * @param stands where the database stands, the end of a sentence that begins with "it stands"; null
 *     if it could not be asked
 * @param tag the tag that it has last; null if it has none
 * @param summary lines
 * @param changeSets what was gone through, in order
 * @param plan what is to be gone through, in order
 * @param leftOut how many changesets the label filter leaves out
 * @param history what the database has, in the order in which it ran
 * @param notices what the database said
 * @param waits for which locks it waited
 * @param failure why it failed
 * @param next what to do after a failure
 * @param opposite the command that takes it back
 */
record RunReport(
    String command,
    String outcome,
    String title,
    Server server,
    String stands,
    String tag,
    List<String> summary,
    List<Step> changeSets,
    List<Outlook> plan,
    int leftOut,
    List<HistoryRow> history,
    List<String> notices,
    List<Waited> waits,
    String failure,
    String next,
    String opposite) {

  /**
   * A changeset that was gone through.
   *
   * @param result {@code applied}, {@code passed-over}, {@code undone} or {@code failed}
   * @param reason why it was passed over; null otherwise
   */
  record Step(
      String id, String migration, String comment, String result, String reason, long millis) {

    static Step of(Run.Handled one) {
      return new Step(
          one.entry().id(),
          one.entry().migration(),
          one.entry().comment(),
          one.result().word().replace(' ', '-'),
          one.reason().isEmpty() ? null : one.reason(),
          one.nanos() / 1_000_000);
    }

    /** As it is read. */
    public String word() {
      return result.replace('-', ' ');
    }

    /** As it is read. */
    public String time() {
      return Run.time(millis * 1_000_000);
    }
  }

  /**
   * A lock that did not come at once.
   *
   * @param millis as far as anybody has looked
   */
  record Waited(String lock, String heldBy, long millis) {

    /** Shorter waits are not measured well: somebody looks four times for each lock_timeout. */
    private static final long SHORTEST = 1000;

    public String time() {
      return millis < SHORTEST ? "under 1 s" : Run.time(millis * 1_000_000);
    }
  }

  /** Of a run that goes on, in case that it does not live to its end. */
  static RunReport unfinished() {
    return bare(
        "unfinished",
        "Not finished",
        List.of("The run was ended from outside, or goes on still."),
        null);
  }

  /** Of one that could not begin. */
  static RunReport refused(String failure) {
    return bare("refused", "Failed, and nothing was done", List.of(), failure);
  }

  /** Of a comparison of a database with its history. */
  static RunReport ofDrift(
      String database,
      Server server,
      List<HistoryRow> history,
      List<String> differences,
      List<String> information) {
    boolean same = differences.isEmpty();
    HistoryRow last = history.get(history.size() - 1);
    return new RunReport(
        "drift",
        same ? "same" : "drift",
        same
            ? "%s is what its history says".formatted(database)
            : "%s is not what its history says, in %d point(s)"
                .formatted(database, differences.size()),
        server,
        "after %d changesets, the last %s".formatted(history.size(), last.id()),
        last.tag(),
        differences,
        List.of(),
        List.of(),
        0,
        history,
        information,
        List.of(),
        null,
        null,
        null);
  }

  private static RunReport bare(
      String outcome, String title, List<String> summary, String failure) {
    return new RunReport(
        null, outcome, title, null, null, null, summary, List.of(), List.of(), 0, List.of(),
        List.of(), List.of(), failure, null, null);
  }

  /**
   * Of a run that has ended.
   *
   * @param after where the database stands now; null if it could not be asked
   */
  static RunReport of(Run run, Standing after, List<Outlook> plan, List<HistoryRow> history) {
    Screen plain = new Screen(line -> {}, false, 0);
    String title = run.outcome(plain, after).replaceFirst("\\.$", "");
    String outcome =
        run.failure() != null ? "stopped" : run.handled().isEmpty() ? "nothing" : "done";
    return new RunReport(
        run.invocation().goal(),
        outcome,
        title,
        run.server(),
        after == null ? null : after.place(),
        after == null ? null : after.tag(),
        strip(run.heading(), run.details(after)),
        run.handled().stream().map(Step::of).toList(),
        plan,
        after == null ? 0 : after.leftOut().size(),
        history,
        run.notices(),
        run.waits().stream()
            .map(wait -> new Waited(wait.target(), wait.holders(), wait.nanos() / 1_000_000))
            .toList(),
        run.failure(),
        run.failure() == null ? null : run.afterFailure(),
        run.opposite());
  }

  /** Of a run that is about to begin. */
  static RunReport begun(Run run, Standing before) {
    return looking(
        run.invocation().goal(),
        "begun",
        "Begun",
        run.server(),
        before,
        strip(run.heading(), List.of()),
        run.plan().stream().map(Outlook::named).toList(),
        List.of());
  }

  /** Of a script: nothing was run. */
  static RunReport ofScript(
      Run run, Standing standing, List<Outlook> plan, List<HistoryRow> history) {
    return looking(
        run.invocation().goal() + "SQL",
        "preview",
        "A script, nothing was run",
        run.server(),
        standing,
        strip(run.heading(), List.of()),
        plan,
        history);
  }

  /** Of a database that was only asked. */
  static RunReport ofStatus(
      String place,
      Server server,
      Standing standing,
      List<String> sentences,
      List<Outlook> plan,
      List<HistoryRow> history) {
    return looking(
        "status",
        "status",
        place + " stands " + standing.place(),
        server,
        standing,
        sentences,
        plan,
        history);
  }

  private static RunReport looking(
      String command,
      String outcome,
      String title,
      Server server,
      Standing standing,
      List<String> summary,
      List<Outlook> plan,
      List<HistoryRow> history) {
    return new RunReport(
        command,
        outcome,
        title,
        server,
        standing.place(),
        standing.tag(),
        summary,
        List.of(),
        plan,
        standing.leftOut().size(),
        history,
        List.of(),
        List.of(),
        null,
        null,
        null);
  }

  private static List<String> strip(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).map(String::strip).toList();
  }

  /** The outcome as a word that a page may colour. */
  public String mood() {
    return switch (outcome) {
      case "stopped", "refused", "unfinished", "drift" -> "bad";
      case "done", "nothing", "same" -> "good";
      default -> "plain";
    };
  }

  /** Whether it is of a run that has begun. */
  public boolean ran() {
    return List.of("done", "nothing", "stopped").contains(outcome);
  }

  public boolean goesBack() {
    return command != null && command.toLowerCase(Locale.ROOT).startsWith("rollback");
  }
}
