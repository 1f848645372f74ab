package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RunTest {

  private static final Server SERVER = new Server("gpra", "db.example:5432", "deploy", "18.6");

  private final AtomicLong millis = new AtomicLong();
  private final List<String> lines = new ArrayList<>();
  private final Screen screen = new Screen(lines::add, false, 0);
  private final Properties given = new Properties();

  private static Entry entry(String id, String label, String tag, boolean applied) {
    return new Entry(
        id,
        id,
        "Why there is " + id,
        label,
        tag,
        applied,
        label.isEmpty() || label.equals("wanted"));
  }

  /** 001 is there, 002 is not, 003 has a label. */
  private static Standing standing(boolean verified, boolean tagged) {
    return new Standing(
        List.of(
            entry("001-items", "", null, true),
            entry("001-tag", "", "001", true),
            entry("002-assign", "", null, verified),
            entry("002-tag", "", "002", tagged),
            entry("003-require", "enforce", null, false)),
        List.of(),
        List.of());
  }

  private Run run(String goal, Standing before, List<Entry> plan) {
    return new Run(
        new Invocation(goal, "", given), SERVER, before, plan, () -> millis.get() * 1_000_000);
  }

  private void step(Run run, Screen on, Entry entry, Run.Result result, String reason, long took) {
    run.begins(on, entry.id());
    millis.addAndGet(took);
    run.ended(on, entry, result, reason);
  }

  private Run update(Screen on) {
    Standing before = standing(false, false);
    Run run = run("update", before, before.pending());
    run.heading().forEach(on::say);
    step(run, on, before.entries().get(2), Run.Result.PASSED_OVER, "valid already", 27);
    run.notice("002: items: 36 row(s) had no owner and belong to user 3 now");
    run.waited("a lock on items", "pid 7, user app, application \"report\", active", 1_250_000_000);
    step(run, on, before.entries().get(3), Run.Result.APPLIED, "", 61_500);
    return run;
  }

  @Test
  void saysOfAnUndoneChangeSetThatChangedNothingThatItIsUndoneOnly() {
    Entry verify =
        new Entry("002-verify", "002-verify", "Changes nothing. Looks again", "", null, true, true);
    Run run = run("rollback", standing(true, true), List.of(verify));
    step(run, screen, verify, Run.Result.UNDONE, "", 5);
    assertThat(lines).last().isEqualTo("1/1      5 ms 002-verify undone");
  }

  @Test
  void saysWhereItWorksWhatItDoesAndHowToGoBack() {
    Run run = update(screen);
    run.end(screen, standing(true, true)).forEach(screen::say);
    assertThat(lines)
        .containsExactly(
            "gpra on db.example:5432, PostgreSQL 18.6, as deploy. It stands at 001.",
            "To do: 2 changesets of 002.",
            "1/2     27 ms 002-assign passed over, valid already",
            "2/2 1 min 1 s 002-tag: Why there is 002-tag",
            "Done in 1 min 1 s: gpra on db.example:5432 stands at 002 now.",
            "  applied: 1 changeset of 002",
            "  passed over: 002-assign (valid already)",
            "  there already: 2 changesets of 001",
            "  left out: 1 changeset of 003, which wait for -Dliquibase.labelFilter=enforce",
            "  to go back: mvn liquibase:rollback -Dliquibase.rollbackTag=001");
  }

  @Test
  void saysTheSameOnATerminalInColour() {
    List<String> coloured = new ArrayList<>();
    Screen terminal = new Screen(coloured::add, true, 0);
    update(screen).end(screen, standing(true, true)).forEach(screen::say);
    millis.set(0);
    update(terminal).end(terminal, standing(true, true)).forEach(terminal::say);

    assertThat(coloured).isNotEqualTo(lines);
    assertThat(coloured.stream().map(line -> line.replaceAll("\033\\[\\d+m", "")).toList())
        .isEqualTo(lines);
  }

  @Test
  void saysWhatIsFinishedAndTheNextCommandWhereItStopped() {
    given.setProperty("gpra.admin.username", "o'brien");
    given.setProperty("liquibase.toTag", "002");
    Standing before = standing(false, false);
    Run run = run("update", before, before.pending());
    step(run, screen, before.entries().get(2), Run.Result.APPLIED, "", 3);
    run.failed("There is no user \"o'brien\"");
    run.failed("what comes of it");
    step(run, screen, before.entries().get(3), Run.Result.FAILED, "", 3);
    run.end(screen, standing(true, false)).forEach(screen::say);

    assertThat(lines)
        .containsExactly(
            "1/2      3 ms 002-assign: Why there is 002-assign",
            "Stopped in 002-tag after 6 ms: gpra on db.example:5432 stands halfway inside 002, after 001: 1 of its 2 changesets are applied, the next is 002-tag.",
            "  reason: There is no user \"o'brien\"",
            "  applied: 1 changeset of 002",
            "  not applied: 1 changeset of 002",
            "  there already: 2 changesets of 001",
            "  left out: 1 changeset of 003, which wait for -Dliquibase.labelFilter=enforce",
            "  next: correct what the error says, then mvn liquibase:update -Dliquibase.toTag=002"
                + " '-Dgpra.admin.username=o'\\''brien'");
    assertThat(Markdown.of(RunReport.of(run, standing(true, false), List.of(), List.of())))
        .startsWith("# Stopped in 002-tag after 6 ms")
        .contains(
            "> There is no user \"o'brien\"\n",
            "| `002-tag` | Why there is 002-tag | failed | 3 ms |")
        .contains("## Next", "## To go back")
        .doesNotContain("what comes of it");
  }

  @Test
  void saysTheSameWhereItIsInterrupted() {
    Standing before = standing(false, false);
    Run run = run("update", before, before.pending());
    step(run, screen, before.entries().get(2), Run.Result.APPLIED, "", 3);
    run.begins(screen, "002-tag");
    run.interrupted();
    assertThat(run.end(screen, null))
        .containsSubsequence(
            "Stopped in 002-tag after 3 ms.",
            "  reason: It was interrupted, as by Ctrl-C.",
            "  applied: 1 changeset of 002",
            "  not applied: 1 changeset of 002")
        .last()
        .isEqualTo("  next: mvn liquibase:update");
  }

  /** Time first, what may be cut last; a command as it is. */
  @Test
  void fitsATerminal() {
    List<String> narrow = new ArrayList<>();
    Screen terminal = new Screen(narrow::add, true, 50);
    Run run = update(terminal);
    run.end(terminal, standing(true, true)).forEach(terminal::say);
    assertThat(narrow.stream().map(line -> line.replaceAll("\033\\[\\d+m", "")).toList())
        .containsSubsequence(
            "1/2     27 ms 002-assign passed over, vali…",
            "2/2 1 min 1 s 002-tag: Why there is 002-tag",
            "  left out: 1 changeset of 003, which wait",
            "    for -Dliquibase.labelFilter=enforce",
            "  to go back:",
            "    mvn liquibase:rollback -Dliquibase.rollbackTag=001");
  }

  /** It is typed in one line, whatever runs it. */
  @Test
  void leavesTheJarsCommandInOneLine() {
    List<String> narrow = new ArrayList<>();
    Screen terminal = new Screen(narrow::add, false, 50);
    Invocation.runsAs("java -jar /srv/gpra-migrations-2.0.0-all.jar");
    try {
      update(terminal).end(terminal, standing(true, true)).forEach(terminal::say);
    } finally {
      Invocation.runsAs("mvn");
    }
    assertThat(narrow)
        .endsWith(
            "  to go back:",
            "    java -jar /srv/gpra-migrations-2.0.0-all.jar rollback -Dliquibase.rollbackTag=001");
  }

  @Test
  void countsWhatIsPassedOverWhereThatIsMuch() {
    Standing before = standing(false, false);
    Run run = run("update", before, before.pending());
    for (int number = 1; number <= 4; number++) {
      Entry entry = entry("002-index-" + number, "", null, false);
      step(run, screen, entry, Run.Result.PASSED_OVER, "valid already", 1);
    }
    assertThat(run.end(screen, null))
        .contains("  passed over: 4 changesets of 002 (valid already)");
  }

  @Test
  void saysThatTheServerIsGoneByNotSayingWhereItStands() {
    Standing before = standing(false, false);
    Run run = run("update", before, before.pending());
    step(run, screen, before.entries().get(2), Run.Result.APPLIED, "", 3);
    run.failed("terminating connection due to administrator command\n  Wait until it is there");
    step(run, screen, before.entries().get(3), Run.Result.FAILED, "", 3);
    assertThat(run.end(screen, null))
        .startsWith("Stopped in 002-tag after 6 ms.")
        .contains(
            "  applied: 1 changeset of 002",
            "  not applied: 1 changeset of 002",
            "  there already: 2 changesets of 001",
            "  reason: terminating connection due to administrator command",
            "    Wait until it is there",
            "  the session has ended: mvn liquibase:status says where the database stands");
  }

  @Test
  void showsOfSomebodyElsesLineNothingThatATerminalObeys() {
    List<String> coloured = new ArrayList<>();
    Screen terminal = new Screen(coloured::add, true, 0);
    String line = terminal.in(Screen.Colour.GREEN, "Done") + " x\n[INFO]\033[2J\033[1A";
    terminal.say(line);
    screen.say(screen.in(Screen.Colour.GREEN, "Done") + " x\n[INFO]\033[2J\033[1A");
    assertThat(coloured).containsExactly("\033[32mDone\033[0m x␊[INFO]␛[2J␛[1A");
    assertThat(lines).containsExactly("Done x␊[INFO]␛[2J␛[1A");
  }

  @Test
  void saysHowToGoForwardAgain() {
    Standing before = standing(true, true);
    Run run = run("rollback", before, List.of(before.entries().get(3), before.entries().get(2)));
    run.heading().forEach(screen::say);
    step(run, screen, before.entries().get(3), Run.Result.UNDONE, "", 5);
    step(run, screen, before.entries().get(2), Run.Result.UNDONE, "", 5);
    run.end(screen, standing(false, false)).forEach(screen::say);
    assertThat(lines)
        .containsExactly(
            "gpra on db.example:5432, PostgreSQL 18.6, as deploy. It stands at 002.",
            "To undo: 2 changesets of 002.",
            "1/2      5 ms 002-tag undone: Why there is 002-tag",
            "2/2      5 ms 002-assign undone: Why there is 002-assign",
            "Undone in 10 ms: gpra on db.example:5432 stands at 001 now.",
            "  undone: 2 changesets of 002 (002-tag, 002-assign)",
            "  forward again: mvn liquibase:update");
  }

  @Test
  void saysWhatIsNotUndoneYet() {
    Standing before = standing(true, true);
    Run run = run("rollback", before, List.of(before.entries().get(3), before.entries().get(2)));
    step(run, screen, before.entries().get(3), Run.Result.UNDONE, "", 5);
    run.failed("2 rows would be lost");
    step(run, screen, before.entries().get(2), Run.Result.FAILED, "", 5);
    assertThat(run.end(screen, standing(true, false)))
        .contains("  undone: 1 changeset of 002 (002-tag)", "  not undone: 1 changeset of 002")
        .last()
        .isEqualTo("  next: correct what the error says, then mvn liquibase:rollback");
  }

  /** While this one waited for the lock. */
  @Test
  void countsWhatAnotherRunHasDoneAsThereAlready() {
    Standing before = standing(false, false);
    Run run = run("update", before, before.pending());
    assertThat(run.end(screen, standing(true, true)))
        .contains(
            "Nothing to do: gpra on db.example:5432 stands at 002.",
            "  there already: 4 changesets of 001 and 002");
  }

  /** What was not there before is not to come with it. */
  @Test
  void goesForwardToWhereItWas() {
    Standing before = standing(false, false);
    Run run = run("rollback", before, List.of(before.entries().get(1)));
    step(run, screen, before.entries().get(1), Run.Result.UNDONE, "", 5);
    assertThat(run.end(screen, null))
        .contains("  forward again: mvn liquibase:update -Dliquibase.toTag=001");
  }

  @Test
  void saysThatThereIsNothingToDo() {
    Standing up = standing(true, true);
    Run run = run("update", up, List.of());
    run.heading().forEach(screen::say);
    run.end(screen, up).forEach(screen::say);
    assertThat(lines)
        .containsExactly(
            "gpra on db.example:5432, PostgreSQL 18.6, as deploy.",
            "Nothing to do: gpra on db.example:5432 stands at 002.",
            "  there already: 4 changesets of 001 and 002",
            "  left out: 1 changeset of 003, which wait for -Dliquibase.labelFilter=enforce");
  }

  @Test
  void namesTheLabelFilterOnTheWayBackOnlyWhereItIsNeeded() {
    given.setProperty("liquibase.url", "jdbc:postgresql://db.example/gpra?password=secret");
    given.setProperty("liquibase.password", "secret");
    given.setProperty("liquibase.username", "deploy");
    given.setProperty("liquibase.changelogFile", "db/changelog.xml");
    Invocation enforce = new Invocation("update", "enforce", given);
    String where =
        "-Dliquibase.url=… -Dliquibase.username=deploy -Dliquibase.password=… -Dliquibase.changelogFile=db/changelog.xml";
    assertThat(enforce.back("002", true))
        .isEqualTo(
            "mvn liquibase:rollback "
                + where
                + " -Dliquibase.rollbackTag=002 -Dliquibase.labelFilter=enforce");
    assertThat(enforce.back("000", false))
        .isEqualTo("mvn liquibase:rollback " + where + " -Dliquibase.rollbackTag=000");
    given.setProperty("gpra.report", "target/report.md");
    given.setProperty("gpra.output", "json");
    given.setProperty("gpra.rollback.discard", "true");
    given.setProperty("gpra.app.role", "a b");
    assertThat(new Invocation("rollback", "enforce", given).forward("003", true))
        .isEqualTo(
            "mvn liquibase:update "
                + where
                + " -Dliquibase.toTag=003 -Dliquibase.labelFilter=enforce '-Dgpra.app.role=a b'");
    assertThat(enforce.again()).doesNotContain("secret");
    given.setProperty("gpra.app.role", "a\nDROP TABLE items;");
    assertThat(enforce.settings("enforce"))
        .isEqualTo(
            "-Dliquibase.labelFilter=enforce '-Dgpra.app.role=a␊DROP TABLE items;' -Dgpra.rollback.discard=true");
  }

  @Test
  void givesTheSameAsAReport() {
    String report =
        Markdown.of(RunReport.of(update(screen), standing(true, true), List.of(), List.of()));
    assertThat(report)
        .startsWith("# Done in 1 min 1 s: gpra on db.example:5432 stands at 002 now\n")
        .contains(
            "- To do: 2 changesets of 002.",
            "| `002-assign` | Why there is 002-assign | passed over: valid already | 27 ms |\n",
            "| `002-tag` | Why there is 002-tag | applied | 1 min 1 s |\n",
            "```text\n002: items: 36 row(s) had no owner and belong to user 3 now\n```\n",
            "| a lock on items | pid 7, user app, application \"report\", active | 1.2 s |\n",
            "```text\nmvn liquibase:rollback -Dliquibase.rollbackTag=001\n```\n");
    assertThat(report.split("`002-tag`")).hasSize(2);
  }

  @Test
  void keepsWordsOfOthersWords() {
    assertThat(Markdown.escape("a|b\n<img> @team `x` a_b"))
        .isEqualTo("a\\|b &lt;img> @<!-- -->team \\`x\\` a_b");
    assertThat(Markdown.escape("https://evil.example WWW.evil.example \u202ex"))
        .isEqualTo("https:<!-- -->//evil.example www<!-- -->.evil.example �x");
    assertThat(Markdown.block(List.of("```\n@team"))).isEqualTo("```text\n'''␊@team\n```\n");
  }

  @Test
  void writesTimesShort() {
    assertThat(Run.time(999_999_999)).isEqualTo("999 ms");
    assertThat(Run.time(1_000_000_000)).isEqualTo("1.0 s");
    assertThat(Run.time(59_990_000_000L)).isEqualTo("59.9 s");
    assertThat(Run.time(60_000_000_000L)).isEqualTo("1 min 0 s");
  }
}
