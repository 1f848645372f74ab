package app.gpra.migrations.report;

import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;

/**
 * The filters of a command, next to what the changelog has. Liquibase takes any word: with one that
 * no changeset has, it leaves out more than was meant, or less.
 */
final class Filters {

  private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s(),!@]+");

  private static final Set<String> OPERATORS = Set.of("", "and", "not", "or");

  private Filters() {}

  /**
   * Looks for each word among those of all changesets, also of files that are ignored.
   *
   * @throws IllegalArgumentException if there is one that no changeset has; says which there are
   */
  static void check(DatabaseChangeLog changelog, LabelExpression labels, Contexts contexts) {
    Set<String> known = words(changelog, ChangeSet::buildFullLabels);
    check("labelFilter", "label", labels.getLabels(), known, "");
    check(
        "contexts",
        "context",
        contexts.getContexts(),
        words(changelog, ChangeSet::buildFullContext),
        " (Its labels are %s: -Dliquibase.labelFilter.)".formatted(String.join(", ", known)));
  }

  private static void check(
      String property, String what, Collection<String> filter, Set<String> known, String besides) {
    for (String word : words(String.join(",", filter))) {
      if (!known.contains(word)) {
        throw new IllegalArgumentException(
            "-Dliquibase.%s: no changeset of this changelog has the %s %s. It has %s.%s Nothing was done. Correct it, then run the same command again."
                .formatted(
                    property,
                    what,
                    word,
                    known.isEmpty() ? "none" : String.join(", ", known),
                    besides));
      }
    }
  }

  private static Set<String> words(
      DatabaseChangeLog changelog, Function<ChangeSet, String> ofChangeSet) {
    return words(
        changelog.getChangeSets().stream()
            .map(ofChangeSet)
            .filter(Objects::nonNull)
            .collect(Collectors.joining(",")));
  }

  /** In lower case, as Liquibase compares them. */
  private static Set<String> words(String expression) {
    return BETWEEN_WORDS
        .splitAsStream(expression.toLowerCase(Locale.ROOT))
        .filter(word -> !OPERATORS.contains(word))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
