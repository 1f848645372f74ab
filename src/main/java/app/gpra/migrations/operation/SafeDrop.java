package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.SqlStatement;

/**
 * A drop: see {@link Dropped}.
 *
 * @param <T> the statement
 */
abstract class SafeDrop<T extends SqlStatement> extends SafeGenerator<T> {

  /** What it names. */
  abstract Stream<Dropped> dropped(T statement);

  /** What it does to one of them in a rollback. */
  abstract Stream<String> back(Dropped one, Database database, SafeChangeSet changeSet);

  /** What else to ask before it is looked at. */
  Stream<String> before(Dropped one, Database database, SafeChangeSet changeSet) {
    return Stream.empty();
  }

  @Override
  final Stream<String> safely(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return stored(statement, database)
        .flatMap(one -> one.safely(database, changeSet, () -> back(one, database, changeSet)));
  }

  @Override
  final Stream<String> look(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return stored(statement, database)
        .flatMap(one -> Stream.concat(before(one, database, changeSet), one.look(database)));
  }

  @Override
  final Stream<String> made(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return stored(statement, database).flatMap(one -> one.made(database, changeSet));
  }

  private Stream<Dropped> stored(T statement, Database database) {
    return dropped(statement).map(one -> one.stored(database));
  }
}
