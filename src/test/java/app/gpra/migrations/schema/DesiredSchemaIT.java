package app.gpra.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import liquibase.database.Database;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** changelog/schema.sql says what the migrations make, no more and no less. */
class DesiredSchemaIT {

  private static TestDatabase desired;
  private static TestDatabase migrated;
  private static SchemaFacts wanted;

  @BeforeAll
  static void make() throws Exception {
    migrated = TestDatabase.legacy();
    new LiquibaseRun(migrated).enforce().update();
    desired = TestDatabase.withFlaskAppBuilder();
    try (var connection = desired.connect()) {
      SqlScript.read(Path.of("changelog/schema.sql")).run(connection);
    }
    wanted = reader(desired).facts();
  }

  @AfterAll
  static void drop() {
    desired.close();
    migrated.close();
  }

  private static SchemaReader reader(TestDatabase database) {
    return new SchemaReader(database::connect);
  }

  /** What the catalogs say in a transaction that is taken back. */
  private static SchemaDifference differenceAfter(String change) throws SQLException {
    try (Connection connection = migrated.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(change);
      SchemaFacts facts = SchemaFacts.read(connection, "databasechangelog");
      connection.rollback();
      return SchemaDifference.between(wanted, facts.withoutBookkeeping(wanted));
    }
  }

  @Test
  void isWhatTheMigrationsMake() throws Exception {
    assertThat(differenceAfter("SELECT").sentences())
        .as("the migrations, compared with changelog/schema.sql")
        .isEmpty();
    SchemaFacts made = reader(migrated).facts();
    // (A column that is kept in step with one of the file's.)
    List<String> copies =
        made.lines().keySet().stream()
            .filter(label -> !made.withoutBookkeeping(wanted).lines().containsKey(label))
            .map(label -> label.replaceFirst("^(column|index) ", ""))
            .toList();
    try (Database first = reader(desired).open();
        Database second = reader(migrated).open()) {
      assertThat(LiquibaseDiff.between(first, second).lines())
          .as("what Liquibase's diff finds")
          .allMatch(
              line ->
                  copies.stream()
                      .anyMatch(
                          copy ->
                              line.matches(
                                  "unexpected: (public\\.)?\\Q%s\\E( ON .*)?".formatted(copy))));
    }
    assertThat(wanted.lines()).hasSizeGreaterThan(100);
  }

  @Test
  void isFoundToDifferByLiquibaseToo() throws Exception {
    try (TestDatabase other = migrated.copy()) {
      other.execute(
          "ALTER TABLE items DROP COLUMN notes; DROP INDEX idx_items_tuning; ALTER TABLE routines ALTER COLUMN name TYPE text");
      try (Database first = reader(desired).open();
          Database second = reader(other).open()) {
        assertThat(LiquibaseDiff.between(first, second).lines().toString())
            .contains("items.notes", "idx_items_tuning", "routines.name");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ALTER TABLE items DROP COLUMN notes | The column items.notes is missing (type text).
          ALTER TABLE items ADD COLUMN more text | The column items.more is there besides (type text).
          ALTER TABLE items ALTER COLUMN tuning TYPE varchar(99) | The column items.tuning is type character varying(99), expected type character varying(50).
          ALTER TABLE routines ALTER COLUMN name DROP NOT NULL | The column routines.name is not: not null.
          ALTER TABLE items ALTER COLUMN created_via SET DEFAULT 'x' | The column items.created_via is default 'x'::character varying, expected default 'manual'::character varying.
          DROP INDEX idx_items_tuning | The index idx_items_tuning is missing (CREATE INDEX idx_items_tuning ON items USING btree (tuning)).
          CREATE INDEX mine ON items (notes) | The index mine is there besides
          ALTER TABLE items DROP CONSTRAINT ck_items_created_via | The constraint ck_items_created_via on items is missing
          ALTER TABLE routine_items DROP CONSTRAINT routine_items_item_id_fkey | The constraint routine_items_item_id_fkey on routine_items is missing
          ALTER TABLE items ADD CHECK (id > 0) | The constraint items_id_check on items is there besides (CHECK ((id > 0))).
          DROP POLICY tenant_isolation ON items | The policy tenant_isolation on items is missing
          ALTER POLICY tenant_isolation ON items USING (true) | The policy tenant_isolation on items is using true, expected using
          ALTER TABLE items NO FORCE ROW LEVEL SECURITY | The table items is row security enabled, expected row security enabled, forced.
          ALTER TABLE items DISABLE TRIGGER update_items_updated_at | The trigger update_items_updated_at on items is disabled, expected enabled.
          DROP TRIGGER update_items_updated_at ON items | The trigger update_items_updated_at on items is missing
          CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END' | The function update_updated_at_column() is
          DROP TABLE common_chords | The table common_chords is missing.
          COMMENT ON TABLE subscriptions IS '[gpra 001] Other' | The table subscriptions is comment 'Other', expected comment 'What each user pays for, one row per Stripe subscription'.
          """)
  @Tag("thorough")
  @Tag("nightly")
  void differsByEachChange(String change, String sentence) throws Exception {
    SchemaDifference difference = differenceAfter(change);
    assertThat(difference.sentences()).hasSize(1).first().asString().startsWith(sentence);
  }

  @Test
  void namesAndWhatElseIsThereMakeNoDifference() throws Exception {
    SchemaDifference difference =
        differenceAfter(
            "ALTER INDEX idx_items_tuning RENAME TO by_tuning; CREATE TABLE test_log (id serial PRIMARY KEY);"
                + " CREATE VIEW titles AS SELECT title FROM items; ALTER TABLE items OWNER TO pg_database_owner");
    assertThat(difference.sentences()).isEmpty();
    assertThat(difference.information())
        .contains(
            "The index idx_items_tuning is called by_tuning.",
            "The view titles is not this project's.",
            "Tables that are not this project's: test_log.");
  }

  /** What others bring with them is compared by nobody. */
  @Test
  void whatFlaskAppBuilderAndExtensionsMakeIsNoDifference() throws Exception {
    assertThat(
            differenceAfter(
                    "CREATE EXTENSION citext; CREATE TABLE ab_more (id serial PRIMARY KEY, name citext UNIQUE);"
                        + " CREATE TYPE ab_kind AS ENUM ('a'); ALTER TABLE ab_user ADD COLUMN kind ab_kind; CREATE INDEX ab_by_kind ON ab_user (kind)")
                .sentences())
        .isEmpty();
  }
}
