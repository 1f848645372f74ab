package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.Procedures.literals;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.Change;
import liquibase.change.core.AddForeignKeyConstraintChange;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.change.core.AddPrimaryKeyChange;
import liquibase.change.core.AddUniqueConstraintChange;
import liquibase.change.core.CreateSequenceChange;
import liquibase.change.core.CreateViewChange;
import liquibase.change.core.ModifyDataTypeChange;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.DatabaseFunction;
import liquibase.statement.core.InsertStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;

/**
 * The row of Liquibase's history, written only where each of the changeset's steps is done. No
 * precondition says that somebody else made a key or a check: the change finds that out, and then
 * the row says {@code MARK_RAN}, as with a precondition.
 */
public final class SafeRecord extends SafeGenerator<InsertStatement> {

  private static final String COLUMN = "EXECTYPE";
  private static final String DESCRIPTION = "DESCRIPTION";

  private static final List<Class<?>> FIND =
      List.of(
          AddForeignKeyConstraintChange.class,
          AddUniqueConstraintChange.class,
          AddPrimaryKeyChange.class,
          AddCheckChange.class,
          ModifyCheckChange.class,
          AddNotNullConstraintChange.class,
          DefineFunctionChange.class,
          DefineTriggerChange.class,
          CreateViewChange.class,
          CreateSequenceChange.class,
          FillColumnChange.class,
          ModifyDataTypeChange.class);

  private static final String FOUND = "current_setting('gpra.found', true)";

  /** Used through {@code META-INF/services}. */
  public SafeRecord() {}

  /**
   * Whether the changeset that has just run found that somebody else had made what it makes.
   *
   * @param changeSet has run without an error
   * @param database where, with the session that ran it
   * @return false also where the changeset makes what has a precondition for that
   * @throws DatabaseException if the server does not answer
   */
  public static boolean isSomebodyElses(ChangeSet changeSet, Database database)
      throws DatabaseException {
    Optional<SafeChangeSet> safe = SafeChangeSet.of(changeSet).filter(SafeRecord::finds);
    return safe.isPresent()
        && safe.get()
            .mark()
            .equals(
                Scope.getCurrentScope()
                    .getSingleton(ExecutorService.class)
                    .getExecutor("jdbc", database)
                    .queryForObject(
                        new RawParameterizedSqlStatement("SELECT " + FOUND), String.class));
  }

  /**
   * How many steps make again what a changeset dropped: only after the last of them it is taken out
   * of the history, as no mark says of which changeset that is which is not there.
   *
   * @param changeSet is undone
   * @param database where
   * @return 0 where it is taken out first
   */
  public static long stepsBack(ChangeSet changeSet, Database database) {
    return SafeChangeSet.of(changeSet).isPresent()
            && !changeSet.isRunInTransaction()
            && changeSet.getChanges().stream().anyMatch(UnsafeChanges::isDrop)
        ? steps(changeSet.getRollback().getChanges(), changeSet, database)
        : 0;
  }

  /** Where its row is, and what tells it apart; two arguments. */
  static String recorded(ChangeSet changeSet, Database database) {
    return "%s, %s"
        .formatted(
            literal(
                database.escapeTableName(
                    database.getLiquibaseCatalogName(),
                    database.getLiquibaseSchemaName(),
                    database.getDatabaseChangeLogTableName())),
            literals(
                Stream.of(
                    changeSet.getId(),
                    changeSet.getAuthor(),
                    changeSet.getFilePath(),
                    Scope.getCurrentScope().getDeploymentId())));
  }

  private static boolean finds(SafeChangeSet changeSet) {
    return changeSet.changeSet().getChanges().stream()
        .anyMatch(change -> FIND.contains(change.getClass()));
  }

  @Override
  Stream<String> safely(
      InsertStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<InsertStatement> plain) {
    if (statement.getTableName().equals(database.getDatabaseChangeLogTableName())
        && statement.getColumnValue(COLUMN) instanceof String ran
        && Look.isLookedAt(changeSet.changeSet())) {
      long steps =
          ran.equals(ChangeSet.ExecType.EXECUTED.value)
              ? steps(changeSet.changeSet().getChanges(), changeSet.changeSet(), database)
              : 0;
      statement.addColumnValue(
          COLUMN,
          new DatabaseFunction(
              "pg_temp.gpra_ran(%s, %s, %d, %s)"
                  .formatted(
                      literal(ran),
                      literal(changeSet.mark()),
                      steps,
                      recorded(changeSet.changeSet(), database))));
      // (Liquibase knows a tag that it takes back by this word alone.)
      if (statement.getColumnValue(DESCRIPTION) instanceof String description
          && !description.equals("tagDatabase")) {
        statement.addColumnValue(
            DESCRIPTION,
            new DatabaseFunction("pg_temp.gpra_described(%s)".formatted(literal(description))));
      }
    }
    return Stream.of(plain.generateSql(statement, database)).map(Sql::toSql);
  }

  /** How many of its SQL say that they are done. */
  private static long steps(List<Change> changes, ChangeSet changeSet, Database database) {
    return changes.stream()
        .filter(UnsafeChanges::isSafe)
        .flatMap(change -> Asked.WHAT_TO_DO.of(change, changeSet, database, List.of()))
        .filter(Procedures::endAStep)
        .count();
  }
}
