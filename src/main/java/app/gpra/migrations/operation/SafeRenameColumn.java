package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.RenameColumnStatement;

/**
 * {@code renameColumn}: the column gets the name of the copy that {@link CopyColumnChange} has kept
 * in step with it, and the copy goes, in one moment: nobody misses either name before. In a
 * rollback both are there again, in step.
 */
public final class SafeRenameColumn extends SafeGenerator<RenameColumnStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeRenameColumn() {}

  @Override
  List<String> refusals(RenameColumnStatement statement, SafeChangeSet changeSet) {
    return changeSet.outsideOfATransaction("rows are looked at");
  }

  @Override
  Stream<String> safely(
      RenameColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameColumnStatement> plain) {
    String target = target(statement, database);
    SafeChangeSet copier =
        changeSet.maker(
            Stream.of(
                CopyColumnChange.made(
                    SafeChangeSet.name(
                        database, statement.getSchemaName(), statement.getTableName()),
                    SafeChangeSet.stored(database, statement.getOldColumnName()),
                    changeSet)),
            database);
    boolean back = Look.isBack(changeSet.changeSet());
    String old = old(statement, database);
    String renamed = renamed(statement, database);
    String mark = literal(changeSet.mark());
    return back
        ? Stream.of(
            Locks.above(
                target,
                Locks.ALTERS,
                call("restore_name", target, old, renamed, mark, literal(copier.mark()))),
            CopyColumnChange.aligned(target, renamed, old, copier.id(), changeSet))
        : Stream.of(
            CopyColumnChange.aligned(target, old, renamed, null, changeSet),
            Locks.above(target, Locks.ALTERS, call("rename_column", target, old, renamed, mark)));
  }

  @Override
  Stream<String> look(
      RenameColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameColumnStatement> plain) {
    return Stream.of(
        call(
            "look_rename",
            target(statement, database),
            old(statement, database),
            renamed(statement, database)),
        call(
            Look.DROP,
            literal("renamed column"),
            target(statement, database),
            old(statement, database)));
  }

  /** {@inheritDoc} Neither the column, by its name, nor the copy is there any more. */
  @Override
  Stream<String> made(
      RenameColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameColumnStatement> plain) {
    String table =
        SafeChangeSet.name(database, statement.getSchemaName(), statement.getTableName());
    String name = SafeChangeSet.stored(database, statement.getNewColumnName());
    return Stream.of(
        changeSet.made("renamed column", table, name),
        changeSet.made("drop column", table, name),
        changeSet.made(
            "drop column",
            table,
            SafeChangeSet.stored(database, statement.getOldColumnName()),
            "'renamed'",
            literal(name)));
  }

  private static String old(RenameColumnStatement statement, Database database) {
    return literal(SafeChangeSet.stored(database, statement.getOldColumnName()));
  }

  private static String renamed(RenameColumnStatement statement, Database database) {
    return literal(SafeChangeSet.stored(database, statement.getNewColumnName()));
  }

  private static String target(RenameColumnStatement statement, Database database) {
    return table(
        database, statement.getCatalogName(), statement.getSchemaName(), statement.getTableName());
  }
}
