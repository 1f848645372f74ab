package app.gpra.migrations.commandline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.util.StringUtil;

/**
 * What stands on the command line. The words of a Maven goal, {@code rollback
 * -Dliquibase.rollbackTag=001}, and Liquibase's own, {@code rollback --tag=001}, mean the same:
 * each is translated into the other, because messages and checks know the former.
 *
 * @param arguments for Liquibase's command line
 * @param properties to be set as system properties, by name
 */
record Words(List<String> arguments, Map<String, String> properties) {

  private static final String LIQUIBASE = "liquibase.";
  private static final String COMMAND = "liquibase.command.";

  private static final Pattern PROPERTY = Pattern.compile("-D([^=]+)(?:=(.*))?", Pattern.DOTALL);
  private static final Pattern OPTION = Pattern.compile("--([^=]+)(?:=(.*))?", Pattern.DOTALL);

  /** Goals of which Liquibase has one command for each way to say how far. */
  private static final Set<String> SEVERAL = Set.of("update", "rollback");

  /** What a goal calls how far, and how the command that takes it ends. */
  private static final Map<String, String> HOW_FAR =
      Map.of(
          "toTag", "ToTag",
          "changesToApply", "Count",
          "rollbackTag", "",
          "rollbackCount", "Count",
          "rollbackDate", "ToDate");

  /** What a command calls it. */
  private static final Map<String, String> NAMES =
      Map.of(
          "toTag", "tag",
          "changesToApply", "count",
          "rollbackTag", "tag",
          "rollbackCount", "count",
          "rollbackDate", "date");

  /** Reads the command line, and the system properties that came before {@code -jar}. */
  static Words of(List<String> given) {
    Map<String, String> properties = new LinkedHashMap<>();
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(LIQUIBASE))
        .forEach(name -> properties.put(name, System.getProperty(name)));
    List<String> rest = new ArrayList<>();
    for (String word : given) {
      Matcher property = PROPERTY.matcher(word);
      if (property.matches()) {
        properties.put(property.group(1), property.group(2) == null ? "true" : property.group(2));
      } else {
        rest.add(word);
      }
    }
    int at = command(rest);
    if (at < 0) {
      return new Words(rest, properties);
    }
    String goal = goal(rest.get(at));
    String command = rest.get(at);
    for (String name : HOW_FAR.keySet()) {
      String value = properties.get(LIQUIBASE + name);
      if (value != null && belongs(name, goal)) {
        command = command(goal, name);
        properties.put(COMMAND + NAMES.get(name), value);
      }
    }
    rest.set(at, command);
    toCommands(properties);
    toGoals(rest, goal, command, properties);
    return new Words(rest, properties);
  }

  /** Where the command is: the first word that is neither an option nor the value of one. */
  private static int command(List<String> words) {
    boolean value = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-") && !value) {
        return i;
      }
      value = word.startsWith("-") && !word.contains("=");
    }
    return -1;
  }

  /** The goal of a command, without how far: {@code rollback} of {@code rollback-count-sql}. */
  private static String goal(String command) {
    String camel = StringUtil.toCamelCase(command).replaceFirst("(?i)sql$", "SQL");
    for (String goal : SEVERAL) {
      if (camel.matches("(?i)" + goal + "(Count|ToTag|ToDate)?(SQL)?")) {
        return goal + (camel.endsWith("SQL") ? "SQL" : "");
      }
    }
    return camel;
  }

  private static boolean belongs(String name, String goal) {
    return goal.startsWith(name.startsWith("rollback") ? "rollback" : "update");
  }

  private static String command(String goal, String howFar) {
    boolean script = goal.endsWith("SQL");
    return (script ? goal.substring(0, goal.length() - "SQL".length()) : goal)
        + HOW_FAR.get(howFar)
        + (script ? "Sql" : "");
  }

  /** What a goal is given for a command is called so. */
  private static void toCommands(Map<String, String> properties) {
    Map.copyOf(properties)
        .forEach(
            (name, value) -> {
              if (name.matches("liquibase\\.\\w+") && !value.isEmpty()) {
                properties.putIfAbsent(COMMAND + name.substring(LIQUIBASE.length()), value);
              }
            });
  }

  /** What a command is given is what a goal would be given. */
  private static void toGoals(
      List<String> words, String goal, String command, Map<String, String> properties) {
    for (int i = 0; i < words.size(); i++) {
      Matcher option = OPTION.matcher(words.get(i));
      if (option.matches()) {
        String value =
            option.group(2) != null
                ? option.group(2)
                : i + 1 < words.size() && !words.get(i + 1).startsWith("-")
                    ? words.get(i + 1)
                    : "true";
        String name = StringUtil.toCamelCase(option.group(1).toLowerCase(Locale.ROOT));
        String kebab = StringUtil.toKabobCase(command).replaceFirst("-sql$", "");
        for (String howFar : HOW_FAR.keySet()) {
          if (belongs(howFar, goal)
              && NAMES.get(howFar).equals(name)
              && StringUtil.toKabobCase(goal.replace("SQL", "") + HOW_FAR.get(howFar))
                  .equals(kebab)) {
            name = howFar;
          }
        }
        properties.putIfAbsent(LIQUIBASE + name, value);
      }
    }
  }
}
