package app.gpra.migrations;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import liquibase.Scope;
import liquibase.configuration.LiquibaseConfiguration;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The system properties that Liquibase and its Maven plugin know. Any other they pass over, one
 * with a slip of the finger too, and the command does something else.
 */
final class LiquibaseProperties {

  private static final String PREFIX = "liquibase.";

  /** Every Maven plugin has one; of Liquibase's, the parameters of its goals. */
  private static final String DESCRIPTOR = "META-INF/maven/plugin.xml";

  private static final Pattern PARAMETER = Pattern.compile("\\$\\{(liquibase\\.[^}]+)\\}");

  private static final LevenshteinDistance LETTERS = LevenshteinDistance.getDefaultInstance();

  /** Read when first asked for. */
  private static final class Holder {
    static final Set<String> KNOWN = read();

    /** What was asked for: a run asks for the same several times. */
    static final Map<String, Optional<String>> MEANT = new ConcurrentHashMap<>();
  }

  private LiquibaseProperties() {}

  /**
   * Looks for a property that is known and nearly has a name.
   *
   * @return empty if the name itself is known, or like none that is; and outside Maven
   */
  static Optional<String> meant(String name) {
    return name.regionMatches(true, 0, PREFIX, 0, PREFIX.length())
        ? Holder.MEANT.computeIfAbsent(name, one -> meant(one, Holder.KNOWN))
        : Optional.empty();
  }

  static Optional<String> meant(String name, Set<String> known) {
    return known.contains(name)
        ? Optional.empty()
        : known.stream().filter(other -> isSlip(name, other)).findFirst();
  }

  /** Another case; a letter too many, missing or another; or two that have changed places. */
  private static boolean isSlip(String name, String known) {
    // (Counted for all of some hundred names, it is a part of a start that one notices.)
    if (Math.abs(name.length() - known.length()) > 1) {
      return false;
    }
    int letters = LETTERS.apply(name, known);
    return name.equalsIgnoreCase(known)
        || letters <= 1
        || letters == 2 && Arrays.equals(sorted(name), sorted(known));
  }

  private static int[] sorted(String text) {
    return text.chars().sorted().toArray();
  }

  private static Set<String> read() {
    Set<String> known = new TreeSet<>();
    try {
      for (URL descriptor :
          Collections.list(LiquibaseProperties.class.getClassLoader().getResources(DESCRIPTOR))) {
        try (InputStream in = descriptor.openStream()) {
          PARAMETER
              .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8))
              .results()
              .forEach(parameter -> known.add(parameter.group(1)));
        }
      }
    } catch (IOException e) {
      // Then nobody is helped; the command itself does not need it.
      return Set.of();
    }
    if (!known.isEmpty()) {
      Scope.getCurrentScope()
          .getSingleton(LiquibaseConfiguration.class)
          .getRegisteredDefinitions(true)
          .forEach(
              definition -> {
                known.add(definition.getKey());
                known.addAll(definition.getAliasKeys());
              });
    }
    return known;
  }
}
