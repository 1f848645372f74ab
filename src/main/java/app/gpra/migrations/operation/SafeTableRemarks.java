package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.Objects;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.SetTableRemarksStatement;

/** {@code remarks} of a table: behind the mark that its comment begins with. */
public final class SafeTableRemarks extends SafeGenerator<SetTableRemarksStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeTableRemarks() {}

  @Override
  Stream<String> safely(
      SetTableRemarksStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<SetTableRemarksStatement> plain) {
    String table =
        table(
            database,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName());
    return Stream.of(
        Locks.above(
            table,
            Locks.UNNOTICED,
            call(
                "remark",
                table,
                "NULL",
                literal(Objects.requireNonNullElse(statement.getRemarks(), "")),
                literal(changeSet.mark()))));
  }
}
