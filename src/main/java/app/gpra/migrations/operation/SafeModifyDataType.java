package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
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
 * it. Where a {@code copyColumn} before it gave the column a copy of another type, the two change
 * places, there and back. Otherwise, in a rollback a type that is narrower again stays as it is, as
 * that would write every row anew, unless {@code -Dgpra.rollback.narrow=true} asks for it.
 */
public final class SafeModifyDataType extends SafeGenerator<ModifyDataTypeStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeModifyDataType() {}

  @Override
  List<String> refusals(ModifyDataTypeStatement statement, SafeChangeSet changeSet) {
    return swapped(statement.getTableName(), statement.getColumnName(), changeSet).isPresent()
        ? changeSet.outsideOfATransaction("an index is built")
        : List.of();
  }

  private static Optional<CopyColumnChange> swapped(
      String table, String column, SafeChangeSet changeSet) {
    return CopyColumnChange.before(changeSet.changeSet(), table, column);
  }

  @Override
  Stream<String> safely(
      ModifyDataTypeStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<ModifyDataTypeStatement> plain) {
    Optional<CopyColumnChange> copied =
        swapped(statement.getTableName(), statement.getColumnName(), changeSet);
    if (copied.isPresent()) {
      return swap(statement, copied.get().copy(database), database, changeSet);
    }
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

  private static Stream<String> swap(
      ModifyDataTypeStatement statement, String copy, Database database, SafeChangeSet changeSet) {
    String target = target(statement, database);
    String column = literal(SafeChangeSet.stored(database, statement.getColumnName()));
    String type = literal(type(statement.getNewDataType(), database));
    String mark = literal(changeSet.mark());
    String name = SafeChangeSet.name(database, statement.getSchemaName(), statement.getTableName());
    String working =
        SafeChangeSet.workingName("%s_%s_key".formatted(statement.getTableName(), copy));
    String definition = "(%s)".formatted(database.escapeObjectName(copy, Column.class));
    return Stream.of(
            Stream.of(CopyColumnChange.aligned(target, column, literal(copy), null, changeSet)),
            SafeCreateIndex.built(
                name,
                working,
                "UNIQUE ",
                definition,
                call(
                    "begin_swap",
                    target,
                    column,
                    literal(copy),
                    type,
                    literal(working),
                    literal(definition),
                    mark),
                Locks.aboveWithAll(
                    target,
                    Locks.ALTERS,
                    call("swap", target, column, literal(copy), type, literal(working), mark)),
                database),
            Stream.of(
                Locks.aboveWithAll(target, Locks.READS, call("end_swap", target, column, mark))))
        .flatMap(statements -> statements);
  }

  @Override
  Stream<String> look(
      ModifyDataTypeStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<ModifyDataTypeStatement> plain) {
    Optional<CopyColumnChange> copied =
        swapped(statement.getTableName(), statement.getColumnName(), changeSet);
    return Stream.of(
        copied.isPresent()
            ? call(
                "look_swap",
                target(statement, database),
                literal(SafeChangeSet.stored(database, statement.getColumnName())),
                literal(copied.get().copy(database)),
                literal(type(statement.getNewDataType(), database)),
                literal(changeSet.mark()))
            : call(
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
    String table =
        SafeChangeSet.name(database, statement.getSchemaName(), statement.getTableName());
    String column = SafeChangeSet.stored(database, statement.getColumnName());
    Optional<CopyColumnChange> copied =
        swapped(statement.getTableName(), statement.getColumnName(), changeSet);
    boolean swaps = copied.isPresent();
    return Stream.concat(
        copied.stream()
            .map(
                one ->
                    changeSet.made(
                        "renamed column",
                        table,
                        column,
                        "'renamed'",
                        literal(column),
                        "'copy'",
                        one.isMadeAgain(changeSet.changeSet(), database)
                            ? "NULL"
                            : literal(one.copy(database)))),
        before(statement, database, changeSet).stream()
            .map(
                before ->
                    changeSet.made(
                        swaps || changeSet.mayNarrow() ? "loss" : "type",
                        table,
                        column,
                        "'condition'",
                        literal(
                            "NOT pg_temp.gpra_fits(%s::text, %s)"
                                .formatted(
                                    database.escapeObjectName(
                                        statement.getColumnName(), Column.class),
                                    before)))));
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
