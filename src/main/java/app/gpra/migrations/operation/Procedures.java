package app.gpra.migrations.operation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.RenameTableChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;

/**
 * What the SQL of several changesets calls: made in the session's own schema for temporary things.
 */
public final class Procedures {

  private static final List<String> ALWAYS = List.of("procedures.sql", "define.sql");
  private static final String DROP = "drop.sql";
  private static final String FILL = "fill.sql";
  private static final String EXPAND = "expand.sql";

  private static final Pattern NAME = Pattern.compile("gpra_\\w+(?=\\()");

  private static final Pattern COMMENT = Pattern.compile("^ *--.*", Pattern.MULTILINE);

  private static final Pattern DEFINITION =
      Pattern.compile("^CREATE OR REPLACE \\w+ pg_temp\\.(gpra_\\w+)\\(", Pattern.MULTILINE);

  private static final Pattern CALL =
      Pattern.compile("(?:-- [^\\n]*\\n)*CALL pg_temp\\.(gpra_\\w+)\\(");

  /**
   * A statement, or a branch of a query to where the next one begins, that a script has only where
   * what it is for is among what the script calls, or is a table of its database. Its lines are
   * further in than its first one.
   */
  private static final Pattern ASKED =
      Pattern.compile(
          "^(( *)(?:(?:CALL|PERFORM|SELECT) [^\\n]*(?:\\n\\2 [^\\n]*)*?;|IF [^\\n]*(?:\\n\\2 [^\\n]*)*\\n\\2END IF;"
              + "|UNION ALL)) *-- where there is ([^\\n]*)(?:\\n|\\z)"
              + "((?<=UNION ALL[^\\n]{1,99}\\n)(?:\\2(?!UNION ALL)[^\\n]*\\n)+|)",
          Pattern.MULTILINE);

  /** Those after which a step of a changeset is done, as its record counts them. */
  private static final Set<String> ENDS =
      parts(text()).stream()
          .filter(part -> part.contains("CALL pg_temp.gpra_done("))
          .flatMap(part -> defines(part).stream())
          .collect(Collectors.toSet());

  private Procedures() {}

  /** Whether a step of a changeset is done after it. */
  static boolean endAStep(String sql) {
    Matcher call = CALL.matcher(sql);
    return call.lookingAt() && ENDS.contains(call.group(1));
  }

  /**
   * What makes them, in a session, or in a script as far as they are called there.
   *
   * @param files what a direction needs besides
   * @param own the changelog's own, with its parameters; null where it has none
   * @param callers what a script says after them
   * @param changelog has the parameters that they take
   * @param script whether it is for one
   * @return several statements; where the role may not make temporary objects, they say what to
   *     grant
   */
  public static String definition(
      List<String> files,
      String own,
      Stream<String> callers,
      DatabaseChangeLog changelog,
      boolean script) {
    boolean expands =
        has(CopyColumnChange.class, changelog) || has(RenameTableChange.class, changelog);
    String text =
        Stream.of(
                changelog
                    .getChangeLogParameters()
                    .expandExpressions(
                        text(
                            Stream.of(
                                    ALWAYS,
                                    files,
                                    expands || has(FillChange.class, changelog)
                                        ? List.of(FILL)
                                        : List.<String>of(),
                                    expands ? List.of(EXPAND) : List.<String>of())
                                .flatMap(List::stream)
                                .toList(),
                            Mark.name(changelog)),
                        changelog),
                own)
            .filter(one -> one != null)
            .collect(Collectors.joining("\n\n"));
    // (A script ends it itself.)
    return (script ? Brief.of(called(text, callers.toList())) : text)
        .replace("{tried_again}", String.valueOf(!script))
        .strip()
        .replaceFirst(";$", "");
  }

  private static boolean has(Class<? extends Change> change, DatabaseChangeLog changelog) {
    return changelog.getChangeSets().stream()
        .flatMap(changeSet -> changeSet.getChanges().stream())
        .anyMatch(change::isInstance);
  }

  /** Leaves out what nothing calls, and what is for none of it. */
  static String called(String text, List<String> callers) {
    List<String> parts =
        parts(
            ASKED
                .matcher(text)
                .replaceAll(
                    asked ->
                        Stream.of(asked.group(3).split(" or "))
                                .anyMatch(
                                    one -> callers.stream().anyMatch(sql -> sql.contains(one)))
                            ? Matcher.quoteReplacement(asked.group(1) + "\n" + asked.group(4))
                            : ""));
    Map<String, String> definitions = new HashMap<>();
    parts.forEach(part -> defines(part).forEach(name -> definitions.put(name, part)));
    Set<String> called = new HashSet<>();
    Deque<String> read =
        new ArrayDeque<>(parts.stream().filter(part -> defines(part).isEmpty()).toList());
    read.addAll(callers);
    while (!read.isEmpty()) {
      NAME.matcher(COMMENT.matcher(read.remove()).replaceAll(""))
          .results()
          .map(MatchResult::group)
          .filter(name -> definitions.containsKey(name) && called.add(name))
          .forEach(name -> read.add(definitions.get(name)));
    }
    return parts.stream()
        .filter(
            part -> defines(part).isEmpty() || defines(part).stream().anyMatch(called::contains))
        // Each begins with its heading.
        .collect(Collectors.joining("\n"));
  }

  private static List<String> parts(String text) {
    return List.of(text.split("(?<=\\$gpra_body\\$;)\n+"));
  }

  private static List<String> defines(String part) {
    return DEFINITION.matcher(part).results().map(found -> found.group(1)).toList();
  }

  /**
   * What calls them.
   *
   * @param changeSets that a script runs or undoes
   * @param back whether it undoes them
   * @param database where
   * @return SQL; that of changes which cannot call them is left out
   */
  public static Stream<String> calledBy(
      List<ChangeSet> changeSets, boolean back, Database database) {
    return changeSets.stream().flatMap(changeSet -> Asked.sql(changeSet, back, database));
  }

  /** Their SQL. */
  static String text() {
    return text(
        Stream.concat(ALWAYS.stream(), Stream.of("undo.sql", DROP, FILL, EXPAND)).toList(), "gpra");
  }

  private static String text(List<String> files, String mark) {
    return files.stream()
        .map(Procedures::read)
        .collect(Collectors.joining("\n\n"))
        .replace("{there}", there("TABLE pg_temp.gpra_made", mark))
        .replace("{renamed}", renamed("TABLE before", "undone"))
        .replace("{mark}", mark);
  }

  /** The query that finds what changesets make; it is given that, and the first word of marks. */
  static String there(String made, String mark) {
    return read("there.sql").replace("{mark}", mark).replace("{made}", made);
  }

  /**
   * The query of what changesets make under the names that their tables have now; it is given that,
   * and an array of those that ran.
   */
  static String renamed(String made, String ran) {
    return read("renamed.sql").replace("{made}", made).replace("{ran}", ran);
  }

  private static String read(String name) {
    try (InputStream file = Procedures.class.getResourceAsStream(name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The call of one of them.
   *
   * @param procedure its name, without what all begin with
   * @param arguments SQL expressions; null is {@code NULL}
   * @return a statement
   */
  public static String call(String procedure, Object... arguments) {
    return Stream.of(arguments)
        .map(one -> one == null ? "NULL" : one.toString())
        .collect(Collectors.joining(", ", "CALL pg_temp.gpra_" + procedure + "(", ")"));
  }

  /**
   * A string constant.
   *
   * @param text null for {@code NULL}
   * @return an SQL expression
   */
  public static String literal(String text) {
    return text == null ? "NULL" : "'" + text.replace("'", "''") + "'";
  }

  /** An array of string constants. */
  static String literals(Stream<String> texts) {
    return texts.map(Procedures::literal).collect(Collectors.joining(", ", "ARRAY[", "]"));
  }
}
