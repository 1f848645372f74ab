package app.gpra.migrations.operation;

import java.util.List;
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

  @Override
  final List<String> refusals(SafeChangeSet changeSet) {
    List<String> refusals = SafeConstraint.refusals(getConstraintName(), changeSet);
    SafeChangeSet.commented("condition", condition).ifPresent(refusals::add);
    return refusals;
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
