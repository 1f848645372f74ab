package app.gpra.migrations.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How Maven was called, to say what to type next.
 *
 * @param goal {@code update} or {@code rollback}
 * @param labelFilter empty where it is the one that the project has, or none
 * @param given what stood on the command line, and whatever else the JVM has
 */
public record Invocation(String goal, String labelFilter, Properties given) {

  private static final Pattern PLAIN = Pattern.compile("[\\w./:@,=+…-]+");

  /**
   * What says where the database is, and the changelog; the values of two of them are not for the
   * screen. (Maven spells the last one its own way.)
   */
  private static final List<String> WHERE =
      List.of(
          "liquibase.url",
          "liquibase.server",
          "liquibase.username",
          "liquibase.password",
          "liquibase.changeLogFile",
          "liquibase.changelogFile");

  private static final List<String> NOT_SHOWN = List.of("liquibase.url", "liquibase.password");

  /** What says how far. */
  private static final List<String> HOW_FAR =
      List.of(
          "liquibase.toTag",
          "liquibase.changesToApply",
          "liquibase.rollbackTag",
          "liquibase.rollbackCount");

  /** What another command is not to have just because this one had it. */
  private static final List<String> OF_ONE_RUN =
      List.of(
          "gpra.drop.all",
          "gpra.output",
          "gpra.report",
          "gpra.rollback.discard",
          "gpra.rollback.narrow");

  /** What says how it is shown, and nothing of what is done. */
  private static final List<String> SHOWN = List.of("gpra.output", "gpra.report");

  static final String LIQUIBASE = "liquibase";

  private static final String MAVEN = "mvn";

  /** Whatever goal a message names. */
  private static final Pattern GOAL = Pattern.compile("\\bmvn liquibase:(?=\\w)");

  /** What Liquibase's own command line calls otherwise than its Maven plugin, each as a pattern. */
  private static final List<Map.Entry<String, String>> COMMANDS =
      List.of(
          Map.entry(
              "\\bliquibase rollback ('?)-Dliquibase.rollbackTag=", "liquibase rollback $1--tag="),
          Map.entry(
              "\\bliquibase rollback ('?)-Dliquibase.rollbackCount=",
              "liquibase rollback-count $1--count="),
          Map.entry(
              "\\bliquibase update ('?)-Dliquibase.toTag=", "liquibase update-to-tag $1--tag="),
          Map.entry(
              "\\bliquibase update ('?)-Dliquibase.changesToApply=",
              "liquibase update-count $1--count="),
          Map.entry(
              "(-Dgpra\\.\\S+ to the same command)",
              "$1 (in JAVA_OPTS or whatever starts the JVM)"),
          Map.entry("-Dliquibase.labelFilter=", "--label-filter="),
          Map.entry("-Dliquibase.contexts=", "--contexts="));

  private static boolean embedded;

  /** How a command begins. Maven's launcher says where its home is; Spring has no command. */
  private static String program = System.getProperty("maven.home") == null ? LIQUIBASE : MAVEN;

  static Invocation of(String goal) {
    Properties given = System.getProperties();
    return new Invocation(goal, given.getProperty("liquibase.labelFilter", ""), given);
  }

  /**
   * Remembers what was called.
   *
   * @param command what comes before a goal, such as {@code java -jar gpra-migrations.jar}
   */
  public static void runsAs(String command) {
    program = command;
  }

  /** {@return whether it was a goal of this project's Maven, which has profiles too} */
  public static boolean isMavens() {
    return program.equals(MAVEN);
  }

  /** {@return where in a worded line the space before a command is; its end where there is none} */
  static int command(String line) {
    Matcher command = Pattern.compile(" " + Pattern.quote(program) + "(?!\\S)").matcher(line);
    return command.find() ? command.start() : line.length();
  }

  /**
   * Words a message for whoever called.
   *
   * @param text names Maven's goals; null stays null
   * @return the same commands as they may be typed here
   */
  public static String worded(String text) {
    if (text == null || isMavens()) {
      return text;
    }
    String worded = GOAL.matcher(text).replaceAll(Matcher.quoteReplacement(program + " "));
    if (program.equals(LIQUIBASE)) {
      for (Map.Entry<String, String> command : COMMANDS) {
        worded = worded.replaceAll(command.getKey(), command.getValue());
      }
    }
    return worded;
  }

  /** Remembers which database it is: a url of the project's own is none that somebody gave. */
  static void connectsTo(String url) {
    embedded = url != null && url.startsWith("jdbc:gpra:embedded:");
  }

  /** The same command again. */
  String again() {
    List<String> words = begin(goal);
    add(words, HOW_FAR);
    addLabelFilter(words);
    add(words, own());
    return String.join(" ", words);
  }

  /**
   * What was given, but neither where the database is nor where the report goes.
   *
   * @param labels the filter as it is, also where it is the default one; null is none
   */
  String settings(String labels) {
    List<String> words = new ArrayList<>();
    words.add(word("liquibase.labelFilter", labels));
    add(words, HOW_FAR);
    add(words, own().stream().filter(name -> !SHOWN.contains(name)).toList());
    return String.join(" ", words);
  }

  /**
   * The command that takes it back.
   *
   * @param labelled whether what is taken back has labels: it is passed over without the filter
   */
  String back(String tag, boolean labelled) {
    return back("liquibase.rollbackTag", tag, labelled);
  }

  /** The same, of so many changesets that ran last. */
  String back(int count, boolean labelled) {
    return back("liquibase.rollbackCount", String.valueOf(count), labelled);
  }

  private String back(String howFar, String value, boolean labelled) {
    List<String> words = begin("rollback");
    words.add(word(howFar, value));
    if (labelled) {
      addLabelFilter(words);
    }
    return String.join(" ", words);
  }

  /**
   * The command that takes it forward.
   *
   * @param tag how far; null for all
   */
  String forward(String tag, boolean labelled) {
    List<String> words = begin("update");
    if (tag != null) {
      words.add(word("liquibase.toTag", tag));
    }
    if (labelled) {
      addLabelFilter(words);
    }
    add(words, own().stream().filter(name -> !OF_ONE_RUN.contains(name)).toList());
    return String.join(" ", words);
  }

  private void addLabelFilter(List<String> words) {
    if (!labelFilter.isEmpty()) {
      words.add(word("liquibase.labelFilter", labelFilter));
    }
  }

  private List<String> own() {
    return new TreeSet<>(given.stringPropertyNames())
        .stream().filter(name -> name.startsWith("gpra.")).toList();
  }

  private List<String> begin(String command) {
    List<String> words = new ArrayList<>();
    words.add("mvn");
    if (embedded) {
      words.add("-Pembedded");
    }
    words.add("liquibase:" + command);
    add(words, WHERE);
    return words;
  }

  private void add(List<String> words, List<String> names) {
    for (String name : names) {
      String value = given.getProperty(name, "");
      if (!value.isEmpty()) {
        words.add(word(name, NOT_SHOWN.contains(name) ? "…" : value));
      }
    }
  }

  /** As a shell takes it. */
  private static String word(String name, String value) {
    String word = "-D" + name + "=" + Screen.printable(value);
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
