package app.gpra.migrations.operation;

import java.util.List;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;

/**
 * Changesets of the time before a changelog wanted its changes made safe, up to the one that the
 * parameter {@code safe.start.after} names ({@code path::id::author}): they run, and are undone, as
 * Liquibase itself does it.
 */
public final class Past {

  private static final String LAST = "safe.start.after";

  private static final String IS_PAST = Past.class.getName();

  private Past() {}

  /** Whether a changeset is one of them. */
  static boolean has(ChangeSet changeSet) {
    DatabaseChangeLog changelog = changeSet.getChangeLog();
    if (changelog != null
        && changeSet.getAttribute(IS_PAST) == null
        && SafeChangeSet.parameter(changeSet, LAST) != null) {
      List<ChangeSet> all = changelog.getRootChangeLog().getChangeSets();
      int last =
          all.stream().map(Past::name).toList().indexOf(SafeChangeSet.parameter(changeSet, LAST));
      for (int i = 0; i < all.size(); i++) {
        all.get(i).setAttribute(IS_PAST, i <= last);
      }
    }
    return Boolean.TRUE.equals(changeSet.getAttribute(IS_PAST));
  }

  /**
   * Looks at the parameter.
   *
   * @param changelog has it, or not
   * @throws IllegalArgumentException if it names no changeset of it
   */
  public static void check(DatabaseChangeLog changelog) {
    Object last = changelog.getChangeLogParameters().getValue(LAST, changelog);
    List<String> names = changelog.getChangeSets().stream().map(Past::name).toList();
    if (last != null && !names.contains(last.toString())) {
      throw new IllegalArgumentException(
          "The changelog's parameter %s=%s names no changeset of it: expected path::id::author, such as %s. Correct it, then run the same command again."
              .formatted(LAST, last, names.get(names.size() - 1)));
    }
  }

  /**
   * What to write where a changelog has a past.
   *
   * @param changelog whose changesets are refused
   * @return the end of a sentence; empty where it has been written, or ids are unique
   */
  public static String hint(DatabaseChangeLog changelog) {
    DatabaseChangeLog root = changelog.getRootChangeLog();
    return Mark.byIdAlone(root) || root.getChangeLogParameters().hasValue(LAST, root)
        ? ""
        : ", or, if the changelog has run before it wanted this, name the last changeset of that time in it, as the property %s: %s is the last of all"
            .formatted(LAST, name(root.getChangeSets().get(root.getChangeSets().size() - 1)));
  }

  private static String name(ChangeSet changeSet) {
    return Mark.identity(changeSet.getFilePath(), changeSet.getId(), changeSet.getAuthor());
  }
}
