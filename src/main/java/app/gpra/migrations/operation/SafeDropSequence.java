package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropSequenceStatement;

/** {@code dropSequence}; what others have built on it has to be dropped before. */
public final class SafeDropSequence extends SafeDrop<DropSequenceStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropSequence() {}

  @Override
  Stream<Dropped> dropped(DropSequenceStatement statement) {
    return Stream.of(
        new Dropped(
            Defined.SEQUENCE,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getSequenceName(),
            null));
  }

  @Override
  Stream<String> back(Dropped one, Database database, SafeChangeSet changeSet) {
    return Defined.dropped(
        Defined.SEQUENCE, SafeChangeSet.name(database, one.schema(), one.table()), null, changeSet);
  }
}
