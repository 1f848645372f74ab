package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A number that gets a larger type, with keys that lead to it, there and back. */
class LargerTypeIT extends OperationChangelog {

  private static final String TYPES =
      "SELECT string_agg(concat(attrelid::regclass, '.', attname, ' ', atttypid::regtype), ', ' ORDER BY attrelid::regclass::text, attname) FROM pg_attribute"
          + " WHERE attrelid IN ('songs'::regclass, 'plays'::regclass) AND attnum > 0 AND attname ~ 'id' AND NOT attisdropped AND attname NOT LIKE '%larger'";

  private String data;

  LargerTypeIT() {
    super("larger");
  }

  @BeforeEach
  void remember() {
    data = database.data();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isLargerAndGoesBack(boolean byScript) {
    if (byScript) {
      database.script(run().updateSql());
    } else {
      run().update();
    }
    assertThat(database.value(TYPES))
        .isEqualTo("plays.id integer, plays.song_id bigint, songs.id bigint");
    database.execute(
        "INSERT INTO songs (title) VALUES ('new'); INSERT INTO plays (song_id) SELECT max(id) FROM songs");
    assertThat(database.value("SELECT id = id_larger FROM songs WHERE title = 'new'"))
        .isEqualTo("t");
    assertThatThrownBy(() -> database.execute("INSERT INTO plays (song_id) VALUES (9999999)"))
        .hasMessageContaining("fk_plays_song");
    assertThat(
            database.value(
                "SELECT string_agg(conname, ', ') FROM pg_constraint WHERE NOT convalidated"))
        .isEqualTo("∅");
    database.execute("DELETE FROM songs WHERE title = 'new'");
    int all = database.applied().size();
    if (byScript) {
      database.script(run().rollbackSqlCount(all));
    } else {
      run().rollbackCount(all);
    }
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
    assertThat(database.applied()).isEmpty();
  }

  @Test
  void doesNotGoBackOverWhatDoesNotFit() {
    run().updateTo("larger");
    database.execute("INSERT INTO songs (id, title) VALUES (3000000000, 'far')");
    assertThat(database.value("SELECT id_larger FROM songs WHERE title = 'far'")).isEqualTo("∅");
    assertThatThrownBy(() -> run().rollbackCount(4))
        .hasMessageContaining(
            "This rollback would destroy what was made since: songs.id of 1 row(s)")
        .hasMessageContaining("Nothing was undone.");

    database.execute(
        "DELETE FROM songs WHERE title = 'far'; SELECT setval('songs_id_seq', 3000000000)");
    int all = database.applied().size();
    assertThatThrownBy(() -> run().rollbackCount(all))
        .hasMessageContaining(
            "The sequence songs_id_seq has counted to 3000000000, which songs.id could not have any more. Nothing was undone. Set it back to what fits,"
                + " SELECT setval('public.songs_id_seq', ...), then run the same command again.");
    assertThat(database.applied()).hasSize(all);
    database.execute("SELECT setval('songs_id_seq', 4000)");
    run().rollbackCount(all);
    assertThat(database.applied()).isEmpty();
  }

  @Test
  void doesNotGoBackWithoutItsCopy() {
    LiquibaseRun forGood = new LiquibaseRun(database).changelog("changelogs/larger-for-good.yaml");
    forGood.update();
    schema = database.schema();
    assertThatThrownBy(() -> forGood.rollbackCount(3))
        .hasMessageContaining(
            "songs.parent cannot have its type before again: its copy parent_larger is not there, and nothing makes it again. Nothing was undone. Write copyColumn"
                + " in the rollback of the changeset that dropped it, then run the same command again.");
    assertSame("the schema", schema, database.schema());
    assertThat(database.applied()).hasSize(3);
    forGood.rollbackCount(1);
    assertThat(database.applied()).hasSize(2);
    forGood.update();
    database.execute("DELETE FROM databasechangelog WHERE id LIKE '90%'");

    run().updateTo("larger");
    database.execute("ALTER TABLE plays DROP song_id_larger CASCADE");
    assertThatThrownBy(() -> run().rollbackCount(7))
        .hasMessageContaining(
            "plays.song_id has no copy song_id_larger any more. If an update that dropped it was killed, run update first");
  }

  /** Of one on several columns: before, between and after the steps, there and back. */
  @Test
  void keepsDuplicatesOutWhereAUniqueConstraintIsOnTheColumn() {
    database.execute(
        "ALTER TABLE plays ADD place integer DEFAULT 1, ADD CONSTRAINT uq_plays UNIQUE (place, song_id)");
    schema = database.schema();
    LiquibaseRun unique = new LiquibaseRun(database).changelog("changelogs/larger-unique.yaml");
    int last = 7;
    for (int step = 1; step <= last; step++) {
      unique.updateCount(1);
      keepsDuplicatesOut();
      assertThat(database.applied()).hasSize(step);
    }
    assertThat(database.value(TYPES)).contains("plays.song_id bigint");
    for (int step = last - 1; step >= 0; step--) {
      unique.rollbackCount(1);
      keepsDuplicatesOut();
      assertThat(database.applied()).hasSize(step);
    }
    // What comes again bears the mark of the changeset that dropped it.
    database.execute("COMMENT ON CONSTRAINT uq_plays ON plays IS NULL");
    assertSame("the schema after going back", schema, database.schema());
  }

  private void keepsDuplicatesOut() {
    assertThatThrownBy(
            () ->
                database.execute(
                    "INSERT INTO plays (place, song_id) SELECT place, song_id FROM plays WHERE id = 9"))
        .hasMessageContaining("duplicate key value violates unique constraint");
  }

  /** As it was set, and with what PostgreSQL is to know of its values. */
  @Test
  void keepsHowItCountsAndIsCounted() {
    database.execute(
        "ALTER TABLE songs ALTER id SET GENERATED ALWAYS, ALTER id SET STATISTICS 500, ALTER id SET (n_distinct = -0.5);"
            + " ALTER SEQUENCE songs_id_seq MINVALUE 0 START WITH 0; ALTER TABLE songs ALTER parent SET STATISTICS 7");
    schema = database.schema();
    String set =
        "SELECT attname, attstattarget, substring(attoptions::text FROM 'n_distinct=[^,}]+') FROM pg_attribute WHERE attrelid = 'songs'::regclass"
            + " AND (attoptions::text LIKE '%n_distinct%' OR attstattarget > 0)";
    List<String> before = database.query(set);
    String counts =
        "SELECT seqmin, seqstart, seqtypid::regtype FROM pg_sequence WHERE seqrelid = 'songs_id_seq'::regclass";
    run().update();
    assertThat(before).containsExactlyInAnyOrder("id|500|n_distinct=-0.5", "parent|7|∅");
    assertThat(database.query(set)).containsExactlyInAnyOrderElementsOf(before);
    assertThat(database.value(counts)).isEqualTo("0|0|bigint");
    assertThatThrownBy(() -> database.execute("INSERT INTO songs (id, title) VALUES (1, 'x')"))
        .hasMessageContaining("cannot insert a non-DEFAULT value into column \"id\"");
    run().rollbackCount(database.applied().size());
    assertThat(database.query(set)).containsExactlyInAnyOrderElementsOf(before);
    assertThat(database.value(counts)).isEqualTo("0|0|integer");
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
  }

  @Test
  void isRefusedBeforeAnythingIsMade() {
    database.execute(
        """
        CREATE VIEW theirs AS SELECT id FROM songs;
        ALTER TABLE songs ADD twice integer GENERATED ALWAYS AS (id * 2) STORED, ADD CONSTRAINT both_of_them UNIQUE (id, title);
        CREATE INDEX plays_both ON plays (song_id, id);
        CREATE TABLE parts (k integer, song integer CONSTRAINT fk_parts REFERENCES songs) PARTITION BY RANGE (k);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (9)
        """);
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContainingAll(
            "songs.id cannot become BIGINT: rule _RETURN on view theirs depends on it: drop that before, and make it again afterwards",
            "twice of table songs depends on it",
            "constraint both_of_them on table songs depends on it",
            "plays.song_id cannot become BIGINT: the index plays_both has no equal on song_id_larger: createIndex, as",
            "constraint fk_parts on table parts is of a partitioned table: drop it before, and make it again afterwards",
            "Nothing was changed.")
        .hasMessageNotContaining("songs_id_title has no equal")
        .hasMessageNotContaining("kept in step");
    assertSame("the schema", schema, database.schema());
    database.execute(
        "DROP VIEW theirs; DROP TABLE parts; DROP INDEX plays_both; ALTER TABLE songs DROP twice, DROP CONSTRAINT both_of_them");
    run().update();
  }

  /** The key to songs is not valid yet then, which the rest of that changeset sees to. */
  @Test
  void goesOnWhereItWasKilledBeforeItsKeysWereValid() {
    run().updateCount(3);
    database.execute(
        "DELETE FROM databasechangelog WHERE id = '900-plays-song'; UPDATE pg_constraint SET convalidated = false WHERE conname = 'fk_plays_song'");
    run().update();
    assertThat(database.value("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"))
        .isEqualTo("0");
    assertThat(database.value(TYPES)).contains("songs.id bigint");
  }

  @Test
  void isRefusedWhereAChildHasComeSinceTheCopy() {
    run().updateCount(2);
    database.execute("CREATE TABLE replays () INHERITS (plays)");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "plays.song_id cannot become BIGINT: the rows of replays, a child of plays, would have no copy")
        .hasMessageContaining("Nothing was changed.");
    database.execute("ALTER TABLE replays NO INHERIT plays");
    run().update();
  }

  /** Before a row is copied. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ALTER TABLE plays ADD CONSTRAINT fine CHECK (is_fine(song_id)) | constraint fine on table plays | ALTER TABLE plays DROP CONSTRAINT fine",
        "CREATE INDEX fine ON plays (id) WHERE is_fine(song_id) | index fine | DROP INDEX fine",
        "CREATE POLICY fine ON plays USING (is_fine(plays.song_id)) | policy fine on table plays | DROP POLICY fine ON plays",
        "CREATE POLICY fine ON songs USING (EXISTS (SELECT FROM plays WHERE is_fine(plays.song_id) AND plays.id = songs.id)) | policy fine on table songs | DROP POLICY fine ON songs",
      })
  void isRefusedWhereAFunctionDoesNotTakeTheType(String other, String what, String gone) {
    database.execute(
        "CREATE FUNCTION is_fine(integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'");
    database.execute(other);
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "plays.song_id cannot become BIGINT: %1$s would not take that type, as the function is_fine(bigint) does not exist: let that take it too, or drop the %1$s before, and make it again afterwards"
                .formatted(what))
        .hasMessageContaining("Nothing was changed.");
    assertSame("the schema", schema, database.schema());
    database.execute(gone);
    run().update();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void failsNoStatementButOnceEachThatTheServerHasPrepared(boolean prepares)
      throws InterruptedException {
    try (Application application =
        new Application(
            database,
            prepares,
            "SELECT id, title FROM songs WHERE id = 10",
            "INSERT INTO songs (title) VALUES ('more')",
            "INSERT INTO plays (song_id) SELECT max(id) FROM songs",
            "UPDATE plays SET song_id = song_id WHERE id % 100 = 3",
            "DELETE FROM songs WHERE title = 'more' AND id % 3 = 0")) {
      application.works();
      run().update();
      application.works();
      run().rollbackCount(database.applied().size());
      application.works();
      if (prepares) {
        // One there, and one back.
        assertThat(application.faults())
            .hasSize(2)
            .allMatch(fault -> fault.contains("cached plan must not change result type"));
      } else {
        assertThat(application.faults()).isEmpty();
      }
    }
    assertSame("the schema after going back", schema, database.schema());
  }
}
