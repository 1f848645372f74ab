package app.gpra.migrations.operation;

import java.util.List;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropUniqueConstraintStatement;

/**
 * {@code dropUniqueConstraint}: under one short lock, unless a foreign key leads to it. Also what a
 * build that was killed has left under its working name.
 */
public final class SafeDropUnique extends SafeDrop<DropUniqueConstraintStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropUnique() {}

  @Override
  List<String> refusals(DropUniqueConstraintStatement statement, SafeChangeSet changeSet) {
    return SafeDropIndex.refusals(changeSet);
  }

  @Override
  Stream<Dropped> dropped(DropUniqueConstraintStatement statement) {
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
        "drop_constraint", key.target(database), key.schema(), key.name(), database, changeSet);
  }
}
