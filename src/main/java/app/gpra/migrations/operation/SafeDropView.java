package app.gpra.migrations.operation;

import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.statement.core.DropViewStatement;

/** {@code dropView}; what others have built on it has to be dropped before. */
public final class SafeDropView extends SafeDrop<DropViewStatement> {

  /** Used through {@code META-INF/services}. */
  public SafeDropView() {}

  @Override
  Stream<Dropped> dropped(DropViewStatement statement) {
    return Stream.of(
        new Dropped(
            Defined.VIEW,
            statement.getCatalogName(),
            statement.getSchemaName(),
            statement.getViewName(),
            null));
  }

  @Override
  Stream<String> back(Dropped one, Database database, SafeChangeSet changeSet) {
    return Defined.dropped(
        Defined.VIEW, SafeChangeSet.name(database, one.schema(), one.table()), null, changeSet);
  }
}
