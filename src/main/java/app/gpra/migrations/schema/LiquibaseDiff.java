package app.gpra.migrations.schema;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.database.Database;
import liquibase.diff.DiffGeneratorFactory;
import liquibase.diff.DiffResult;
import liquibase.diff.compare.CompareControl;
import liquibase.diff.output.DiffOutputControl;
import liquibase.diff.output.changelog.DiffToChangeLog;
import liquibase.exception.LiquibaseException;
import liquibase.structure.DatabaseObject;
import liquibase.structure.core.Column;
import liquibase.structure.core.ForeignKey;
import liquibase.structure.core.Index;
import liquibase.structure.core.Relation;
import liquibase.structure.core.Schema;
import liquibase.structure.core.Table;
import liquibase.structure.core.View;

/** What Liquibase's own {@code diff} finds. It sees tables, columns, keys and indexes. */
record LiquibaseDiff(DiffResult result) {

  /** What leads from the second to the first is what is missing in the second. */
  static LiquibaseDiff between(Database desired, Database actual) throws LiquibaseException {
    CompareControl control = new CompareControl();
    // Marks are in comments, and where a column stands is nobody's concern.
    control.addSuppressedField(Table.class, "remarks");
    control.addSuppressedField(Column.class, "remarks");
    control.addSuppressedField(Index.class, "remarks");
    control.addSuppressedField(View.class, "remarks");
    control.addSuppressedField(Column.class, "order");
    return new LiquibaseDiff(DiffGeneratorFactory.getInstance().compare(desired, actual, control));
  }

  /** What it would change; columns in the order of their table. */
  List<Change> changes() {
    return new DiffToChangeLog(result, new DiffOutputControl(false, false, false, null))
        .generateChangeSets().stream()
            .flatMap(changeSet -> changeSet.getChanges().stream())
            // Liquibase's order is another each time.
            .sorted(Comparator.comparing(this::order))
            .toList();
  }

  private String order(Change change) {
    return change instanceof AddColumnChange added
        ? result.getReferenceSnapshot().get(Column.class).stream()
            .filter(
                column ->
                    column.getName().equals(added.getColumns().get(0).getName())
                        && column.getRelation().getName().equals(added.getTableName()))
            .map(column -> "%s %5d".formatted(added.getTableName(), column.getOrder()))
            .findFirst()
            .orElse("")
        : change.getConfirmationMessage();
  }

  /** Each difference in a line. */
  Set<String> lines() {
    Set<String> lines = new TreeSet<>();
    result.getMissingObjects().stream()
        .filter(LiquibaseDiff::isOurs)
        .forEach(object -> lines.add("missing: " + object));
    result.getUnexpectedObjects().stream()
        .filter(LiquibaseDiff::isOurs)
        .forEach(object -> lines.add("unexpected: " + object));
    result
        .getChangedObjects()
        .forEach(
            (object, differences) -> {
              if (isOurs(object)) {
                lines.add(
                    "different: %s: %s"
                        .formatted(
                            object,
                            differences.getDifferences().stream()
                                .map(Object::toString)
                                .collect(Collectors.joining("; "))));
              }
            });
    return lines;
  }

  private static boolean isOurs(DatabaseObject object) {
    if (object instanceof liquibase.structure.core.Catalog || object instanceof Schema) {
      // Two databases have two names.
      return false;
    }
    Relation table =
        object instanceof Relation relation
            ? relation
            : object.getAttribute(
                object instanceof Column
                    ? "relation"
                    : object instanceof ForeignKey ? "foreignKeyTable" : "table",
                Relation.class);
    String name = table == null ? object.getName() : table.getName();
    return name == null || SchemaFacts.isCompared(name);
  }
}
