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
    String call =
        Look.isBack(changeSet.changeSet())
            ? call(
                "restore_name",
                target,
                old(statement, database),
                renamed(statement, database),
                literal(changeSet.mark()),
                literal(copier.mark()),
                copier.id(),
                changeSet.parameter("tenant.setting"),
                changeSet.parameter("tenant.ids"))
            : call(
                "rename_column",
                target,
                old(statement, database),
                renamed(statement, database),
                literal(changeSet.mark()),
                changeSet.parameter("tenant.setting"),
                changeSet.parameter("tenant.ids"));
    return Stream.of(CopyColumnChange.copied(target, call));
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

  /** {@inheritDoc} What had the name before has another one now. */
  @Override
  Stream<String> made(
      RenameColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<RenameColumnStatement> plain) {
    return Stream.of(
        changeSet.made(
            "drop column",
            SafeChangeSet.name(database, statement.getSchemaName(), statement.getTableName()),
            SafeChangeSet.stored(database, statement.getOldColumnName()),
            "'renamed'",
            renamed(statement, database)));
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
