package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.EmptyChange;
import liquibase.database.Database;
import liquibase.serializer.core.string.StringChangeLogSerializer;
import liquibase.statement.core.DropTableStatement;

/**
 * {@code dropTable}. Locks what its keys lead to as well, in the application's order, for a moment.
 * In a rollback never rows that came since the look.
 */
public final class SafeDropTable extends SafeDrop<DropTableStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropTable() {}

  @Override
  Stream<Dropped> dropped(DropTableStatement statement) {
    return Stream.of(
        new Dropped(
            Dropped.TABLE,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName(),
            null));
  }

  /** Its rollback has to name all that the table has. */
  @Override
  Stream<String> before(Dropped table, Database database, SafeChangeSet changeSet) {
    List<Change> rollback = changeSet.changeSet().getRollback().getChanges();
    Pattern named = Pattern.compile("(?i)(?<!\\w)" + Pattern.quote(table.table()) + "(?!\\w)");
    String again =
        rollback.stream()
            .map(one -> new StringChangeLogSerializer().serialize(one, false))
            .filter(named.asPredicate())
            .collect(Collectors.joining(" "))
            .replaceAll("\\s+", " ");
    return rollback.stream().allMatch(EmptyChange.class::isInstance)
        ? Stream.empty()
        : Stream.of(call("look_made_again", table.target(database), literal(again)));
  }

  @Override
  Stream<String> back(Dropped table, Database database, SafeChangeSet changeSet) {
    String target = table.target(database);
    return Stream.of(
        Locks.aboveWithParents(
            target,
            Locks.ALTERS,
            call("drop_table", target, changeSet.marks(), changeSet.mayDiscard())));
  }
}
