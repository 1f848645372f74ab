package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.function.Supplier;
import java.util.stream.Stream;
import liquibase.database.Database;

/**
 * What a drop names. In an update it goes, whoever made it, under one short lock; in a rollback
 * only where it bears the mark of the changeset that is undone.
 *
 * @param kind table, column, constraint, foreign key, not null, index, or of {@link Defined}
 * @param table the view or the sequence itself; null for a function
 * @param name null for a table, a view and a sequence
 */
record Dropped(String kind, String catalog, String schema, String table, String name) {

  static final String INDEX = "index";

  static final String CONSTRAINT = "constraint";

  static final String FOREIGN_KEY = "foreign key";

  static final String TABLE = "table";

  /** Its SQL: in a rollback what undoes the changeset. */
  Stream<String> safely(Database database, SafeChangeSet changeSet, Supplier<Stream<String>> back) {
    if (Look.isBack(changeSet.changeSet())) {
      return back.get();
    }
    String target = target(database);
    String working = name == null ? null : SafeChangeSet.workingName(name);
    String drop =
        call(
            "drop",
            literal(catalogued()),
            target,
            literal(name),
            literal(working),
            literal(changeSet.mark()));
    return kind.equals(INDEX)
        ? Stream.concat(
            SafeDropIndex.dropped(drop, target, schema, name, database),
            Stream.of(
                call(
                    "end_drop",
                    target,
                    literal(name),
                    literal(working),
                    literal(changeSet.mark()))))
        : Stream.of(
            kind.equals(Defined.FUNCTION) || kind.equals(Defined.SEQUENCE)
                ? drop
                : kind.equals(TABLE) || kind.equals(FOREIGN_KEY)
                    ? Locks.aboveWithParents(target, Locks.ALTERS, drop)
                    : Locks.above(target, Locks.ALTERS, drop));
  }

  /** How to look whether it can go. */
  Stream<String> look(Database database) {
    return Stream.of(call(Look.DROP, literal(catalogued()), target(database), literal(name)));
  }

  /** A row for {@link Made}: what is not there any more. */
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.of(
        changeSet.made(
            "drop " + catalogued(),
            table == null ? null : SafeChangeSet.name(database, schema, table),
            name));
  }

  /** The same by the name that PostgreSQL has for it. */
  Dropped stored(Database database) {
    return new Dropped(kind, catalog, schema, table, SafeChangeSet.stored(database, name));
  }

  /** As the procedures call it. */
  private String catalogued() {
    return kind.equals(FOREIGN_KEY) ? CONSTRAINT : kind;
  }

  /** The table, as an argument. */
  String target(Database database) {
    return table == null ? "NULL" : SafeChangeSet.table(database, catalog, schema, table);
  }
}
