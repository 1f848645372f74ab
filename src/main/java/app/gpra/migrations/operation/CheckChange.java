package app.gpra.migrations.operation;

import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;

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

  /** Its name, as PostgreSQL has it. */
  final String stored(Database database) {
    return SafeChangeSet.stored(database, constraintName);
  }

  /** A row for {@link Made}. */
  final String madeCheck(Database database, SafeChangeSet changeSet, String... details) {
    return changeSet.made("constraint", name(database), stored(database), details);
  }
}
