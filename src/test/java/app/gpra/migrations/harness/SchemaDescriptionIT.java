package app.gpra.migrations.harness;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The comparison that the rollback tests rest on can fail. */
class SchemaDescriptionIT {

  /** One for all changes: each differs from what the one before left. */
  private static TestDatabase changing;

  @BeforeAll
  static void start() {
    changing = TestDatabase.legacy();
  }

  @AfterAll
  static void drop() {
    changing.close();
  }

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
          ALTER TABLE items ADD COLUMN extra integer | +column public.items.extra: type integer
          ALTER TABLE items ALTER COLUMN title DROP NOT NULL | -column public.items.title: not null
          ALTER TABLE items ALTER COLUMN tuning SET DEFAULT 'x' | default 'x'
          ALTER TABLE items ALTER COLUMN id SET GENERATED ALWAYS | +column public.items.id: identity always
          ALTER TABLE items ALTER COLUMN notes SET STATISTICS 7 | statistics target 7
          ALTER TABLE items ALTER COLUMN notes SET (n_distinct = 7) | options n_distinct=7
          COMMENT ON COLUMN items.notes IS 'mine' | +column public.items.notes: comment 'mine'
          COMMENT ON INDEX idx_items_title IS 'mine' | +index public.idx_items_title: comment 'mine'
          COMMENT ON CONSTRAINT items_pkey ON items IS 'mine' | +constraint items_pkey on public.items: comment
          COMMENT ON TRIGGER update_items_updated_at ON items IS 'mine' | +trigger update_items_updated_at
          CREATE INDEX another ON items (notes) WHERE notes IS NOT NULL | +index public.another: CREATE INDEX
          DROP INDEX idx_items_tuning | -index public.idx_items_tuning: CREATE INDEX
          ALTER TABLE items ADD CONSTRAINT ck CHECK (id > 0) NOT VALID | not validated
          ALTER TABLE items DISABLE TRIGGER update_items_updated_at | disabled
          ALTER TABLE routine_items DISABLE TRIGGER ALL | +table public.routine_items: internal triggers, enabled D
          CREATE POLICY mine ON items USING (id > 1) | +policy mine on public.items: using (id > 1)
          ALTER TABLE items ENABLE ROW LEVEL SECURITY | +table public.items: row security enabled
          ALTER TABLE items FORCE ROW LEVEL SECURITY | row security enabled, forced
          GRANT SELECT ON items TO pg_monitor | granted to pg_monitor
          GRANT UPDATE (notes) ON items TO pg_monitor | +column public.items.notes: granted to pg_monitor
          ALTER TABLE items OWNER TO pg_database_owner | owner pg_database_owner
          ALTER SEQUENCE ab_user_id_seq INCREMENT 2 | increment 2
          ALTER SEQUENCE ab_user_id_seq OWNED BY ab_user.id | owned by public.ab_user.id
          ALTER TABLE items SET (fillfactor = 80) | fillfactor=80
          CREATE VIEW v AS SELECT id FROM items | +view public.v
          CREATE STATISTICS s ON title, tuning FROM items | CREATE STATISTICS public.s
          CREATE PUBLICATION p FOR TABLE items | +publication p: includes table public.items
          CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1' | +function public.f()
          CREATE SCHEMA other | +schema other
          """)
  @Tag("thorough")
  @Tag("nightly")
  void differsByEachChange(String change, String shown) {
    String before = changing.schema();
    changing.execute(change);
    assertThatThrownBy(() -> assertSame("the schema", before, changing.schema()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(shown);
  }

  @Test
  void isTheSameWhateverTheServerKeepsInItsCatalogsForItself() {
    try (TestDatabase database = TestDatabase.legacy()) {
      String before = database.schema();
      database.addOptionsOfTheServer();
      assertSame("the schema", before, database.schema());
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
