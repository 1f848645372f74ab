package app.gpra.migrations.testing;

import static app.gpra.migrations.testing.ProjectAssertions.assertThat;
import static app.gpra.migrations.testing.ProjectAssertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaDescriptionIT {

  @Test
  void isTheSameForACopy() {
    try (TestDatabase original = TestDatabase.alembic();
        TestDatabase copy = original.copy()) {
      assertThat(copy.schema()).isEqualTo(original.schema());
      assertThat(copy.data()).isEqualTo(original.data());
    }
  }

  @Test
  void doesNotDependOnTheOrderOfColumns() {
    try (TestDatabase one = TestDatabase.legacy();
        TestDatabase other = TestDatabase.legacy()) {
      one.execute("ALTER TABLE items ADD COLUMN a text", "ALTER TABLE items ADD COLUMN b text");
      other.execute("ALTER TABLE items ADD COLUMN b text", "ALTER TABLE items ADD COLUMN a text");
      assertThat(one.schema()).isEqualTo(other.schema());
      assertThat(one.data()).isEqualTo(other.data());
    }
  }

  @Test
  void leavesOutLiquibasesTables() {
    try (TestDatabase database = TestDatabase.legacy()) {
      SchemaDescription before = database.schema();
      database.execute(
          "CREATE TABLE databasechangelog (id text); CREATE INDEX i ON databasechangelog (id)",
          "CREATE TABLE databasechangeloglock (id integer PRIMARY KEY)");
      assertThat(database.schema()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ALTER TABLE items ADD COLUMN user_id integer | +column public.items.user_id: type integer
          ALTER TABLE items ALTER COLUMN title DROP NOT NULL | -column public.items.title: not null
          ALTER TABLE items ALTER COLUMN "order" SET DEFAULT 1 | +column public.items."order": default 1
          ALTER TABLE items ALTER COLUMN notes SET STATISTICS 7 | +column public.items.notes: statistics target 7
          ALTER TABLE items ALTER COLUMN id SET GENERATED ALWAYS | +column public.items.id: identity always
          COMMENT ON COLUMN items.notes IS 'O''Brien' | +column public.items.notes: comment 'O''Brien'
          COMMENT ON INDEX idx_items_title IS 'mine' | +index public.idx_items_title: comment 'mine'
          COMMENT ON CONSTRAINT items_pkey ON items IS 'mine' | +constraint items_pkey on public.items: comment 'mine'
          CREATE INDEX another ON items (notes) WHERE notes IS NOT NULL | +index public.another: CREATE INDEX another
          DROP INDEX idx_items_tuning | -index public.idx_items_tuning: CREATE INDEX
          ALTER TABLE items ADD CONSTRAINT ck CHECK ("order" >= 0) NOT VALID | +constraint ck on public.items: not validated
          ALTER TABLE items DISABLE TRIGGER update_items_updated_at | +trigger update_items_updated_at on public.items: disabled
          ALTER TABLE items ENABLE ALWAYS TRIGGER update_items_updated_at | +trigger update_items_updated_at on public.items: enabled always
          ALTER TABLE routine_items DISABLE TRIGGER ALL | +table public.routine_items: internal triggers, enabled D: 4
          CREATE POLICY mine ON items USING (id > 1) | +policy mine on public.items: using (id > 1)
          ALTER TABLE items ENABLE ROW LEVEL SECURITY | +table public.items: row security enabled
          ALTER TABLE items FORCE ROW LEVEL SECURITY | +table public.items: row security disabled, forced
          GRANT SELECT ON items TO pg_monitor | +table public.items: granted to pg_monitor by postgres: SELECT
          GRANT UPDATE (notes) ON items TO pg_monitor | +column public.items.notes: granted to pg_monitor by postgres: UPDATE
          ALTER TABLE items OWNER TO pg_database_owner | +table public.items: owner pg_database_owner
          ALTER SEQUENCE ab_user_id_seq INCREMENT 2 | +sequence public.ab_user_id_seq: bigint start 1 increment 2
          ALTER SEQUENCE ab_user_id_seq OWNED BY ab_user.id | +sequence public.ab_user_id_seq: owned by public.ab_user.id
          ALTER TABLE items SET (fillfactor = 80) | +table public.items: option fillfactor=80
          CREATE OR REPLACE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END' | -function public.update_updated_at_column(): line 004: AS $function$
          CREATE VIEW v AS SELECT id FROM items | +view public.v: line 001:  SELECT id
          CREATE TYPE mood AS ENUM ('a', 'b') | +type public.mood: enum 'a', 'b'
          CREATE DOMAIN d AS integer CHECK (VALUE > 0) | +type public.d: domain integer
          CREATE STATISTICS s ON title, tuning FROM items | +statistics public.s: CREATE STATISTICS
          CREATE PUBLICATION p FOR TABLE items | +publication p: includes table public.items
          CREATE SCHEMA other | +schema other: owner postgres
          CREATE TABLE other (id integer) | +table public.other: permanent
          """)
  void differsByEachChange(String change, String line) {
    try (TestDatabase database = TestDatabase.legacy()) {
      SchemaDescription before = database.schema();
      database.execute(change);
      assertThatThrownBy(() -> assertThat(database.schema()).isEqualTo(before))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("\n" + line.replace("by postgres", "by " + database.username()));
    }
  }

  @Test
  void namesNotNullConstraintsWhereTheServerHasThem() {
    try (TestDatabase database = TestDatabase.legacy()) {
      boolean named = database.server().version() >= 180_000;
      String line = "constraint items_title_not_null on public.items: NOT NULL title";
      assertThat(database.schema().lines().contains(line)).isEqualTo(named);
    }
  }

  @Test
  void dataShowsEveryValueInTheOrderOfTheKey() {
    try (TestDatabase database = TestDatabase.empty()) {
      database.execute(
          """
          CREATE TABLE t (at timestamptz, "order" text, id integer PRIMARY KEY);
          INSERT INTO t VALUES (NULL, 'O''Brien', 10), ('2026-01-01 00:00:00.000001+01', E'a\\nb', 9)""");
      assertThat(database.data().lines())
          .containsExactly(
              "t: at='2025-12-31 23:00:00.000001+00' id='9' order='a\\nb'",
              "t: at=NULL id='10' order='O''Brien'");
      assertThat(database.data().without("t.at", "t.order").lines())
          .containsExactly("t: id='9'", "t: id='10'");
    }
  }

  @Test
  void assertionsReadLikeSentences() {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThat(database)
          .hasNoTable("subscriptions")
          .table("items")
          .hasColumn("title")
          .hasNoColumn("user_id")
          .hasIndex("idx_items_title")
          .hasConstraint("items_pkey");
      assertThatThrownBy(() -> assertThat(database).table("items").hasColumn("user_id"))
          .hasMessageStartingWith("Expected a column user_id on items, but there are only [id,");
      assertThat(database.query("SELECT id, title FROM items WHERE id = ?", 1))
          .isEqualTo(List.of(Map.of("id", 1, "title", database.queryForString(TITLE))));
    }
  }

  private static final String TITLE = "SELECT title FROM items WHERE id = 1";
}
