package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.datatype.DataTypeFactory;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.ColumnConstraint;
import liquibase.statement.DatabaseFunction;
import liquibase.statement.ForeignKeyConstraint;
import liquibase.statement.core.AddColumnStatement;

/**
 * {@code addColumn}: under one short lock; a column that is there is left as it is. A constant
 * default gives every existing row its value without touching one (PostgreSQL, ALTER TABLE, Notes).
 */
public final class SafeAddColumn extends SafeGenerator<AddColumnStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeAddColumn() {}

  @Override
  List<String> refusals(AddColumnStatement statement, SafeChangeSet changeSet) {
    return columns(statement).stream()
        .flatMap(
            column ->
                refusal(column).stream()
                    .map(
                        why ->
                            "%s.%s %s"
                                .formatted(column.getTableName(), column.getColumnName(), why)))
        .toList();
  }

  private static Optional<String> refusal(AddColumnStatement column) {
    String why = null;
    if (column.isAutoIncrement()) {
      why = "would have every row written anew under a lock: leave out autoIncrement";
    } else if (column.isPrimaryKey()) {
      why = "cannot be the primary key from the start: add that in a changeset of its own";
    } else if (column.isUnique()) {
      why = "cannot be unique from the start: add a unique index in a changeset of its own";
    } else if (column.getConstraints().stream().anyMatch(ForeignKeyConstraint.class::isInstance)) {
      why = "cannot come with a foreign key: addForeignKeyConstraint in a changeset of its own";
    } else if (!column.isNullable() && column.getDefaultValue() == null) {
      why = "may not be null and has no default: add it without nullable: false, and fill it first";
    }
    return Optional.ofNullable(why);
  }

  @Override
  Stream<String> safely(
      AddColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<AddColumnStatement> plain) {
    return calls(
            "add_column",
            columns(statement),
            plain.generateSql(statement, database),
            database,
            column ->
                Stream.concat(
                    Stream.of(literal(changeSet.mark())),
                    Stream.ofNullable(column.getRemarks()).map(Procedures::literal)))
        .map(sql -> Locks.above(target(columns(statement).get(0), database), Locks.ALTERS, sql));
  }

  @Override
  Stream<String> look(
      AddColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<AddColumnStatement> plain) {
    List<AddColumnStatement> columns = columns(statement);
    return calls(
        "look_add_column",
        columns,
        plain.generateSql(
            new AddColumnStatement(columns.stream().map(SafeAddColumn::onCopy).toList()), database),
        database,
        column -> Stream.empty());
  }

  /**
   * A call for each column, with its statement. There is one for each: what adds more is refused.
   */
  private static Stream<String> calls(
      String procedure,
      List<AddColumnStatement> columns,
      Sql[] added,
      Database database,
      Function<AddColumnStatement, Stream<String>> more) {
    return IntStream.range(0, columns.size())
        .mapToObj(
            i ->
                call(
                    procedure,
                    Stream.concat(
                            Stream.of(
                                target(columns.get(i), database),
                                literal(
                                    SafeChangeSet.stored(database, columns.get(i).getColumnName())),
                                literal(added[i].toSql())),
                            more.apply(columns.get(i)))
                        .toArray()));
  }

  @Override
  Stream<String> made(
      AddColumnStatement statement,
      Database database,
      SafeChangeSet changeSet,
      SqlGeneratorChain<AddColumnStatement> plain) {
    List<AddColumnStatement> columns = columns(statement);
    Sql[] added = plain.generateSql(statement, database);
    return IntStream.range(0, columns.size())
        .mapToObj(i -> made(columns.get(i), added[i].toSql(), database, changeSet));
  }

  private static String made(
      AddColumnStatement column, String added, Database database, SafeChangeSet changeSet) {
    Object value = column.getDefaultValue();
    return changeSet.made(
        "column",
        SafeChangeSet.name(database, column.getSchemaName(), column.getTableName()),
        SafeChangeSet.stored(database, column.getColumnName()),
        "'remarks'",
        literal(column.getRemarks()),
        "'added'",
        literal(added),
        // A constant, or a function of which every row that was there has one value.
        value instanceof DatabaseFunction ? "'computed'" : "'value'",
        value == null
            ? "NULL"
            : literal(
                DataTypeFactory.getInstance()
                    .fromDescription(column.getColumnType(), database)
                    .objectToSql(value, database)));
  }

  private static String target(AddColumnStatement column, Database database) {
    return table(database, column.getCatalogName(), column.getSchemaName(), column.getTableName());
  }

  private static AddColumnStatement onCopy(AddColumnStatement column) {
    return new AddColumnStatement(
        null,
        "pg_temp",
        "gpra_copy",
        column.getColumnName(),
        column.getColumnType(),
        column.getDefaultValue(),
        column.getConstraints().toArray(ColumnConstraint[]::new));
  }

  private static List<AddColumnStatement> columns(AddColumnStatement statement) {
    return statement.isMultiple() ? statement.getColumns() : List.of(statement);
  }
}
