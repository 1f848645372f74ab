package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.DropTableStatement;

/**
 * {@code dropTable} in a rollback: only a table that bears the mark of the changeset that is
 * undone, and never rows that came since the look.
 */
public final class SafeDropTable extends SafeGenerator<DropTableStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropTable() {}

  @Override
  Stream<String> safely(
      DropTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<DropTableStatement> plain) {
    return Stream.of(
        Locks.aboveWithParents(
            target(statement, database),
            Locks.ALTERS,
            call(
                "drop_table",
                target(statement, database),
                changeSet.marks(),
                changeSet.mayDiscard())));
  }

  private static String target(DropTableStatement statement, Database database) {
    return table(
        database, statement.getCatalogName(), statement.getSchemaName(), statement.getTableName());
  }
}
