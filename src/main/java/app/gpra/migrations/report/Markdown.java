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
      plan(text, report);
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
    if (report.ran() && !report.plan().isEmpty()) {
      text.append("\n## What it was to do\n");
      report.plan().forEach(one -> opening(text, one, true));
    }
    timeline(text, report);
    return text.toString();
  }

  private static void timeline(StringBuilder text, RunReport report) {
    if (report.history().isEmpty()) {
      return;
    }
    text.append("\n## Timeline\n\n");
    for (HistoryRow row : report.history()) {
      text.append("- ").append(code(row.id()));
      text.append(row.executed() == null ? "" : " " + row.executed().replace('T', ' '));
      text.append(row.result().equals("passed-over") ? ", there already\n" : "\n");
    }
    if (!report.ran() && !report.goesBack()) {
      report.plan().forEach(one -> text.append("- ").append(code(one.id())).append(" pending\n"));
    }
  }

  /** One line for each changeset; what it runs opens below. */
  private static void plan(StringBuilder text, RunReport report) {
    boolean forward = !report.goesBack();
    text.append(
        forward
            ? "\n| | changeset | who waits | it takes | a rollback |\n|---|---|---|---|---|\n"
            : "\n| changeset | what it did | a rollback |\n|---|---|---|\n");
    for (Outlook one : report.plan()) {
      String back = one.back().stream().map(Markdown::escape).collect(Collectors.joining("<br>"));
      if (forward) {
        row(text, one.sign(), code(one.id()), escape(one.waiting()), one.time(), back);
      } else {
        row(text, code(one.id()), escape(one.comment()), back);
      }
    }
    if (!forward) {
      return;
    }
    text.append('\n');
    text.append(
        "Who waits: %s. How long the whole takes is at the rates of the jar's own benchmark.\n"
            .formatted(
                Outlook.WAITS.entrySet().stream()
                    .map(sign -> sign.getKey() + " " + sign.getValue())
                    .collect(Collectors.joining("; "))));
    report.plan().forEach(one -> opening(text, one, false));
  }

  /**
   * What opens.
   *
   * @param alone with what otherwise stands in the table above
   */
  private static void opening(StringBuilder text, Outlook one, boolean alone) {
    text.append(
        "\n<details><summary>%s %s</summary>\n\n".formatted(html(one.id()), html(one.comment())));
    if (alone) {
      if (one.sql() != null) {
        text.append(
            "%s Who waits: %s. It takes %s.\n\n"
                .formatted(one.sign(), escape(one.waiting()), one.time()));
      }
      one.back().forEach(line -> text.append("- A rollback ").append(escape(line)).append(".\n"));
    }
    for (Outlook.Lock lock : one.locks()) {
      text.append(
          "- %s. Rows, about: %s. Who waits: %s\n"
              .formatted(
                  escape(lock.table() + ": " + lock.what()), lock.count(), escape(lock.waits())));
    }
    if (one.sql() != null) {
      text.append(one.locks().isEmpty() && !alone ? "" : "\n");
      text.append(
          one.sql().isBlank()
              ? "It has no SQL of its own.\n"
              : block("sql", one.sql().lines().toList()));
    }
    text.append("\n</details>\n");
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
    return html(text).replaceAll("[\\\\`*\\[\\]|]", "\\\\$0");
  }

  /** The same where Markdown is not read. */
  private static String html(String text) {
    return Screen.printable(text.replaceAll("\\s+", " "))
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("@", "@<!-- -->")
        .replace("://", ":<!-- -->//")
        .replaceAll("(?i)www\\.", "www<!-- -->.");
  }

  private static String code(String name) {
    return "`" + Screen.printable(name).replace("`", "'").replace("|", "\\|") + "`";
  }

  static String quote(String text) {
    return text.lines().map(line -> "> " + escape(line) + "\n").collect(Collectors.joining(">\n"));
  }

  static String block(List<String> lines) {
    return block("text", lines);
  }

  private static String block(String language, List<String> lines) {
    return lines.stream()
        .map(line -> Screen.printable(line).replace("```", "'''") + "\n")
        .collect(Collectors.joining("", "```" + language + "\n", "```\n"));
  }
}
