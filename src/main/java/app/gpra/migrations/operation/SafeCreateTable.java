package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.call;
import static app.gpra.migrations.operation.SafeChangeSet.literal;
import static app.gpra.migrations.operation.SafeChangeSet.literals;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.ForeignKeyConstraint;
import liquibase.statement.PrimaryKeyConstraint;
import liquibase.statement.core.CreateTableStatement;
import liquibase.structure.core.Table;

/** {@code createTable}: marked in the same transaction; a table that is there is left as it is. */
public final class SafeCreateTable extends SafeGenerator<CreateTableStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeCreateTable() {}

  @Override
  Stream<String> safely(
      CreateTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateTableStatement> plain) {
    Sql[] made = plain.generateSql(statement, database);
    return Stream.concat(
        Stream.of(
            call(
                "create_table",
                table(
                    database,
                    statement.getCatalogName(),
                    statement.getSchemaName(),
                    statement.getTableName()),
                literal(made[0].toSql()),
                literal(changeSet.mark()))),
        // Where a sequence starts.
        Arrays.stream(made).skip(1).map(Sql::toSql));
  }

  @Override
  Stream<String> look(
      CreateTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateTableStatement> plain) {
    String table =
        table(
            database,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName());
    // What is temporary may not lead to what is not.
    List<ForeignKeyConstraint> keys = List.copyOf(statement.getForeignKeyConstraints());
    statement.getForeignKeyConstraints().clear();
    statement.setSchemaName("pg_temp");
    Sql[] made = plain.generateSql(statement, database);
    return Stream.concat(
        Stream.of(
            call(
                "look_create_table",
                table,
                literal(database.escapeObjectName(statement.getTableName(), Table.class)),
                literal(made[0].toSql()))),
        keys.stream()
            .filter(key -> key.getReferences() != null && key.getReferences().contains("("))
            .map(key -> look(key, table, database)));
  }

  @Override
  Stream<String> made(
      CreateTableStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<CreateTableStatement> plain) {
    String table = statement.getTableName();
    PrimaryKeyConstraint key = statement.getPrimaryKeyConstraint();
    Stream<String> keys =
        key == null
            ? Stream.empty()
            : Stream.of(key.getConstraintName(), database.generatePrimaryKeyName(table));
    Stream<String> others =
        Stream.of(
                statement.getForeignKeyConstraints().stream()
                    .map(ForeignKeyConstraint::getForeignKeyName),
                statement.getUniqueConstraints().stream()
                    .map(
                        unique ->
                            unique.getConstraintName() == null
                                // As PostgreSQL names it.
                                ? "%s_%s_key"
                                    .formatted(table, String.join("_", unique.getColumns()))
                                : unique.getConstraintName()))
            .flatMap(names -> names);
    return Stream.of(
        changeSet.made(
            "table",
            SafeChangeSet.name(database, statement.getSchemaName(), table),
            null,
            "'remarks'",
            statement.getRemarks() == null ? "NULL" : literal(statement.getRemarks()),
            "'columns'",
            literals(statement.getColumns().stream()),
            "'constraints'",
            literals(Stream.concat(keys, others).filter(name -> name != null)) + "::text[]",
            "'own'",
            changeSet.parameter("own.rows." + table)));
  }

  private static String look(ForeignKeyConstraint key, String table, Database database) {
    // As in table(column) ON DELETE …
    String[] parent = key.getReferences().split("[()]");
    return call(
        "look_key_of_table",
        table,
        literals(Stream.of(key.getColumn())),
        parent[0].contains(".")
            ? literal(parent[0].strip())
            : table(database, null, null, parent[0].strip()),
        SafeAddForeignKey.columns(parent[1]),
        key.isDeleteCascade()
            || key.getReferences().matches("(?i).*\\bon\\s+delete\\s+cascade\\b.*"));
  }
}
