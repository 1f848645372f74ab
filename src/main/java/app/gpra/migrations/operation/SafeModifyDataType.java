package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.Optional;
import java.util.stream.Stream;
import liquibase.change.core.ModifyDataTypeChange;
import liquibase.database.Database;
import liquibase.datatype.DataTypeFactory;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.ModifyDataTypeStatement;
import liquibase.structure.core.Column;

/**
 * {@code modifyDataType}: under one short lock, where PostgreSQL neither writes nor reads a row for
 * it. In a rollback a type that is narrower again stays as it is, as that would write every row
 * anew, unless {@code -Dgpra.rollback.narrow=true} asks for it.
 */
public final class SafeModifyDataType extends SafeGenerator<ModifyDataTypeStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeModifyDataType() {}

  @Override
  Stream<String> safely(
      ModifyDataTypeStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<ModifyDataTypeStatement> plain) {
    boolean back = Look.isBack(changeSet.changeSet());
    String target = target(statement, database);
    String column = literal(SafeChangeSet.stored(database, statement.getColumnName()));
    String type = literal(type(statement.getNewDataType(), database));
    String mark = literal(changeSet.mark());
    return Stream.of(
        Locks.above(
            target,
            back && changeSet.mayNarrow() ? Locks.WRITES_ANEW : Locks.ALTERS,
            back
                ? call(
                    "restore_type",
                    target,
                    column,
                    type,
                    mark,
                    changeSet.mayNarrow(),
                    changeSet.mayDiscard())
                : call(
                    "modify_type",
                    target,
                    column,
                    before(statement, database, changeSet).orElse(null),
                    type,
                    mark)));
  }

  @Override
  Stream<String> look(
      ModifyDataTypeStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<ModifyDataTypeStatement> plain) {
    return Stream.of(
        call(
            "look_modify_type",
            target(statement, database),
            literal(SafeChangeSet.stored(database, statement.getColumnName())),
            before(statement, database, changeSet).orElse(null),
            literal(type(statement.getNewDataType(), database))));
  }

  /** {@inheritDoc} Where it is narrowed, what does not fit is lost. */
  @Override
  Stream<String> made(
      ModifyDataTypeStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<ModifyDataTypeStatement> plain) {
    return before(statement, database, changeSet).stream()
        .map(
            before ->
                changeSet.made(
                    changeSet.mayNarrow() ? "loss" : "type",
                    SafeChangeSet.name(
                        database, statement.getSchemaName(), statement.getTableName()),
                    SafeChangeSet.stored(database, statement.getColumnName()),
                    "'condition'",
                    literal(
                        "NOT pg_temp.gpra_fits(%s::text, %s)"
                            .formatted(
                                database.escapeObjectName(statement.getColumnName(), Column.class),
                                before))));
  }

  /** The type that its rollback gives the column again; empty where that gives none. */
  private static Optional<String> before(
      ModifyDataTypeStatement statement, Database database, SafeChangeSet changeSet) {
    return changeSet.changeSet().getRollback().getChanges().stream()
        .filter(ModifyDataTypeChange.class::isInstance)
        .map(ModifyDataTypeChange.class::cast)
        .filter(
            change ->
                change.getTableName().equals(statement.getTableName())
                    && change.getColumnName().equals(statement.getColumnName()))
        .map(change -> literal(type(change.getNewDataType(), database)))
        .findFirst();
  }

  private static String target(ModifyDataTypeStatement statement, Database database) {
    return table(
        database, statement.getCatalogName(), statement.getSchemaName(), statement.getTableName());
  }

  private static String type(String description, Database database) {
    return DataTypeFactory.getInstance()
        .fromDescription(description, database)
        .toDatabaseDataType(database)
        .toSql();
  }
}
