package app.gpra.migrations.execution;

import app.gpra.migrations.report.Screen;
import java.util.regex.Pattern;

/**
 * A session that holds what the migration waits for, as {@code pg_stat_activity} shows it.
 *
 * @param pid 0 for a prepared transaction, which has no session
 * @param began when the session began; null where it may not be seen
 * @param user null for a process of the server's own
 * @param application what the session calls itself; may be empty
 * @param state null where it may not be seen
 * @param since when its transaction began; null if it has none or it may not be seen
 * @param query what it runs or ran last; null where it may not be seen
 * @param type {@code backend_type}; null where it may not be seen
 * @param hidden whether the migration's role may see no more than who it is
 */
record Holder(
    int pid,
    String began,
    String user,
    String application,
    String state,
    String since,
    String query,
    String type,
    boolean hidden) {

  private static final int LONGEST_QUERY = 100;

  /**
   * What stands in quotes is a user's data or a secret: {@code 'x'}, {@code E'x\'y'}, {@code
   * $$x$$}, also where the server cut the query's end off. After {@code \'} the rest is taken for
   * one: whether the quote ends there is a setting of that session.
   */
  private static final Pattern LITERAL =
      Pattern.compile(
          "'(?:[^'\\\\]|''|\\\\[^'])*+(?:'|\\\\?\\z|\\\\'.*)|\\$(\\w*)\\$.*?(?:\\$\\1\\$|\\z)",
          Pattern.DOTALL);

  /** What a role and its session are called is anybody's text, as the query is. */
  Holder {
    user = Screen.printable(user);
    application = application == null ? "" : Screen.printable(application);
  }

  /** The same for the same session, also when its transaction is another one by now. */
  String identity() {
    return pid + " " + began;
  }

  /** Who it is, in a part of a sentence. */
  String sentence() {
    if (pid == 0) {
      return "a prepared transaction (SELECT * FROM pg_prepared_xacts)";
    }
    if (type != null && type.startsWith("autovacuum")) {
      return "pid %d, an %s%s, query: %s".formatted(pid, type, time(), firstLine(query));
    }
    String who =
        "pid %d, user %s, application \"%s\""
            .formatted(pid, user == null ? "none" : user, application);
    return hidden
        ? who + ", state and query not visible"
        : "%s, %s%s, query: %s"
            .formatted(who, state == null ? type : state, time(), firstLine(query));
  }

  /** Who it is, without what it runs: for those who were not there. */
  String who() {
    return pid == 0
        ? "a prepared transaction"
        : "pid %d, user %s, application \"%s\"%s"
            .formatted(
                pid,
                user == null ? "none" : user,
                application,
                state == null || hidden ? "" : ", " + state);
  }

  /** What ends its hold, with the command. */
  String remedy() {
    if (pid == 0) {
      return "end it with COMMIT PREPARED or ROLLBACK PREPARED";
    }
    if (type != null && type.startsWith("autovacuum")) {
      return "let pid %d finish, or SELECT pg_cancel_backend(%1$d)".formatted(pid);
    }
    return state != null && state.startsWith("idle") || hidden
        ? "end that transaction, or SELECT pg_terminate_backend(%d)".formatted(pid)
        : "let pid %d finish, or SELECT pg_cancel_backend(%1$d)".formatted(pid);
  }

  private String time() {
    return since == null ? "" : " since " + since;
  }

  /** The first line that says something, without literals, cut. */
  static String firstLine(String query) {
    String masked = LITERAL.matcher(query == null ? "" : query).replaceAll("'…'");
    String line =
        Screen.printable(
            masked
                .lines()
                .filter(l -> !l.isBlank())
                .findFirst()
                .orElse("")
                .strip()
                .replace('\t', ' '));
    return line.length() > LONGEST_QUERY ? line.substring(0, LONGEST_QUERY) + "…" : line;
  }
}
