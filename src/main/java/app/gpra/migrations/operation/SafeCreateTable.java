package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.SafeChangeSet.call;
import static app.gpra.migrations.operation.SafeChangeSet.literal;
import static app.gpra.migrations.operation.SafeChangeSet.table;

import java.util.Arrays;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.sql.Sql;
import liquibase.sqlgenerator.SqlGeneratorChain;
import liquibase.statement.core.CreateTableStatement;

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
}
