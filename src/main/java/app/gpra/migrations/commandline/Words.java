package app.gpra.migrations.commandline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.util.StringUtil;

/**
 * What stands on the command line. The words of a Maven goal, {@code rollback
 * -Dliquibase.rollbackTag=001}, and Liquibase's own, {@code rollback --tag=001}, mean the same:
 * both become what the goal is given, which messages and checks know, and what the command reads.
 *
 * @param command as Liquibase calls it, {@code rollbackCount}; empty if there is none
 * @param properties to be set as system properties, by name
 * @param options names of those that were given in Liquibase's way, {@code labelFilter}
 */
record Words(String command, Map<String, String> properties, Set<String> options) {

  static final String LIQUIBASE = "liquibase.";

  private static final String COMMAND = "liquibase.command.";

  private static final Pattern PROPERTY = Pattern.compile("-D([^=]+)(?:=(.*))?", Pattern.DOTALL);
  private static final Pattern OPTION = Pattern.compile("--?([^=]+)(?:=(.*))?", Pattern.DOTALL);

  /**
   * How far a goal goes.
   *
   * @param property what the goal calls it
   * @param goal that has it, forward or back
   * @param command how the command ends that takes it
   * @param argument what that command calls it
   */
  private record HowFar(String property, String goal, String command, String argument) {}

  private static final List<HowFar> HOW_FAR =
      List.of(
          new HowFar("toTag", "update", "ToTag", "tag"),
          new HowFar("changesToApply", "update", "Count", "count"),
          new HowFar("rollbackTag", "rollback", "", "tag"),
          new HowFar("rollbackCount", "rollback", "Count", "count"),
          new HowFar("rollbackDate", "rollback", "ToDate", "date"));

  /** Reads the command line, and the system properties that came before {@code -jar}. */
  static Words of(List<String> given) {
    Map<String, String> properties = new LinkedHashMap<>();
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith(LIQUIBASE))
        .forEach(name -> properties.put(name, System.getProperty(name)));
    Set<String> options = new TreeSet<>();
    String command = "";
    String open = null;
    for (String word : given) {
      Matcher property = PROPERTY.matcher(word);
      Matcher option = OPTION.matcher(word);
      if (property.matches()) {
        properties.put(property.group(1), property.group(2) == null ? "true" : property.group(2));
      } else if (option.matches()) {
        String name = StringUtil.toCamelCase(option.group(1));
        options.add(name);
        properties.put(LIQUIBASE + name, option.group(2) == null ? "true" : option.group(2));
        open = option.group(2) == null ? name : null;
      } else if (open != null) {
        properties.put(LIQUIBASE + open, word);
        open = null;
      } else if (command.isEmpty()) {
        command = StringUtil.toCamelCase(word).replaceFirst("SQL$", "Sql");
      } else {
        // Not what it is: it may be the value of something that was misspelt.
        options.add("a second word that is no option");
      }
    }
    command = howFar(command, properties);
    Map.copyOf(properties)
        .forEach(
            (name, value) -> {
              if (name.matches("liquibase\\.\\w+") && !value.isEmpty()) {
                properties.putIfAbsent(COMMAND + name.substring(LIQUIBASE.length()), value);
              }
            });
    return new Words(command, properties, options);
  }

  /** The goal's word for it becomes the command's, and the other way about. */
  private static String howFar(String command, Map<String, String> properties) {
    String script = command.endsWith("Sql") ? "Sql" : "";
    String goal = command.substring(0, command.length() - script.length());
    for (HowFar far : HOW_FAR) {
      String value = properties.get(LIQUIBASE + far.property());
      if (goal.equals(far.goal()) && value != null && !value.isEmpty()) {
        properties.put(COMMAND + far.argument(), value);
        return goal + far.command() + script;
      }
      String ofCommand = properties.get(LIQUIBASE + far.argument());
      if (goal.equals(far.goal() + far.command()) && ofCommand != null) {
        properties.put(LIQUIBASE + far.property(), ofCommand);
      }
    }
    return command;
  }
}
