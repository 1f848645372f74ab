package app.gpra.migrations.operation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.change.AbstractSQLChange;
import liquibase.change.Change;
import liquibase.changelog.ChangeSet;
import liquibase.database.Database;
import liquibase.database.ObjectQuotingStrategy;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.serializer.core.string.StringChangeLogSerializer;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorFactory;
import liquibase.statement.SqlStatement;

/** What the generators and changes are asked for. */
enum Asked {
  /** What to do: their SQL. */
  WHAT_TO_DO,

  /** How to look, before anything runs, whether it can. */
  HOW_TO_LOOK,

  /** What it makes: rows for {@link Made}. */
  WHAT_IT_MAKES;

  private static final String NOW = Asked.class.getName();

  /** What is asked now. */
  static Asked now() {
    return Scope.getCurrentScope().get(NOW, WHAT_TO_DO);
  }

  /**
   * Asks a change.
   *
   * @param unknown the answer of a statement that is not made safe here
   */
  Stream<String> of(Change change, ChangeSet changeSet, Database database, List<String> unknown) {
    return in(
        changeSet,
        database,
        () ->
            Stream.ofNullable(change.generateStatements(database))
                .flatMap(Arrays::stream)
                .flatMap(
                    statement ->
                        change instanceof OwnChange || isSafe(statement, database)
                            ? answers(statement, database)
                            : unknown.stream())
                .toList());
  }

  /** Asks a statement for its rows of {@link Made}. */
  static Stream<String> made(SqlStatement statement, ChangeSet changeSet, Database database) {
    return WHAT_IT_MAKES.in(changeSet, database, () -> answers(statement, database).toList());
  }

  /** Asks what Liquibase itself would undo a change with; empty where it does not know. */
  Stream<String> ofInverse(Change change, ChangeSet changeSet, Database database) {
    return change.supportsRollback(database)
        ? in(
            changeSet,
            database,
            () ->
                Arrays.stream(change.generateRollbackStatements(database))
                    .filter(statement -> change instanceof OwnChange || isSafe(statement, database))
                    .flatMap(statement -> answers(statement, database))
                    .toList())
        : Stream.empty();
  }

  /** Why a change has no safe form, and what to write instead; empty where it has one. */
  static Stream<String> refusals(Change change, ChangeSet changeSet, Database database) {
    SafeChangeSet safe = new SafeChangeSet(changeSet);
    return change instanceof OwnChange own
        ? own.refusals(safe).stream()
        : WHAT_TO_DO.in(
            changeSet,
            database,
            () ->
                Stream.ofNullable(change.generateStatements(database))
                    .flatMap(Arrays::stream)
                    .flatMap(statement -> refusals(statement, safe, database))
                    .toList());
  }

  // A generator is of the statement that it was found for.
  @SuppressWarnings("unchecked")
  private static <T extends SqlStatement> Stream<String> refusals(
      T statement, SafeChangeSet changeSet, Database database) {
    return SqlGeneratorFactory.getInstance().getGenerators(statement, database).first()
            instanceof SafeGenerator<?> generator
        ? ((SafeGenerator<T>) generator).refusals(statement, changeSet).stream()
        : Stream.empty();
  }

  /** All SQL that runs a changeset, or that undoes it, as far as it is known before. */
  static Stream<String> sql(ChangeSet changeSet, boolean back, Database database) {
    List<Change> block = changeSet.getRollback().getChanges();
    return WHAT_TO_DO.in(
        changeSet,
        database,
        () -> {
          List<String> sql = new ArrayList<>();
          for (Change change : back && !block.isEmpty() ? block : changeSet.getChanges()) {
            if (!(change instanceof AbstractSQLChange || UnsafeChanges.isSafeInARollback(change))) {
              // A value of a row may be one of them.
              sql.add(new StringChangeLogSerializer().serialize(change, false));
            } else if (!(back && block.isEmpty()) || change.supportsRollback(database)) {
              Arrays.stream(
                      back && block.isEmpty()
                          ? change.generateRollbackStatements(database)
                          : change.generateStatements(database))
                  .flatMap(statement -> answers(statement, database))
                  .forEach(sql::add);
            }
          }
          return sql;
        });
  }

  private Stream<String> in(
      ChangeSet changeSet, Database database, Scope.ScopedRunnerWithReturn<List<String>> asked) {
    ObjectQuotingStrategy before = database.getObjectQuotingStrategy();
    // As it is when it runs.
    database.setObjectQuotingStrategy(changeSet.getObjectQuotingStrategy());
    try {
      return Scope.child(
          Map.of(NOW, this, Scope.Attr.changeSet.name(), changeSet, Change.SHOULD_EXECUTE, false),
          asked)
          .stream();
    } catch (Exception e) {
      throw new UnexpectedLiquibaseException(e);
    } finally {
      database.setObjectQuotingStrategy(before);
    }
  }

  private static boolean isSafe(SqlStatement statement, Database database) {
    return SqlGeneratorFactory.getInstance().getGenerators(statement, database).first()
        instanceof SafeGenerator<?>;
  }

  private static Stream<String> answers(SqlStatement statement, Database database) {
    Sql[] sql = SqlGeneratorFactory.getInstance().generateSql(statement, database);
    return Stream.ofNullable(sql).flatMap(Arrays::stream).map(Sql::toSql);
  }
}
