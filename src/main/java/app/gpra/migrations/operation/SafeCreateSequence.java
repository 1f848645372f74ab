package app.gpra.migrations.operation;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.CreateSequenceStatement;

/** {@code createSequence}: see {@link Defined}. */
public final class SafeCreateSequence extends SafeGenerator<CreateSequenceStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeCreateSequence() {}

  @Override
  List<String> refusals(CreateSequenceStatement statement, SafeChangeSet changeSet) {
    return statement.getOrdered() == null
        ? List.of()
        : List.of("createSequence: PostgreSQL knows no ordered: leave it out");
  }

  @Override
  Stream<String> look(
      CreateSequenceStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateSequenceStatement> plain) {
    return Defined.by(statement, database).look(changeSet, database);
  }

  @Override
  Stream<String> made(
      CreateSequenceStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateSequenceStatement> plain) {
    return Defined.by(statement, database).made(changeSet, database);
  }

  @Override
  Stream<String> safely(
      CreateSequenceStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateSequenceStatement> plain) {
    return Defined.by(statement, database)
        .safely(SafeChangeSet.current().orElse(changeSet), changeSet, database);
  }
}
