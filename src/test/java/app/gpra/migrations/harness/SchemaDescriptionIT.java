package app.gpra.migrations.harness;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The comparison that the rollback tests rest on can fail. */
class SchemaDescriptionIT {

  @Test
  void isTheSameForACopyAndWhateverTheOrderOfColumns() {
    try (TestDatabase original = TestDatabase.legacy();
        TestDatabase copy = original.copy()) {
      assertSame("the schema", original.schema(), copy.schema());
      assertSame("the data", original.data(), copy.data());
      original.execute("ALTER TABLE items ADD COLUMN a text; ALTER TABLE items ADD COLUMN b text");
      copy.execute("ALTER TABLE items ADD COLUMN b text; ALTER TABLE items ADD COLUMN a text");
      assertSame("the schema", original.schema(), copy.schema());
      assertSame("the data", original.data(), copy.data());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ALTER TABLE items ADD COLUMN extra integer | +column items.extra integer
          ALTER TABLE items ALTER COLUMN title DROP NOT NULL | +column items.title
          ALTER TABLE items ALTER COLUMN tuning SET DEFAULT 'x' | default 'x'
          ALTER TABLE items ALTER COLUMN id SET GENERATED ALWAYS | identity "a"
          ALTER TABLE items ALTER COLUMN notes SET STATISTICS 7 | statistics 7
          COMMENT ON COLUMN items.notes IS 'mine' | comment mine
          COMMENT ON INDEX idx_items_title IS 'mine' | comment mine
          COMMENT ON CONSTRAINT items_pkey ON items IS 'mine' | comment mine
          CREATE INDEX another ON items (notes) WHERE notes IS NOT NULL | +index CREATE INDEX another
          DROP INDEX idx_items_tuning | -index CREATE INDEX idx_items_tuning
          ALTER TABLE items ADD CONSTRAINT ck CHECK (id > 0) NOT VALID | NOT VALID valid f
          ALTER TABLE items DISABLE TRIGGER update_items_updated_at | enabled D
          ALTER TABLE routine_items DISABLE TRIGGER ALL | +constraint triggers of routine_items enabled D
          CREATE POLICY mine ON items USING (id > 1) | +policy mine on items
          ALTER TABLE items ENABLE ROW LEVEL SECURITY | rls t
          ALTER TABLE items FORCE ROW LEVEL SECURITY | force t
          GRANT SELECT ON items TO pg_monitor | pg_monitor=r
          GRANT UPDATE (notes) ON items TO pg_monitor | pg_monitor=w
          ALTER TABLE items OWNER TO pg_database_owner | owner pg_database_owner
          ALTER SEQUENCE ab_user_id_seq INCREMENT 2 | increment 2
          ALTER TABLE items SET (fillfactor = 80) | fillfactor=80
          CREATE VIEW v AS SELECT id FROM items | +view v
          CREATE STATISTICS s ON title, tuning FROM items | +statistics CREATE STATISTICS
          CREATE SCHEMA other | +schema other
          """)
  void differsByEachChange(String change, String shown) {
    try (TestDatabase database = TestDatabase.legacy()) {
      String before = database.schema();
      database.execute(change);
      assertThatThrownBy(() -> assertSame("the schema", before, database.schema()))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining(shown);
    }
  }

  @Test
  void dataDiffersByOneValue() {
    try (TestDatabase database = TestDatabase.legacy()) {
      String before = database.data();
      database.execute("UPDATE items SET notes = 'changed' WHERE id = 1");
      assertThat(database.data()).isNotEqualTo(before).contains("changed");
    }
  }
}
