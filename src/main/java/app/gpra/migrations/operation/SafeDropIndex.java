package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropIndexStatement;
import liquibase.structure.core.Index;

/**
 * {@code dropIndex}: concurrently, under its working name. Also what a build that was killed has
 * left under that.
 */
public final class SafeDropIndex extends SafeDrop<DropIndexStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropIndex() {}

  @Override
  List<String> refusals(DropIndexStatement statement, SafeChangeSet changeSet) {
    return refusals(changeSet);
  }

  static List<String> refusals(SafeChangeSet changeSet) {
    return changeSet.outsideOfATransaction("an index is dropped");
  }

  @Override
  Stream<Dropped> dropped(DropIndexStatement statement) {
    return Stream.of(
        new Dropped(
            Dropped.INDEX,
            statement.getTableCatalogName(),
            statement.getTableSchemaName(),
            statement.getTableName(),
            statement.getIndexName()));
  }

  @Override
  Stream<String> back(Dropped index, Database database, SafeChangeSet changeSet) {
    String name = index.name();
    return dropped(
        call(
            "begin_drop_index",
            literal(index.schema()),
            literal(name),
            literal(SafeChangeSet.workingName(name)),
            changeSet.marks()),
        literal(index.table() == null ? name : index.table()),
        index.schema(),
        name,
        database);
  }

  /** After what begins it, dropped concurrently. */
  static Stream<String> dropped(
      String begin, String table, String schema, String name, Database database) {
    return Stream.of(
        begin,
        Locks.above(
            table,
            Locks.UNNOTICED,
            // What is under a working name was given it to be dropped.
            "DROP INDEX CONCURRENTLY IF EXISTS "
                + database.escapeObjectName(
                    null, schema, SafeChangeSet.workingName(name), Index.class)),
        SafeChangeSet.END_WAIT);
  }
}
