package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.AddColumnConfig;
import liquibase.database.Database;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.CreateIndexStatement;
import liquibase.structure.core.Column;
import liquibase.structure.core.Index;

/**
 * {@code createIndex}: built concurrently under a working name, then named and marked at once, so
 * that what bears its name is whole. An equal index under another name is left as it is; one that
 * is different under this name stops it. On an empty table it is built under a short lock.
 */
public final class SafeCreateIndex extends SafeGenerator<CreateIndexStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeCreateIndex() {}

  @Override
  List<String> refusals(CreateIndexStatement statement, SafeChangeSet changeSet) {
    List<String> refusals = new ArrayList<>(changeSet.outsideOfATransaction("an index is built"));
    if (statement.getIndexName() == null) {
      refusals.add(
          "an index of %s has no name: give it an indexName".formatted(statement.getTableName()));
    } else {
      SafeChangeSet.tooLong(statement.getIndexName()).ifPresent(refusals::add);
    }
    clustered(statement.isClustered(), statement.getTableName()).ifPresent(refusals::add);
    return refusals;
  }

  /** A refusal, where it is asked for. */
  static Optional<String> clustered(Boolean clustered, String table) {
    return Boolean.TRUE.equals(clustered)
        ? Optional.of("clustered would write %s anew under a lock: leave it out".formatted(table))
        : Optional.empty();
  }

  @Override
  Stream<String> safely(
      CreateIndexStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateIndexStatement> plain) {
    return built(
        database.escapeTableName(
            statement.getTableCatalogName(),
            statement.getTableSchemaName(),
            statement.getTableName()),
        SafeChangeSet.stored(database, statement.getIndexName()),
        Boolean.TRUE.equals(statement.isUnique()),
        definition(statement, database),
        changeSet,
        database);
  }

  /**
   * Built under its working name, then named and marked.
   *
   * @param definition what follows the table's name
   */
  static Stream<String> built(
      String table,
      String name,
      boolean unique,
      String definition,
      SafeChangeSet changeSet,
      Database database) {
    String working = SafeChangeSet.workingName(name);
    return built(
        table,
        working,
        unique ? "UNIQUE " : "",
        definition,
        call(
            "begin_index",
            literal(table),
            literal(name),
            literal(working),
            literal(definition),
            unique),
        call(
            "end_index",
            literal(table),
            literal(name),
            literal(working),
            literal(changeSet.mark())),
        database);
  }

  /**
   * Built under its working name, between two calls: what looks first, and has each wait of the
   * build limited, and what names it.
   */
  static Stream<String> built(
      String table,
      String working,
      String unique,
      String definition,
      String begin,
      String end,
      Database database) {
    return Stream.of(
        Locks.above(
            literal(table),
            (unique.isEmpty() ? "no scan" : "scan") + ", then SHARE only if it is empty",
            begin),
        Locks.above(
            literal(table),
            Locks.READS,
            "CREATE %sINDEX CONCURRENTLY IF NOT EXISTS %s ON %s %s"
                .formatted(
                    unique, database.escapeObjectName(working, Index.class), table, definition)),
        SafeChangeSet.END_WAIT,
        end);
  }

  @Override
  Stream<String> look(
      CreateIndexStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateIndexStatement> plain) {
    return Stream.of(
        call(
            "look_index",
            SafeChangeSet.table(
                database,
                statement.getTableCatalogName(),
                statement.getTableSchemaName(),
                statement.getTableName()),
            literal(SafeChangeSet.stored(database, statement.getIndexName())),
            literal(definition(statement, database)),
            Boolean.TRUE.equals(statement.isUnique()),
            changeSet.marks()));
  }

  @Override
  Stream<String> made(
      CreateIndexStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateIndexStatement> plain) {
    return Stream.of(
        changeSet.made(
            "index",
            SafeChangeSet.name(database, statement.getTableSchemaName(), statement.getTableName()),
            SafeChangeSet.stored(database, statement.getIndexName())));
  }

  /** What follows the table's name. */
  private static String definition(CreateIndexStatement statement, Database database) {
    return (statement.getUsing() == null ? "" : "USING " + statement.getUsing() + " ")
        + Arrays.stream(statement.getColumns())
            .map(
                column ->
                    key(column, database)
                        + (Boolean.TRUE.equals(column.getDescending()) ? " DESC" : ""))
            .collect(Collectors.joining(", ", "(", ")"))
        + (statement.getTablespace() == null
            ? ""
            : " TABLESPACE " + database.escapeObjectName(statement.getTablespace(), Index.class));
  }

  private static String key(AddColumnConfig column, Database database) {
    return Boolean.TRUE.equals(column.getComputed())
        ? column.getName()
        : database.escapeObjectName(column.getName(), Column.class);
  }
}
