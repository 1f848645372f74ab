package app.gpra.migrations.operation;

import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;

/** A change of a function or a procedure, which is known by its name alone. */
abstract class FunctionChange extends OwnChange {

  private String functionName;

  /**
   * Which function.
   *
   * @return its name, not quoted, without arguments
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getFunctionName() {
    return functionName;
  }

  /**
   * Sets it.
   *
   * @param functionName its name, not quoted, without arguments
   */
  public void setFunctionName(String functionName) {
    this.functionName = functionName;
  }

  /** The function, quoted where it has to be. */
  final String name(Database database) {
    return SafeChangeSet.name(database, getSchemaName(), functionName);
  }
}
