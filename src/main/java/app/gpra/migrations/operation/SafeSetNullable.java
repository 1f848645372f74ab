package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.stream.Stream;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.SetNullableStatement;

/**
 * {@code addNotNullConstraint}: proved by a CHECK, which is validated while reading and writing go
 * on, so that no row is looked at under a lock. The CHECK stays: a NOT NULL bears no mark, the
 * CHECK does, and {@code dropNotNullConstraint} takes it along.
 */
public final class SafeSetNullable extends SafeGenerator<SetNullableStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeSetNullable() {}

  @Override
  List<String> refusals(SetNullableStatement statement, SafeChangeSet changeSet) {
    return statement.isNullable()
        ? List.of()
        : SafeConstraint.refusals(name(statement, changeSet), changeSet);
  }

  @Override
  Stream<String> safely(
      SetNullableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<SetNullableStatement> plain) {
    String target = target(statement, database);
    String column = literal(SafeChangeSet.stored(database, statement.getColumnName()));
    String name = SafeChangeSet.stored(database, name(statement, changeSet));
    return statement.isNullable()
        ? dropped(statement)
            .stored(database)
            .safely(database, changeSet, () -> Stream.of(accepted(target, column, name, changeSet)))
        : refused(target, column, name, changeSet);
  }

  @Override
  Stream<String> look(
      SetNullableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<SetNullableStatement> plain) {
    return statement.isNullable()
        ? dropped(statement).stored(database).look(database)
        : Stream.of(
            looked(
                target(statement, database),
                literal(SafeChangeSet.stored(database, statement.getColumnName())),
                SafeChangeSet.stored(database, name(statement, changeSet)),
                changeSet));
  }

  @Override
  Stream<String> made(
      SetNullableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<SetNullableStatement> plain) {
    String check =
        changeSet.made(
            statement.isNullable() ? "drop constraint" : "constraint",
            SafeChangeSet.name(database, statement.getSchemaName(), statement.getTableName()),
            SafeChangeSet.stored(database, name(statement, changeSet)));
    return statement.isNullable()
        ? Stream.concat(
            dropped(statement).stored(database).made(database, changeSet), Stream.of(check))
        : Stream.of(check);
  }

  private static Dropped dropped(SetNullableStatement statement) {
    return new Dropped(
        "not null",
        statement.getCatalogName(),
        statement.getSchemaName(),
        statement.getTableName(),
        statement.getColumnName());
  }

  /** How to look whether nulls can be refused. */
  static String looked(String target, String column, String name, SafeChangeSet changeSet) {
    return call("look_not_null", target, column, literal(name), changeSet.marks());
  }

  /** Nulls are refused from then on. */
  static Stream<String> refused(
      String target, String column, String name, SafeChangeSet changeSet) {
    return Stream.concat(
        Stream.of(
            Locks.above(
                target,
                Locks.LOOKS_THEN_ALTERS,
                call(
                    "add_not_null",
                    target,
                    column,
                    literal(name),
                    literal(SafeChangeSet.workingName(name)),
                    changeSet.marks()))),
        SafeConstraint.ended(target, name, column, changeSet));
  }

  /** Nulls are accepted again. */
  static String accepted(String target, String column, String name, SafeChangeSet changeSet) {
    return Locks.above(
        target,
        Locks.ALTERS,
        call(
            "drop_not_null",
            target,
            column,
            literal(name),
            literal(SafeChangeSet.workingName(name)),
            changeSet.marks()));
  }

  private static String target(SetNullableStatement statement, Database database) {
    return table(
        database, statement.getCatalogName(), statement.getSchemaName(), statement.getTableName());
  }

  /** Where it is left out: that of the changeset's own, which a rollback takes back. */
  private static String name(SetNullableStatement statement, SafeChangeSet changeSet) {
    return statement.getConstraintName() == null
        ? changeSet.changeSet().getChanges().stream()
            .filter(AddNotNullConstraintChange.class::isInstance)
            .map(AddNotNullConstraintChange.class::cast)
            .filter(
                own ->
                    own.getTableName().equals(statement.getTableName())
                        && own.getColumnName().equals(statement.getColumnName())
                        && own.getConstraintName() != null)
            .map(AddNotNullConstraintChange::getConstraintName)
            .findFirst()
            .orElseGet(() -> name(statement.getTableName(), statement.getColumnName()))
        : statement.getConstraintName();
  }

  /** Of the CHECK, where nobody gave it one. */
  static String name(String table, String column) {
    return "ck_%s_%s_not_null".formatted(table, column);
  }
}
