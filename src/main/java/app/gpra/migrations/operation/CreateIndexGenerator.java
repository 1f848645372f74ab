package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.literal;
import static app.gpra.migrations.operation.SafeChangeSet.literals;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.AddColumnConfig;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.ValidationErrors;
import liquibase.sql.Sql;
import liquibase.sql.UnparsedSql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.AbstractSqlGenerator;
import liquibase.statement.core.CreateIndexStatement;
import liquibase.structure.core.Column;
import liquibase.structure.core.Index;

/**
 * {@code createIndex}: built concurrently under a working name, then named and marked at once, so
 * that what bears its name is whole. An equal index under another name is left as it is; one that
 * is different under this name stops it. On an empty table it is built under a short lock.
 */
public final class CreateIndexGenerator extends AbstractSqlGenerator<CreateIndexStatement> {

  /** Used through {@code META-INF/services}. */
  public CreateIndexGenerator() {}

  /** {@inheritDoc} One more than Liquibase's own for PostgreSQL. */
  @Override
  public int getPriority() {
    return PRIORITY_DATABASE + 1;
  }

  /** {@inheritDoc} PostgreSQL only. */
  @Override
  public boolean supports(CreateIndexStatement statement, Database database) {
    return database instanceof PostgresDatabase;
  }

  /** {@inheritDoc} */
  @Override
  public ValidationErrors validate(
      CreateIndexStatement statement,
      Database database,
      SqlGeneratorChain<CreateIndexStatement> chain) {
    ValidationErrors errors = new ValidationErrors();
    errors.checkRequiredField("tableName", statement.getTableName());
    errors.checkRequiredField("columns", statement.getColumns());
    SafeChangeSet.current()
        .ifPresent(
            current -> {
              errors.checkRequiredField("indexName", statement.getIndexName());
              if (current.changeSet().isRunInTransaction()) {
                errors.addError(
                    "an index is built outside of a transaction: add runInTransaction: false to "
                        + current.changeSet().getId());
              }
              if (Boolean.TRUE.equals(statement.isClustered())) {
                errors.addError(
                    "clustered would write the table anew under a lock: leave it out of "
                        + current.changeSet().getId());
              }
            });
    return errors;
  }

  @Override
  public Sql[] generateSql(
      CreateIndexStatement statement,
      Database database,
      SqlGeneratorChain<CreateIndexStatement> chain) {
    Optional<SafeChangeSet> current = SafeChangeSet.current();
    if (current.isEmpty()) {
      return chain.generateSql(statement, database);
    }
    String table =
        database.escapeTableName(
            statement.getTableCatalogName(),
            statement.getTableSchemaName(),
            statement.getTableName());
    boolean unique = Boolean.TRUE.equals(statement.isUnique());
    String name = statement.getIndexName();
    String working = SafeChangeSet.workingName(name);
    String definition =
        Arrays.stream(statement.getColumns())
                .map(
                    column ->
                        key(column, database)
                            + (Boolean.TRUE.equals(column.getDescending()) ? " DESC" : ""))
                .collect(Collectors.joining(", ", "(", ")"))
            + (statement.getTablespace() == null
                ? ""
                : " TABLESPACE " + database.escapeObjectName(statement.getTablespace(), null));
    String limit = "CALL pg_temp.gpra_limit_wait(%s)".formatted(literal(current.get().waitLimit()));
    return Stream.of(
            limit,
            DropIndexGenerator.dropWorking(statement.getTableSchemaName(), working, database),
            "RESET lock_timeout",
            "CALL pg_temp.gpra_begin_index(%s, %s, %s, %s, %s, %s)"
                .formatted(
                    literal(table),
                    literal(name),
                    literal(working),
                    literals(
                        Arrays.stream(statement.getColumns()).map(column -> key(column, database))),
                    literal(definition),
                    unique),
            limit,
            "CREATE %sINDEX CONCURRENTLY IF NOT EXISTS %s ON %s %s"
                .formatted(
                    unique ? "UNIQUE " : "",
                    database.escapeObjectName(working, Index.class),
                    table,
                    definition),
            "RESET lock_timeout",
            "CALL pg_temp.gpra_end_index(%s, %s, %s, %s)"
                .formatted(
                    literal(table), literal(name), literal(working), literal(current.get().mark())))
        .map(UnparsedSql::new)
        .toArray(Sql[]::new);
  }

  private static String key(AddColumnConfig column, Database database) {
    return Boolean.TRUE.equals(column.getComputed())
        ? column.getName()
        : database.escapeObjectName(column.getName(), Column.class);
  }
}
