package app.gpra.migrations.execution;

import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.sqlgenerator.core.CreateDatabaseChangeLogTableGenerator;
import liquibase.statement.core.CreateDatabaseChangeLogTableStatement;
import liquibase.statement.core.CreateTableStatement;

/**
 * Makes Liquibase's history table {@code IF NOT EXISTS}. A script of {@code futureRollbackSQL} that
 * was written before the first update begins with this statement, and is run after it.
 */
public final class HistoryTableGenerator extends CreateDatabaseChangeLogTableGenerator {

  /** Used through {@code META-INF/services}. */
  public HistoryTableGenerator() {}

  /** {@inheritDoc} One more than the parent's. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /** {@inheritDoc} PostgreSQL only. */
  @Override
  public boolean supports(CreateDatabaseChangeLogTableStatement statement, Database database) {
    return database instanceof PostgresDatabase;
  }

  @Override
  protected CreateTableStatement getCreateTableStatement(Database database) {
    CreateTableStatement statement = super.getCreateTableStatement(database);
    statement.setIfNotExists(true);
    return statement;
  }
}
