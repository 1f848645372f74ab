package app.gpra.migrations.execution;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.sql.Sql;
import liquibase.sql.UnparsedSql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.CreateDatabaseChangeLogTableGenerator;
import liquibase.statement.core.CreateDatabaseChangeLogTableStatement;
import liquibase.statement.core.CreateTableStatement;
import liquibase.structure.DatabaseObject;

/**
 * Makes Liquibase's history table {@code IF NOT EXISTS}, and with its schema. A script of {@code
 * futureRollbackSQL} that was written before the first update begins with this statement, and is
 * run after it; and whoever runs a script may have another search path.
 */
public final class HistoryTableGenerator extends CreateDatabaseChangeLogTableGenerator {

  private static final String MAKES = "CREATE TABLE IF NOT EXISTS ";

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
  // Liquibase's own.
  @SuppressWarnings("rawtypes")
  public Sql[] generateSql(
      CreateDatabaseChangeLogTableStatement statement, Database database, SqlGeneratorChain chain) {
    // Liquibase's Maven plugin has it leave out the schema that the session begins with.
    String written =
        MAKES
            + database.escapeTableName(
                database.getLiquibaseCatalogName(),
                database.getLiquibaseSchemaName(),
                database.getDatabaseChangeLogTableName());
    return Stream.of(super.generateSql(statement, database, chain))
        .map(
            sql ->
                sql.toSql().startsWith(written)
                    ? new UnparsedSql(
                        MAKES
                            + HistoryAccess.tableName(database)
                            + sql.toSql().substring(written.length()),
                        sql.getAffectedDatabaseObjects().toArray(DatabaseObject[]::new))
                    : sql)
        .toArray(Sql[]::new);
  }

  @Override
  protected CreateTableStatement getCreateTableStatement(Database database) {
    CreateTableStatement statement = super.getCreateTableStatement(database);
    statement.setIfNotExists(true);
    return statement;
  }
}
