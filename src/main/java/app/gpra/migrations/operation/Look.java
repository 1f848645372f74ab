package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.TagDatabaseChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.exception.DatabaseHistoryException;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * What changesets would make, compared with what is there: made from the changes themselves, which
 * are asked how to look instead of what to do.
 */
public final class Look {

  private static final Set<Class<?>> MAKE_NOTHING =
      Set.of(EmptyChange.class, TagDatabaseChange.class);

  private static final String PAST = call("look_past");

  private static final String NONE = "[]";

  private static final String LOOKED = Look.class.getName();
  private static final String LATER = LOOKED + ".later";

  /** Asks whether a drop can be done. */
  static final String DROP = "look_drop";

  /** A drop of what the statistics say uses of. */
  private static final Pattern USED =
      Pattern.compile("^\\Q%s\\E'(table|index)'".formatted(call(DROP).replace(")", "")));

  /** Says that what an earlier one made is another from here on. */
  static final String REPLACES = "look_replaces";

  private static final String UNDONE = LOOKED + ".undone";

  private Look() {}

  /**
   * The look at what changesets have made: all of it has to be there.
   *
   * @param changeSets those that have run, in their order
   * @param database where
   * @return statements; empty where no changeset wants its changes made safe
   */
  public static List<String> after(List<ChangeSet> changeSets, Database database) {
    return at(
        changeSets,
        "after",
        NONE,
        later(changeSets, one -> changeSets.contains(one) || hasRun(one, database), database),
        changeSet -> looks(changeSet, database));
  }

  /**
   * The look at what changesets would make, before the first of them runs.
   *
   * @param pending those that are going to run, in their order
   * @param made what applied ones have made, a JSON array of objects with table, column (not for a
   *     table) and back: the command that goes back to before it
   * @param database where
   * @return statements; empty where no changeset wants its changes made safe
   */
  public static List<String> before(List<ChangeSet> pending, String made, Database database) {
    pending.forEach(changeSet -> changeSet.setAttribute(LOOKED, true));
    return at(
        pending,
        "before",
        made,
        List.of(),
        changeSet -> before(changeSet, changeSet == pending.get(0), database));
  }

  /**
   * The look at a changeset that begins to run, which was to be passed over as things stood before.
   *
   * @param changeSet its preconditions let it run
   * @param database where
   * @return statements; empty where it has been looked at
   */
  public static List<String> unexpected(ChangeSet changeSet, Database database) {
    if (changeSet.getAttribute(LATER) == null) {
      return List.of();
    }
    changeSet.setAttribute(LATER, null);
    return at(List.of(changeSet), "before", NONE, List.of(), one -> looks(one, database));
  }

  /**
   * Whether the history would say that a changeset ran, though nothing of it was there.
   *
   * @param changeSet is applied
   * @param database where
   * @return false where only a precondition passed it over that asks for what it makes itself
   */
  public static boolean mayHaveMadeNothing(ChangeSet changeSet, Database database) {
    return SafeChangeSet.isSomebodyElses(changeSet, database)
        && PassedOver.isConditional(changeSet, database);
  }

  /**
   * The look at what changesets have made and what does not bear their mark any more: whether it is
   * as they made it.
   *
   * @param changeSets of the changelog, in their order
   * @param database where
   * @return statements; empty where no changeset wants its changes made safe
   */
  public static List<String> lost(List<ChangeSet> changeSets, Database database) {
    return at(
        changeSets,
        "lost",
        NONE,
        later(changeSets, one -> hasRun(one, database), database),
        changeSet ->
            Stream.concat(
                Stream.of(call("look_lost", Procedures.literal(Mark.key(changeSet)))),
                looks(changeSet, database).filter(look -> !look.equals(PAST))));
  }

  /**
   * The beginning of a changeset in a script, after which nothing else runs until it is recorded.
   *
   * @param changeSet that was looked at
   * @param database where
   * @return empty where it makes nothing, and where it may run again, of which Liquibase makes no
   *     new row
   */
  public static Optional<String> begin(ChangeSet changeSet, Database database) {
    return SafeChangeSet.of(changeSet)
        .filter(
            one ->
                !changeSet.isAlwaysRun()
                    && !changeSet.isRunOnChange()
                    && !changeSet.getChanges().stream()
                        .allMatch(change -> MAKE_NOTHING.contains(change.getClass())))
        .map(
            one ->
                call(
                    "begin",
                    Procedures.literal(one.mark()),
                    SafeRecord.recorded(changeSet, database)));
  }

  /**
   * From here on they are undone: what has another form on the way back takes that.
   *
   * @param changeSets that a rollback reaches
   */
  public static void back(List<ChangeSet> changeSets) {
    changeSets.forEach(changeSet -> changeSet.setAttribute(UNDONE, true));
  }

  /** Whether it is being undone. */
  static boolean isBack(ChangeSet changeSet) {
    return changeSet.getAttribute(UNDONE) != null;
  }

  /** Whether its history depends on that look: another command records without one. */
  static boolean isLookedAt(ChangeSet changeSet) {
    return changeSet.getAttribute(LOOKED) != null;
  }

  /** What applied ones among these, or after them, have dropped is not missed. */
  private static List<String> later(
      List<ChangeSet> changeSets, Predicate<ChangeSet> applied, Database database) {
    if (changeSets.isEmpty()) {
      return List.of();
    }
    List<ChangeSet> all = changeSets.get(0).getChangeLog().getRootChangeLog().getChangeSets();
    return all.subList(all.indexOf(changeSets.get(0)), all.size()).stream()
        .filter(changeSet -> changeSet.getChanges().stream().anyMatch(UnsafeChanges::takesAway))
        .filter(applied)
        .flatMap(changeSet -> looks(changeSet, database))
        .filter(
            look ->
                Stream.of(DROP, REPLACES)
                    .anyMatch(one -> look.startsWith(call(one).replace(")", ""))))
        .map(look -> look.replaceFirst(DROP + "|" + REPLACES, "look_later"))
        .toList();
  }

  private static boolean hasRun(ChangeSet changeSet, Database database) {
    try {
      return database.getRanChangeSet(changeSet) != null;
    } catch (DatabaseException | DatabaseHistoryException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  private static List<String> at(
      List<ChangeSet> changeSets,
      String when,
      String made,
      List<String> beginning,
      Function<ChangeSet, Stream<String>> looks) {
    List<String> all = changeSets.stream().flatMap(looks).toList();
    return changeSets.stream().noneMatch(Look::isSafe)
        ? List.of()
        : Stream.of(
                List.of(call("begin_look", Procedures.literal(when), Procedures.literal(made))),
                beginning,
                all,
                all.stream().anyMatch(USED.asPredicate()) && when.equals("before")
                    ? List.of(call("look_quiet"))
                    : List.<String>of(),
                List.of(call("end_look")))
            .flatMap(List::stream)
            .toList();
  }

  private static boolean isSafe(ChangeSet changeSet) {
    return SafeChangeSet.of(changeSet).isPresent();
  }

  private static Stream<String> before(ChangeSet changeSet, boolean first, Database database) {
    if (!isSafe(changeSet)) {
      return Stream.of(PAST);
    }
    List<String> looks = looks(changeSet, database).toList();
    boolean unknown = looks.contains(PAST);
    if (looks.isEmpty() || unknown && makesNothing(changeSet)) {
      return Stream.empty();
    }
    if (!PassedOver.now(changeSet, unknown, database)) {
      return looks.stream();
    }
    changeSet.setAttribute(LATER, true);
    // What is pending before it may be what it waits for.
    return unknown || first ? Stream.empty() : Stream.of(PAST);
  }

  private static Stream<String> looks(ChangeSet changeSet, Database database) {
    return changeSet.getChanges().stream()
        .filter(change -> isSafe(changeSet) && !MAKE_NOTHING.contains(change.getClass()))
        .filter(change -> !PassedOver.elsewhere(changeSet, database))
        // Of a statement that nobody here knows, nothing can be said.
        .flatMap(change -> Asked.HOW_TO_LOOK.of(change, changeSet, database, List.of(PAST)));
  }

  /** As its comment says. */
  private static boolean makesNothing(ChangeSet changeSet) {
    return changeSet.getComments() != null
        && changeSet.getComments().strip().startsWith("Changes nothing.");
  }
}
