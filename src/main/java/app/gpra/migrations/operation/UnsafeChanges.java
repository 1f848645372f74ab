package app.gpra.migrations.operation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.AddDefaultValueChange;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.CreateViewChange;
import liquibase.change.core.DropDefaultValueChange;
import liquibase.change.core.DropIndexChange;
import liquibase.change.core.DropPrimaryKeyChange;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.ModifyDataTypeChange;
import liquibase.change.core.RenameColumnChange;
import liquibase.change.core.RenameTableChange;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;

/**
 * Changes that have no safe form here: they are refused before anything runs, forward and back.
 * What nobody can look into, as SQL, runs where the changelog says that its author answers for it:
 * {@code property: {name: plain.<changeset id>, value: <reason>}}, or {@code plain.*} for all.
 */
public final class UnsafeChanges {

  static final String PLAIN = "plain.";

  /** In place of a changeset: each of them. */
  private static final String ALL = "*";

  private static final String LEFT = UnsafeChanges.class.getName();

  /** So many are named. */
  private static final int MOST = 10;

  /** Safe in both directions: what a rollback makes again is made as safely. */
  private static final Set<String> SAFE =
      Set.of(
          "createTable",
          "addColumn",
          "createIndex",
          "createIndexAs",
          "addForeignKeyConstraint",
          "addUniqueConstraint",
          "addPrimaryKey",
          "addNotNullConstraint",
          "modifyDataType",
          "addCheck",
          "modifyCheck",
          "dropTable",
          "dropColumn",
          "dropIndex",
          "dropForeignKeyConstraint",
          "dropUniqueConstraint",
          "dropPrimaryKey",
          "dropNotNullConstraint",
          "dropCheck",
          "fillColumn",
          "copyColumn",
          "renameColumn",
          "renameTable",
          "defineFunction",
          "removeFunction",
          "defineTrigger",
          "removeTrigger",
          "createView",
          "dropView",
          "createSequence",
          "dropSequence",
          "tenantIsolation",
          "setTableRemarks",
          "setColumnRemarks",
          "addDefaultValue",
          "dropDefaultValue",
          "tagDatabase",
          "empty",
          "output");

  private static final Set<String> MAY_REPLACE =
      Set.of("defineFunction", "defineTrigger", "createView");

  /** By the mark of the changeset that is undone: forward there is none to go by. */
  private static final Set<String> SAFE_IN_A_ROLLBACK =
      Set.of("unfillColumn", "dropTenantIsolation");

  private static final String RENAMED =
      "takes its name from the application that runs: add the new one beside it, and let the application change over";

  private static final String PROCEDURE =
      "bears no mark: write defineFunction with procedure: true, and removeFunction in its rollback";

  private static final String WRITTEN =
      "writes rows that nothing remembers, and locks them: write fillColumn for a column that has no value yet";

  /** Why, and what to write instead. */
  private static final Map<String, String> REASONS =
      Map.ofEntries(
          Map.entry("renameView", RENAMED),
          Map.entry("renameSequence", RENAMED),
          Map.entry(
              "alterSequence",
              "leaves nothing that says whose it is: write createSequence under another name, and let the application change over"),
          Map.entry("createProcedure", PROCEDURE),
          Map.entry("dropProcedure", PROCEDURE),
          Map.entry("insert", WRITTEN),
          Map.entry("update", WRITTEN),
          Map.entry("delete", WRITTEN),
          Map.entry("loadData", WRITTEN));

  private UnsafeChanges() {}

  /**
   * Leaves changesets as they are written: each that has one of them, where the changelog answers
   * for all; and each of ordinary changes that could be made safe, where it answers for that one,
   * as for an index on a partitioned table. They run, and are undone, as Liquibase itself does it.
   *
   * @param changelog that has been read
   * @param database where it is going to run
   */
  public static void leave(DatabaseChangeLog changelog, Database database) {
    for (ChangeSet changeSet : changelog.getChangeSets()) {
      if (changeSet.getChanges().stream().noneMatch(OwnChange.class::isInstance)
          && (changeSet.getChanges().stream().allMatch(UnsafeChanges::isMadeSafe)
                  && reason(changeSet, Mark.key(changeSet), changeSet.getId()) != null
              || SafeChangeSet.parameter(changeSet, PLAIN + ALL) != null
                  && !in(List.of(changeSet), false, database).isEmpty())) {
        changeSet.setAttribute(LEFT, true);
      }
    }
  }

  private static boolean isMadeSafe(Change change) {
    return isSafe(change)
        && !Set.of("tagDatabase", "empty", "output").contains(change.getSerializedObjectName());
  }

  /** Whether it was left as it is written. */
  static boolean isLeft(ChangeSet changeSet) {
    return changeSet.getAttribute(LEFT) != null;
  }

  /**
   * Looks for them.
   *
   * @param changeSets what is going to run, or to be undone
   * @param back whether it is to be undone; otherwise what would undo it is looked at as well
   * @param database where
   * @return a sentence each; empty if there is none, or the changelog does not want its changes
   *     made safe
   */
  public static List<String> in(List<ChangeSet> changeSets, boolean back, Database database) {
    List<String> found = new ArrayList<>();
    for (ChangeSet changeSet : changeSets) {
      if (SafeChangeSet.of(changeSet).isPresent()
          && (back || !PassedOver.elsewhere(changeSet, database))) {
        if (!back) {
          changeSet.getChanges().forEach(change -> look(change, changeSet, false, database, found));
        }
        changeSet
            .getRollback()
            .getChanges()
            .forEach(change -> look(change, changeSet, true, database, found));
        found.addAll(new RollbackBlock(changeSet, database).leavesOut());
        if (changeSet.getRollback().getChanges().isEmpty()) {
          changeSet.getChanges().stream()
              .map(UnsafeChanges::withoutRollback)
              .flatMap(Optional::stream)
              .map(
                  why ->
                      "%s has no rollback block, and Liquibase%s".formatted(changeSet.getId(), why))
              .forEach(found::add);
        }
      }
    }
    return found.stream().distinct().toList();
  }

  /** Whether it has a safe form in a rollback, or in both directions. */
  static boolean isSafeInARollback(Change change) {
    return isSafe(change) || SAFE_IN_A_ROLLBACK.contains(change.getSerializedObjectName());
  }

  /** Whether it has a safe form. */
  static boolean isSafe(Change change) {
    return SAFE.contains(change.getSerializedObjectName());
  }

  /** Whether it drops something, also in an update. */
  static boolean isDrop(Change change) {
    return isSafe(change)
        && change.getSerializedObjectName().matches("(drop|remove).*")
        && !(change instanceof DropDefaultValueChange);
  }

  /** Whether what an earlier one has made is not there any more after it, or is another. */
  static boolean takesAway(Change change) {
    return isDrop(change)
        || change instanceof RenameColumnChange
        || change instanceof RenameTableChange
        || change instanceof ModifyCheckChange
        || MAY_REPLACE.contains(change.getSerializedObjectName());
  }

  private static void look(
      Change change, ChangeSet changeSet, boolean undoes, Database database, List<String> found) {
    String name = change.getSerializedObjectName();
    boolean forwardOnly = SAFE_IN_A_ROLLBACK.contains(name) && !undoes;
    if (forwardOnly) {
      found.add(
          "%s: %s drops only what the changeset that is undone has made: it stands in a rollback block only"
              .formatted(changeSet.getId(), name));
    } else if (!SAFE.contains(name) && !SAFE_IN_A_ROLLBACK.contains(name)) {
      if (reason(changeSet) == null) {
        found.add(
            "%s: %s %s, or answer for it with the changelog's property %s%s, whose value says why it is safe"
                .formatted(
                    changeSet.getId(),
                    name,
                    REASONS.getOrDefault(
                        name,
                        "has no safe form, and what it makes bears no mark: write it as changes that the jar makes safe, such as createIndex"),
                    PLAIN,
                    changeSet.getId()));
      }
    } else if (change instanceof AddColumnChange columns
        && columns.getColumns().stream().anyMatch(column -> column.getValueObject() != null)) {
      found.add(
          "%s: the value of %s %s, in a changeset of its own"
              .formatted(changeSet.getId(), name, WRITTEN));
    } else if (change instanceof AddNotNullConstraintChange required
        && required.getDefaultNullValue() != null) {
      found.add(
          "%s: defaultNullValue of %s %s, then addNotNullConstraint without it"
              .formatted(changeSet.getId(), name, WRITTEN));
    } else if (change instanceof DropPrimaryKeyChange key && key.getConstraintName() == null) {
      found.add(
          "%s: %s goes by the key's name: give it the constraintName"
              .formatted(changeSet.getId(), name));
    } else if (change instanceof CreateViewChange view && view.getRemarks() != null) {
      found.add(
          "%s: the comment of a view bears the mark: leave out the remarks of %s"
              .formatted(changeSet.getId(), name));
    } else if (change instanceof DropIndexChange index && index.getTableName() == null && !undoes) {
      found.add("%s: %s: give it the tableName".formatted(changeSet.getId(), name));
    } else if (isOfAnotherColumn(change, changeSet)
        && !changeSet.getRollback().getChanges().stream().allMatch(EmptyChange.class::isInstance)) {
      found.add(
          "%s: %s on a column that this changelog did not make leaves nothing that says whose it is: leave its rollback empty, with the reason"
              .formatted(changeSet.getId(), name));
    } else {
      Asked.refusals(change, changeSet, database)
          .map(why -> changeSet.getId() + ": " + why)
          .forEach(found::add);
    }
  }

  /** Why its author answers for it; null if nobody does. */
  static String reason(ChangeSet changeSet) {
    return reason(changeSet, Mark.key(changeSet), changeSet.getId(), ALL);
  }

  private static String reason(ChangeSet changeSet, String... names) {
    return Stream.of(names)
        .map(one -> SafeChangeSet.parameter(changeSet, PLAIN + one))
        .filter(one -> one != null && !one.isBlank())
        .findFirst()
        .orElse(null);
  }

  /**
   * What runs as it is written because the whole changelog says so.
   *
   * @param changeSets what is going to run
   * @return a sentence; empty if there is nothing
   */
  public static Optional<String> runPlainly(List<ChangeSet> changeSets) {
    List<String> plain =
        changeSets.stream()
            .filter(
                one ->
                    isLeft(one)
                        || SafeChangeSet.of(one).isPresent()
                            && SafeChangeSet.parameter(one, PLAIN + ALL) != null
                            && !one.getChanges().stream().allMatch(UnsafeChanges::isSafe))
            .map(ChangeSet::getId)
            .toList();
    return plain.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Warning: run as written, with the locks that PostgreSQL takes for that, and bear no mark: %s."
                .formatted(shortened(plain)));
  }

  /**
   * The first few, and how many more.
   *
   * @param all sentences
   * @return one line
   */
  public static String shortened(List<String> all) {
    return all.size() <= MOST
        ? String.join("; ", all)
        : "%s; and %d more, %d in all"
            .formatted(String.join("; ", all.subList(0, MOST)), all.size() - MOST, all.size());
  }

  /** What Liquibase itself would undo it with, and what to write instead. */
  private static Optional<String> withoutRollback(Change change) {
    String why = null;
    if (change instanceof ModifyDataTypeChange) {
      why =
          " does not know the type before: write a rollback with modifyDataType, and that as newDataType";
    } else if (change instanceof ModifyCheckChange) {
      why =
          " does not know the condition before: write a rollback with modifyCheck, and that as condition";
    } else if (change instanceof AddColumnChange columns
        && columns.getColumns().stream()
            .anyMatch(column -> column.getDefaultValueObject() != null)) {
      why =
          "'s own would first take the default from whatever column has that name: write a rollback with dropColumn";
    }
    if (isDrop(change)) {
      why =
          " does not know what %s drops: write in its rollback what makes it again, without its rows, or the change empty with the reason"
              .formatted(change.getSerializedObjectName());
    }
    return Optional.ofNullable(why);
  }

  private static boolean isOfAnotherColumn(Change change, ChangeSet changeSet) {
    String table;
    String column;
    if (change instanceof AddDefaultValueChange added) {
      table = added.getTableName();
      column = added.getColumnName();
    } else if (change instanceof DropDefaultValueChange dropped) {
      table = dropped.getTableName();
      column = dropped.getColumnName();
    } else {
      return false;
    }
    return changeSet.getChangeLog().getRootChangeLog().getChangeSets().stream()
        .flatMap(one -> one.getChanges().stream())
        .noneMatch(
            one ->
                one instanceof CreateTableChange made && made.getTableName().equals(table)
                    || one instanceof AddColumnChange added
                        && added.getTableName().equals(table)
                        && added.getColumns().stream()
                            .anyMatch(columns -> columns.getName().equals(column)));
  }
}
