package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.DropIndexStatement;
import liquibase.structure.core.Index;

/**
 * {@code dropIndex} in a rollback: concurrently, and only an index that bears the mark of the
 * changeset that is undone. Also what a build that was killed has left under its working name.
 */
public final class SafeDropIndex extends SafeGenerator<DropIndexStatement> {

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
  Stream<String> safely(
      DropIndexStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<DropIndexStatement> plain) {
    String name = SafeChangeSet.stored(database, statement.getIndexName());
    String schema = statement.getTableSchemaName();
    return dropped(
        call(
            "begin_drop_index",
            literal(schema),
            literal(name),
            literal(SafeChangeSet.workingName(name)),
            changeSet.marks()),
        literal(statement.getTableName() == null ? name : statement.getTableName()),
        schema,
        name,
        database);
  }

  /** After what begins it, dropped concurrently. */
  static Stream<String> dropped(
      String begin, String table, String schema, String name, Database database) {
    return Stream.of(
        begin,
        SafeChangeSet.limitWait(),
        Locks.above(
            table, Locks.UNNOTICED, dropWorking(schema, SafeChangeSet.workingName(name), database)),
        SafeChangeSet.END_WAIT);
  }

  /** What is under a working name is unfinished, or was given it to be dropped. */
  static String dropWorking(String schema, String working, Database database) {
    return "DROP INDEX CONCURRENTLY IF EXISTS "
        + database.escapeObjectName(null, schema, working, Index.class);
  }
}
