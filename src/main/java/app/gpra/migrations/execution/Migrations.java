package app.gpra.migrations.execution;

import app.gpra.migrations.report.Run;
import app.gpra.migrations.report.Screen;
import app.gpra.migrations.report.Table;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.changelog.RanChangeSet;

/**
 * The migrations that have run, as a table: those of their changesets that the history has, and the
 * tag that a rollback names to undo them; where none stands before them, they stay.
 */
final class Migrations {

  private static final Pattern NUMBERED = Pattern.compile("(\\d{3})-.*", Pattern.DOTALL);

  /** As {@code gpra_described} writes it. */
  private static final Pattern RAN =
      Pattern.compile(".*; by (.+), ([\\d.]+) s(?:, commit (\\w+\\+?))?", Pattern.DOTALL);

  private static final List<String> HEADING =
      List.of("migration", "changesets", "when", "by", "took", "commit", "rollbackTag");

  private static final String UNKNOWN = "-";
  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000);

  private Migrations() {}

  /**
   * The table.
   *
   * @param ran in their order
   * @return its lines
   */
  static List<String> table(List<RanChangeSet> ran) {
    Map<String, List<RanChangeSet>> migrations =
        ran.stream()
            .collect(
                Collectors.groupingBy(Migrations::name, LinkedHashMap::new, Collectors.toList()));
    List<List<String>> rows = new ArrayList<>(List.of(HEADING));
    String before = null;
    for (Map.Entry<String, List<RanChangeSet>> one : migrations.entrySet()) {
      rows.add(row(one.getKey(), one.getValue(), before));
      before = last(one.getValue().stream().map(RanChangeSet::getTag).toList());
    }
    return Table.lines(rows);
  }

  /**
   * The changesets, below the file that has them: time first, what may be long in lines of its own.
   *
   * @param ran in their order
   * @return lines
   */
  static List<String> changeSets(List<RanChangeSet> ran) {
    List<String> rows =
        Table.lines(
            ran.stream()
                .map(
                    one ->
                        List.of(
                            "  " + when(one),
                            Screen.printable(one.getId()),
                            Screen.printable(one.getAuthor()),
                            one.getTag() == null ? "" : Screen.printable(one.getTag())))
                .toList());
    List<String> lines = new ArrayList<>();
    String file = null;
    for (int place = 0; place < rows.size(); place++) {
      String next = Screen.printable(ran.get(place).getChangeLog());
      if (!next.equals(file)) {
        lines.add(next);
        file = next;
      }
      lines.add(rows.get(place));
    }
    return lines;
  }

  private static String when(RanChangeSet changeSet) {
    return "%tF %<tR".formatted(changeSet.getDateExecuted());
  }

  private static String name(RanChangeSet changeSet) {
    Matcher number = NUMBERED.matcher(changeSet.getId());
    return number.matches() ? number.group(1) : Screen.printable(changeSet.getId());
  }

  /** Of a migration; the tag that stands before it may be null. */
  private static List<String> row(String name, List<RanChangeSet> ran, String before) {
    List<Matcher> known =
        ran.stream()
            .map(one -> RAN.matcher(String.valueOf(one.getDescription())))
            .filter(Matcher::matches)
            .toList();
    BigDecimal seconds =
        known.stream()
            .map(one -> new BigDecimal(one.group(2)))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    return List.of(
        name,
        String.valueOf(ran.size()),
        when(ran.get(ran.size() - 1)),
        known.isEmpty()
            ? UNKNOWN
            : known.stream()
                .map(one -> Screen.printable(one.group(1)))
                .distinct()
                .collect(Collectors.joining(", ")),
        known.isEmpty() ? UNKNOWN : Run.time(seconds.multiply(NANOS).longValue()),
        known.stream()
            .map(one -> one.group(3))
            .filter(one -> one != null)
            .reduce((first, second) -> second)
            .orElse(UNKNOWN),
        before == null ? UNKNOWN : Screen.printable(before));
  }

  private static String last(List<String> tags) {
    List<String> found = new ArrayList<>(tags);
    found.removeAll(Collections.singleton(null));
    return found.isEmpty() ? null : found.get(found.size() - 1);
  }
}
