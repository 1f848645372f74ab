package app.gpra.migrations.schema;

import app.gpra.migrations.schema.Catalog.Column;
import app.gpra.migrations.schema.Catalog.Constraint;
import app.gpra.migrations.schema.Catalog.Index;
import app.gpra.migrations.schema.Catalog.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.change.AddColumnConfig;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.AddDefaultValueChange;
import liquibase.change.core.AddForeignKeyConstraintChange;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.change.core.CreateIndexChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.DropDefaultValueChange;
import liquibase.change.core.ModifyDataTypeChange;

/**
 * The changesets that lead from what the migrations make to what is desired. Nothing that is there
 * is ever dropped, and where a name has gone and a like one is new, a person has to say which it
 * is.
 */
final class Plan {

  private static final Set<String> QUICK_DEFAULTS =
      Set.of("now()", "CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIMESTAMP");

  /** A literal with casts, a number, true or false: PostgreSQL stores it once for all rows. */
  private static final Pattern CONSTANT =
      Pattern.compile(
          "-?\\(?-?[\\d.]+\\)?(::[\\w ]+)?|true|false|'(?:[^']|'')*'(::[\\w ]+(\\(\\d+(,\\d+)?\\))?(\\[\\])?)?|NULL::[\\w ()]+");

  private static final Pattern LENGTH = Pattern.compile("character varying(?:\\((\\d+)\\))?|text");
  private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");

  /** Liquibase has its own idea of these, or of their modifiers. */
  private static final Pattern MANGLED = Pattern.compile("interval.+|\"char\".*|.*[) ].*\\[.*");

  private final Catalog desired;
  private final Catalog actual;
  private final String number;
  private final HouseStyle style;

  private final List<HouseStyle.ChangeSet> changeSets = new ArrayList<>();

  private final List<String> byHand = new ArrayList<>();

  /** Tables that are left to a person, and with them what belongs or leads to them. */
  private final Set<String> leftOut = new HashSet<>();

  private final Map<String, Table> tables = new LinkedHashMap<>();
  private final Set<Column> columns = new LinkedHashSet<>();
  private final Set<Column> types = new LinkedHashSet<>();
  private final Set<Column> defaults = new LinkedHashSet<>();
  private final Set<Column> required = new LinkedHashSet<>();
  private final Set<Index> indexes = new LinkedHashSet<>();
  private final Set<Constraint> constraints = new LinkedHashSet<>();

  private Plan(Catalog desired, Catalog actual, String number) {
    this.desired = desired;
    this.actual = actual;
    this.number = number;
    this.style = new HouseStyle(number);
  }

  /**
   * Makes the plan.
   *
   * @param changes what Liquibase's diff would do
   */
  static Plan of(List<Change> changes, Catalog desired, Catalog actual, String number) {
    Plan plan = new Plan(desired, actual, number);
    changes.forEach(plan::sort);
    desired.tables().values().forEach(plan::findWhatTheDiffDoesNotSee);
    plan.writeTables();
    // In the order of the desired schema: Liquibase's is another each time.
    plan.inOrder(Table::columns, plan.columns).forEach(plan::writeColumn);
    plan.inOrder(Table::columns, plan.types).forEach(plan::writeType);
    plan.inOrder(Table::columns, plan.defaults).forEach(plan::writeDefault);
    plan.inOrder(Table::constraints, plan.constraints).forEach(plan::writeConstraint);
    plan.inOrder(Table::columns, plan.required).forEach(plan::writeRequired);
    plan.inOrder(Table::indexes, plan.indexes).forEach(plan::writeIndex);
    plan.findTablesWithoutPolicy();
    return plan;
  }

  /** What is to be done, without preflight and tag; empty if nothing is. */
  List<HouseStyle.ChangeSet> changeSets() {
    return changeSets;
  }

  /** All changesets of the file, in order. */
  List<HouseStyle.ChangeSet> file() {
    List<HouseStyle.ChangeSet> file = new ArrayList<>();
    file.addAll(changeSets);
    file.add(style.tag());
    return file;
  }

  /** What is left to a person and why, a sentence each. */
  List<String> byHand() {
    return byHand;
  }

  private void sort(Change change) {
    if (change instanceof CreateTableChange table) {
      ours(table.getTableName()).ifPresent(found -> tables.put(found.name(), found));
    } else if (change instanceof AddColumnChange add) {
      for (AddColumnConfig column : add.getColumns()) {
        desired.column(add.getTableName(), column.getName()).ifPresent(columns::add);
      }
    } else if (change instanceof CreateIndexChange index) {
      desired
          .index(index.getTableName(), index.getIndexName())
          .filter(one -> !isThere(one))
          .ifPresent(indexes::add);
    } else if (change instanceof AddForeignKeyConstraintChange key) {
      desired
          .constraint(key.getBaseTableName(), key.getConstraintName())
          .filter(one -> !isThere(one))
          .ifPresent(constraints::add);
    } else if (change instanceof ModifyDataTypeChange type) {
      desired.column(type.getTableName(), type.getColumnName()).ifPresent(types::add);
    } else if (change instanceof AddDefaultValueChange value) {
      desired.column(value.getTableName(), value.getColumnName()).ifPresent(defaults::add);
    } else if (change instanceof DropDefaultValueChange value) {
      desired.column(value.getTableName(), value.getColumnName()).ifPresent(defaults::add);
    } else if (change instanceof AddNotNullConstraintChange column) {
      desired.column(column.getTableName(), column.getColumnName()).ifPresent(required::add);
    }
    // Of anything else the comparison afterwards says that it is still not there.
  }

  /** Under whatever name. */
  private boolean isThere(Constraint constraint) {
    return actual.table(constraint.table()).stream()
        .flatMap(table -> table.constraints().values().stream())
        .anyMatch(one -> one.definition().equals(constraint.definition()));
  }

  private boolean isThere(Index index) {
    return actual.table(index.table()).stream()
        .flatMap(table -> table.indexes().values().stream())
        .anyMatch(
            one -> one.unique() == index.unique() && one.definition().equals(index.definition()));
  }

  private <T> List<T> inOrder(Function<Table, Map<String, T>> parts, Set<T> chosen) {
    return desired.tables().values().stream()
        .flatMap(table -> parts.apply(table).values().stream())
        .filter(chosen::contains)
        .toList();
  }

  private Optional<Table> ours(String name) {
    return Catalog.isCompared(name) ? desired.table(name) : Optional.empty();
  }

  /** A CHECK, and an index on the columns of another, such as a partial one. */
  private void findWhatTheDiffDoesNotSee(Table table) {
    if (ours(table.name()).isEmpty()) {
      return;
    }
    table.indexes().values().stream().filter(index -> !isThere(index)).forEach(indexes::add);
    for (Constraint check : table.constraints().values()) {
      if (check.type().equals("c") && !isThere(check)) {
        constraints.add(check);
      }
    }
  }

  private boolean plain(String what, String... names) {
    for (String name : names) {
      if (!HouseStyle.isPlain(name) || desired.reserved().contains(name)) {
        byHand.add(
            "%s: its name is longer than 48 characters or would need quotes: write it by hand."
                .formatted(what));
        return false;
      }
    }
    return true;
  }

  private void writeTables() {
    Set<String> made = new LinkedHashSet<>();
    List<Table> waiting = new ArrayList<>(new TreeMap<>(tables).values());
    tables.clear();
    while (!waiting.isEmpty()) {
      Table next =
          waiting.stream()
              .filter(
                  table ->
                      leadsTo(table)
                          .allMatch(
                              other ->
                                  waiting.stream()
                                      .noneMatch(one -> one != table && one.name().equals(other))))
              .findFirst()
              .orElse(waiting.get(0));
      waiting.remove(next);
      made.add(next.name());
      writeTable(next);
    }
    // Their single-column keys come with them.
    constraints.removeIf(
        key -> made.contains(key.table()) && key.type().equals("f") && key.columns().size() == 1);
  }

  private static Stream<String> leadsTo(Table table) {
    return table.constraints().values().stream()
        .map(Constraint::leadsTo)
        .filter(other -> other != null);
  }

  private void writeTable(Table table) {
    String what = "The table " + table.name();
    Optional<String> gone =
        actual.tables().values().stream()
            .filter(old -> desired.table(old.name()).isEmpty() && Catalog.isCompared(old.name()))
            .filter(old -> resembles(old, table))
            .map(Table::name)
            .findFirst();
    if (gone.isPresent()) {
      byHand.add(
          "%s is new and %s, with like columns, is gone: if that is a rename, a new table would lose the rows. Nothing was written for it. Write ALTER TABLE %2$s RENAME TO %s by hand, or keep both in the desired schema first."
              .formatted(what, gone.get(), table.name()));
      leaveOut(table);
      return;
    }
    String[] names =
        Stream.concat(Stream.of(table.name()), table.columns().keySet().stream())
            .toArray(String[]::new);
    if (!plain(what, names)) {
      leaveOut(table);
      return;
    }
    if (table.columns().values().stream().anyMatch(Column::generated)) {
      byHand.add(what + " has a generated column: write it by hand.");
      leaveOut(table);
      return;
    }
    if (!table.columns().values().stream().allMatch(column -> isWritable(what, column))) {
      leaveOut(table);
      return;
    }
    Optional<String> lacking = leadsTo(table).filter(leftOut::contains).findFirst();
    if (lacking.isPresent()) {
      byHand.add(
          "%s leads to %s, which was not written: write it by hand."
              .formatted(what, lacking.get()));
      leaveOut(table);
      return;
    }
    changeSets.add(style.createTable(table));
  }

  private void leaveOut(Table table) {
    leftOut.add(table.name());
    constraints.removeIf(
        one -> one.table().equals(table.name()) || table.name().equals(one.leadsTo()));
    indexes.removeIf(one -> one.table().equals(table.name()));
  }

  private boolean isWritable(String what, Column column) {
    String base = column.type().replaceFirst("(\\(.*\\))?(\\[\\])*$", "");
    if (desired.types().contains(base) && !actual.types().contains(base)) {
      byHand.add(
          "%s needs the type %s, which no migration makes: write CREATE TYPE by hand first, in a migration of its own (mvn exec:java@new-migration), then run the same command again."
              .formatted(what, base));
      return false;
    }
    if (column.value() != null && column.value().contains("\n")) {
      byHand.add(what + " has a default with a line break in it: write it by hand.");
      return false;
    }
    if (MANGLED.matcher(column.type()).matches()) {
      byHand.add(
          "%s has the type %s, which Liquibase writes otherwise: write it by hand."
              .formatted(what, column.type()));
      return false;
    }
    return true;
  }

  /** Nobody but the author knows whether each row is one user's; that it may be, is seen here. */
  private void findTablesWithoutPolicy() {
    for (Table table : desired.tables().values()) {
      if (table.forced() || ours(table.name()).isEmpty() || leftOut.contains(table.name())) {
        continue;
      }
      Set<String> before = new LinkedHashSet<>();
      actual.table(table.name()).ifPresent(old -> leadsTo(old).forEach(before::add));
      leadsTo(table)
          .filter(other -> !before.contains(other))
          .filter(
              other ->
                  other.equals("ab_user")
                      || actual.table(other).map(Table::forced).orElse(false)
                      || desired.table(other).map(Table::forced).orElse(false))
          .min(Comparator.comparing(other -> !other.equals("ab_user")))
          .ifPresent(
              other ->
                  byHand.add(
                      "The table %s leads to %s and has no row-level security: if its rows belong to users, each would see all of them. Write a policy, ENABLE and FORCE ROW LEVEL SECURITY for it in changelog/schema.sql and in this migration, as %s has them (docs/tenants.md)."
                          .formatted(
                              table.name(), other, other.equals("ab_user") ? "items" : other)));
    }
  }

  private static boolean resembles(Table old, Table table) {
    long alike =
        table.columns().values().stream()
            .filter(
                column ->
                    old.columns().containsKey(column.name())
                        && old.columns().get(column.name()).type().equals(column.type()))
            .count();
    return alike * 2 > Math.max(old.columns().size(), table.columns().size());
  }

  private String last() {
    return changeSets.get(changeSets.size() - 1).id();
  }

  private void writeColumn(Column column) {
    String what = "The column %s.%s".formatted(column.table(), column.name());
    Optional<Column> gone =
        actual.table(column.table()).stream()
            .flatMap(table -> table.columns().values().stream())
            .filter(
                old ->
                    desired.column(old.table(), old.name()).isEmpty()
                        && old.type().equals(column.type()))
            .findFirst();
    if (gone.isPresent()) {
      byHand.add(
          "%s is new and %s.%s, of the same type, is gone: if that is a rename, a new column would lose the values. Nothing was written for it. Rename it by hand, in steps that the running application survives, or keep both in the desired schema first."
              .formatted(what, column.table(), gone.get().name()));
      leaveOut(column);
      return;
    }
    if (!plain(what, column.table(), column.name())) {
      leaveOut(column);
      return;
    }
    if (column.generated()
        || column.identity() != null
        || column.value() != null && !isQuick(column.value())) {
      byHand.add(
          what
              + " has a value that is computed for each row, so adding it would rewrite the table under a lock: write it by hand, in steps.");
      leaveOut(column);
      return;
    }
    if (!isWritable(what, column)) {
      leaveOut(column);
      return;
    }
    if (desired.domains().contains(column.type())) {
      byHand.add(
          what
              + " is of a domain, whose rules PostgreSQL would check for each row under a lock: write it by hand, in steps.");
      leaveOut(column);
      return;
    }
    changeSets.add(style.addColumn(column));
    if (column.required() && column.value() == null) {
      byHand.add(
          "%s is NOT NULL and has no default: write a changeset before %s-… that fills the rows that are there, in batches (docs/migrations.md, Later migrations)."
              .formatted(what, number));
      required.add(column);
    }
  }

  private void leaveOut(Column column) {
    constraints.removeIf(
        one -> one.table().equals(column.table()) && one.columns().contains(column.name()));
    indexes.removeIf(
        one ->
            one.table().equals(column.table())
                && Pattern.compile("\\b%s\\b".formatted(Pattern.quote(column.name())))
                    .matcher(one.definition())
                    .find());
  }

  private String keyOf(String table) {
    return actual
        .table(table)
        .map(Table::primaryKey)
        .map(key -> key.columns().get(0))
        .orElse("ctid");
  }

  private static boolean isQuick(String value) {
    return CONSTANT.matcher(value).matches() || QUICK_DEFAULTS.contains(value);
  }

  private void writeType(Column column) {
    Column old = actual.column(column.table(), column.name()).orElseThrow();
    String what = "The type of %s.%s".formatted(column.table(), column.name());
    if (old.type().equals(column.type()) || !plain(what, column.table(), column.name())) {
      return;
    }
    if (!widens(old.type(), column.type())) {
      byHand.add(
          "%s changes from %s to %s, which reads or rewrites every row under a lock: write it by hand, in steps."
              .formatted(what, old.type(), column.type()));
      return;
    }
    Optional<String> check =
        actual.table(column.table()).stream()
            .flatMap(table -> table.constraints().values().stream())
            .filter(one -> one.type().equals("c") && one.columns().contains(column.name()))
            .map(Constraint::name)
            .findFirst();
    if (check.isPresent()) {
      byHand.add(
          "%s changes, and PostgreSQL would check %s anew for every row under the lock: write it by hand, without that constraint meanwhile."
              .formatted(what, check.get()));
      return;
    }
    Matcher length = LENGTH.matcher(old.type());
    boolean cuts = length.matches() && length.group(1) != null;
    String back = "TYPE " + old.type();
    changeSets.add(
        style.alterColumn(
            column,
            "type",
            old.type(),
            "TYPE " + column.type(),
            back,
            cuts ? back + " USING left(%s, %s)".formatted(column.name(), length.group(1)) : back,
            cuts ? "length(%s) > %s".formatted(column.name(), length.group(1)) : null));
  }

  /** Whether PostgreSQL need not look at a row. */
  private static boolean widens(String from, String to) {
    Matcher old = LENGTH.matcher(from);
    Matcher now = LENGTH.matcher(to);
    if (old.matches() && now.matches()) {
      return now.group(1) == null
          || old.group(1) != null
              && Integer.parseInt(now.group(1)) >= Integer.parseInt(old.group(1));
    }
    old = NUMERIC.matcher(from);
    now = NUMERIC.matcher(to);
    return old.matches()
        && now.matches()
        && old.group(2).equals(now.group(2))
        && Integer.parseInt(now.group(1)) >= Integer.parseInt(old.group(1));
  }

  private void writeDefault(Column column) {
    Column old = actual.column(column.table(), column.name()).orElseThrow();
    String what = "The default of %s.%s".formatted(column.table(), column.name());
    if (column.identity() != null
        || old.identity() != null
        || !plain(what, column.table(), column.name())
        || !isWritable(what, column)) {
      return;
    }
    String was = old.value() == null ? "no default" : old.value();
    String now = column.value() == null ? "no default" : column.value();
    if (was.equals(now)) {
      return;
    }
    if (column.value() == null) {
      byHand.add(
          what
              + " is none any more, which the rows of the running application may need: write it by hand.");
      return;
    }
    changeSets.add(
        style.alterColumn(
            column, "default", was, setDefault(column), setDefault(old), setDefault(old), null));
  }

  private static String setDefault(Column column) {
    return column.value() == null ? "DROP DEFAULT" : "SET DEFAULT " + column.value();
  }

  private void writeConstraint(Constraint constraint) {
    if (required.stream().anyMatch(column -> proves(constraint, column))) {
      return;
    }
    String what = "The constraint %s on %s".formatted(constraint.name(), constraint.table());
    if (!plain(what, constraint.table(), constraint.name())) {
      return;
    }
    if (constraint.definition().matches("(?s).*(;|\\$\\{|\\n).*")) {
      byHand.add(what + " has a ; or a line break in it: write it by hand.");
      return;
    }
    Optional<HouseStyle.ChangeSet> changeSet = style.constraint(constraint);
    if (changeSet.isEmpty()) {
      byHand.add(what + " is " + constraint.definition() + ": write it by hand.");
      return;
    }
    changeSets.add(changeSet.get());
  }

  private void writeRequired(Column column) {
    if (!plain(
        "The NOT NULL of %s.%s".formatted(column.table(), column.name()),
        column.table(),
        column.name())) {
      return;
    }
    // The one that the desired schema has for it, if it is new; the jar adds it with the NOT NULL.
    String check =
        constraints.stream()
            .filter(one -> proves(one, column))
            .map(Constraint::name)
            .findFirst()
            .orElse("ck_%s_%s_required".formatted(column.table(), column.name()));
    changeSets.add(style.required(column, check));
  }

  private static String proof(Column column) {
    return "CHECK ((%s IS NOT NULL))".formatted(column.name());
  }

  private static boolean proves(Constraint check, Column column) {
    return check.table().equals(column.table()) && check.definition().equals(proof(column));
  }

  private void writeIndex(Index index) {
    String what = "The index " + index.name();
    if (!plain(what, index.table(), index.name())) {
      return;
    }
    if (index.definition().matches("(?s).*(;|\\$\\{|\\n).*")) {
      byHand.add(what + " has a ; or a line break in it: write it by hand.");
      return;
    }
    changeSets.add(style.index(index));
  }
}
