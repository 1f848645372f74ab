package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.change.core.DropIndexChange;
import liquibase.database.Database;

/**
 * {@code createIndexAs}: an index for which {@code createIndex} has no words, such as a partial
 * one, one of another method, or one with {@code INCLUDE}; built as safely as {@code createIndex}
 * does it.
 */
@DatabaseChange(
    name = "createIndexAs",
    description = "Builds an index of any kind without blocking anybody",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class CreateIndexAsChange extends TableChange {

  private String indexName;
  private Boolean unique;
  private String definition;

  /** Used through {@code META-INF/services}. */
  public CreateIndexAsChange() {}

  /**
   * What it is called.
   *
   * @return its name, not quoted
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getIndexName() {
    return indexName;
  }

  /**
   * Sets it.
   *
   * @param indexName its name, not quoted
   */
  public void setIndexName(String indexName) {
    this.indexName = indexName;
  }

  /**
   * Whether no two rows may have the same keys.
   *
   * @return null for no
   */
  @DatabaseChangeProperty
  public Boolean getUnique() {
    return unique;
  }

  /**
   * Sets it.
   *
   * @param unique null for no
   */
  public void setUnique(Boolean unique) {
    this.unique = unique;
  }

  /**
   * What it is.
   *
   * @return SQL: what follows the table's name in {@code CREATE INDEX}, such as {@code USING gin
   *     (tags)} or {@code (email) WHERE active}
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getDefinition() {
    return definition;
  }

  /**
   * Sets it.
   *
   * @param definition SQL: what follows the table's name in {@code CREATE INDEX}
   */
  public void setDefinition(String definition) {
    this.definition = definition;
  }

  @Override
  List<String> refusals(SafeChangeSet changeSet) {
    List<String> refusals = new ArrayList<>(changeSet.outsideOfATransaction("an index is built"));
    SafeChangeSet.tooLong(indexName).ifPresent(refusals::add);
    SafeChangeSet.commented("definition", definition).ifPresent(refusals::add);
    return refusals;
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        call(
            "look_index",
            table(database),
            literal(SafeChangeSet.stored(database, indexName)),
            literal(definition),
            isUnique(),
            changeSet.marks()));
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        changeSet.made("index", name(database), SafeChangeSet.stored(database, indexName)));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return SafeCreateIndex.built(
        name(database),
        SafeChangeSet.stored(database, indexName),
        isUnique(),
        definition,
        changeSet,
        database);
  }

  private boolean isUnique() {
    return Boolean.TRUE.equals(unique);
  }

  @Override
  public String getConfirmationMessage() {
    return "Index %s created on %s".formatted(indexName, getTableName());
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    DropIndexChange inverse = new DropIndexChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setTableName(getTableName());
    inverse.setIndexName(indexName);
    return new Change[] {inverse};
  }
}
