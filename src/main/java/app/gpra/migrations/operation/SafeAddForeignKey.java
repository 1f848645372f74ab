package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.Procedures.literals;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.AddForeignKeyConstraintStatement;

/**
 * {@code addForeignKeyConstraint}: added without a look at the rows, under one short lock of both
 * tables, then validated while reading and writing go on, then named. An equal one that is valid is
 * left as it is, under whatever name.
 */
public final class SafeAddForeignKey extends SafeGenerator<AddForeignKeyConstraintStatement> {

  private static final String NOTHING = "NO ACTION";

  private static final Set<String> ACTIONS =
      Set.of(NOTHING, "CASCADE", "RESTRICT", "SET NULL", "SET DEFAULT");

  /** Used through {@code META-INF/services}. */
  public SafeAddForeignKey() {}

  @Override
  List<String> refusals(AddForeignKeyConstraintStatement statement, SafeChangeSet changeSet) {
    List<String> refusals =
        new ArrayList<>(SafeConstraint.refusals(statement.getConstraintName(), changeSet));
    if (!statement.shouldValidate()) {
      refusals.add(
          "%s would stay unvalidated: leave out validate, which happens without a lock"
              .formatted(statement.getConstraintName()));
    }
    Stream.of(action(statement.getOnUpdate()), action(statement.getOnDelete()))
        .filter(action -> !ACTIONS.contains(action))
        .map("PostgreSQL has no action %s: take CASCADE, SET NULL or RESTRICT"::formatted)
        .forEach(refusals::add);
    return refusals;
  }

  @Override
  Stream<String> safely(
      AddForeignKeyConstraintStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<AddForeignKeyConstraintStatement> plain) {
    String name = SafeChangeSet.stored(database, statement.getConstraintName());
    return SafeConstraint.added(
        Locks.above(
            target(statement, database),
            Locks.LOOKS_THEN_REFERS,
            Locks.above(
                parent(statement, database),
                Locks.REFERS,
                call(
                    "add_key",
                    target(statement, database),
                    literal(name),
                    literal(SafeChangeSet.workingName(name)),
                    columns(statement.getBaseColumnNames(), database),
                    parent(statement, database),
                    columns(statement.getReferencedColumnNames(), database),
                    literal(options(statement)),
                    changeSet.marks()))),
        target(statement, database),
        name,
        changeSet);
  }

  @Override
  Stream<String> look(
      AddForeignKeyConstraintStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<AddForeignKeyConstraintStatement> plain) {
    return Stream.of(
        call(
            "look_key",
            target(statement, database),
            literal(SafeChangeSet.stored(database, statement.getConstraintName())),
            columns(statement.getBaseColumnNames(), database),
            parent(statement, database),
            columns(statement.getReferencedColumnNames(), database),
            literal(options(statement)),
            changeSet.marks()));
  }

  @Override
  Stream<String> made(
      AddForeignKeyConstraintStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<AddForeignKeyConstraintStatement> plain) {
    return Stream.of(
        changeSet.made(
            "constraint",
            SafeChangeSet.name(
                database, statement.getBaseTableSchemaName(), statement.getBaseTableName()),
            SafeChangeSet.stored(database, statement.getConstraintName())));
  }

  private static String target(AddForeignKeyConstraintStatement statement, Database database) {
    return table(
        database,
        statement.getBaseTableCatalogName(),
        statement.getBaseTableSchemaName(),
        statement.getBaseTableName());
  }

  private static String parent(AddForeignKeyConstraintStatement statement, Database database) {
    return table(
        database,
        statement.getReferencedTableCatalogName(),
        statement.getReferencedTableSchemaName(),
        statement.getReferencedTableName());
  }

  static String columns(String names, Database database) {
    return literals(
        Stream.of(names.split(",")).map(name -> SafeChangeSet.stored(database, name.strip())));
  }

  /** In the order in which PostgreSQL prints them, as what is there is compared with it. */
  private static String options(AddForeignKeyConstraintStatement statement) {
    String onUpdate = action(statement.getOnUpdate());
    String onDelete = action(statement.getOnDelete());
    return (onUpdate.equals(NOTHING) ? "" : " ON UPDATE " + onUpdate)
        + (onDelete.equals(NOTHING) ? "" : " ON DELETE " + onDelete)
        + SafeConstraint.deferred(statement.isDeferrable(), statement.isInitiallyDeferred());
  }

  private static String action(String written) {
    return written == null ? NOTHING : written.strip().toUpperCase(Locale.ROOT);
  }
}
