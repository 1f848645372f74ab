package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.Arrays;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.SqlStatement;

/** A column that gets a default, or loses it: for new rows only, so as Liquibase does it. */
abstract class SafeDefaultValue<T extends SqlStatement> extends SafeGenerator<T> {

  /** As a string constant. */
  abstract String table(T statement, Database database);

  abstract String column(T statement);

  @Override
  final Stream<String> look(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return Stream.of(
        call(
            "look_default",
            table(statement, database),
            literal(SafeChangeSet.stored(database, column(statement)))));
  }

  @Override
  final Stream<String> safely(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    return Arrays.stream(plain.generateSql(statement, database))
        .map(Sql::toSql)
        .map(sql -> Locks.above(table(statement, database), Locks.ALTERS, sql));
  }
}
