package app.gpra.migrations.report;

import java.util.List;
import java.util.stream.Collectors;

/** Words of a database's and of people's, so that they stay words in GitHub's Markdown. */
final class Markdown {

  private Markdown() {}

  /** Within a line or a cell. Nobody is called by an {@code @}. */
  static String escape(String text) {
    return text.replaceAll("\\s+", " ")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace("@", "@<!-- -->")
        .replaceAll("[\\\\`*\\[\\]|]", "\\\\$0");
  }

  static String quote(String text) {
    return text.lines().map(line -> "> " + escape(line) + "\n").collect(Collectors.joining(">\n"));
  }

  static String block(List<String> lines) {
    return lines.stream()
        .map(line -> line.replace("```", "'''") + "\n")
        .collect(Collectors.joining("", "```text\n", "```\n"));
  }
}
