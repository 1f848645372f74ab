package app.gpra.migrations.operation;

import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;

/**
 * What a changeset is called in the comments of what it makes: {@code [gpra path::id::author]}, as
 * Liquibase itself tells changesets apart, or {@code [gpra id]} in a changelog that says that its
 * ids are unique.
 */
public final class Mark {

  /** The first word of marks; a parameter of the changelog. */
  private static final String NAME = "safe.mark";

  /** Whether ids are unique; a parameter of the changelog. */
  private static final String UNIQUE_IDS = "safe.unique.ids";

  private Mark() {}

  /**
   * The first word of a changelog's marks.
   *
   * @param changelog has the parameter {@code safe.mark}, or the default
   * @return a word
   * @throws IllegalArgumentException if it is none
   */
  public static String name(DatabaseChangeLog changelog) {
    String name = parameter(changelog, NAME, "gpra");
    if (!name.matches("[a-z][a-z0-9]*")) {
      throw new IllegalArgumentException(
          "The changelog's parameter %s=%s is not valid: expected a word of small letters and digits. Correct it, then run the same command again."
              .formatted(NAME, name));
    }
    return name;
  }

  /**
   * Whether a changeset's id is enough to tell it apart.
   *
   * @param changelog has the parameter {@code safe.unique.ids}, or not
   * @return false by default
   */
  public static boolean byIdAlone(DatabaseChangeLog changelog) {
    return "true".equals(parameter(changelog, UNIQUE_IDS, ""));
  }

  /**
   * What a changeset is called.
   *
   * @param changeSet of a changelog
   * @return its id, or its path, id and author
   */
  public static String key(ChangeSet changeSet) {
    return key(
        changeSet.getChangeLog(),
        changeSet.getFilePath(),
        changeSet.getId(),
        changeSet.getAuthor());
  }

  /**
   * What a changeset is called that has run.
   *
   * @param changelog the one that runs now
   * @param path as the history has it
   * @param id as the history has it
   * @param author as the history has it
   * @return the same as of the changeset itself
   */
  public static String key(DatabaseChangeLog changelog, String path, String id, String author) {
    return byIdAlone(changelog) ? id : identity(path, id, author);
  }

  /**
   * The files of a changelog.
   *
   * @param changelog with its changesets
   * @return their paths, in the form in which Liquibase compares them
   */
  public static Set<String> files(DatabaseChangeLog changelog) {
    return changelog.getChangeSets().stream()
        .map(one -> DatabaseChangeLog.normalizePath(one.getFilePath()))
        .collect(Collectors.toSet());
  }

  /** As Liquibase itself tells changesets apart. */
  static String identity(String path, String id, String author) {
    return String.join("::", DatabaseChangeLog.normalizePath(path), id, author);
  }

  /** What the comment of an object that it makes begins with. */
  static String of(ChangeSet changeSet) {
    return "[%s %s]".formatted(name(changeSet.getChangeLog()), key(changeSet));
  }

  private static String parameter(DatabaseChangeLog changelog, String name, String otherwise) {
    Object value =
        changelog == null || changelog.getChangeLogParameters() == null
            ? null
            : changelog.getChangeLogParameters().getValue(name, changelog);
    return value == null ? otherwise : value.toString();
  }
}
