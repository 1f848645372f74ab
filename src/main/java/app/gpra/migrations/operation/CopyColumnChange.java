package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.change.core.DropColumnChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.datatype.DataTypeFactory;

/**
 * {@code copyColumn}: a column of another name, or of another type, has the same values as one that
 * is there, and stays in step with it, whichever of them is written (expand and contract). The
 * application's old version goes on with the one, its next version with the other. Then {@code
 * renameColumn} gives the column the name of its copy, which goes. {@code dropColumn} takes a copy
 * back.
 */
@DatabaseChange(
    name = "copyColumn",
    description = "Adds a column that is kept in step with another",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class CopyColumnChange extends TableChange {

  private String columnName;
  private String newColumnName;
  private String newDataType;

  /** Used through {@code META-INF/services}. */
  public CopyColumnChange() {}

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
   * Its copy.
   *
   * @return its name, not quoted
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getNewColumnName() {
    return newColumnName;
  }

  /**
   * Sets it.
   *
   * @param newColumnName its name, not quoted
   */
  public void setNewColumnName(String newColumnName) {
    this.newColumnName = newColumnName;
  }

  /**
   * The copy's type.
   *
   * @return null where it is the column's
   */
  @DatabaseChangeProperty
  public String getNewDataType() {
    return newDataType;
  }

  /**
   * Sets it.
   *
   * @param newDataType null where it is the column's
   */
  public void setNewDataType(String newDataType) {
    this.newDataType = newDataType;
  }

  @Override
  List<String> refusals(SafeChangeSet changeSet) {
    return Stream.concat(
            changeSet.outsideOfATransaction("rows are copied").stream(),
            SafeChangeSet.tooLong(newColumnName).stream())
        .toList();
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        call(
            "look_copy",
            table(database),
            literal(SafeChangeSet.stored(database, columnName)),
            literal(copy(database)),
            literal(type(database))));
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.of(made(name(database), copy(database), changeSet));
  }

  /** A row for {@link Made}. */
  static String made(String table, String copy, SafeChangeSet changeSet) {
    return changeSet.made("column", table, copy, "'copied'", "true");
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        Locks.above(
            table(database),
            Locks.ALTERS + "; then",
            Locks.above(
                table(database),
                Locks.IN_BATCHES,
                call(
                    "copy_column",
                    table(database),
                    literal(SafeChangeSet.stored(database, columnName)),
                    literal(copy(database)),
                    literal(type(database)),
                    literal(changeSet.mark())))));
  }

  /**
   * What is not in step is copied once more.
   *
   * @param copier the changeset without which that is not needed; null where it always is
   */
  static String aligned(
      String target, String column, String copy, String copier, SafeChangeSet changeSet) {
    return Locks.above(
        target,
        Locks.IN_BATCHES,
        call("align", target, column, copy, copier, literal(changeSet.mark())));
  }

  /**
   * The one that gave a column a copy of another type, before a changeset; empty where none did.
   *
   * @param table not quoted
   * @param column not quoted
   */
  static Optional<CopyColumnChange> before(ChangeSet changeSet, String table, String column) {
    List<ChangeSet> all = changeSet.getChangeLog().getRootChangeLog().getChangeSets();
    return all.subList(0, all.indexOf(changeSet)).stream()
        .flatMap(one -> one.getChanges().stream())
        .filter(CopyColumnChange.class::isInstance)
        .map(CopyColumnChange.class::cast)
        .filter(
            one ->
                one.newDataType != null
                    && one.columnName.equals(column)
                    && one.getTableName().equals(table))
        .reduce((earlier, later) -> later);
  }

  /** Whether the rollback of a changeset after the given one makes the copy again. */
  boolean isMadeAgain(ChangeSet changeSet, Database database) {
    List<ChangeSet> all = changeSet.getChangeLog().getRootChangeLog().getChangeSets();
    return all.subList(all.indexOf(changeSet) + 1, all.size()).stream()
        .flatMap(one -> one.getRollback().getChanges().stream())
        .filter(CopyColumnChange.class::isInstance)
        .map(CopyColumnChange.class::cast)
        .anyMatch(
            one ->
                one.getTableName().equals(getTableName())
                    && one.copy(database).equals(copy(database)));
  }

  /** Whether it is the copy that a drop names. */
  boolean makes(Dropped column, Database database) {
    return column.table().equals(getTableName()) && column.name().equals(copy(database));
  }

  /** What PostgreSQL calls the copy. */
  String copy(Database database) {
    return SafeChangeSet.stored(database, newColumnName);
  }

  private String type(Database database) {
    return newDataType == null
        ? null
        : DataTypeFactory.getInstance()
            .fromDescription(newDataType, database)
            .toDatabaseDataType(database)
            .toSql();
  }

  @Override
  public String getConfirmationMessage() {
    return "Column %s of %s is kept in step with %s"
        .formatted(newColumnName, getTableName(), columnName);
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    DropColumnChange inverse = new DropColumnChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setTableName(getTableName());
    inverse.setColumnName(newColumnName);
    return new Change[] {inverse};
  }
}
