package app.gpra.migrations.report;

import java.util.List;
import java.util.stream.Collectors;

/** A run in GitHub's Markdown, for a pipeline's summary or a pull request. */
final class Markdown {

  /** Shorter waits are not measured well: somebody looks four times for each lock_timeout. */
  private static final long SHORTEST_WAIT_NANOS = 1_000_000_000L;

  private Markdown() {}

  /**
   * What a run has done.
   *
   * @param after where the database stands now; null if it could not be asked
   */
  static String of(Run run, Standing after) {
    Screen plain = new Screen(line -> {}, false, 0);
    StringBuilder text = new StringBuilder();
    text.append("# ").append(run.outcome(plain, after).replaceFirst("\\.$", "")).append("\n\n");
    if (run.failure() != null) {
      text.append(quote(run.failure())).append('\n');
    }
    list(text, run.heading());
    list(text, run.details(after));
    if (!run.handled().isEmpty()) {
      text.append(
          "\n## Changesets\n\n| changeset | what it does | result | time |\n|---|---|---|---:|\n");
      for (Run.Handled one : run.handled()) {
        row(
            text,
            code(one.entry().id()),
            escape(one.entry().comment()),
            one.result().word() + (one.reason().isEmpty() ? "" : ": " + escape(one.reason())),
            Run.time(one.nanos()));
      }
    }
    if (!run.notices().isEmpty()) {
      text.append("\n## What the database said\n\n").append(block(run.notices()));
    }
    text.append("\n## Locks waited for\n\n");
    text.append(run.waits().isEmpty() ? "None.\n" : "| lock | held by | about |\n|---|---|---:|\n");
    for (Run.Wait wait : run.waits()) {
      row(
          text,
          escape(wait.target()),
          escape(wait.holders()),
          wait.nanos() < SHORTEST_WAIT_NANOS ? "under 1 s" : Run.time(wait.nanos()));
    }
    if (run.failure() != null) {
      text.append("\n## Next\n\n").append(block(List.of(run.afterFailure())));
    }
    String opposite = run.opposite();
    if (opposite != null) {
      text.append(run.goesBack() ? "\n## Forward again\n\n" : "\n## To go back\n\n")
          .append(block(List.of(opposite)));
    }
    return text.toString();
  }

  /** What a script is for. */
  static String ofScript(Run run) {
    StringBuilder text = new StringBuilder("# A script, nothing was run\n\n");
    list(text, run.heading());
    if (!run.plan().isEmpty()) {
      text.append("\n| changeset | what it does |\n|---|---|\n");
      run.plan().forEach(entry -> row(text, code(entry.id()), escape(entry.comment())));
    }
    return text.toString();
  }

  private static void list(StringBuilder text, List<String> lines) {
    lines.forEach(line -> text.append("- ").append(escape(line.strip())).append('\n'));
  }

  private static void row(StringBuilder text, String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /**
   * Within a line or a cell: others' words stay words. Nobody is called by an {@code @}, and an
   * address is no link.
   */
  static String escape(String text) {
    return Screen.printable(text.replaceAll("\\s+", " "))
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("@", "@<!-- -->")
        .replace("://", ":<!-- -->//")
        .replaceAll("(?i)www\\.", "www<!-- -->.")
        .replaceAll("[\\\\`*\\[\\]|]", "\\\\$0");
  }

  private static String code(String name) {
    return "`" + Screen.printable(name).replace("`", "'").replace("|", "\\|") + "`";
  }

  static String quote(String text) {
    return text.lines().map(line -> "> " + escape(line) + "\n").collect(Collectors.joining(">\n"));
  }

  static String block(List<String> lines) {
    return lines.stream()
        .map(line -> Screen.printable(line).replace("```", "'''") + "\n")
        .collect(Collectors.joining("", "```text\n", "```\n"));
  }
}
