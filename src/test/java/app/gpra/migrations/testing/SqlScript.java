package app.gpra.migrations.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a script into statements where psql does: at semicolons outside quotes, dollar quotes,
 * comments and parentheses.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">Lexical
 *     Structure</a>
 */
final class SqlScript {

  private static final Pattern DOLLAR_QUOTE =
      Pattern.compile("\\$(?:[A-Za-z_\\x80-\\uffff][A-Za-z0-9_\\x80-\\uffff]*)?\\$");

  private final String text;
  private final List<String> statements = new ArrayList<>();
  private int at;
  private int start;
  private int depth;
  private boolean empty = true;

  private SqlScript(String text) {
    this.text = text;
  }

  /**
   * The statements, without their semicolons; none for what is only white space and comments.
   *
   * @throws IllegalArgumentException if a quote or a comment does not end, or the script has a
   *     command for psql itself
   */
  static List<String> statements(String script) {
    SqlScript split = new SqlScript(script);
    while (split.at < script.length()) {
      split.next();
    }
    split.end();
    return List.copyOf(split.statements);
  }

  private void next() {
    char c = text.charAt(at);
    if (text.startsWith("--", at)) {
      int line = text.indexOf('\n', at);
      at = line < 0 ? text.length() : line + 1;
    } else if (text.startsWith("/*", at)) {
      skipComment();
    } else if (Character.isWhitespace(c)) {
      at++;
    } else if (c == ';' && depth == 0) {
      end();
      at++;
      start = at;
    } else {
      empty = false;
      skipToken(c);
    }
  }

  private void skipToken(char c) {
    switch (c) {
      case '\'' -> skipQuoted('\'', isEscapeString());
      case '"' -> skipQuoted('"', false);
      case '$' -> skipDollarQuoted();
      case '\\' -> throw new IllegalArgumentException("A command for psql at " + at);
      case '(' -> {
        depth++;
        at++;
      }
      case ')' -> {
        depth--;
        at++;
      }
      default -> at++;
    }
  }

  private void end() {
    if (!empty) {
      statements.add(text.substring(start, at).strip());
    }
    empty = true;
    depth = 0;
  }

  /** Whether the quote here is that of {@code E'…'}, in which a backslash escapes. */
  private boolean isEscapeString() {
    return at > 0
        && (text.charAt(at - 1) == 'E' || text.charAt(at - 1) == 'e')
        && !isWithinName(at - 1);
  }

  private boolean isWithinName(int position) {
    return position > 0
        && (Character.isLetterOrDigit(text.charAt(position - 1))
            || "_$".indexOf(text.charAt(position - 1)) >= 0);
  }

  /** A doubled quote is one end and one beginning, so it needs nothing of its own. */
  private void skipQuoted(char quote, boolean escapes) {
    int from = at;
    at++;
    while (at < text.length() && text.charAt(at) != quote) {
      at += escapes && text.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= text.length()) {
      throw unfinished("quote", from);
    }
    at++;
    if (escapes && at < text.length() && text.charAt(at) == quote) {
      skipQuoted(quote, true);
    }
  }

  private void skipDollarQuoted() {
    Matcher tag = DOLLAR_QUOTE.matcher(text).region(at, text.length());
    if (isWithinName(at) || !tag.lookingAt()) {
      at++;
      return;
    }
    int end = text.indexOf(tag.group(), tag.end());
    if (end < 0) {
      throw unfinished("dollar quote", at);
    }
    at = end + tag.group().length();
  }

  /** Comments nest. */
  private void skipComment() {
    int from = at;
    int level = 0;
    do {
      if (text.startsWith("/*", at)) {
        level++;
        at += 2;
      } else if (text.startsWith("*/", at)) {
        level--;
        at += 2;
      } else {
        at++;
      }
    } while (level > 0 && at < text.length());
    if (level > 0) {
      throw unfinished("comment", from);
    }
  }

  private static IllegalArgumentException unfinished(String what, int from) {
    return new IllegalArgumentException(
        "The %s that begins at %d has no end".formatted(what, from));
  }
}
