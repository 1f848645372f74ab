package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Mark;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;

/**
 * The order in which a rollback to a tag of the changelog sees what is applied: what stands after
 * the tag in the changelog comes last, whenever it ran. A later migration may have run earlier, as
 * the label filter lets it.
 *
 * @param tag what the tag's changeset is called, as of {@link Mark#key}
 * @param before what the changesets are called that stand before it
 * @param all what all of the changelog's are called
 */
public record TagOrder(String tag, Set<String> before, Set<String> all) {

  /**
   * The order for a tag.
   *
   * @param changelog may have it
   * @param tag whatever its case; null for none
   * @return empty where no changeset of the changelog has this tag
   */
  public static Optional<TagOrder> of(DatabaseChangeLog changelog, String tag) {
    Set<String> all = new HashSet<>();
    Set<String> before = null;
    String found = null;
    for (ChangeSet changeSet : changelog.getChangeSets()) {
      if (found == null && tag != null && tags(changeSet).anyMatch(tag::equalsIgnoreCase)) {
        found = Mark.key(changeSet);
        before = Set.copyOf(all);
      }
      all.add(Mark.key(changeSet));
    }
    return found == null ? Optional.empty() : Optional.of(new TagOrder(found, before, all));
  }

  private static Stream<String> tags(ChangeSet changeSet) {
    return changeSet.getChanges().stream()
        .filter(TagDatabaseChange.class::isInstance)
        .map(change -> ((TagDatabaseChange) change).getTag());
  }

  /**
   * Puts rows of the history into this order.
   *
   * @param <T> a row
   * @param rows in the order in which they ran
   * @param key what a row's changeset is called
   * @return the same rows; in the same order where the tag is not among them
   */
  public <T> List<T> sort(List<T> rows, Function<T, String> key) {
    List<String> keys = rows.stream().map(key).toList();
    int ran = keys.indexOf(tag);
    if (ran < 0) {
      return rows;
    }
    // What another version of the changelog has made keeps its place.
    Set<String> earlier = new HashSet<>(keys.subList(0, ran));
    earlier.removeAll(all);
    return rows.stream()
        .sorted(Comparator.comparingInt(row -> place(key.apply(row), earlier)))
        .toList();
  }

  /** Whether a changeset of the changelog stands after it. */
  boolean isAfter(String key) {
    return !key.equals(tag) && !before.contains(key);
  }

  private int place(String key, Set<String> earlier) {
    return key.equals(tag) ? 0 : before.contains(key) || earlier.contains(key) ? -1 : 1;
  }
}
