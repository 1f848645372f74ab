package app.gpra.migrations.operation;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.AbstractChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.exception.ValidationErrors;
import liquibase.exception.Warnings;
import liquibase.parser.core.ParsedNode;
import liquibase.parser.core.ParsedNodeException;
import liquibase.resource.ResourceAccessor;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawSqlStatement;

/**
 * A change for which Liquibase has no word. Only in a changelog that wants its changes made safe.
 */
abstract class OwnChange extends AbstractChange {

  private String schemaName;

  /**
   * Whose schema it is.
   *
   * @return null for the one of the session
   */
  @DatabaseChangeProperty
  public String getSchemaName() {
    return schemaName;
  }

  /**
   * Sets it.
   *
   * @param schemaName null for the one of the session
   */
  public void setSchemaName(String schemaName) {
    this.schemaName = schemaName;
  }

  /** {@inheritDoc} Liquibase passes over what it does not know, and would do less than is meant. */
  @Override
  public void load(ParsedNode node, ResourceAccessor files) throws ParsedNodeException {
    String unknown =
        node.getChildren().stream()
            .map(ParsedNode::getName)
            .filter(name -> !getSerializableFields().contains(name))
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      throw new ParsedNodeException(
          "%s has no %s: it has %s"
              .formatted(
                  getSerializedObjectName(),
                  unknown,
                  String.join(", ", new TreeSet<>(getSerializableFields()))));
    }
    super.load(node, files);
  }

  /** Why there is no safe way, and what to write instead; empty where there is one. */
  List<String> refusals(SafeChangeSet changeSet) {
    return List.of();
  }

  /** How to look, before anything runs, whether it can; see {@link Look}. */
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return Stream.empty();
  }

  /** What it makes; see {@link Made}. */
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.empty();
  }

  /** Its SQL. */
  abstract Stream<String> safely(Database database, SafeChangeSet changeSet);

  @Override
  public final ValidationErrors validate(Database database) {
    ValidationErrors errors = super.validate(database);
    if (SafeChangeSet.of(getChangeSet()).isEmpty()) {
      errors.addError(
          "%s needs a changelog with the parameter %s"
              .formatted(getSerializedObjectName(), Wanted.PARAMETER));
    }
    return errors;
  }

  /** None: Liquibase would ask for its SQL before it says what is missing. */
  @Override
  public final Warnings warn(Database database) {
    return new Warnings();
  }

  // Not prepared: a statement of it is a call.
  @SuppressWarnings("deprecation")
  @Override
  public final SqlStatement[] generateStatements(Database database) {
    // (An inverse that Liquibase makes of a change is not told its changeset.)
    return SafeChangeSet.of(getChangeSet()).or(SafeChangeSet::current).stream()
        .flatMap(
            changeSet ->
                switch (Asked.now()) {
                  case WHAT_TO_DO ->
                      safely(
                          database,
                          Look.isBack(changeSet.changeSet())
                              ? changeSet.maker(made(database, changeSet), database)
                              : changeSet);
                  case HOW_TO_LOOK -> look(database, changeSet);
                  case WHAT_IT_MAKES -> made(database, changeSet);
                })
        .map(RawSqlStatement::new)
        .toArray(SqlStatement[]::new);
  }
}
