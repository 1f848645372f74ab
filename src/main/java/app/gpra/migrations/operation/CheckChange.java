package app.gpra.migrations.operation;

import liquibase.change.DatabaseChangeProperty;

/** A change of a table's CHECK. */
abstract class CheckChange extends TableChange {

  private String constraintName;

  /**
   * Which CHECK.
   *
   * @return its name, not quoted
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getConstraintName() {
    return constraintName;
  }

  /**
   * Sets it.
   *
   * @param constraintName its name, not quoted
   */
  public void setConstraintName(String constraintName) {
    this.constraintName = constraintName;
  }
}
