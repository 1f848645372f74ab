package app.gpra.migrations.operation;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.ValidationErrors;
import liquibase.sql.Sql;
import liquibase.sql.UnparsedSql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.sqlgenerator.core.AbstractSqlGenerator;
import liquibase.statement.SqlStatement;

/**
 * Makes a statement of Liquibase's safe on PostgreSQL, where the changelog wants that. Everywhere
 * else, and for Liquibase's own statements, it stays what it is.
 *
 * <p>Liquibase asks a generator several times for each change: it never looks at the database. What
 * depends on that is decided by the SQL, when it runs.
 *
 * @param <T> the statement
 */
abstract class SafeGenerator<T extends SqlStatement> extends AbstractSqlGenerator<T> {

  /** {@inheritDoc} One more than Liquibase's own for PostgreSQL. */
  @Override
  public final int getPriority() {
    return PRIORITY_DATABASE + 1;
  }

  /** {@inheritDoc} PostgreSQL only: the scope must not count, as Liquibase remembers the answer. */
  @Override
  public final boolean supports(T statement, Database database) {
    return database instanceof PostgresDatabase;
  }

  /** {@inheritDoc} What has no safe form is refused by {@link UnsafeChanges}, all of it at once. */
  @Override
  public final ValidationErrors validate(
      T statement, Database database, SqlGeneratorChain<T> chain) {
    return chain.validate(statement, database);
  }

  @Override
  public final Sql[] generateSql(T statement, Database database, SqlGeneratorChain<T> chain) {
    Optional<SafeChangeSet> changeSet = SafeChangeSet.current();
    if (changeSet.isEmpty()) {
      return chain.generateSql(statement, database);
    }
    Stream<String> sql =
        switch (Asked.now()) {
          case WHAT_TO_DO ->
              safely(statement, database, maker(statement, changeSet.get(), database), chain);
          case HOW_TO_LOOK -> look(statement, database, changeSet.get(), chain);
          case WHAT_IT_MAKES -> made(statement, database, changeSet.get(), chain);
        };
    return sql.map(UnparsedSql::new).toArray(Sql[]::new);
  }

  /** Whose mark what it makes bears. */
  private SafeChangeSet maker(T statement, SafeChangeSet changeSet, Database database) {
    return Look.isBack(changeSet.changeSet())
        ? changeSet.maker(Asked.made(statement, changeSet.changeSet(), database), database)
        : changeSet;
  }

  /** Why there is no safe way, and what to write instead; empty where there is one. */
  List<String> refusals(T statement, SafeChangeSet changeSet) {
    return List.of();
  }

  /** How to look, before anything runs, whether it can; see {@link Look}. */
  Stream<String> look(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return Stream.empty();
  }

  /** What it makes; see {@link Made}. */
  Stream<String> made(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return Stream.empty();
  }

  /**
   * What the statement becomes.
   *
   * @param plain asked once, makes of it what Liquibase would
   */
  abstract Stream<String> safely(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain);
}
