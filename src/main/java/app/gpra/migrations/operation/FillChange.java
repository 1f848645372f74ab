package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.structure.core.Column;

/** A change of what the rows of a table hold in one column. */
abstract class FillChange extends TableChange {

  static final String MEMORY = "fill.memory";

  private String columnName;
  private String indexName;
  private String notNullConstraintName;

  /**
   * Which column.
   *
   * @return its name, not quoted
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getColumnName() {
    return columnName;
  }

  /**
   * Sets it.
   *
   * @param columnName its name, not quoted
   */
  public void setColumnName(String columnName) {
    this.columnName = columnName;
  }

  /**
   * The index on this column alone, by which rows without a value are found. It is built again
   * where the column was replaced.
   *
   * @return its name, not quoted; null where each row gets its own value, and may be without one
   */
  @DatabaseChangeProperty
  public String getIndexName() {
    return indexName;
  }

  /**
   * Sets it.
   *
   * @param indexName its name, not quoted; null where each row gets its own value
   */
  public void setIndexName(String indexName) {
    this.indexName = indexName;
  }

  /**
   * The CHECK that proves the column's NOT NULL, where every row has to have a value from then on.
   *
   * @return its name, not quoted; null where rows may be without a value as before
   */
  @DatabaseChangeProperty
  public String getNotNullConstraintName() {
    return notNullConstraintName;
  }

  /**
   * Sets it.
   *
   * @param notNullConstraintName null where rows may be without a value as before
   */
  public void setNotNullConstraintName(String notNullConstraintName) {
    this.notNullConstraintName = notNullConstraintName;
  }

  @Override
  List<String> refusals(SafeChangeSet changeSet) {
    List<String> refusals = new ArrayList<>(changeSet.outsideOfATransaction("rows are filled"));
    if (changeSet.parameter(MEMORY).equals("NULL")) {
      refusals.add(
          "%s needs a changelog with the parameter %s: the schema that remembers"
              .formatted(getSerializedObjectName(), MEMORY));
    }
    Stream.of(indexName, notNullConstraintName)
        .filter(name -> name != null)
        .forEach(name -> SafeChangeSet.tooLong(name).ifPresent(refusals::add));
    return refusals;
  }

  /** Whether the column may be replaced: not where rows have a value already. */
  boolean isQuick() {
    return notNullConstraintName == null && indexName != null;
  }

  /** The column, as an argument. */
  final String column(Database database) {
    return literal(SafeChangeSet.stored(database, columnName));
  }

  /** The index, as an argument. */
  final String index(Database database) {
    return literal(SafeChangeSet.stored(database, indexName));
  }

  /** The schema that remembers, as an argument. */
  static String memory(SafeChangeSet changeSet) {
    return changeSet.parameter(MEMORY);
  }

  /** Rows in batches, unless the column may be replaced. */
  final String locked(boolean quickly, Database database, String sql) {
    String table = table(database);
    String inBatches = Locks.above(table, Locks.IN_BATCHES, sql);
    return quickly
        ? Locks.aboveWithParents(table, Locks.ALTERS + "; or else", inBatches)
        : inBatches;
  }

  /** The index comes back where the column was replaced, and its keys are validated. */
  final Stream<String> restored(Database database, SafeChangeSet changeSet) {
    String working = SafeChangeSet.workingName(SafeChangeSet.stored(database, indexName));
    return SafeCreateIndex.built(
        name(database),
        working,
        "",
        "(%s)".formatted(database.escapeObjectName(columnName, Column.class)),
        call(
            "begin_fill_index",
            table(database),
            column(database),
            index(database),
            literal(working)),
        Locks.above(
            table(database),
            Locks.READS,
            call(
                "end_fill",
                table(database),
                column(database),
                index(database),
                literal(working),
                literal(changeSet.mark()))),
        database);
  }
}
