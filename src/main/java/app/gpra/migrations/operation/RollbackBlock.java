package app.gpra.migrations.operation;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.change.core.DropNotNullConstraintChange;
import liquibase.change.core.EmptyChange;
import liquibase.change.core.ModifyDataTypeChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;

/**
 * What undoes a changeset: all that Liquibase itself would undo, and what makes again what was
 * dropped. What it leaves out would stay, and the history would say that it is undone. Empty it may
 * be, with its reason; what SQL does, its author answers for.
 */
final class RollbackBlock {

  private static final Pattern ROW =
      Pattern.compile(
          "\\('(?:[^']|'')*', '(drop |)([^']*)', (?:'((?:[^']|'')*)'|NULL), (?:'((?:[^']|'')*)'|NULL), .*",
          Pattern.DOTALL);

  private static final String DROP = "drop ";

  private static final String COLUMN = "column";

  private static final String TYPE = "type of column";

  private static final String REQUIRED = "not null";

  /** They go with a column. */
  private static final Set<String> ON_A_COLUMN =
      Set.of(Dropped.INDEX, Dropped.CONSTRAINT, REQUIRED, "fill");

  /** What cannot be told from a change's own name. */
  private static final Map<String, String> INVERSES =
      Map.of(
          "fillColumn", "unfillColumn",
          "copyColumn", "dropColumn",
          "createIndexAs", "dropIndex",
          "tenantIsolation", "dropTenantIsolation");

  private final ChangeSet changeSet;
  private final Database database;
  private final List<Change> block;

  RollbackBlock(ChangeSet changeSet, Database database) {
    this.changeSet = changeSet;
    this.database = database;
    block = changeSet.getRollback().getChanges();
  }

  /**
   * One thing that a change makes or drops; null where nobody knows its table or it has no name.
   */
  private record Row(boolean drops, String kind, String table, String name) {

    static Row of(String row) {
      Matcher parts = ROW.matcher(row);
      if (!parts.matches()) {
        throw new IllegalStateException(row);
      }
      return new Row(parts.group(1).equals(DROP), parts.group(2), parts.group(3), parts.group(4));
    }

    /** Whether it is the same object; one of them may not say its schema, or an index its table. */
    boolean isOf(Row other) {
      return kind.equals(other.kind)
          && (name == null ? other.name == null : name.equals(other.name))
          && isOn(other);
    }

    boolean isOn(Row other) {
      return table == null
          || other.table == null
          || table.equals(other.table)
          || table.endsWith("." + other.table)
          || other.table.endsWith("." + table);
    }

    String called() {
      return Stream.of(kind, name, name == null || table == null ? table : "of " + table)
          .filter(part -> part != null)
          .collect(Collectors.joining(" "))
          .replace("''", "'");
    }
  }

  /** A sentence for each change of which it leaves something out. */
  List<String> leavesOut() {
    if (block.stream().allMatch(EmptyChange.class::isInstance)
        || !block.stream().allMatch(UnsafeChanges::isSafeInARollback)) {
      return List.of();
    }
    List<Row> undoing = block.stream().flatMap(this::rows).toList();
    List<Row> made =
        changeSet.getChanges().stream()
            .filter(UnsafeChanges::isSafe)
            .flatMap(this::rows)
            .filter(row -> !row.drops())
            .toList();
    return changeSet.getChanges().stream()
        .filter(UnsafeChanges::isSafe)
        .flatMap(
            change ->
                toUndo(change)
                    .filter(row -> !isUndone(row, made, undoing))
                    .limit(1)
                    .map(row -> sentence(row, change)))
        .toList();
  }

  private String sentence(Row row, Change change) {
    String name = change.getSerializedObjectName();
    return "%s: its rollback leaves out the %s: write %s"
        .formatted(
            changeSet.getId(),
            row.called(),
            UnsafeChanges.isDrop(change)
                ? "what makes it again, or the change empty with the reason"
                : INVERSES.getOrDefault(
                    name,
                    name.replaceFirst("^(add|create)", "drop").replaceFirst("^define", "remove")));
  }

  private Stream<Row> rows(Change change) {
    return change instanceof ModifyDataTypeChange type
        ? Stream.of(type(type))
        : Stream.concat(
            Asked.WHAT_IT_MAKES.of(change, changeSet, database, List.of()).map(Row::of),
            required(change));
  }

  /** Which column it makes NOT NULL; for {@link Made} that is its CHECK. */
  private Stream<Row> required(Change change) {
    if (change instanceof AddNotNullConstraintChange add) {
      return Stream.of(required(add.getSchemaName(), add.getTableName(), add.getColumnName()));
    }
    return change instanceof FillColumnChange fill && fill.getNotNullConstraintName() != null
        ? Stream.of(required(fill.getSchemaName(), fill.getTableName(), fill.getColumnName()))
        : Stream.empty();
  }

  private Row required(String schema, String table, String column) {
    return new Row(
        false,
        REQUIRED,
        SafeChangeSet.name(database, schema, table),
        SafeChangeSet.stored(database, column));
  }

  private Row type(ModifyDataTypeChange type) {
    return new Row(
        false,
        TYPE,
        SafeChangeSet.name(database, type.getSchemaName(), type.getTableName()),
        SafeChangeSet.stored(database, type.getColumnName()));
  }

  /** What the block has to drop, or to make. */
  private Stream<Row> toUndo(Change change) {
    if (UnsafeChanges.isDrop(change)) {
      return rows(change)
          .filter(
              row ->
                  row.drops()
                      && (row.kind().equals(REQUIRED)
                          || !(change instanceof DropNotNullConstraintChange)))
          .map(row -> new Row(false, row.kind(), row.table(), row.name()));
    }
    return change instanceof ModifyCheckChange || change instanceof ModifyDataTypeChange
        ? rows(change)
        : Asked.WHAT_IT_MAKES.ofInverse(change, changeSet, database).map(Row::of);
  }

  private static boolean isUndone(Row row, List<Row> made, List<Row> undoing) {
    return undoing.stream()
        .anyMatch(
            one -> one.isOf(row) && (row.drops() || !one.drops()) || goesWith(row, one, made));
  }

  /** What is on a table or a column that the changeset makes goes with that. */
  private static boolean goesWith(Row row, Row dropped, List<Row> made) {
    return dropped.drops()
        && dropped.isOn(row)
        && (dropped.kind().equals(Dropped.TABLE)
            || dropped.kind().equals(COLUMN)
                && (row.kind().equals(TYPE)
                    ? dropped.name().equals(row.name())
                    : row.drops() && ON_A_COLUMN.contains(row.kind())))
        && made.stream().anyMatch(dropped::isOf);
  }
}
