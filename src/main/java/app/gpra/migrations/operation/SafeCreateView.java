package app.gpra.migrations.operation;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.CreateViewStatement;

/** {@code createView}: see {@link Defined}. */
public final class SafeCreateView extends SafeGenerator<CreateViewStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeCreateView() {}

  @Override
  List<String> refusals(CreateViewStatement statement, SafeChangeSet changeSet) {
    return statement.isFullDefinition() && Defined.full(statement.getSelectQuery()).isEmpty()
        ? List.of(
            "createView: write CREATE VIEW %s WITH (…) AS … in selectQuery, or leave out fullDefinition"
                .formatted(statement.getViewName()))
        : List.of();
  }

  @Override
  Stream<String> look(
      CreateViewStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateViewStatement> plain) {
    return Defined.by(statement, database).look(changeSet, database);
  }

  @Override
  Stream<String> made(
      CreateViewStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateViewStatement> plain) {
    return Defined.by(statement, database).made(changeSet, database);
  }

  @Override
  Stream<String> safely(
      CreateViewStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateViewStatement> plain) {
    return Defined.by(statement, database)
        .safely(SafeChangeSet.current().orElse(changeSet), changeSet, database);
  }
}
