package app.gpra.migrations.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Two schemas compared, in plain words.
 *
 * @param lacking the objects that are not there, but for those that only their name differs in
 * @param missing what is not there, or not all of it; a sentence each
 * @param different what is there otherwise; a sentence each
 * @param unexpected what is there besides, on the tables that are compared; a sentence each
 * @param information what makes no difference: other tables, another name for the same
 */
record SchemaDifference(
    Set<String> lacking,
    List<String> missing,
    List<String> different,
    List<String> unexpected,
    List<String> information) {

  private static final Pattern ON_ITS_OWN =
      Pattern.compile("((materialized )?view|function|sequence|type|foreign table) .*");

  private static final Set<String> NAMED_ALIKE = Set.of("index", "constraint");

  /** Compares the tables of the first, and all that belongs to them. */
  static SchemaDifference between(SchemaFacts expected, SchemaFacts actual) {
    List<String> missing = new ArrayList<>();
    List<String> different = new ArrayList<>();
    List<String> unexpected = new ArrayList<>();
    List<String> information = new ArrayList<>();
    Set<String> ours = expected.tableNames();
    Set<String> theirs = new TreeSet<>(actual.tableNames());
    Set<String> gone = new TreeSet<>(ours);
    gone.removeAll(theirs);
    theirs.removeAll(ours);

    Set<String> extra = new LinkedHashSet<>(actual.lines().keySet());
    extra.removeAll(expected.lines().keySet());
    Set<String> lacking = new LinkedHashSet<>(expected.lines().keySet());
    lacking.removeAll(actual.lines().keySet());

    for (String label : List.copyOf(lacking)) {
      String twin =
          extra.stream()
              .filter(other -> alike(expected, label, actual, other))
              .findFirst()
              .orElse(null);
      if (twin != null) {
        lacking.remove(label);
        extra.remove(twin);
        information.add("%s is called %s.".formatted(subject(label), name(twin)));
      }
    }
    // The index of a key that is not there.
    lacking.removeIf(
        label ->
            label.startsWith("index ")
                && lacking.contains(
                    "constraint %s on %s".formatted(name(label), expected.tables().get(label))));
    for (String label : lacking) {
      String table = expected.tables().get(label);
      if (label.startsWith("table ") || table == null || !gone.contains(table)) {
        missing.add(
            "%s is missing%s.".formatted(subject(label), detail(expected.lines().get(label))));
      }
    }
    for (String label : expected.lines().keySet()) {
      if (!lacking.contains(label) && actual.lines().containsKey(label)) {
        compare(label, expected.lines().get(label), actual.lines().get(label))
            .forEach(different::add);
      }
    }
    for (String label : extra) {
      String table = actual.tables().get(label);
      if (table != null && ours.contains(table)) {
        unexpected.add(
            "%s is there besides%s.".formatted(subject(label), detail(actual.lines().get(label))));
      } else if (ON_ITS_OWN.matcher(label).matches()) {
        information.add("%s is not this project's.".formatted(subject(label)));
      }
    }
    if (!theirs.isEmpty()) {
      information.add(
          "Tables that are not this project's: %s.".formatted(String.join(", ", theirs)));
    }
    return new SchemaDifference(lacking, missing, different, unexpected, information);
  }

  /** Whether there is none. */
  boolean isEmpty() {
    return sentences().isEmpty();
  }

  /** All but the information. */
  List<String> sentences() {
    List<String> all = new ArrayList<>(missing);
    all.addAll(different);
    all.addAll(unexpected);
    return all;
  }

  private static List<String> compare(
      String label, SortedSet<String> expected, SortedSet<String> actual) {
    List<String> more = minus(label, actual, expected);
    List<String> less = minus(label, expected, actual);
    if (more.isEmpty() && less.isEmpty()) {
      return List.of();
    }
    String what = subject(label);
    return List.of(
        less.isEmpty()
            ? "%s is also: %s.".formatted(what, String.join("; ", more))
            : more.isEmpty()
                ? "%s is not: %s.".formatted(what, String.join("; ", less))
                : "%s is %s, expected %s."
                    .formatted(what, String.join("; ", more), String.join("; ", less)));
  }

  private static List<String> minus(String label, SortedSet<String> all, SortedSet<String> others) {
    Set<String> squeezed =
        others.stream().map(line -> squeeze(label, line)).collect(Collectors.toSet());
    return all.stream().filter(line -> !squeezed.contains(squeeze(label, line))).toList();
  }

  /** PostgreSQL's versions write an expression with more or fewer parentheses. */
  private static String squeeze(String label, String line) {
    return label.startsWith("policy ") ? line.replaceAll("[\\s()]|AS \"case\"", "") : line;
  }

  /** Whether they are the same but for their name. */
  private static boolean alike(
      SchemaFacts expected, String label, SchemaFacts actual, String other) {
    String kind = label.substring(0, label.indexOf(' '));
    return NAMED_ALIKE.contains(kind)
        && other.startsWith(kind + " ")
        && expected.tables().getOrDefault(label, "").equals(actual.tables().get(other))
        && nameless(label, expected.lines().get(label))
            .equals(nameless(other, actual.lines().get(other)));
  }

  private static Set<String> nameless(String label, SortedSet<String> lines) {
    String name = Pattern.quote(name(label));
    return lines.stream()
        .filter(line -> !line.startsWith("comment "))
        .map(line -> line.replaceAll("(?<![\\w.])" + name + "(?!\\w)", "?"))
        .collect(Collectors.toSet());
  }

  /** Of {@code constraint fk on items}, {@code fk}. */
  private static String name(String label) {
    return label.split(" ")[1];
  }

  /** The beginning of a sentence. */
  private static String subject(String label) {
    return "The " + label.substring(0, 1).toLowerCase(Locale.ROOT) + label.substring(1);
  }

  private static String detail(SortedSet<String> lines) {
    String detail =
        lines.stream()
            .filter(
                line ->
                    !line.matches(
                        "permanent|valid|validated|enabled|comment .*|function|row security disabled"))
            .collect(Collectors.joining("; "));
    return detail.isEmpty() ? "" : " (" + detail + ")";
  }
}
