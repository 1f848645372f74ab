package app.gpra.migrations.operation;

import java.util.Objects;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;

/**
 * {@code defineFunction}: a function or a procedure, new or with another text; see {@link Defined}.
 * Whoever runs the old text meanwhile ends with it.
 */
@DatabaseChange(
    name = "defineFunction",
    description = "Makes a function, or gives it another text",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class DefineFunctionChange extends FunctionChange {

  private String arguments;
  private String definition;
  private Boolean procedure;

  /** Used through {@code META-INF/services}. */
  public DefineFunctionChange() {}

  /**
   * What it is called with.
   *
   * @return SQL, without parentheses, such as {@code day date, n integer DEFAULT 1}; null for none
   */
  @DatabaseChangeProperty
  public String getArguments() {
    return arguments;
  }

  /**
   * Sets it.
   *
   * @param arguments SQL, without parentheses; null for none
   */
  public void setArguments(String arguments) {
    this.arguments = arguments;
  }

  /**
   * What it is.
   *
   * @return SQL: what follows the arguments in {@code CREATE FUNCTION}, such as {@code RETURNS
   *     trigger LANGUAGE plpgsql AS $$ … $$}
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getDefinition() {
    return definition;
  }

  /**
   * Sets it.
   *
   * @param definition SQL: what follows the arguments
   */
  public void setDefinition(String definition) {
    this.definition = definition;
  }

  /**
   * Whether it is a procedure.
   *
   * @return null for a function
   */
  @DatabaseChangeProperty
  public Boolean getProcedure() {
    return procedure;
  }

  /**
   * Sets it.
   *
   * @param procedure null for a function
   */
  public void setProcedure(Boolean procedure) {
    this.procedure = procedure;
  }

  Defined defined(Database database) {
    return new Defined(
        Defined.FUNCTION,
        null,
        name(database),
        "CREATE OR REPLACE " + (Boolean.TRUE.equals(procedure) ? "PROCEDURE" : "FUNCTION"),
        "(%s) %s".formatted(Objects.requireNonNullElse(arguments, ""), definition.strip()));
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return defined(database).look(changeSet, database);
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return defined(database).made(changeSet, database);
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return defined(database).safely(new SafeChangeSet(getChangeSet()), changeSet, database);
  }

  @Override
  public String getConfirmationMessage() {
    return "Function %s defined".formatted(getFunctionName());
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    RemoveFunctionChange inverse = new RemoveFunctionChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setFunctionName(getFunctionName());
    return new Change[] {inverse};
  }
}
