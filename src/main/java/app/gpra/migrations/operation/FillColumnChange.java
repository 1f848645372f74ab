package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.ChecksumVersion;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;

/**
 * {@code fillColumn}: every row without a value in a column gets one, the same for all, or, with
 * {@code eachRow}, what its other columns say. Where all get the same and no row has one, none is
 * touched: the column is replaced by one that is stored with the value. Otherwise it goes through
 * the table in batches. Which rows it filled is remembered, and {@code unfillColumn} takes the
 * value from these again.
 */
@DatabaseChange(
    name = "fillColumn",
    description = "Gives a value to the rows that have none, without blocking anybody",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class FillColumnChange extends FillChange {

  private String value;
  private Boolean eachRow;

  /** Used through {@code META-INF/services}. */
  public FillColumnChange() {}

  /**
   * What the rows get: evaluated once, and remembered. As it may be a parameter, which another run
   * gives another value, it is no part of the checksum.
   *
   * @return an SQL expression, without columns unless it is for each row
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getValue() {
    return value;
  }

  /**
   * Sets it.
   *
   * @param value an SQL expression, without columns unless it is for each row
   */
  public void setValue(String value) {
    this.value = value;
  }

  /**
   * Whether the value is another for each row: of its columns, or looked up by them in another
   * table. A row for which it is null stays without one.
   *
   * @return null where it is the same for all
   */
  @DatabaseChangeProperty
  public Boolean getEachRow() {
    return eachRow;
  }

  /**
   * Sets it.
   *
   * @param eachRow null where it is the same for all
   */
  public void setEachRow(Boolean eachRow) {
    this.eachRow = eachRow;
  }

  @Override
  public String[] getExcludedFieldFilters(ChecksumVersion version) {
    return new String[] {"value"};
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return Stream.concat(
        Stream.of(call("look_fill", table(database), column(database), memory(changeSet))),
        Stream.ofNullable(getNotNullConstraintName())
            .map(name -> SafeChangeSet.stored(database, name))
            .map(
                name ->
                    SafeSetNullable.looked(table(database), column(database), name, changeSet)));
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.concat(
        Stream.of(
            changeSet.made(
                "fill",
                name(database),
                SafeChangeSet.stored(database, getColumnName()),
                "'memory'",
                memory(changeSet))),
        Stream.ofNullable(getNotNullConstraintName())
            .map(name -> SafeChangeSet.stored(database, name))
            .map(name -> changeSet.made("constraint", name(database), name)));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    if (isQuick()) {
      return filled(database, changeSet);
    }
    return Stream.concat(
        isForEachRow() ? Stream.of(beginFillEach(database, changeSet)) : Stream.empty(),
        getNotNullConstraintName() == null
            ? Stream.of(fill(false, database, changeSet))
            : required(database, changeSet));
  }

  private boolean isForEachRow() {
    return Boolean.TRUE.equals(eachRow);
  }

  @Override
  boolean isQuick() {
    return super.isQuick() && !isForEachRow();
  }

  @Override
  List<String> refusals(SafeChangeSet changeSet) {
    List<String> refusals = super.refusals(changeSet);
    SafeChangeSet.commented("value", value).ifPresent(refusals::add);
    if (getIndexName() == null && (!isForEachRow() || getNotNullConstraintName() != null)) {
      refusals.add(
          "fillColumn finds the rows without a value by an index: give it the indexName of one on %s alone"
              .formatted(getColumnName()));
    }
    earlier(changeSet.changeSet())
        .map(
            earlier ->
                "fillColumn gives %s.%s another value than %s did, whose value every later fill of the column gets: write this one in sql of its author's (%s%s), or into a column of its own"
                    .formatted(
                        getTableName(),
                        getColumnName(),
                        earlier.getId(),
                        UnsafeChanges.PLAIN,
                        changeSet.changeSet().getId()))
        .ifPresent(refusals::add);
    return refusals;
  }

  /** One before that fills the same column, with another value; empty if there is none. */
  private Optional<ChangeSet> earlier(ChangeSet changeSet) {
    List<ChangeSet> all = changeSet.getChangeLog().getRootChangeLog().getChangeSets();
    return all.subList(0, Math.max(0, all.indexOf(changeSet))).stream()
        .filter(
            one ->
                one.getChanges().stream()
                    .filter(FillColumnChange.class::isInstance)
                    .map(FillColumnChange.class::cast)
                    .anyMatch(this::fillsOtherwise))
        .findFirst();
  }

  private boolean fillsOtherwise(FillColumnChange other) {
    return Objects.equals(other.getSchemaName(), getSchemaName())
        && other.getTableName().equals(getTableName())
        && other.getColumnName().equals(getColumnName())
        && !(other.value.equals(value) && other.isForEachRow() == isForEachRow());
  }

  private Stream<String> filled(Database database, SafeChangeSet changeSet) {
    return Stream.of(
            Stream.of(fill(true, database, changeSet)),
            restored(database, changeSet),
            Stream.of(fill(false, database, changeSet), sweep(true, database, changeSet)))
        .flatMap(statements -> statements);
  }

  /** What comes between a look and the act would have no value: so it is swept again after it. */
  private Stream<String> required(Database database, SafeChangeSet changeSet) {
    String name = SafeChangeSet.stored(database, getNotNullConstraintName());
    return Stream.concat(
        Stream.of(
            fill(false, database, changeSet),
            sweep(false, database, changeSet),
            Locks.above(
                table(database),
                Locks.LOOKS_THEN_ALTERS,
                call(
                    "refuse_rows_without",
                    table(database),
                    column(database),
                    literal(name),
                    literal(SafeChangeSet.workingName(name)),
                    changeSet.marks())),
            sweep(true, database, changeSet)),
        SafeConstraint.ended(table(database), name, column(database), changeSet));
  }

  private String fill(boolean quickly, Database database, SafeChangeSet changeSet) {
    return locked(
        quickly,
        database,
        call(
            "fill",
            table(database),
            column(database),
            literal(value),
            index(database),
            changeSet.id(),
            memory(changeSet),
            quickly));
  }

  private String beginFillEach(Database database, SafeChangeSet changeSet) {
    return call(
        "begin_fill_each",
        table(database),
        column(database),
        literal(value),
        changeSet.id(),
        memory(changeSet));
  }

  private String sweep(boolean say, Database database, SafeChangeSet changeSet) {
    return Locks.above(
        table(database),
        "SHARE ROW EXCLUSIVE, " + (say ? "then scan" : "no scan"),
        call(
            "sweep_rows", table(database), column(database), index(database), changeSet.id(), say));
  }

  @Override
  public String getConfirmationMessage() {
    return "Column %s.%s filled".formatted(getTableName(), getColumnName());
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    UnfillColumnChange inverse = new UnfillColumnChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setTableName(getTableName());
    inverse.setColumnName(getColumnName());
    inverse.setIndexName(getIndexName());
    inverse.setNotNullConstraintName(getNotNullConstraintName());
    return new Change[] {inverse};
  }
}
