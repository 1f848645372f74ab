package app.gpra.migrations.report;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.filter.ContextChangeSetFilter;
import liquibase.changelog.filter.DbmsChangeSetFilter;
import liquibase.changelog.filter.IgnoreChangeSetFilter;
import liquibase.changelog.filter.LabelChangeSetFilter;
import liquibase.database.Database;

/**
 * Where a database stands in the changelog.
 *
 * @param entries the changelog's, in order
 * @param executed those that the database has, in the order in which they ran: a rollback undoes
 *     the last first
 * @param unknown what the database's history has and the changelog has not
 */
record Standing(List<Entry> entries, List<Entry> executed, List<String> unknown) {

  private static final int MOST_UNKNOWN = 3;

  /**
   * Reads the history.
   *
   * @throws SQLException if the server does not answer
   */
  static Standing of(
      DatabaseChangeLog changelog, Database database, Contexts contexts, LabelExpression labels)
      throws SQLException {
    Map<String, HistoryRow> rows = new LinkedHashMap<>();
    HistoryRow.of(database).forEach(row -> rows.put(key(row.id(), row.author(), row.file()), row));
    List<String> inOrder = List.copyOf(rows.keySet());
    Map<String, Entry> executed = new HashMap<>();
    ContextChangeSetFilter byContext = new ContextChangeSetFilter(contexts);
    LabelChangeSetFilter byLabel = new LabelChangeSetFilter(labels);
    // The master file has 003 and 004 ignored where there is no label filter at all.
    IgnoreChangeSetFilter notIgnored = new IgnoreChangeSetFilter();
    DbmsChangeSetFilter byServer = new DbmsChangeSetFilter(database);
    List<Entry> entries = new ArrayList<>();
    for (ChangeSet changeSet : changelog.getChangeSets()) {
      String key = key(changeSet.getId(), changeSet.getAuthor(), changeSet.getFilePath());
      boolean inContext = byContext.accepts(changeSet).isAccepted();
      if ((inContext || rows.containsKey(key)) && byServer.accepts(changeSet).isAccepted()) {
        HistoryRow row = rows.remove(key);
        boolean wanted =
            inContext
                && byLabel.accepts(changeSet).isAccepted()
                && notIgnored.accepts(changeSet).isAccepted();
        Entry entry = Entry.of(changeSet, row != null, wanted);
        entries.add(row == null || row.tag() == null ? entry : entry.tagged(row.tag()));
        if (row != null) {
          executed.put(key, entries.get(entries.size() - 1));
        }
      }
    }
    return new Standing(
        entries,
        inOrder.stream().map(executed::get).filter(Objects::nonNull).toList(),
        rows.values().stream().map(HistoryRow::id).toList());
  }

  private static String key(String id, String author, String path) {
    return Screen.printable(id + "::" + author + "::" + DatabaseChangeLog.normalizePath(path));
  }

  List<Entry> applied() {
    return entries.stream().filter(Entry::applied).toList();
  }

  /** What an update would run. */
  List<Entry> pending() {
    return entries.stream().filter(entry -> !entry.applied() && entry.wanted()).toList();
  }

  /** What the label filter leaves out. */
  List<Entry> leftOut() {
    return entries.stream().filter(entry -> !entry.applied() && !entry.wanted()).toList();
  }

  /** The tag that the database has last; null if it has none. */
  String tag() {
    return lastTag(entries);
  }

  /** Whether one of these stands before the changeset of a tag that is applied. */
  boolean isBefore(String tag, Set<String> keys) {
    int there =
        entries.stream()
            .map(entry -> entry.applied() ? entry.tag() : null)
            .collect(Collectors.toList())
            .lastIndexOf(tag);
    return there > 0
        && entries.subList(0, there).stream().anyMatch(entry -> keys.contains(entry.key()));
  }

  private static String lastTag(List<Entry> among) {
    return among.stream()
        .filter(Entry::applied)
        .map(Entry::tag)
        .filter(Objects::nonNull)
        .reduce((first, second) -> second)
        .orElse(null);
  }

  /** Whether the last migration is there as a whole, or nothing at all. */
  boolean isWhole() {
    return missingOfTheLast().isEmpty();
  }

  /** Of the last migration that is there in part; where none is, of the last that is there. */
  private List<Entry> ofTheLast() {
    Map<String, List<Entry>> migrations =
        entries.stream()
            .collect(
                Collectors.groupingBy(Entry::migration, LinkedHashMap::new, Collectors.toList()));
    List<Entry> last = List.of();
    boolean inPart = false;
    for (List<Entry> migration : migrations.values()) {
      boolean whole = migration.stream().allMatch(Entry::applied);
      if (!whole && migration.stream().anyMatch(Entry::applied) || whole && !inPart) {
        last = migration;
        inPart = !whole;
      }
    }
    return last;
  }

  private List<Entry> missingOfTheLast() {
    return ofTheLast().stream().filter(entry -> !entry.applied()).toList();
  }

  /** The end of a sentence that begins with "it stands". */
  String place() {
    List<Entry> last = ofTheLast();
    if (last.isEmpty()) {
      return "at the beginning: no changeset is applied yet";
    }
    String migration = last.get(0).migration();
    List<Entry> missing = missingOfTheLast();
    if (missing.isEmpty()) {
      return "at " + migration;
    }
    String before = lastTag(entries.subList(0, entries.indexOf(last.get(0))));
    return "halfway inside %s%s: %d of its %s are applied, the next is %s"
        .formatted(
            migration,
            before == null ? "" : ", after " + before,
            last.size() - missing.size(),
            Entry.number(last.size()),
            missing.get(0).id());
  }

  /** In plain words, what {@code mvn liquibase:status} says. */
  List<String> sentences(String database) {
    List<String> sentences = new ArrayList<>();
    List<Entry> leftOut = leftOut();
    sentences.add(
        "%s stands %s. Not applied: %s%s."
            .formatted(
                database,
                place(),
                pending().isEmpty()
                    ? "nothing, it is up to date"
                    : Entry.migrations(pending()) + ", " + Entry.number(pending().size()),
                leftOut.isEmpty()
                    ? ""
                    : " (%s, %s, wait for %s)"
                        .formatted(
                            Entry.migrations(leftOut),
                            Entry.number(leftOut.size()),
                            labelFilter(leftOut))));
    if (!unknown.isEmpty()) {
      sentences.add(
          "Its history has %s that this changelog does not know: %s%s. A newer version of it has been here, or another changelog."
              .formatted(
                  unknown.size() == 1 ? "1 row" : unknown.size() + " rows",
                  unknown.stream()
                      .limit(MOST_UNKNOWN)
                      .map(Screen::printable)
                      .collect(Collectors.joining(", ")),
                  unknown.size() > MOST_UNKNOWN ? ", …" : ""));
    }
    return sentences;
  }

  /** What lets them run. */
  static String labelFilter(List<Entry> leftOut) {
    return "-Dliquibase.labelFilter="
        + leftOut.stream().map(Entry::label).distinct().collect(Collectors.joining(","));
  }
}
