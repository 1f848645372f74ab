package app.gpra.migrations.operation;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropPrimaryKeyStatement;

/**
 * {@code dropPrimaryKey}: under one short lock, unless a foreign key leads to it. In a rollback
 * also the NOT NULL of the columns whose CHECK bears the same mark, and what a build that was
 * killed has left under its working name.
 */
public final class SafeDropPrimaryKey extends SafeDrop<DropPrimaryKeyStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropPrimaryKey() {}

  @Override
  List<String> refusals(DropPrimaryKeyStatement statement, SafeChangeSet changeSet) {
    return SafeDropIndex.refusals(changeSet);
  }

  @Override
  Stream<Dropped> dropped(DropPrimaryKeyStatement statement) {
    return Stream.of(
        new Dropped(
            Dropped.CONSTRAINT,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getTableName(),
            statement.getConstraintName()));
  }

  @Override
  Stream<String> back(Dropped key, Database database, SafeChangeSet changeSet) {
    return SafeUnique.dropped(
        "drop_primary_key", key.target(database), key.schema(), key.name(), database, changeSet);
  }
}
