package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.SetColumnRemarksChange;
import liquibase.change.core.SetTableRemarksChange;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.SetTableRemarksStatement;

/** {@code remarks} of a table: behind the mark that its comment begins with. */
public final class SafeTableRemarks extends SafeGenerator<SetTableRemarksStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeTableRemarks() {}

  @Override
  Stream<String> safely(
      SetTableRemarksStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<SetTableRemarksStatement> plain) {
    String table =
        table(
            database,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName());
    return comesWith(
            change ->
                change instanceof CreateTableChange created
                    && statement.getTableName().equals(created.getTableName())
                    && Objects.equals(statement.getRemarks(), created.getRemarks()))
        ? Stream.empty()
        : remark(changeSet, table, null, statement.getRemarks());
  }

  /**
   * Writes them: where the changeset asks for it, and not for what they come with, on anybody's.
   *
   * @param name of a column; null for the table itself
   */
  static Stream<String> remark(SafeChangeSet changeSet, String table, String name, String remarks) {
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                table,
                literal(name),
                literal(Objects.requireNonNullElse(remarks, "")),
                literal(changeSet.mark())));
    if (changeSet.changeSet().getChanges().stream().allMatch(SafeTableRemarks::isRemark)) {
      arguments.add(true);
    }
    return Stream.of(Locks.above(table, Locks.UNNOTICED, call("remark", arguments.toArray())));
  }

  /** Whether what makes the object says them already. */
  static boolean comesWith(Predicate<Change> maker) {
    return SafeChangeSet.current().stream()
        .map(SafeChangeSet::changeSet)
        .flatMap(one -> Stream.of(one.getChanges(), one.getRollback().getChanges()))
        .flatMap(List::stream)
        .anyMatch(maker);
  }

  private static boolean isRemark(Change change) {
    return change instanceof SetTableRemarksChange || change instanceof SetColumnRemarksChange;
  }
}
