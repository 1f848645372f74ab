package app.gpra.migrations.report;

import java.util.List;
import java.util.stream.Collectors;

/** A run in GitHub's Markdown, for a pipeline's summary or a pull request. */
final class Markdown {

  private Markdown() {}

  /** The report as it is. */
  static String of(RunReport report) {
    StringBuilder text = new StringBuilder();
    text.append("# ").append(report.title()).append("\n\n");
    if (report.failure() != null) {
      text.append(quote(report.failure())).append('\n');
    }
    if (report.outcome().equals("unfinished")) {
      report.summary().forEach(line -> text.append(line).append('\n'));
      return text.toString();
    }
    list(text, report.summary());
    if (report.changeSets().isEmpty() && !report.plan().isEmpty() && report.failure() == null) {
      text.append("\n| changeset | what it does | locks | a rollback |\n|---|---|---|---|\n");
      for (Outlook one : report.plan()) {
        row(
            text,
            code(one.id()),
            escape(one.comment()),
            one.locks().stream()
                .map(lock -> escape(lock.table() + ": " + lock.what()))
                .collect(Collectors.joining("<br>")),
            one.back().stream().map(Markdown::escape).collect(Collectors.joining("<br>")));
      }
    }
    if (!report.changeSets().isEmpty()) {
      text.append(
          "\n## Changesets\n\n| changeset | what it does | result | time |\n|---|---|---|---:|\n");
      for (RunReport.Step one : report.changeSets()) {
        row(
            text,
            code(one.id()),
            escape(one.comment()),
            one.word() + (one.reason() == null ? "" : ": " + escape(one.reason())),
            one.time());
      }
    }
    if (!report.notices().isEmpty()) {
      text.append(
              "drift".equals(report.command())
                  ? "\n## No drift\n\n"
                  : "\n## What the database said\n\n")
          .append(block(report.notices()));
    }
    if (report.ran()) {
      text.append("\n## Locks waited for\n\n");
      text.append(
          report.waits().isEmpty() ? "None.\n" : "| lock | held by | about |\n|---|---|---:|\n");
      report
          .waits()
          .forEach(wait -> row(text, escape(wait.lock()), escape(wait.heldBy()), wait.time()));
    }
    if (report.next() != null) {
      text.append("\n## Next\n\n").append(block(List.of(report.next())));
    }
    if (report.opposite() != null) {
      text.append(report.goesBack() ? "\n## Forward again\n\n" : "\n## To go back\n\n")
          .append(block(List.of(report.opposite())));
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
