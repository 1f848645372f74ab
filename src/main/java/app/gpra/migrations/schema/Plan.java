package app.gpra.migrations.schema;

import static app.gpra.migrations.schema.Draft.fields;
import static app.gpra.migrations.schema.Draft.named;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.change.Change;
import liquibase.change.ColumnConfig;
import liquibase.change.ConstraintsConfig;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.AddDefaultValueChange;
import liquibase.change.core.AddForeignKeyConstraintChange;
import liquibase.change.core.AddNotNullConstraintChange;
import liquibase.change.core.AddPrimaryKeyChange;
import liquibase.change.core.AddUniqueConstraintChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.DropDefaultValueChange;
import liquibase.change.core.ModifyDataTypeChange;

/**
 * The changesets that lead from what the migrations make to what is desired, from what Liquibase's
 * own diff would change. PostgreSQL says how a type or a value is written exactly, and what the
 * diff does not see: CHECKs, functions, triggers, views, and indexes for which {@code createIndex}
 * has no words. Nothing that has rows or values is ever dropped, and where a name has gone and a
 * like one is new, a person has to say which it is.
 *
 * <p>Whether a changeset runs is not known here: {@link Autogenerate} tries it.
 */
final class Plan {

  private static final Pattern LABEL =
      Pattern.compile("(index|constraint) (\"(?:[^\"]|\"\")+\"|\\S+)(?: on .*)?");

  private static final Pattern INDEX = Pattern.compile("CREATE (UNIQUE )?INDEX .+? USING (.*)");

  private static final Pattern PLAIN_INDEX =
      Pattern.compile("\\(((?:[a-z_][a-z0-9_]*(?: DESC)?(?:, )?)+)\\)");

  /** PostgreSQL puts another pair around all but a column, a function's call and the like. */
  private static final Pattern CHECK = Pattern.compile("CHECK \\((?:\\((.*)\\)|(.*))\\)");

  /** Of texts, or of a varchar's values. */
  private static final Pattern ONE_OF =
      Pattern.compile(
          "(?:\\((\"(?:[^\"]|\"\")+\"|\\w+)\\)::text|(\"(?:[^\"]|\"\")+\"|\\w+)) = ANY"
              + " \\(ARRAY\\[((?:\\(?'(?:[^']|'')*'::(?:character varying\\)::)?text(?:, )?)+)\\]\\)");

  private static final Pattern PROOF = Pattern.compile("CHECK \\(\\((\\S+) IS NOT NULL\\)\\)");

  private static final Pattern TEXT =
      Pattern.compile("'((?:[^'\\\\]|'')*)'::(?:character varying|text)");

  /** A number that Liquibase writes as it is: it would make 1.5 of 1.50. */
  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d*[1-9])?");

  private static final Pattern UNIQUE_OF_SEVERAL = Pattern.compile("UNIQUE \\(([^()]+, [^()]+)\\)");

  private static final Pattern NUMBERS =
      Pattern.compile("integer|bigint|smallint|numeric.*|real|double precision");

  private static final Map<String, String> SHORT =
      Map.of(
          "integer",
          "int",
          "timestamp with time zone",
          "timestamptz",
          "character varying",
          "varchar");

  /** How a changeset's id ends, by what undoes it. */
  private static final Map<String, String> KINDS =
      Map.of(
          "dropPrimaryKey",
          "key",
          "dropUniqueConstraint",
          "unique",
          "dropForeignKeyConstraint",
          "fk",
          "dropCheck",
          "check");

  /** The property that names columns that are to have another name. */
  static final String RENAMES = "rename";

  private static final Pattern RENAME = Pattern.compile("([^.=]+)\\.([^.=]+)=([^.=]+)");

  private record Place(String table, String column) {}

  private final List<Change> changes;
  private final SchemaFacts desired;
  private final SchemaFacts made;
  private final Map<String, Definition> desiredTexts;
  private final Map<String, Definition> madeTexts;
  private final String number;
  private final Set<String> ids = new HashSet<>();
  private final Set<String> lacking;
  private final List<Draft> drafts = new ArrayList<>();
  private final List<String> byHand = new ArrayList<>();

  /** Numbers whose type would write every row anew: a copy gets it, and takes their place. */
  private final Set<String> byACopy = new HashSet<>();

  /** Columns that are to refuse nulls. */
  private final Set<Place> required = new LinkedHashSet<>();

  /**
   * Objects that are left to a person, each with the sentence why; what is on them is left, too.
   */
  private final Map<String, String> leftOut;

  private Plan(
      Collection<Change> changes,
      SchemaFacts desired,
      SchemaFacts made,
      Map<String, Definition> desiredTexts,
      Map<String, Definition> madeTexts,
      String number,
      Map<String, String> leftOut) {
    this.changes = new ArrayList<>(changes);
    this.desired = desired;
    this.made = made;
    this.desiredTexts = desiredTexts;
    this.madeTexts = madeTexts;
    this.number = number;
    this.leftOut = ByHand.tables(desired);
    this.leftOut.keySet().removeIf(table -> made.lines().containsKey(table));
    this.leftOut.putAll(leftOut);
    this.lacking = SchemaDifference.between(desired, made.withoutBookkeeping(desired)).lacking();
  }

  /**
   * Makes the plan.
   *
   * @param changes what Liquibase's diff would change
   * @param made what the migrations make, with their marks
   * @param desiredTexts what is defined by a text there
   * @param madeTexts the same of what the migrations make
   * @param leftOut objects that are not to be written, each with the sentence why
   */
  static Plan of(
      Collection<Change> changes,
      SchemaFacts desired,
      SchemaFacts made,
      Map<String, Definition> desiredTexts,
      Map<String, Definition> madeTexts,
      String number,
      Map<String, String> leftOut) {
    Plan plan = new Plan(changes, desired, made, desiredTexts, madeTexts, number, leftOut);
    plan.writeRenames();
    plan.writeDefined("sequence");
    plan.writeTables();
    plan.each(AddNotNullConstraintChange.class, AddNotNullConstraintChange::getTableName)
        .forEach(
            change -> plan.required.add(new Place(change.getTableName(), change.getColumnName())));
    plan.writeColumns();
    plan.each(ModifyDataTypeChange.class, ModifyDataTypeChange::getTableName)
        .forEach(plan::writeType);
    plan.each(AddDefaultValueChange.class, AddDefaultValueChange::getTableName)
        .forEach(change -> plan.writeDefault(change.getTableName(), change.getColumnName()));
    plan.each(DropDefaultValueChange.class, DropDefaultValueChange::getTableName)
        .forEach(change -> plan.writeDefault(change.getTableName(), change.getColumnName()));
    plan.writeDefined("function");
    plan.each(AddPrimaryKeyChange.class, AddPrimaryKeyChange::getTableName)
        .forEach(
            key ->
                plan.constraint(
                    key.getTableName(), key.getConstraintName(), Draft.of(key), "dropPrimaryKey"));
    plan.each(AddUniqueConstraintChange.class, AddUniqueConstraintChange::getTableName)
        .forEach(
            key ->
                plan.constraint(
                    key.getTableName(),
                    key.getConstraintName(),
                    Draft.of(key),
                    "dropUniqueConstraint"));
    plan
        .each(AddForeignKeyConstraintChange.class, AddForeignKeyConstraintChange::getBaseTableName)
        .stream()
        .filter(key -> !plan.leftOut.containsKey("table " + key.getReferencedTableName()))
        .forEach(
            key ->
                plan.constraint(
                    key.getBaseTableName(),
                    key.getConstraintName(),
                    Draft.of(key),
                    "dropForeignKeyConstraint"));
    plan.lacking.forEach(plan::writeCheckOrIndex);
    desired.lines().keySet().forEach(plan::writeChangedCheck);
    plan.required.forEach(plan::writeRequired);
    plan.writeRemarks();
    plan.writeDefined("trigger");
    plan.writeDefined("view");
    plan.removeDefined("trigger");
    plan.removeDefined("function");
    Isolation.of(made).ifPresent(plan::writeIsolation);
    plan.findTablesWithoutPolicy();
    return plan;
  }

  /** What is to be done, without the tag; empty if nothing is. */
  List<Draft> drafts() {
    return drafts;
  }

  /** All changesets of the file, in order. */
  List<Draft> file() {
    return Stream.concat(drafts.stream(), Stream.of(Draft.tag(number))).toList();
  }

  /** What is left to a person and why, a sentence each. */
  List<String> byHand() {
    return Stream.concat(
            leftOut.entrySet().stream()
                .filter(one -> !byACopy.contains(one.getKey()))
                .map(Map.Entry::getValue),
            byHand.stream())
        .filter(sentence -> !sentence.isEmpty())
        .toList();
  }

  /** Whether a sentence is about something that {@link #byHand} has said already. */
  boolean hasSaid(String sentence) {
    return leftOut.keySet().stream()
        .map(label -> label.replaceFirst(" \\(.*", ""))
        .anyMatch(
            label ->
                sentence.startsWith("The %s is ".formatted(label))
                    || sentence.startsWith(
                        "The %s.".formatted(label.replaceFirst("^table ", "column ")))
                    || sentence.startsWith("The partitioned %s is ".formatted(label)));
  }

  private <T extends Change> List<T> each(Class<T> kind, Function<T, String> table) {
    return changes.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(change -> isOurs(table.apply(change)))
        .toList();
  }

  private boolean isOurs(String table) {
    return SchemaFacts.isCompared(table) && !leftOut.containsKey("table " + table);
  }

  private boolean isLeftOut(String table, String text) {
    String columns = "column " + table + ".";
    return !isOurs(table)
        || leftOut.keySet().stream()
            .filter(label -> label.startsWith(columns) && !label.endsWith(")"))
            .map(label -> Pattern.quote(label.substring(columns.length())))
            .anyMatch(column -> Pattern.compile("\\b" + column + "\\b").matcher(text).find());
  }

  /** First both names, then, where both are there, the new one. */
  private void writeRenames() {
    for (String rename : System.getProperty(RENAMES, "").split(",")) {
      Matcher parts = RENAME.matcher(rename.strip());
      if (!parts.matches()) {
        if (rename.isBlank()) {
          continue;
        }
        throw new Refusal(
            "-D%s=%s is not valid: expected table.column=name. Correct it, then run the same command again."
                .formatted(RENAMES, rename));
      }
      String table = parts.group(1);
      String column = parts.group(2);
      String name = parts.group(3);
      if (!made.columns(table).contains(column)) {
        throw new Refusal(
            "-D%s=%s: the migrations make no column %s.%s. Correct it, then run the same command again."
                .formatted(RENAMES, rename, table, column));
      }
      if (made.columns(table).contains(name)) {
        draft(
            List.of("column %s.%s (renamed)".formatted(table, name)),
            table + "-" + name,
            "since when no version of the application says %s any more.".formatted(column),
            List.of(),
            renamed(table, column, name),
            renamed(table, name, column));
        leftOut.put(desired.column(table, name), "");
      } else {
        draft(
            List.of("column %s.%s (copied)".formatted(table, name)),
            table + "-" + name,
            "which version of the application says %s instead of %s.".formatted(name, column),
            List.of(),
            named("copyColumn", "tableName", table, "columnName", column, "newColumnName", name),
            named("dropColumn", "tableName", table, "columnName", name));
      }
    }
  }

  private static Map<String, Object> renamed(String table, String column, String name) {
    return named(
        "renameColumn", "tableName", table, "oldColumnName", column, "newColumnName", name);
  }

  private void writeTables() {
    List<CreateTableChange> waiting =
        new ArrayList<>(each(CreateTableChange.class, CreateTableChange::getTableName));
    while (!waiting.isEmpty()) {
      CreateTableChange next =
          waiting.stream()
              .filter(
                  table ->
                      waiting.stream().noneMatch(other -> other != table && leadsTo(table, other)))
              .findFirst()
              .orElse(waiting.get(0));
      waiting.remove(next);
      writeTable(
          next, waiting.stream().map(CreateTableChange::getTableName).collect(Collectors.toSet()));
    }
  }

  private boolean leadsTo(CreateTableChange table, CreateTableChange other) {
    return each(
            AddForeignKeyConstraintChange.class, AddForeignKeyConstraintChange::getBaseTableName)
        .stream()
        .anyMatch(
            key ->
                key.getBaseTableName().equals(table.getTableName())
                    && key.getReferencedTableName().equals(other.getTableName()));
  }

  private void writeTable(CreateTableChange table, Set<String> later) {
    String name = table.getTableName();
    Optional<String> gone =
        made.tableNames().stream()
            .filter(old -> !desired.tableNames().contains(old) && SchemaFacts.isCompared(old))
            .filter(old -> resembles(old, name))
            .findFirst();
    if (gone.isPresent()) {
      leftOut.put(
          "table " + name,
          "The table %s is new and %s, with like columns, is gone: if that is a rename, a new table would lose the rows. Nothing was written for it. Write ALTER TABLE %2$s RENAME TO %1$s by hand, or keep both in the desired schema first."
              .formatted(name, gone.get()));
      return;
    }
    List<Map<String, Object>> columns = new ArrayList<>();
    for (ColumnConfig column : table.getColumns()) {
      column(name, column, constraints(name, column, later)).ifPresent(columns::add);
    }
    draft(
        List.of("table " + name),
        name,
        "what %s is for, in a sentence for whoever is on call. Starts empty.".formatted(name),
        List.of(named("tableExists", "tableName", name)),
        named(
            "createTable",
            "tableName",
            name,
            "remarks",
            Objects.requireNonNullElse(table.getRemarks(), "TODO what a row is"),
            "columns",
            columns),
        named("dropTable", "tableName", name));
  }

  /** Keys of one column come with it, unless they lead to a table that is made later. */
  private Map<String, Object> constraints(String table, ColumnConfig column, Set<String> later) {
    ConstraintsConfig given = column.getConstraints();
    boolean isKey = given != null && Boolean.TRUE.equals(given.isPrimaryKey());
    Optional<AddUniqueConstraintChange> unique =
        each(AddUniqueConstraintChange.class, AddUniqueConstraintChange::getTableName).stream()
            .filter(
                key ->
                    key.getTableName().equals(table)
                        && key.getColumnNames().equals(column.getName())
                        && key.getDeferrable() == null)
            .findFirst();
    Optional<AddForeignKeyConstraintChange> leads =
        each(AddForeignKeyConstraintChange.class, AddForeignKeyConstraintChange::getBaseTableName)
            .stream()
            .filter(
                key ->
                    key.getBaseTableName().equals(table)
                        && key.getBaseColumnNames().equals(column.getName())
                        && !later.contains(key.getReferencedTableName())
                        && !leftOut.containsKey("table " + key.getReferencedTableName()))
            .findFirst();
    unique.ifPresent(changes::remove);
    leads.ifPresent(changes::remove);
    return fields(
        "primaryKey",
        isKey ? true : null,
        "primaryKeyName",
        isKey ? given.getPrimaryKeyName() : null,
        "nullable",
        !isKey && given != null && Boolean.FALSE.equals(given.isNullable()) ? false : null,
        "unique",
        unique.isPresent() ? true : null,
        "uniqueConstraintName",
        unique.map(AddUniqueConstraintChange::getConstraintName).orElse(null),
        "foreignKeyName",
        leads.map(AddForeignKeyConstraintChange::getConstraintName).orElse(null),
        "references",
        leads
            .map(key -> desired.constraint(table, key.getConstraintName()))
            .flatMap(label -> desired.fact(label, "FOREIGN KEY "))
            .map(definition -> definition.replaceFirst("^.*? REFERENCES ", ""))
            .orElse(null));
  }

  /** Empty if it is left to a person. */
  private Optional<Map<String, Object>> column(
      String table, ColumnConfig column, Map<String, Object> constraints) {
    String label = desired.column(table, column.getName());
    if (desired.fact(label, "generated ").isPresent()) {
      leftOut.put(
          label,
          "The column %s.%s is generated, so every row would be written anew under a lock: write a plain one, a trigger that fills it (defineTrigger), and fillColumn for the rows that are there."
              .formatted(table, column.getName()));
      return Optional.empty();
    }
    Optional<String> identity = desired.fact(label, "identity ");
    Map<String, Object> fields =
        fields(
            "name",
            column.getName(),
            "type",
            type(desired.fact(label, "type ").orElse(column.getType())),
            "autoIncrement",
            identity.isPresent() ? true : null,
            "generationType",
            identity.filter("always"::equals).isPresent() ? "ALWAYS" : null,
            "remarks",
            column.getRemarks());
    fields.putAll(value(desired, label));
    if (!constraints.isEmpty()) {
      fields.put("constraints", constraints);
    }
    return Optional.of(Map.of("column", fields));
  }

  /** New columns of one table are one change. A column is nullable unless it has a default. */
  private void writeColumns() {
    Map<String, List<ColumnConfig>> byTable = new LinkedHashMap<>();
    each(AddColumnChange.class, AddColumnChange::getTableName)
        .forEach(
            change ->
                byTable
                    .computeIfAbsent(change.getTableName(), table -> new ArrayList<>())
                    .addAll(change.getColumns()));
    byTable.forEach(this::writeColumns);
  }

  private void writeColumns(String table, List<ColumnConfig> columns) {
    List<Map<String, Object>> added = new ArrayList<>();
    List<Map<String, Object>> there = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (ColumnConfig column : columns) {
      String name = column.getName();
      String label = desired.column(table, name);
      if (leftOut.containsKey(label)) {
        continue;
      }
      Optional<String> gone =
          made.columns(table).stream()
              .filter(old -> desired.fact(desired.column(table, old), "type ").isEmpty())
              .filter(
                  old ->
                      made.fact(made.column(table, old), "type ")
                          .equals(desired.fact(label, "type ")))
              .findFirst();
      if (gone.isPresent()) {
        leftOut.put(
            label,
            "The column %s.%s is new and %1$s.%s, of the same type, is gone: if that is a rename, a new column would lose the values. Nothing was written for it. Leave the desired schema as it was, and run the same command with -Drename=%1$s.%3$s=%2$s: both names are there then, until a later migration (docs/migrations.md, Renames and larger types). Or keep both in the desired schema first."
                .formatted(table, name, gone.get()));
        continue;
      }
      boolean isRequired = desired.is(label, "not null");
      boolean hasDefault = desired.fact(label, "default ").isPresent();
      if (column.getRemarks() == null) {
        column.setRemarks("TODO what it holds");
      }
      Optional<Map<String, Object>> one =
          column(table, column, isRequired && hasDefault ? Map.of("nullable", false) : Map.of());
      if (one.isEmpty()) {
        continue;
      }
      added.add(one.get());
      there.add(named("columnExists", "tableName", table, "columnName", name));
      names.add(name);
      if (isRequired && !hasDefault) {
        byHand.add(
            "The column %s.%s is NOT NULL and has no default: write a changeset before %s-… that fills the rows that are there, in batches (docs/migrations.md, Later migrations)."
                .formatted(table, name, number));
        required.add(new Place(table, name));
      }
    }
    if (!added.isEmpty()) {
      draft(
          names.stream().map(name -> desired.column(table, name)).toList(),
          table + "-" + (names.size() > 2 ? "columns" : String.join("-", names)),
          "what %s of %s %s for, in a sentence for whoever is on call."
              .formatted(String.join(", ", names), table, names.size() == 1 ? "is" : "are"),
          there,
          named("addColumn", "tableName", table, "columns", added),
          names.size() == 1
              ? named("dropColumn", "tableName", table, "columnName", names.get(0))
              : named(
                  "dropColumn",
                  "tableName",
                  table,
                  "columns",
                  names.stream().map(name -> named("column", "name", name)).toList()));
    }
  }

  private void writeType(ModifyDataTypeChange change) {
    String table = change.getTableName();
    String column = change.getColumnName();
    String type = desired.fact(desired.column(table, column), "type ").orElseThrow();
    String before = made.fact(made.column(table, column), "type ").orElseThrow();
    String label = desired.column(table, column) + " (type)";
    String copied = label + " by a copy";
    List<Runnable> after = new ArrayList<>();
    if (type.equals(before)) {
      return;
    } else if (leftOut.containsKey(label)
        && !leftOut.containsKey(copied)
        && NUMBERS.matcher(before).matches()
        && NUMBERS.matcher(type).matches()) {
      byACopy.add(label);
      writeCopy(copied, table, column, type, after);
    }
    draft(
        List.of(byACopy.contains(label) ? copied : label),
        table + "-" + column + "-type",
        "why %s.%s changes from %s to %s.".formatted(table, column, before, type),
        List.of(),
        typed(table, column, type),
        typed(table, column, before));
    after.forEach(Runnable::run);
  }

  /**
   * With an index of its own for each that is on the column and of no constraint, or of a unique
   * one on several columns.
   */
  private void writeCopy(
      String label, String table, String column, String type, List<Runnable> after) {
    String copy = column + "_" + type.replaceAll("\\W.*", "");
    draft(
        List.of(label),
        table + "-" + column + "-copy",
        "until when %s stays: drop it in a later migration.".formatted(copy),
        List.of(),
        named(
            "copyColumn",
            "tableName",
            table,
            "columnName",
            column,
            "newColumnName",
            copy,
            "newDataType",
            type(type)),
        named("dropColumn", "tableName", table, "columnName", copy));
    Pattern word = Pattern.compile("(?<!\\w)" + Pattern.quote(column) + "(?!\\w)");
    for (String index : made.lines().keySet()) {
      Matcher parts = LABEL.matcher(index);
      if (!index.startsWith("index ")
          || !parts.matches()
          || !table.equals(SchemaFacts.unquoted(made.tables().getOrDefault(index, "")))) {
        continue;
      }
      String name = SchemaFacts.unquoted(parts.group(2));
      Optional<String> key = made.fact(made.constraint(table, name), "");
      Optional<String> columns =
          key.map(UNIQUE_OF_SEVERAL::matcher).filter(Matcher::matches).map(one -> one.group(1));
      if (key.isPresent() && columns.isEmpty()) {
        continue;
      }
      for (String line : made.lines().get(index)) {
        Matcher definition = INDEX.matcher(line);
        if (definition.matches() && word.matcher(definition.group(2)).find()) {
          Boolean unique = definition.group(1) == null ? null : true;
          writeIndex(
              label,
              table,
              name + "_" + copy,
              unique,
              word.matcher(definition.group(2)).replaceAll(Matcher.quoteReplacement(copy)));
          columns.ifPresent(
              of -> writeUniqueAsIndex(label, table, name, of, definition.group(2), after));
        }
      }
    }
  }

  /**
   * A unique constraint on several columns would keep the column from changing places with its
   * copy. While an index stands in for it, the one on the copy keeps duplicates out. (Beside the
   * constraint, the equal index would be passed over.)
   */
  private void writeUniqueAsIndex(
      String label,
      String table,
      String name,
      String columns,
      String definition,
      List<Runnable> after) {
    List<String> makes = List.of(label);
    String slug = table + "-" + withoutPrefix(name, table);
    String index = name + "_index";
    Map<String, Object> noKey =
        named("dropUniqueConstraint", "tableName", table, "constraintName", name);
    Map<String, Object> key =
        named(
            "addUniqueConstraint",
            "tableName",
            table,
            "columnNames",
            Stream.of(columns.split(", "))
                .map(SchemaFacts::unquoted)
                .collect(Collectors.joining(", ")),
            "constraintName",
            name);
    String why = "until when %s is an index (docs/migrations.md, Renames and larger types).";
    draft(makes, slug + "-unique-gone", why.formatted(name), List.of(), noKey, key);
    writeIndex(label, table, index, true, definition);
    after.add(
        () -> {
          draft(
              makes,
              slug + "-index-gone",
              "%s comes again.".formatted(name),
              List.of(),
              dropIndex(table, index),
              index(table, index, true, definition));
          draft(
              makes,
              slug + "-unique",
              "which rows %s tells apart.".formatted(name),
              List.of(),
              key,
              noKey);
        });
  }

  private static Map<String, Object> typed(String table, String column, String type) {
    return named(
        "modifyDataType", "tableName", table, "columnName", column, "newDataType", type(type));
  }

  private void writeDefault(String table, String column) {
    String label = desired.column(table, column);
    String old = made.column(table, column);
    if (desired.fact(label, "default ").equals(made.fact(old, "default "))
        || desired.fact(label, "identity ").isPresent()) {
      return;
    }
    if (desired.fact(label, "default ").isEmpty()) {
      byHand.add(
          "The default of %s.%s is none any more, which the rows of the running application may need: write it by hand."
              .formatted(table, column));
      return;
    }
    String why =
        made.marked().contains(old) || made.marked().contains("table " + table)
            ? null
            : "A default bears no mark, and this changelog did not make the column: it stays.";
    if (!leftOut.containsKey(label + " (default)")) {
      Map<String, Object> change = withValue(desired, label, table, column);
      drafts.add(
          new Draft(
              List.of(label + " (default)"),
              id(table + "-" + column + "-default"),
              Draft.comment(
                  change,
                  "why %s.%s gets another default. No row changes.".formatted(table, column)),
              List.of(),
              List.of(change),
              why != null
                  ? List.of()
                  : List.of(
                      made.fact(old, "default ").isPresent()
                          ? withValue(made, old, table, column)
                          : named("dropDefaultValue", "tableName", table, "columnName", column)),
              why));
    }
  }

  private static Map<String, Object> withValue(
      SchemaFacts facts, String label, String table, String column) {
    Map<String, Object> fields = fields("tableName", table, "columnName", column);
    fields.putAll(value(facts, label));
    return Map.of("addDefaultValue", fields);
  }

  private void constraint(String table, String name, Map<String, Object> change, String drop) {
    String label = desired.constraint(table, name);
    // (An equal one may be there under another name.)
    if (lacking.contains(label)
        && !isLeftOut(table, String.join(" ", desired.lines().get(label)))) {
      draft(
          List.of(label),
          table + "-" + withoutPrefix(name, table) + "-" + KINDS.get(drop),
          "what %s is for.".formatted(name),
          List.of(),
          change,
          named(
              drop,
              drop.equals("dropForeignKeyConstraint") ? "baseTableName" : "tableName",
              table,
              "constraintName",
              name));
    }
  }

  private void writeCheckOrIndex(String label) {
    Matcher parts = LABEL.matcher(label);
    String table = SchemaFacts.unquoted(desired.tables().getOrDefault(label, ""));
    if (!parts.matches() || table.isEmpty()) {
      return;
    }
    String name = SchemaFacts.unquoted(parts.group(2));
    for (String line : desired.lines().get(label)) {
      Matcher check = CHECK.matcher(line);
      Matcher index = INDEX.matcher(line);
      if (isLeftOut(table, line)) {
        return;
      } else if (check.matches()) {
        Matcher proof = PROOF.matcher(line);
        if (proof.matches()
            && required.contains(new Place(table, SchemaFacts.unquoted(proof.group(1))))) {
          return;
        }
        constraint(table, name, check("addCheck", table, name, line), "dropCheck");
        dropReplacedCheck(label, table, line);
      } else if (index.matches() && !desired.lines().containsKey(desired.constraint(table, name))) {
        writeIndex(label, table, name, index.group(1) == null ? null : true, index.group(2));
      }
    }
  }

  private void writeDefined(String kind) {
    for (Definition one : desiredTexts.values()) {
      Definition before = one.in(madeTexts);
      if (!one.kind().equals(kind)
          || one.table() != null && !isOurs(one.table())
          || before != null && !one.differsFrom(before)) {
        continue;
      }
      if (before == null) {
        draft(
            List.of(one.label()),
            slug(one),
            "what the %s %s is for.".formatted(kind, one.name()),
            List.of(),
            one.made(),
            one.taken());
      } else {
        draft(
            List.of(one.label() + " (changed)"),
            slug(one),
            "why the %s %s changes.".formatted(kind, one.name()),
            List.of(),
            one.made(),
            before.made());
      }
    }
  }

  /** A schema that has no function and no trigger at all does not speak of them. */
  private void removeDefined(String kind) {
    Set<String> spoken = Set.of("function", "trigger");
    if (desiredTexts.values().stream().anyMatch(one -> spoken.contains(one.kind()))) {
      madeTexts.values().stream()
          .filter(one -> one.kind().equals(kind) && one.in(desiredTexts) == null)
          .filter(one -> one.table() == null || desired.tableNames().contains(one.table()))
          .forEach(
              one ->
                  draft(
                      List.of(one.label() + " (removed)"),
                      slug(one) + "-gone",
                      "why the %s %s is not needed any more.".formatted(kind, one.name()),
                      List.of(),
                      one.taken(),
                      one.made()));
    }
  }

  private static String slug(Definition one) {
    return Stream.of(one.table(), one.name(), one.kind())
        .filter(Objects::nonNull)
        .collect(Collectors.joining("-"));
  }

  private static Map<String, Object> check(
      String change, String table, String name, String definition) {
    Matcher check = CHECK.matcher(definition);
    return named(
        change,
        "tableName",
        table,
        "constraintName",
        name,
        "condition",
        check.matches()
            ? written(Objects.requireNonNullElseGet(check.group(1), () -> check.group(2)))
            : null);
  }

  /** As one writes it: what PostgreSQL prints of one of several values, it prints otherwise. */
  private static String written(String condition) {
    Matcher values = ONE_OF.matcher(condition);
    return values.matches()
        ? "%s IN (%s)"
            .formatted(
                values.group(1) == null ? values.group(2) : values.group(1),
                values.group(3).replaceAll("\\(?('(?:[^']|'')*')::[^,)]+(?:\\)::text)?", "$1"))
        : condition;
  }

  /** One with another name on the same columns goes, after the new one has come. */
  private void dropReplacedCheck(String added, String table, String line) {
    for (String label : made.withoutBookkeeping(desired).lines().keySet()) {
      Matcher parts = LABEL.matcher(label);
      Optional<String> before = made.check(label);
      if (before.isPresent()
          && parts.matches()
          && table.equals(SchemaFacts.unquoted(made.tables().get(label)))
          && !desired.lines().containsKey(label)
          && !leftOut.containsKey(added)
          && ids.stream().noneMatch(id -> id.equals(slug(table + "-" + parts.group(2) + "-gone")))
          && columnsOf(table, before.get()).equals(columnsOf(table, line))) {
        String name = SchemaFacts.unquoted(parts.group(2));
        draft(
            List.of(label + " (dropped)"),
            table + "-" + parts.group(2) + "-gone",
            "why %s is not needed any more: %s is on the same columns."
                .formatted(name, LABEL.matcher(added).replaceFirst("$2")),
            List.of(),
            named("dropCheck", "tableName", table, "constraintName", name),
            check("addCheck", table, name, before.get()));
      }
    }
  }

  private Set<String> columnsOf(String table, String expression) {
    return made.columns(table).stream()
        .filter(
            column ->
                Pattern.compile("\\b" + Pattern.quote(column) + "\\b").matcher(expression).find())
        .collect(Collectors.toSet());
  }

  private void writeChangedCheck(String label) {
    Matcher parts = LABEL.matcher(label);
    Optional<String> check = desired.check(label);
    Optional<String> before = made.check(label);
    String table = SchemaFacts.unquoted(desired.tables().getOrDefault(label, ""));
    if (parts.matches()
        && check.isPresent()
        && before.isPresent()
        && !check.equals(before)
        && !isLeftOut(table, check.get())) {
      String name = SchemaFacts.unquoted(parts.group(2));
      draft(
          List.of(label),
          table + "-" + withoutPrefix(name, table) + "-check",
          "why %s of %s allows other values. Going back needs rows that the old one allows."
              .formatted(name, table),
          List.of(),
          check("modifyCheck", table, name, check.get()),
          check("modifyCheck", table, name, before.get()));
    }
  }

  /** Of what is there. */
  private void writeRemarks() {
    for (String quoted : desired.tableNames()) {
      String table = SchemaFacts.unquoted(quoted);
      writeRemarks("table " + quoted, "setTableRemarks", "tableName", table);
      for (String column : desired.columns(quoted)) {
        writeRemarks(
            desired.column(table, column),
            "setColumnRemarks",
            "tableName",
            table,
            "columnName",
            column);
      }
    }
  }

  private void writeRemarks(String label, String change, String... place) {
    Optional<String> remarks = desired.remarks(label);
    String before = made.withoutBookkeeping(desired).remarks(label).orElse("");
    if (remarks.isPresent() && !lacking.contains(label) && !remarks.get().equals(before)) {
      Map<String, Object> write = fields((Object[]) place);
      Map<String, Object> undo = fields((Object[]) place);
      write.put("remarks", remarks.get());
      undo.put("remarks", before);
      draft(
          List.of(label + " (comment)"),
          label.replaceFirst("^\\w+ ", "") + "-comment",
          "what is better understood now.",
          List.of(),
          Map.of(change, write),
          Map.of(change, undo));
    }
  }

  private void writeIndex(String label, String table, String name, Boolean unique, String using) {
    draft(
        List.of(label),
        table + "-" + withoutPrefix(name, table) + "-index",
        "which query needs %s.".formatted(name),
        List.of(named("indexExists", "tableName", table, "indexName", name)),
        index(table, name, unique, using),
        dropIndex(table, name));
  }

  private static Map<String, Object> dropIndex(String table, String name) {
    return named("dropIndex", "tableName", table, "indexName", name);
  }

  private static Map<String, Object> index(
      String table, String name, Boolean unique, String using) {
    String definition = using.startsWith("btree ") ? using.substring(6) : "USING " + using;
    Matcher plain = PLAIN_INDEX.matcher(definition);
    return plain.matches()
        ? named(
            "createIndex",
            "tableName",
            table,
            "indexName",
            name,
            "unique",
            unique,
            "columns",
            Stream.of(plain.group(1).split(", "))
                .map(
                    column ->
                        named(
                            "column",
                            "name",
                            column.replace(" DESC", ""),
                            "descending",
                            column.endsWith(" DESC") ? true : null))
                .toList())
        : named(
            "createIndexAs",
            "tableName",
            table,
            "indexName",
            name,
            "unique",
            unique,
            "definition",
            definition);
  }

  /** With the CHECK that the desired schema has for it, if it is new: the jar adds that with it. */
  private void writeRequired(Place place) {
    String table = place.table();
    String column = place.column();
    String proof = "CHECK ((%s IS NOT NULL))".formatted(column);
    String check =
        lacking.stream()
            .filter(label -> table.equals(desired.tables().get(label)))
            .filter(label -> desired.lines().get(label).contains(proof))
            .map(label -> SchemaFacts.unquoted(label.split(" ")[1]))
            .findFirst()
            .orElse("ck_%s_%s_required".formatted(table, column));
    if (!isLeftOut(table, column)) {
      Object[] fields = {"tableName", table, "columnName", column, "constraintName", check};
      draft(
          List.of(desired.column(table, column) + " (not null)"),
          table + "-" + column + "-required",
          "why every row of %s has its %s.".formatted(table, column),
          List.of(),
          named("addNotNullConstraint", fields),
          named("dropNotNullConstraint", fields));
    }
  }

  /**
   * Nobody but the author knows whether each row is one user's; that it may be, is seen here.
   * Parents first, so that children are undone first.
   */
  private void writeIsolation(Isolation isolation) {
    Map<String, Map<String, Object>> tables = new LinkedHashMap<>();
    for (String table : desired.tableNames()) {
      if (lacking.contains(Isolation.label(table)) && isOurs(table)) {
        isolation.fields(desired, table).ifPresent(fields -> tables.put(table, fields));
      }
    }
    tables.entrySet().stream()
        .sorted(Comparator.comparing(one -> one.getValue().containsKey("parents")))
        .forEach(
            one ->
                draft(
                    List.of(Isolation.label(one.getKey())),
                    one.getKey() + "-enabled",
                    "Each user sees and writes only their own rows of %s (docs/tenants.md)."
                        .formatted(one.getKey()),
                    List.of(),
                    Map.of("tenantIsolation", one.getValue()),
                    named("dropTenantIsolation", "tableName", one.getKey())));
  }

  private void findTablesWithoutPolicy() {
    Set<String> forced = new HashSet<>(Set.of("ab_user"));
    Stream.of(desired, made)
        .forEach(
            facts ->
                facts.tableNames().stream()
                    .filter(table -> facts.is("table " + table, "row security enabled, forced"))
                    .forEach(forced::add));
    for (String table : desired.tableNames()) {
      if (forced.contains(table) || !isOurs(table)) {
        continue;
      }
      Set<String> parents = desired.parents(table);
      parents.removeAll(made.parents(table));
      parents.retainAll(forced);
      parents.stream()
          .min(Comparator.comparing(parent -> !parent.equals("ab_user")))
          .ifPresent(
              parent ->
                  byHand.add(
                      "The table %s leads to %s and has no row-level security: if its rows belong to users, each would see all of them. Write a policy, ENABLE and FORCE ROW LEVEL SECURITY for it in changelog/schema.sql and in this migration, as %s has them (docs/tenants.md)."
                          .formatted(table, parent, parent.equals("ab_user") ? "items" : parent)));
    }
  }

  private boolean resembles(String old, String table) {
    Set<String> before = made.columns(old);
    Set<String> after = desired.columns(table);
    long alike =
        after.stream()
            .filter(
                name ->
                    before.contains(name)
                        && made.fact(made.column(old, name), "type ")
                            .equals(desired.fact(desired.column(table, name), "type ")))
            .count();
    return alike * 2 > Math.max(before.size(), after.size());
  }

  private void draft(
      List<String> makes,
      String slug,
      String todo,
      List<Map<String, Object>> absent,
      Map<String, Object> change,
      Map<String, Object> undo) {
    if (!leftOut.keySet().containsAll(makes)) {
      // A whole sentence says why; what begins small only a person knows.
      String comment = Character.isUpperCase(todo.charAt(0)) ? todo : Draft.comment(change, todo);
      drafts.add(new Draft(makes, id(slug), comment, absent, List.of(change), List.of(undo), null));
    }
  }

  /** Letters only, and each once. */
  private String id(String name) {
    String slug = slug(name);
    String unique = slug;
    for (char letter = 'b'; !ids.add(unique); letter++) {
      unique = slug + "-" + letter;
    }
    return number + "-" + unique;
  }

  private static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-").replaceAll("^-|-$", "");
  }

  /** {@code idx_items_difficulty} on items is about the difficulty. */
  private static String withoutPrefix(String name, String table) {
    String rest =
        name.replaceFirst("^(idx|ix|fk|ck|uq)_", "")
            .replaceFirst("^" + Pattern.quote(table) + "_", "")
            .replaceFirst("_(fkey|check|idx|key)$", "");
    return rest.isEmpty() ? name : rest;
  }

  private static String type(String type) {
    String base = type.replaceFirst("\\(.*", "");
    return SHORT.containsKey(base) ? SHORT.get(base) + type.substring(base.length()) : type;
  }

  private static Map<String, Object> value(SchemaFacts facts, String label) {
    String value = facts.fact(label, "default ").orElse(null);
    if (value == null) {
      return Map.of();
    }
    Matcher text = TEXT.matcher(value);
    if (text.matches()) {
      return Map.of("defaultValue", text.group(1).replace("''", "'"));
    } else if (value.matches("true|false")) {
      return Map.of("defaultValueBoolean", Boolean.valueOf(value));
    }
    return NUMBER.matcher(value).matches()
            && NUMBERS.matcher(facts.fact(label, "type ").orElse("")).matches()
        ? Map.of("defaultValueNumeric", value.contains(".") ? value : Long.valueOf(value))
        : Map.of("defaultValueComputed", value);
  }
}
