package app.gpra.migrations.report;

import app.gpra.migrations.operation.Mark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;

/**
 * A changeset of the changelog.
 *
 * @param key what marks call it
 * @param comment the first sentence of why it is there; may be empty
 * @param label what has to be in the label filter; empty where it runs without
 * @param tag what the database is called after it; null where it is none that closes a migration
 * @param applied whether the database has it
 * @param wanted whether the label filter lets it run
 */
record Entry(
    String id,
    String key,
    String comment,
    String label,
    String tag,
    boolean applied,
    boolean wanted) {

  private static final Pattern NUMBER = Pattern.compile("(\\d{3})-.*", Pattern.DOTALL);
  private static final Pattern SENTENCE =
      Pattern.compile("(.+?)[.;]?(?:(?<=[.;])\\s.*)?", Pattern.DOTALL);

  /** So many migrations are named. */
  private static final int MOST = 5;

  /** Says too little. */
  private static final String NOTHING = "Changes nothing. ";

  static Entry of(ChangeSet changeSet, boolean applied, boolean wanted) {
    String tag =
        changeSet.getChanges().stream()
            .filter(TagDatabaseChange.class::isInstance)
            .map(change -> ((TagDatabaseChange) change).getTag())
            .findFirst()
            .orElse(null);
    return new Entry(
        changeSet.getId(),
        Mark.key(changeSet),
        firstSentence(changeSet.getComments()),
        changeSet.getLabels() == null ? "" : changeSet.getLabels().toString(),
        tag,
        applied,
        wanted);
  }

  /** The same, called otherwise by the database. */
  Entry tagged(String other) {
    return new Entry(id, key, comment, label, other, applied, wanted);
  }

  /** The comment, where undoing it changes something; empty otherwise. */
  String undoes() {
    return comment.startsWith(NOTHING) ? "" : comment;
  }

  static String firstSentence(String comment) {
    if (comment == null) {
      return "";
    }
    String whole = comment.strip().replaceAll("\\s+", " ");
    Matcher sentence = SENTENCE.matcher(whole);
    int from =
        whole.startsWith(NOTHING) && whole.length() > NOTHING.length() ? NOTHING.length() : 0;
    return sentence.region(from, whole.length()).matches()
        ? whole.substring(0, from) + sentence.group(1)
        : "";
  }

  /** The number of its file; of a changeset that is called otherwise, what marks call it. */
  String migration() {
    Matcher number = NUMBER.matcher(key);
    return number.matches() ? number.group(1) : key;
  }

  /** How many, and of which migrations: {@code 17 changesets of 002}. */
  static String count(Collection<Entry> entries) {
    return "%s of %s".formatted(number(entries.size()), migrations(entries));
  }

  static String number(int changeSets) {
    return changeSets + (changeSets == 1 ? " changeset" : " changesets");
  }

  /** {@code 002}, {@code 003 and 004} or {@code 000, 001 and 002}. */
  static String migrations(Collection<Entry> entries) {
    List<String> names =
        new ArrayList<>(entries.stream().map(Entry::migration).distinct().sorted().toList());
    if (names.size() > MOST) {
      return "%s and %d more"
          .formatted(String.join(", ", names.subList(0, MOST)), names.size() - MOST);
    }
    String last = names.remove(names.size() - 1);
    return names.isEmpty() ? last : String.join(", ", names) + " and " + last;
  }
}
