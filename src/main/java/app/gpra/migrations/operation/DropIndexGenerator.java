package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.literal;
import static app.gpra.migrations.operation.SafeChangeSet.literals;

import java.util.Optional;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.ValidationErrors;
import liquibase.sql.Sql;
import liquibase.sql.UnparsedSql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.AbstractSqlGenerator;
import liquibase.statement.core.DropIndexStatement;
import liquibase.structure.core.Index;

/**
 * {@code dropIndex} in a rollback: concurrently, and only an index that bears the mark of the
 * changeset that is undone. Also what a build that was killed has left under its working name.
 */
public final class DropIndexGenerator extends AbstractSqlGenerator<DropIndexStatement> {

  /** Used through {@code META-INF/services}. */
  public DropIndexGenerator() {}

  /** {@inheritDoc} One more than Liquibase's own for PostgreSQL. */
  @Override
  public int getPriority() {
    return PRIORITY_DATABASE + 1;
  }

  /** {@inheritDoc} PostgreSQL only. */
  @Override
  public boolean supports(DropIndexStatement statement, Database database) {
    return database instanceof PostgresDatabase;
  }

  /** {@inheritDoc} */
  @Override
  public ValidationErrors validate(
      DropIndexStatement statement,
      Database database,
      SqlGeneratorChain<DropIndexStatement> chain) {
    ValidationErrors errors = new ValidationErrors();
    errors.checkRequiredField("indexName", statement.getIndexName());
    SafeChangeSet.current()
        .filter(current -> current.changeSet().isRunInTransaction())
        .ifPresent(
            current ->
                errors.addError(
                    "an index is dropped outside of a transaction: add runInTransaction: false to "
                        + current.changeSet().getId()));
    return errors;
  }

  @Override
  public Sql[] generateSql(
      DropIndexStatement statement,
      Database database,
      SqlGeneratorChain<DropIndexStatement> chain) {
    Optional<SafeChangeSet> current = SafeChangeSet.current();
    if (current.isEmpty()) {
      return chain.generateSql(statement, database);
    }
    String name = statement.getIndexName();
    String working = SafeChangeSet.workingName(name);
    String schema = statement.getTableSchemaName();
    return Stream.of(
            "CALL pg_temp.gpra_begin_drop_index(%s, %s, %s, %s)"
                .formatted(
                    schema == null ? "NULL" : literal(schema),
                    literal(name),
                    literal(working),
                    literals(current.get().marks().stream())),
            "CALL pg_temp.gpra_limit_wait(%s)".formatted(literal(current.get().waitLimit())),
            dropWorking(schema, working, database),
            "RESET lock_timeout")
        .map(UnparsedSql::new)
        .toArray(Sql[]::new);
  }

  /** What is under a working name is unfinished, or was given it to be dropped. */
  static String dropWorking(String schema, String working, Database database) {
    return "DROP INDEX CONCURRENTLY IF EXISTS "
        + database.escapeObjectName(null, schema, working, Index.class);
  }
}
