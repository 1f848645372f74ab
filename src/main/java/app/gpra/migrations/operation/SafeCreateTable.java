package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;
import static app.gpra.migrations.operation.Procedures.literals;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
    List<ForeignKeyConstraint> keys = order(statement);
    Sql[] made = plain.generateSql(statement, database);
    List<String> parents =
        keys.stream()
            .filter(SafeCreateTable::hasParent)
            .map(key -> parent(key, database))
            .distinct()
            .toList();
    String created =
        call(
            "create_table",
            Stream.concat(
                    Stream.of(
                        table(
                            database,
                            statement.getCatalogName(),
                            statement.getSchemaName(),
                            statement.getTableName()),
                        literal(made[0].toSql()),
                        literal(changeSet.mark()),
                        "ARRAY[%s]::text[]".formatted(String.join(", ", parents))),
                    Stream.ofNullable(statement.getRemarks()).map(Procedures::literal))
                .toArray());
    for (String parent : parents) {
      created = Locks.above(parent, Locks.REFERS, created);
    }
    return Stream.concat(
        Stream.of(created),
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
    List<ForeignKeyConstraint> keys = order(statement);
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
        keys.stream().filter(SafeCreateTable::hasParent).map(key -> look(key, table, database)));
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
                order(statement).stream().map(ForeignKeyConstraint::getForeignKeyName),
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
            literal(statement.getRemarks()),
            "'columns'",
            literals(SafeChangeSet.stored(database, statement.getColumns()).stream()),
            "'constraints'",
            literals(
                    Stream.concat(keys, others)
                        .filter(name -> name != null)
                        .map(name -> SafeChangeSet.stored(database, name)))
                + "::text[]",
            "'own'",
            changeSet.parameter("own.rows." + table)));
  }

  /** By their columns: Liquibase keeps them without an order, and one change is to make one SQL. */
  static List<ForeignKeyConstraint> order(CreateTableStatement statement) {
    List<ForeignKeyConstraint> sorted =
        statement.getForeignKeyConstraints().stream()
            .sorted(
                Comparator.<ForeignKeyConstraint>comparingInt(
                        key -> statement.getColumns().indexOf(key.getColumn()))
                    .thenComparing(key -> String.valueOf(key.getForeignKeyName())))
            .toList();
    statement.getForeignKeyConstraints().clear();
    for (int place = 0; place < sorted.size(); place++) {
      statement.getForeignKeyConstraints().add(new Placed(place, sorted.get(place)));
    }
    return sorted;
  }

  /** A set goes through small numbers in their order. */
  private static final class Placed extends ForeignKeyConstraint {
    private final int place;

    private Placed(int place, ForeignKeyConstraint key) {
      super(
          key.getForeignKeyName(),
          key.getReferences(),
          key.getReferencedTableName(),
          key.getReferencedColumnNames(),
          key.shouldValidateForeignKey());
      this.place = place;
      setColumn(key.getColumn());
      setReferencedTableCatalogName(key.getReferencedTableCatalogName());
      setReferencedTableSchemaName(key.getReferencedTableSchemaName());
      setDeleteCascade(key.isDeleteCascade());
      setInitiallyDeferred(key.isInitiallyDeferred());
      setDeferrable(key.isDeferrable());
    }

    @Override
    public int hashCode() {
      return place;
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }
  }

  /** As in table(column) ON DELETE … */
  private static boolean hasParent(ForeignKeyConstraint key) {
    return key.getReferences() != null && key.getReferences().contains("(");
  }

  private static String parent(ForeignKeyConstraint key, Database database) {
    String parent = key.getReferences().substring(0, key.getReferences().indexOf('(')).strip();
    return parent.contains(".") ? literal(parent) : table(database, null, null, kept(parent));
  }

  /** A name, as PostgreSQL keeps what stands in SQL. */
  private static String kept(String name) {
    return name.startsWith("\"")
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name.toLowerCase(Locale.ROOT);
  }

  private static String look(ForeignKeyConstraint key, String table, Database database) {
    return call(
        "look_key_of_table",
        table,
        literals(Stream.of(SafeChangeSet.stored(database, key.getColumn()))),
        parent(key, database),
        literals(
            Stream.of(key.getReferences().split("[()]")[1].split(","))
                .map(name -> kept(name.strip()))),
        key.isDeleteCascade()
            || key.getReferences().matches("(?i).*\\bon\\s+delete\\s+cascade\\b.*"));
  }
}
