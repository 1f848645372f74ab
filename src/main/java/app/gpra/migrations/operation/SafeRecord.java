package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.literal;

import java.util.List;
import java.util.stream.Stream;
import liquibase.change.core.AddForeignKeyConstraintChange;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.DatabaseFunction;
import liquibase.statement.core.InsertStatement;

/**
 * The row of Liquibase's history. No precondition says that somebody else made a key or a check:
 * the change finds that out, and then the row says {@code MARK_RAN}, as with a precondition.
 */
public final class SafeRecord extends SafeGenerator<InsertStatement> {

  private static final String COLUMN = "EXECTYPE";

  private static final List<Class<?>> FIND =
      List.of(
          AddForeignKeyConstraintChange.class,
          AddCheckChange.class,
          AddNotNullConstraintChange.class);

  /** Used through {@code META-INF/services}. */
  public SafeRecord() {}

  @Override
  Stream<String> safely(
      InsertStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<InsertStatement> plain) {
    if (statement.getTableName().equals(database.getDatabaseChangeLogTableName())
        && ChangeSet.ExecType.EXECUTED.value.equals(statement.getColumnValue(COLUMN))
        && changeSet.changeSet().getChanges().stream()
            .anyMatch(change -> FIND.contains(change.getClass()))) {
      statement.addColumnValue(
          COLUMN,
          new DatabaseFunction(
              "CASE WHEN current_setting('gpra.found', true) = %s THEN 'MARK_RAN' ELSE 'EXECUTED' END"
                  .formatted(literal(changeSet.mark()))));
    }
    return Stream.of(plain.generateSql(statement, database)).map(Sql::toSql);
  }
}
