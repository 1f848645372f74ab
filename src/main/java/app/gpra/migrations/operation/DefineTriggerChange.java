package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.structure.core.Column;

/**
 * {@code defineTrigger}: a table's trigger, new or another one; see {@link Defined}. Writers wait
 * for a moment.
 */
@DatabaseChange(
    name = "defineTrigger",
    description = "Makes a trigger, or makes it another one",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class DefineTriggerChange extends TriggerChange {

  private static final List<String> FIRES = List.of("disabled", "replica", "always");

  private String event;
  private String definition;
  private String fires;

  /** Used through {@code META-INF/services}. */
  public DefineTriggerChange() {}

  /**
   * When it runs.
   *
   * @return SQL: what stands between its name and {@code ON}, such as {@code BEFORE INSERT OR
   *     UPDATE OF title}
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getEvent() {
    return event;
  }

  /**
   * Sets it.
   *
   * @param event SQL: what stands between its name and {@code ON}
   */
  public void setEvent(String event) {
    this.event = event;
  }

  /**
   * What it does.
   *
   * @return SQL: what follows the table's name, such as {@code FOR EACH ROW EXECUTE FUNCTION
   *     touch()}
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getDefinition() {
    return definition;
  }

  /**
   * Sets it.
   *
   * @param definition SQL: what follows the table's name
   */
  public void setDefinition(String definition) {
    this.definition = definition;
  }

  /**
   * Whether it fires otherwise than triggers do.
   *
   * @return {@code disabled}, {@code replica} or {@code always}; null where it fires as they do, or
   *     as the one did that it replaces
   */
  @DatabaseChangeProperty
  public String getFires() {
    return fires;
  }

  /**
   * Sets it.
   *
   * @param fires {@code disabled}, {@code replica}, {@code always} or null
   */
  public void setFires(String fires) {
    this.fires = fires;
  }

  /** As {@code pg_trigger} has it. */
  String firing() {
    return fires == null ? "O" : fires.substring(0, 1).toUpperCase(Locale.ROOT);
  }

  Defined defined(Database database) {
    return new Defined(
        Defined.TRIGGER,
        name(database),
        stored(database),
        "CREATE OR REPLACE TRIGGER %s %s ON"
            .formatted(database.escapeObjectName(getTriggerName(), Column.class), event.strip()),
        definition.strip());
  }

  @Override
  List<String> refusals(SafeChangeSet changeSet) {
    List<String> refusals = new ArrayList<>();
    SafeChangeSet.tooLong(getTriggerName()).ifPresent(refusals::add);
    if (event.strip().toUpperCase(Locale.ROOT).startsWith("INSTEAD")) {
      refusals.add(
          "defineTrigger is of a table: for a view, write INSTEAD OF triggers in sql, and answer for it");
    }
    if (fires != null && !FIRES.contains(fires)) {
      refusals.add("defineTrigger: fires is one of %s".formatted(String.join(", ", FIRES)));
    }
    return refusals;
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return defined(database).look(changeSet, database);
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    return defined(database).made(changeSet, database);
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    return Stream.concat(
        defined(database).safely(new SafeChangeSet(getChangeSet()), changeSet, database),
        Stream.ofNullable(fires)
            .map(
                one ->
                    Locks.above(
                        table(database),
                        Locks.REFERS,
                        call(
                            "fire",
                            table(database),
                            literal(stored(database)),
                            literal(firing()),
                            changeSet.marks()))));
  }

  @Override
  public String getConfirmationMessage() {
    return "Trigger %s of %s defined".formatted(getTriggerName(), getTableName());
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    RemoveTriggerChange inverse = new RemoveTriggerChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setTableName(getTableName());
    inverse.setTriggerName(getTriggerName());
    return new Change[] {inverse};
  }
}
