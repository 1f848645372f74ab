package app.gpra.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.changelog.ChangelogRules;
import app.gpra.migrations.schema.Catalog.Column;
import app.gpra.migrations.schema.Catalog.Constraint;
import app.gpra.migrations.schema.Catalog.Index;
import app.gpra.migrations.schema.Catalog.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import liquibase.change.AddColumnConfig;
import liquibase.change.Change;
import liquibase.change.core.AddColumnChange;
import liquibase.change.core.AddForeignKeyConstraintChange;
import liquibase.change.core.CreateIndexChange;
import liquibase.change.core.CreateTableChange;
import liquibase.change.core.ModifyDataTypeChange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What Liquibase's diff finds, written in the house style or left to a person; without a database.
 */
class PlanTest {

  private static final String NUMBER = new ProjectChangelog(Path.of("")).nextNumber();

  private static Column column(
      String table, String name, String type, boolean required, String value) {
    return new Column(table, name, type, required, value, null, false, null);
  }

  private static Column key(String table) {
    return new Column(table, "id", "integer", true, null, "BY DEFAULT", false, null);
  }

  private static Constraint constraint(
      String table, String name, String type, String definition, String column, String leadsTo) {
    return new Constraint(table, name, type, definition, List.of(column), leadsTo, null);
  }

  private static Table table(
      String name, List<Column> columns, List<Index> indexes, List<Constraint> constraints) {
    Map<String, Column> byName = new LinkedHashMap<>();
    byName.put("id", key(name));
    columns.forEach(column -> byName.put(column.name(), column));
    Table table = new Table(name, null, false, byName, new TreeMap<>(), new TreeMap<>());
    indexes.forEach(index -> table.indexes().put(index.name(), index));
    constraints.forEach(one -> table.constraints().put(one.name(), one));
    table
        .constraints()
        .put(name + "_pkey", constraint(name, name + "_pkey", "p", "PRIMARY KEY (id)", "id", null));
    return table;
  }

  private static Catalog catalog(Table... tables) {
    Catalog catalog = new Catalog(new TreeMap<>(), Set.of("order"), Set.of(), Set.of());
    List.of(tables).forEach(table -> catalog.tables().put(table.name(), table));
    return catalog;
  }

  private static Catalog withTypes(Catalog catalog) {
    return new Catalog(
        catalog.tables(), catalog.reserved(), Set.of("level"), Set.of("level", "mood"));
  }

  private static final Catalog ACTUAL =
      catalog(
          table(
              "items",
              List.of(column("items", "tuning", "character varying(50)", false, null)),
              List.of(),
              List.of()));

  private static Catalog desired(Column tuning, Column... more) {
    List<Column> columns = new ArrayList<>(List.of(tuning));
    columns.addAll(List.of(more));
    return catalog(table("items", columns, List.of(), List.of()));
  }

  private static final Column TUNING =
      column("items", "tuning", "character varying(50)", false, null);

  private static AddColumnChange addColumn(String name) {
    AddColumnChange add = new AddColumnChange();
    add.setTableName("items");
    AddColumnConfig config = new AddColumnConfig();
    config.setName(name);
    add.addColumn(config);
    return add;
  }

  private static ModifyDataTypeChange type(String column) {
    ModifyDataTypeChange type = new ModifyDataTypeChange();
    type.setTableName("items");
    type.setColumnName(column);
    return type;
  }

  @Test
  void keepsTheRulesWhateverTheOrderOfTheDifferences(@TempDir Path first, @TempDir Path second)
      throws Exception {
    Catalog desired =
        catalog(
            table(
                "items",
                List.of(
                    column("items", "tuning", "character varying(90)", false, null),
                    column(
                        "items",
                        "level",
                        "character varying(9)",
                        true,
                        "'it''s ''\"x\"'::character varying"),
                    column("items", "parent_id", "integer", false, null)),
                List.of(
                    new Index(
                        "items",
                        "idx_items_level",
                        true,
                        "btree (lower((level)::text)) WHERE (id > 3)")),
                List.of(
                    constraint(
                        "items",
                        "fk_items_parent_id",
                        "f",
                        "FOREIGN KEY (parent_id) REFERENCES items(id)",
                        "parent_id",
                        "items"),
                    constraint(
                        "items",
                        "ck_items_level",
                        "c",
                        "CHECK (((level)::text <> 'a:b #c'::text))",
                        "level",
                        null))),
            table(
                "goals",
                List.of(column("goals", "days", "text[]", true, "'{}'::text[]")),
                List.of(),
                List.of()));
    AddForeignKeyConstraintChange key = new AddForeignKeyConstraintChange();
    key.setBaseTableName("items");
    key.setConstraintName("fk_items_parent_id");
    CreateIndexChange index = new CreateIndexChange();
    index.setTableName("items");
    index.setIndexName("idx_items_level");
    CreateTableChange goals = new CreateTableChange();
    goals.setTableName("goals");
    List<Change> changes =
        new ArrayList<>(
            List.of(index, key, type("tuning"), addColumn("parent_id"), addColumn("level"), goals));

    String one = write(first, Plan.of(changes, desired, ACTUAL, NUMBER));
    Collections.reverse(changes);
    assertThat(write(second, Plan.of(changes, desired, ACTUAL, NUMBER))).isEqualTo(one);

    assertThat(
            one.lines().filter(line -> line.contains("    id: ")).map(line -> line.substring(14)))
        .containsExactly(
            "goals",
            "items-level",
            "items-parent-id",
            "items-tuning-type",
            "items-level-check",
            "items-parent-id-fk",
            "items-level-index",
            "tag");
    assertThat(one)
        .contains(
            "loses."
                + NUMBER
                + "-items-tuning-type, value: \"items.tuning WHERE length(tuning) > 50\"");
    assertThat(ChangelogRules.violations(first))
        .hasSize(1)
        .first()
        .asString()
        .contains(": says TODO in line ");
  }

  private static String write(Path directory, Plan plan) throws Exception {
    ProjectCopy project = ProjectCopy.in(directory);
    new ProjectChangelog(directory).add("for-the-test", List.of("Goals."), plan.file(), List.of());
    return Files.readString(directory.resolve("changelog/" + NUMBER + "-for-the-test.yaml"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          character varying(51) |
          character varying     |
          text                  |
          character varying(49) | changes from character varying(50) to character varying(49), which reads or rewrites every row
          integer               | changes from character varying(50) to integer, which reads or rewrites every row
          """)
  void widensAndNothingElse(String type, String left) {
    Plan plan =
        Plan.of(
            List.of(type("tuning")),
            desired(column("items", "tuning", type, false, null)),
            ACTUAL,
            NUMBER);
    assertThat(plan.changeSets()).hasSize(left == null ? 1 : 0);
    assertThat(plan.byHand().toString()).contains(left == null ? "[]" : left);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          1                            |
          '-1'::integer                |
          'a'::character varying       |
          '{}'::jsonb                  |
          true                         |
          now()                        |
          clock_timestamp()            | computed for each row
          gen_random_uuid()            | computed for each row
          nextval('x'::regclass)       | computed for each row
          ('now'::text)::timestamp     | computed for each row
          """)
  void givesADefaultThatIsStoredOnce(String value, String left) {
    Column added = column("items", "added", "text", true, value);
    Plan plan = Plan.of(List.of(addColumn("added")), desired(TUNING, added), ACTUAL, NUMBER);
    assertThat(plan.changeSets()).hasSize(left == null ? 1 : 0);
    assertThat(plan.byHand().toString()).contains(left == null ? "[]" : left);
  }

  /** Liquibase would make 1.5 of 1.50, and '3' of a domain's 3; a brace names no blank. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          numeric(10,2) | 1.50                    | defaultValueNumeric  | defaultValueComputed: "1.50"
          numeric(10,2) | 1.5                     | defaultValueComputed | defaultValueNumeric: 1.5
          mood          | 3                       | defaultValueNumeric  | defaultValueComputed: "3"
          text[]        | '{table}'::text[]       | '{items}'            | defaultValueComputed: "'{table}'::text[]"
          text          | '{id} {number}'::text   | 005                  | defaultValue: "{id} {number}"
          """)
  void writesADefaultAsItIs(String type, String value, String not, String line) {
    Column added = column("items", "added", type, true, value);
    Plan plan =
        Plan.of(
            List.of(addColumn("added")),
            withTypes(desired(TUNING, added)),
            withTypes(ACTUAL),
            NUMBER);
    assertThat(plan.changeSets()).hasSize(1);
    assertThat(plan.changeSets().get(0).yaml().lines().map(String::strip))
        .contains(line)
        .noneMatch(one -> one.startsWith("default") && one.contains(not));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          mood                       | needs the type mood, which no migration makes
          mood[]                     | needs the type mood, which no migration makes
          level                      | needs the type level, which no migration makes
          interval day to second(3)  | which Liquibase writes otherwise
          character varying(9)[]     | which Liquibase writes otherwise
          timestamp with time zone[] | which Liquibase writes otherwise
          """)
  void leavesATypeThatWouldNotRun(String type, String sentence) {
    Column added = column("items", "added", type, false, null);
    CreateTableChange goals = new CreateTableChange();
    goals.setTableName("goals");
    Catalog desired = withTypes(desired(TUNING, added));
    desired
        .tables()
        .put(
            "goals",
            table(
                "goals",
                List.of(column("goals", "added", type, false, null)),
                List.of(new Index("goals", "idx_goals_added", false, "btree (added)")),
                List.of()));
    Plan plan = Plan.of(List.of(addColumn("added"), goals), desired, ACTUAL, NUMBER);
    assertThat(plan.changeSets()).isEmpty();
    assertThat(plan.byHand()).hasSize(2).allMatch(line -> line.contains(sentence));
  }

  @Test
  void leavesADomainOnATableWithRows() {
    Column added = column("items", "added", "level", false, null);
    Plan plan =
        Plan.of(
            List.of(addColumn("added")),
            withTypes(desired(TUNING, added)),
            withTypes(ACTUAL),
            NUMBER);
    assertThat(plan.changeSets()).isEmpty();
    assertThat(plan.byHand().toString()).contains("is of a domain");
  }

  /** Liquibase's diff takes it for the other index on the same column. */
  @Test
  void writesAPartialIndexNextToAnother() {
    Index all = new Index("items", "idx_items_tuning", false, "btree (tuning)");
    Index some =
        new Index("items", "idx_items_tuned", false, "btree (tuning) WHERE (tuning <> '')");
    Catalog actual = catalog(table("items", List.of(TUNING), List.of(all), List.of()));
    Catalog desired = catalog(table("items", List.of(TUNING), List.of(all, some), List.of()));
    Plan plan = Plan.of(List.of(), desired, actual, NUMBER);
    assertThat(plan.changeSets()).hasSize(1);
    assertThat(plan.changeSets().get(0).yaml()).contains("USING btree (tuning) WHERE");
  }

  @Test
  void saysThatATableOfUsersHasNoPolicy() {
    Table goals =
        table(
            "goals",
            List.of(column("goals", "user_id", "integer", true, null)),
            List.of(),
            List.of(
                constraint(
                    "goals",
                    "fk_goals_user_id",
                    "f",
                    "FOREIGN KEY (user_id) REFERENCES ab_user(id) ON DELETE CASCADE",
                    "user_id",
                    "ab_user")));
    CreateTableChange create = new CreateTableChange();
    create.setTableName("goals");
    for (boolean forced : List.of(false, true)) {
      Catalog desired = desired(TUNING);
      desired
          .tables()
          .put(
              "goals",
              new Table(
                  "goals", null, forced, goals.columns(), goals.indexes(), goals.constraints()));
      List<String> byHand = Plan.of(List.of(create), desired, ACTUAL, NUMBER).byHand();
      if (forced) {
        assertThat(byHand).isEmpty();
      } else {
        assertThat(byHand)
            .hasSize(1)
            .first()
            .asString()
            .startsWith("The table goals leads to ab_user and has no row-level security: ");
      }
    }
  }

  @Test
  void knowsAnExpressionThatWasWrittenAndReadAgain() {
    assertThat(
            Catalog.reread(
                "CHECK (((t)::text = ANY ((ARRAY['a'::character varying, 'it''s, ]'::character varying])::text[])))"))
        .isEqualTo(
            "CHECK (((t)::text = ANY (ARRAY[('a'::character varying)::text, ('it''s, ]'::character varying)::text])))");
    assertThat(Catalog.reread("CHECK ((a AND (b OR c)))")).isEqualTo("CHECK ((a AND (b OR c)))");
  }

  @Test
  void writesNoNameThatWouldNeedQuotes() {
    for (String name :
        List.of(
            "order",
            "yes",
            "Title",
            "with space",
            "a'b",
            "x".repeat(49),
            "order\"; DROP TABLE items")) {
      Plan plan =
          Plan.of(
              List.of(addColumn(name)),
              desired(TUNING, column("items", name, "text", false, null)),
              ACTUAL,
              NUMBER);
      assertThat(plan.changeSets()).isEmpty();
      assertThat(plan.byHand()).hasSize(1).first().asString().contains("write it by hand");
    }
  }
}
