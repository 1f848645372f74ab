package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code createIndex} and {@code dropIndex}. */
class IndexIT extends OperationChangelog {

  private static final String OURS =
      "SELECT relname || ': ' || pg_get_indexdef(i.indexrelid) || coalesce(' -- ' || obj_description(i.indexrelid, 'pg_class'), '')"
          + " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE indisvalid"
          + " AND obj_description(i.indexrelid, 'pg_class') LIKE '[gpra 900-%' ORDER BY 1";

  IndexIT() {
    // On an empty table an index is built at once.
    super("indexes", () -> TestDatabase.legacy().execute("TRUNCATE active_routine"));
  }

  private void assertIsBuilt() {
    assertThat(database.query(OURS))
        .containsExactly(
            "Charts of an item: CREATE UNIQUE INDEX \"Charts of an item\" ON public.chord_charts USING btree (item_id, order_col) -- [gpra 900-item-index]",
            "idx_active_routine: CREATE INDEX idx_active_routine ON public.active_routine USING btree (routine_id) -- [gpra 900-active-index]",
            "idx_items_songbook: CREATE INDEX idx_items_songbook ON public.items USING btree (songbook) -- [gpra 900-songbook-index]",
            "idx_items_whose_name_is_as_long_as_a_name_may_be_for_postgresql: CREATE INDEX"
                + " idx_items_whose_name_is_as_long_as_a_name_may_be_for_postgresql ON public.items USING btree (created_at DESC,"
                + " lower((title)::text)) -- [gpra 900-newest-index]",
            "uq_items_tuned: CREATE UNIQUE INDEX uq_items_tuned ON public.items USING btree (title, lower((tuning)::text)) INCLUDE (id)"
                + " WHERE ((tuning)::text <> 'E; A'::text) -- [gpra 900-tuned-index]");
    assertThat(database.schema()).doesNotContain("gpra_");
  }

  @Test
  void isWholeAndMarkedWhereItBearsItsNameAndGoesAsItCame() {
    run().update();
    assertIsBuilt();
    goBack();
  }

  @Test
  void isTheSameByAScriptThereAndBack() {
    String script = run().updateSql();
    assertSame("the schema after a preview", schema, database.schema());
    database.script(script);
    assertIsBuilt();
    database.script(run().rollbackSqlCount(5));
    assertSame("the schema after going back", schema, database.schema());
  }

  @Test
  void isLeftToWhoeverMadeAnEqualOne() {
    database.execute(
        "CREATE INDEX theirs ON items (songbook) WITH (fillfactor = 90); CREATE INDEX part ON active_routine (routine_id) WHERE id > 3");
    schema = database.schema();
    List<String> said = new ArrayList<>();

    run().showing(said::add).update();

    assertThat(said)
        .anyMatch(line -> line.contains("idx_items_songbook is there already, as theirs"));
    assertThat(database.query(OURS)).hasSize(4).noneMatch(index -> index.contains("songbook"));
    goBack();
  }

  @Test
  void staysWhereSomebodyElseMadeIt() {
    database.execute("CREATE INDEX idx_items_songbook ON items (songbook)");
    schema = database.schema();
    run().update();
    assertThat(database.query(OURS)).hasSize(4);
    goBack();
  }

  @Test
  void isNotMadeWhereItsNameIsTaken() {
    database.execute("CREATE INDEX idx_active_routine ON active_routine (id)");
    schema = database.schema();

    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "This update finds objects that are there but different: the index idx_active_routine is \"CREATE INDEX idx_active_routine ON public.active_routine USING btree (id)\", expected (routine_id) on active_routine. Nothing was changed.");

    assertThat(database.applied()).doesNotContain("900-active-index");
    goBack();
  }

  @Test
  void namesTheKeysThatAreThereTwice() {
    database.execute(
        "INSERT INTO chord_charts (item_id, title, chord_data, order_col) VALUES ('o''brien', 'G', '{}', 7), ('o''brien', 'C', '{}', 7),"
            + " ('x', 'G', '{}', NULL), ('x', 'G', '{}', NULL)");
    String data = database.data();

    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "public.chord_charts cannot be unique by item_id, order_col: (o'brien, 7) in 2 rows. Nothing was built.");

    goBack();
    assertSame("the data", data, database.data());
    database.execute(
        "UPDATE chord_charts SET order_col = 8 WHERE title = 'C' AND item_id = 'o''brien'");
    run().update();
    assertIsBuilt();
  }

  @Test
  void namesOnlyKeysThatAPartialOneHasTwice() {
    String twice =
        "INSERT INTO items (title, tuning) VALUES ('T', 'E; A'), ('T', 'E; A'), ('T', NULL), ('T', NULL)";
    database.execute(twice);
    run().update();
    assertIsBuilt();
    run().rollbackCount(5);

    database.execute("INSERT INTO items (title, tuning) VALUES ('T', 'd'), ('T', 'D')");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "items cannot be unique by title, lower(tuning::text): (T, d) in 2 rows. Nothing was built. Find them all with SELECT title,"
                + " lower(tuning::text), count(*) FROM items WHERE ((tuning)::text <> 'E; A'::text) GROUP BY title, lower(tuning::text)");
    goBack();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Valid, not yet named.
        "CREATE INDEX gpra_building_idx_items_songbook ON items (songbook)",
        // As a concurrent build leaves it.
        "CREATE INDEX gpra_building_idx_items_songbook ON items (songbook); UPDATE pg_index SET indisvalid = false"
            + " WHERE indexrelid = 'gpra_building_idx_items_songbook'::regclass",
        // What takes the working name where nothing is to be built.
        "CREATE TABLE gpra_no_building (id integer); CREATE INDEX gpra_building_idx_items_songbook ON gpra_no_building (id)",
      })
  void goesOnFromWhatARunThatWasKilledLeft(String left) {
    database.execute(left);
    run().update();
    assertIsBuilt();

    // Dropped to its working name, and killed.
    database.execute("ALTER INDEX idx_items_songbook RENAME TO gpra_building_idx_items_songbook");
    run().rollbackCount(5);
    assertSame("the schema after going back", schema, database.schema());
  }

  @Test
  void staysWhereAForeignKeyOfOthersLeadsToIt() {
    run().update();
    database.execute(
        "CREATE TABLE theirs (item text, place integer, FOREIGN KEY (item, place) REFERENCES chord_charts (item_id, order_col))");
    assertThatThrownBy(() -> run().rollbackCount(4))
        .hasMessageContaining(
            "what others have built on: constraint theirs_item_place_fkey on table theirs. Nothing was undone.");
    assertIsBuilt();
  }

  @Test
  void saysWhichOfItsStatementsFailed() {
    database.execute(
        "CREATE FUNCTION no_index() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF current_query() LIKE '%INDEX CONCURRENTLY%' THEN RAISE EXCEPTION 'closed' USING ERRCODE = '55000'; END IF; END $$;"
            + " CREATE EVENT TRIGGER no_index ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION no_index()");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("closed (SQLSTATE 55000) in: CREATE INDEX CONCURRENTLY");
  }

  @Test
  void isRefusedInATransaction() {
    assertThatThrownBy(
            () ->
                new LiquibaseRun(database)
                    .changelog("changelogs/index-in-transaction.yaml")
                    .update())
        .hasMessageContaining(
            "an index is built outside of a transaction: add runInTransaction: false")
        .hasMessageContaining(
            "PostgreSQL would cut off the name idx_whose_name_is_longer_than_a_name_may_be_and_so_would_be_cut_off after 63 bytes");
    assertSame("the schema", schema, database.schema());
  }

  @Test
  void isPlainWhereNobodyAskedForMore() {
    new LiquibaseRun(database).changelog("changelogs/index-plain.yaml").update();
    assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname = 'idx_plain'"))
        .isEqualTo("1");
    assertThat(database.query(OURS)).isEmpty();
  }
}
