package app.gpra.migrations.operation;

import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;

/** A change of a table's trigger. */
abstract class TriggerChange extends TableChange {

  private String triggerName;

  /**
   * Which trigger.
   *
   * @return its name, not quoted
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getTriggerName() {
    return triggerName;
  }

  /**
   * Sets it.
   *
   * @param triggerName its name, not quoted
   */
  public void setTriggerName(String triggerName) {
    this.triggerName = triggerName;
  }

  /** Its name, as PostgreSQL has it. */
  final String stored(Database database) {
    return SafeChangeSet.stored(database, triggerName);
  }
}
