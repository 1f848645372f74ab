package app.gpra.migrations.operation;

import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;

/** A change for which Liquibase has no word, of one table. */
abstract class TableChange extends OwnChange {

  private String tableName;

  /**
   * Which table.
   *
   * @return its name, not quoted
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getTableName() {
    return tableName;
  }

  /**
   * Sets it.
   *
   * @param tableName its name, not quoted
   */
  public void setTableName(String tableName) {
    this.tableName = tableName;
  }

  /** The table, as an argument. */
  String table(Database database) {
    return Procedures.literal(name(database));
  }

  /** The table, quoted where it has to be. */
  final String name(Database database) {
    return SafeChangeSet.name(database, getSchemaName(), tableName);
  }
}
