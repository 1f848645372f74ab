package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
