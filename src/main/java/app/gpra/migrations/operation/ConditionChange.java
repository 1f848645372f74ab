package app.gpra.migrations.operation;

import liquibase.change.DatabaseChangeProperty;

/** A change that gives a table's CHECK its condition. */
abstract class ConditionChange extends CheckChange {

  private String condition;

  /**
   * What has to hold for every row, or be unknown.
   *
   * @return SQL, without CHECK and its parentheses
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getCondition() {
    return condition;
  }

  /**
   * Sets it.
   *
   * @param condition SQL, without CHECK and its parentheses
   */
  public void setCondition(String condition) {
    this.condition = condition;
  }
}
