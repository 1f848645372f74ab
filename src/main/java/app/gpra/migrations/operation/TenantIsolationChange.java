package app.gpra.migrations.operation;

import static app.gpra.migrations.operation.Procedures.call;
import static app.gpra.migrations.operation.Procedures.literal;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ChangeMetaData;
import liquibase.change.DatabaseChange;
import liquibase.change.DatabaseChangeProperty;
import liquibase.database.Database;
import liquibase.structure.core.Column;
import liquibase.structure.core.Table;

/**
 * {@code tenantIsolation}: each tenant sees and writes only their own rows of a table, its owner
 * too. Who is asking is the setting that the changelog's parameter {@code tenant.setting} names:
 * missing, empty, not a number or too large, it is nobody, who sees nothing and writes nothing.
 */
@DatabaseChange(
    name = "tenantIsolation",
    description = "Shows each tenant only their own rows of a table, by row-level security",
    priority = ChangeMetaData.PRIORITY_DEFAULT)
public final class TenantIsolationChange extends TableChange {

  static final String POLICY = "tenant_isolation";

  private static final String SETTING = "tenant.setting";

  private static final Pattern PARENT = Pattern.compile("\\s*(\\w+)\\s*=\\s*(\\w+)\\.(\\w+)\\s*");

  private String ownerColumn;
  private String parents;

  /** Used through {@code META-INF/services}. */
  public TenantIsolationChange() {}

  /**
   * Which column says whose row it is: of the table, or of each of its parents.
   *
   * @return its name
   */
  @DatabaseChangeProperty(requiredForDatabase = "postgresql")
  public String getOwnerColumn() {
    return ownerColumn;
  }

  /**
   * Sets it.
   *
   * @param ownerColumn its name
   */
  public void setOwnerColumn(String ownerColumn) {
    this.ownerColumn = ownerColumn;
  }

  /**
   * The rows that a row of a table without an owner belongs to: {@code order_id = orders.id,
   * product_id = products.id}. Whoever owns the first sees it; whoever writes it has to own all.
   *
   * @return null where the table itself has an owner
   */
  @DatabaseChangeProperty
  public String getParents() {
    return parents;
  }

  /**
   * Sets them.
   *
   * @param parents null where the table itself has an owner
   */
  public void setParents(String parents) {
    this.parents = parents;
  }

  @Override
  List<String> refusals(SafeChangeSet changeSet) {
    Stream<String> setting =
        changeSet.parameter(SETTING).equals("NULL")
            ? Stream.of("tenantIsolation needs a changelog with the parameter " + SETTING)
            : Stream.empty();
    return Stream.concat(
            setting,
            parents()
                .filter(parent -> !PARENT.matcher(parent).matches())
                .map("%s is no parent: write column = table.key"::formatted))
        .toList();
  }

  @Override
  Stream<String> look(Database database, SafeChangeSet changeSet) {
    return Stream.of(call("look_isolate", table(database)));
  }

  @Override
  Stream<String> made(Database database, SafeChangeSet changeSet) {
    List<String> conditions = conditions(database, changeSet);
    return Stream.of(
        changeSet.made(
            "policy",
            name(database),
            POLICY,
            "'visible'",
            literal(conditions.get(0)),
            "'writable'",
            literal(String.join(" AND ", conditions)),
            "'owner'",
            parents == null ? literal(ownerColumn) : "NULL"));
  }

  @Override
  Stream<String> safely(Database database, SafeChangeSet changeSet) {
    List<String> conditions = conditions(database, changeSet);
    return Stream.of(
        Locks.above(
            table(database),
            Locks.ALTERS,
            call(
                "isolate",
                table(database),
                literal(POLICY),
                literal(conditions.get(0)),
                literal(String.join(" AND ", conditions)),
                changeSet.marks())));
  }

  /** What a row has to be: for whoever reads it the first, for whoever writes it all. */
  private List<String> conditions(Database database, SafeChangeSet changeSet) {
    String asking =
        "(SELECT CASE WHEN s ~ '^[0-9]{1,10}$' THEN s::bigint END FROM (SELECT current_setting(%s, true) AS s) AS setting)"
            .formatted(changeSet.parameter(SETTING));
    return parents == null
        ? List.of(column(ownerColumn, database) + " = " + asking)
        : parents().map(parent -> owned(parent, asking, database)).toList();
  }

  private Stream<String> parents() {
    return parents == null ? Stream.empty() : Stream.of(parents.split(","));
  }

  /** With the tenant asked for again: the parent's own policy may be off. */
  private String owned(String parent, String asking, Database database) {
    Matcher parts = PARENT.matcher(parent);
    if (!parts.matches()) {
      return parent; // It is refused.
    }
    String letter = parts.group(2).substring(0, 1);
    // (The table's own name is something else.)
    String alias =
        letter.equalsIgnoreCase(getTableName()) || letter.matches("\\d") ? "parent" : letter;
    return Stream.of(
            "EXISTS (SELECT FROM",
            database.escapeTableName(null, getSchemaName(), parts.group(2)),
            alias,
            "WHERE",
            alias + "." + column(parts.group(3), database),
            "=",
            database.escapeObjectName(getTableName(), Table.class)
                + "."
                + column(parts.group(1), database),
            "AND",
            alias + "." + column(ownerColumn, database),
            "=",
            asking + ")")
        .collect(Collectors.joining(" "));
  }

  private static String column(String name, Database database) {
    return database.escapeObjectName(name, Column.class);
  }

  @Override
  public String getConfirmationMessage() {
    return "Tenants kept apart in " + getTableName();
  }

  /** {@inheritDoc} */
  @Override
  protected Change[] createInverses() {
    DropTenantIsolationChange inverse = new DropTenantIsolationChange();
    inverse.setSchemaName(getSchemaName());
    inverse.setTableName(getTableName());
    return new Change[] {inverse};
  }
}
