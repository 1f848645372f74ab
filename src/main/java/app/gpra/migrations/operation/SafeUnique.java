package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.Procedures.literals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.ColumnConfig;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.SqlStatement;
import liquibase.structure.core.Column;
import liquibase.structure.core.Index;

/**
 * A unique constraint or a primary key: its index is built concurrently under a working name, then
 * becomes the constraint under one short lock, without a look at the rows. An equal constraint is
 * left as it is, under whatever name; an equal index is not taken.
 *
 * @param <T> the statement
 */
abstract class SafeUnique<T extends SqlStatement> extends SafeGenerator<T> {

  /**
   * What a statement says.
   *
   * @param kind as PostgreSQL writes it, and so is what follows the columns
   * @param required those of the columns that have to be NOT NULL before it
   */
  record Key(
      String catalog,
      String schema,
      String table,
      String name,
      List<String> columns,
      String tablespace,
      String forIndex,
      String kind,
      String options,
      List<String> required) {

    /** As PostgreSQL calls them. */
    Key stored(Database database) {
      return new Key(
          catalog,
          schema,
          table,
          SafeChangeSet.stored(database, name),
          SafeChangeSet.stored(database, columns),
          tablespace,
          forIndex,
          kind,
          options,
          SafeChangeSet.stored(database, required));
    }

    String target(Database database) {
      return database.escapeTableName(catalog, schema, table);
    }

    String listed() {
      return literals(columns.stream());
    }

    /** The CHECK that proves that a column is NOT NULL. */
    String check(String column) {
      return SafeChangeSet.fitting("", SafeSetNullable.name(table, column));
    }
  }

  abstract Key key(T statement);

  static List<String> names(ColumnConfig... columns) {
    return Arrays.stream(columns).map(ColumnConfig::getName).toList();
  }

  @Override
  List<String> refusals(T statement, SafeChangeSet changeSet) {
    Key key = key(statement);
    List<String> refusals = new ArrayList<>(changeSet.outsideOfATransaction("an index is built"));
    if (key.name() == null) {
      refusals.add(
          "%s of %s has no name: give it a constraintName".formatted(key.kind(), key.table()));
    } else {
      SafeChangeSet.tooLong(key.name()).ifPresent(refusals::add);
    }
    if (key.forIndex() != null) {
      refusals.add(
          "%s would take the index %s from whoever made it: leave out forIndexName, it gets its own"
              .formatted(key.name(), key.forIndex()));
    }
    return refusals;
  }

  @Override
  Stream<String> safely(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    Key key = key(statement).stored(database);
    String target = key.target(database);
    String name = key.name();
    String working = SafeChangeSet.workingName(name);
    String definition =
        key.columns().stream()
                .map(column -> database.escapeObjectName(column, Column.class))
                .collect(Collectors.joining(", ", "(", ")"))
            + (key.tablespace() == null
                ? ""
                : " TABLESPACE " + database.escapeObjectName(key.tablespace(), Index.class));
    return Stream.concat(
        key.required().stream()
            .flatMap(
                column ->
                    SafeSetNullable.refused(
                        literal(target), literal(column), key.check(column), changeSet)),
        SafeCreateIndex.built(
            target,
            working,
            "UNIQUE ",
            definition,
            call(
                "begin_unique",
                literal(target),
                literal(name),
                literal(working),
                literal(key.kind()),
                key.listed(),
                literal(key.options()),
                literal(definition),
                changeSet.marks()),
            Locks.above(
                literal(target),
                Locks.ALTERS,
                call(
                    "end_unique",
                    literal(target),
                    literal(name),
                    literal(working),
                    literal(changeSet.mark()),
                    literal(
                        "%s USING INDEX %s%s"
                            .formatted(
                                key.kind(),
                                database.escapeObjectName(name, Index.class),
                                key.options())))),
            database));
  }

  @Override
  Stream<String> look(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    Key key = key(statement).stored(database);
    String target = literal(key.target(database));
    return Stream.concat(
        key.required().stream()
            .map(
                column ->
                    SafeSetNullable.looked(target, literal(column), key.check(column), changeSet)),
        Stream.of(
            call(
                "look_unique",
                target,
                literal(key.name()),
                literal(key.kind()),
                key.listed(),
                literal(key.options()),
                changeSet.marks())));
  }

  @Override
  Stream<String> made(
      T statement, Database database, SafeChangeSet changeSet, SqlGeneratorChain<T> plain) {
    Key key = key(statement).stored(database);
    String table = SafeChangeSet.name(database, key.schema(), key.table());
    return Stream.concat(
        key.required().stream()
            .map(
                column ->
                    changeSet.made(
                        "constraint",
                        table,
                        key.check(column),
                        "'key'",
                        literal(key.name()),
                        "'column'",
                        literal(column))),
        Stream.of(changeSet.made("constraint", table, key.name())));
  }

  /** Dropped by a procedure under one short lock, or as far as it was built. */
  static Stream<String> dropped(
      String procedure,
      String target,
      String schema,
      String name,
      Database database,
      SafeChangeSet changeSet) {
    return SafeDropIndex.dropped(
        Locks.above(
            target,
            Locks.ALTERS,
            SafeConstraint.dropped(
                procedure, target, SafeChangeSet.stored(database, name), changeSet)),
        target,
        schema,
        SafeChangeSet.stored(database, name),
        database);
  }
}
