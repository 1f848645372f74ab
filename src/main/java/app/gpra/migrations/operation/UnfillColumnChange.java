package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;

import java.util.stream.Stream;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.database.Database;

/**
 * {@code unfillColumn} in a rollback: takes the value from exactly the rows again that {@code
 * fillColumn} gave it, where they still have it.
 */
@DatabaseChange(
    name = "unfillColumn",
    description = "Takes the value again from the rows that its changeset gave it",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class UnfillColumnChange extends FillChange {

  /** Used through {@code META-INF/services}. */
  public UnfillColumnChange() {}

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return Stream.concat(
        Stream.of(
            changeSet.made(
                "drop fill", name(database), SafeChangeSet.stored(database, getColumnName()))),
        Stream.ofNullable(getNotNullConstraintName())
            .map(name -> SafeChangeSet.stored(database, name))
            .map(name -> changeSet.made("drop constraint", name(database), name)));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    String unfill =
        locked(
            isQuick(),
            database,
            call(
                "unfill",
                table(database),
                column(database),
                index(database),
                memory(changeSet),
                isQuick()));
    String forget = call("forget_fill", table(database), column(database), memory(changeSet));
    return isQuick()
        ? Stream.of(Stream.of(unfill), restored(database, changeSet), Stream.of(forget))
            .flatMap(statements -> statements)
        : Stream.concat(
            Stream.ofNullable(getNotNullConstraintName())
                .map(
                    name ->
                        SafeSetNullable.accepted(
                            table(database),
                            column(database),
                            SafeChangeSet.stored(database, name),
                            changeSet)),
            Stream.of(unfill, forget));
  }

  @Override
  public String getConfirmationMessage() {
    return "Column %s.%s without what was filled in".formatted(getTableName(), getColumnName());
  }
}
