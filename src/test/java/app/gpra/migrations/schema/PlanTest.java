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
    Catalog catalog = new Catalog(new TreeMap<>(), Set.of("order"));
    List.of(tables).forEach(table -> catalog.tables().put(table.name(), table));
    return catalog;
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
            "preflight",
            "goals",
            "items-level",
            "items-parent-id",
            "items-tuning-type",
            "items-level-check",
            "items-level-check-valid",
            "items-parent-id-fk",
            "items-parent-id-fk-valid",
            "items-level-index",
            "verify",
            "tag");
    assertThat(ChangelogRules.violations(first))
        .hasSize(1)
        .first()
        .asString()
        .contains(": says TODO in line ");
  }

  private static String write(Path directory, Plan plan) throws Exception {
    ProjectCopy project = ProjectCopy.in(directory);
    new ProjectChangelog(directory)
        .add(
            "for-the-test",
            List.of("Goals."),
            plan.file(),
            List.of(),
            plan.filledColumns(),
            plan.filledTables());
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
            "order", "Title", "with space", "a'b", "x".repeat(49), "order\"; DROP TABLE items")) {
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
