package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.RenameTableStatement;

/**
 * {@code renameTable}: the table gets its new name, and a view, which can be written, the old one,
 * in one moment: the application's old version goes on with the view. A later {@code dropView}
 * takes it away.
 */
public final class SafeRenameTable extends SafeGenerator<RenameTableStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeRenameTable() {}

  @Override
  List<String> refusals(RenameTableStatement statement, SafeChangeSet changeSet) {
    return SafeChangeSet.tooLong(statement.getNewTableName()).stream().toList();
  }

  @Override
  Stream<String> safely(
      RenameTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameTableStatement> plain) {
    String target = target(statement, database);
    return Stream.of(
        Locks.above(
            target,
            Locks.ALTERS,
            call(
                Look.isBack(changeSet.changeSet()) ? "restore_table_name" : "rename_table",
                target,
                literal(SafeChangeSet.stored(database, statement.getNewTableName())),
                literal(changeSet.mark()))));
  }

  @Override
  Stream<String> look(
      RenameTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameTableStatement> plain) {
    return Stream.of(
        call(
            "look_rename_table",
            target(statement, database),
            literal(SafeChangeSet.stored(database, statement.getNewTableName())),
            changeSet.marks()),
        call(Look.DROP, literal("renamed table"), target(statement, database), "NULL"));
  }

  @Override
  Stream<String> made(
      RenameTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameTableStatement> plain) {
    String before =
        SafeChangeSet.name(database, statement.getSchemaName(), statement.getOldTableName());
    return Stream.of(
        changeSet.made(
            "renamed table",
            SafeChangeSet.name(database, statement.getSchemaName(), statement.getNewTableName()),
            null,
            "'from'",
            literal(before)),
        changeSet.made(Defined.VIEW, before, null));
  }

  private static String target(RenameTableStatement statement, Database database) {
    return table(
        database,
        statement.getCatalogName(),
        statement.getSchemaName(),
        statement.getOldTableName());
  }
}
