package app.gpra.migrations.operation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SQL as a script shows it: without what is said within a body, whose template says why. */
public final class Brief {

  /** What may look like a comment, and is none; lines that are one, or empty; one behind others. */
  private static final Pattern PART =
      Pattern.compile(
          "(?<body>\\$gpra_body\\$)"
              + "|(?<quote>\\$(?:[A-Za-z_]\\w*)?\\$)(?s:.*?)\\k<quote>"
              + "|\\b[eE]'(?:[^'\\\\]|\\\\[\\s\\S])*+'|'[^']*'|\"[^\"]*\"|/\\*(?s:.*?)\\*/"
              + "|(?m:^)(?<lines>(?: *--[^\\n]*\\n)+)|(?m:^)(?<empty>\\n+)"
              + "|--[^\\n]*");

  private static final Pattern FIRST_SENTENCE = Pattern.compile("(?s)^--.*?\\.(?=\\s)");

  private Brief() {}

  /**
   * Leaves out empty lines, and comments that have a line for themselves, within bodies. Of a
   * comment outside the first sentence stays.
   *
   * @param sql any; a quoted text in it stays as it is
   * @return the same statements
   */
  public static String of(String sql) {
    StringBuilder brief = new StringBuilder();
    boolean within = false;
    Matcher part = PART.matcher(sql);
    while (part.find()) {
      within ^= part.group("body") != null;
      boolean says = part.group("lines") != null;
      String shown = part.group();
      if (within && (says || part.group("empty") != null)) {
        shown = "";
      } else if (says) {
        shown = firstSentence(shown);
      }
      part.appendReplacement(brief, Matcher.quoteReplacement(shown));
    }
    return part.appendTail(brief).toString();
  }

  private static String firstSentence(String lines) {
    Matcher sentence = FIRST_SENTENCE.matcher(lines);
    return sentence.find() ? sentence.group() + "\n" : lines;
  }
}
