package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table that gets another name while the old version of the application runs. */
class RenameTableIT extends OperationChangelog {

  private static final String GRANTS =
      "SELECT concat_ws(' ', privilege_type, column_name) FROM information_schema.column_privileges"
          + " WHERE table_name = '%s' AND grantee = 'pg_monitor'";

  private String data;

  RenameTableIT() {
    super("tables");
  }

  @BeforeEach
  void remember() {
    data = database.data();
  }

  private void assertIsAsBefore() {
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
    assertThat(database.applied()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hasBothNamesAndGoesBack(boolean byScript) {
    List<String> granted = new ArrayList<>(database.query(GRANTS.formatted("songs")));
    if (byScript) {
      database.script(run().updateSql());
    } else {
      run().update();
    }
    database.execute(
        "INSERT INTO songs (title, singer) VALUES ('by the old', 1); UPDATE songs SET mood = 'sad' WHERE title = 'by the old';"
            + " INSERT INTO \"My tracks\" (title, singer, length) VALUES ('by the new', 2, 3)");
    assertThat(database.value("SELECT count(*) FROM songs WHERE title LIKE 'by%'")).isEqualTo("2");
    assertThat(database.value("SELECT mood FROM \"My tracks\" WHERE title = 'by the old'"))
        .isEqualTo("sad");
    assertThatThrownBy(() -> database.execute("INSERT INTO songs (title, singer) VALUES ('x', 9)"))
        .hasMessageContaining("songs_singer_fkey");
    granted.add("SELECT mood");
    assertThat(database.query(GRANTS.formatted("songs")))
        .containsExactlyInAnyOrderElementsOf(granted);
    assertThat(run().update()).doesNotContain("901-tracks");

    int all = database.applied().size();
    assertThatThrownBy(() -> run().rollbackCount(all))
        .hasMessageContaining("mood of 1 row(s)")
        .hasMessageContaining("length of 1 row(s)")
        .hasMessageContaining("Nothing was undone.");
    database.execute("DELETE FROM songs WHERE title LIKE 'by%'");
    if (byScript) {
      database.script(run().rollbackSqlCount(all));
    } else {
      run().rollbackCount(all);
    }
    assertIsAsBefore();
  }

  @Test
  void failsNoStatementOfTheOldVersion() throws InterruptedException {
    try (Application old =
        new Application(
            database,
            false,
            "SELECT title FROM songs WHERE id = 10",
            "INSERT INTO songs (title, singer) VALUES ('more', 1)",
            "UPDATE songs SET singer = 2 WHERE id = 11",
            "DELETE FROM songs WHERE title = 'more'")) {
      old.works();
      run().update();
      old.works();
      run().rollbackCount(database.applied().size());
      assertThat(old.works().faults()).isEmpty();
    }
    assertSame("the schema after going back", schema, database.schema());
  }

  private LiquibaseRun twice() {
    return new LiquibaseRun(database).changelog("changelogs/tables-twice.yaml");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hasAThirdNameAndGoesBackAlsoWhereTheFirstOneHasGone(boolean byScript) {
    for (String to : List.of("twice", "")) {
      if (to.isEmpty()) {
        twice().update();
      } else {
        twice().updateTo(to);
      }
      assertThat(twice().status()).doesNotContain("no comment says so any more");
      int all = database.applied().size();
      if (byScript) {
        database.script(twice().rollbackSqlCount(all));
      } else {
        twice().rollbackCount(all);
      }
      assertIsAsBefore();
    }
  }

  @Test
  void saysUnderWhichNameAMarkGotLost() {
    twice().updateTo("twice");
    database.execute("COMMENT ON COLUMN recordings.mood IS NULL");
    assertThat(twice().status()).contains("made column mood of table recordings, but no comment");
    int all = database.applied().size();
    assertThatThrownBy(() -> twice().rollbackCount(all))
        .hasMessageContaining("column mood of table recordings. Nothing was undone.");
    twice().with("gpra.rollback.marks", "restore").rollbackCount(all);
    assertIsAsBefore();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE VIEW songs AS SELECT 1 AS one; COMMENT ON VIEW songs IS '[gpra 999-songs]'",
        "CREATE VIEW songs AS SELECT 1 AS one",
        "CREATE TABLE songs (id integer, mood text)",
      })
  void doesNotGoBackOverAnotherOfItsName(String other) {
    run().update();
    database.execute("DROP VIEW songs; " + other);
    String before = database.schema();
    int all = database.applied().size();
    String sentence =
        "\"My tracks\" cannot be songs again: that is there, and is not the view that 901-tracks made. Nothing was undone. Drop or rename it,";
    for (String marks : List.of("stop", "restore", "leave")) {
      assertThatThrownBy(() -> run().with("gpra.rollback.marks", marks).rollbackCount(all))
          .hasMessageContaining(sentence);
    }
    String script = run().rollbackSqlCount(all);
    assertThatThrownBy(() -> database.script(script)).hasMessageContaining(sentence);
    assertSame("the schema", before, database.schema());
    assertThat(database.applied()).hasSize(all);
    database.execute("ALTER TABLE songs RENAME TO others");
    run().rollbackCount(all);
    assertThat(database.applied()).isEmpty();
    assertThat(database.value("SELECT to_regclass('others')")).isEqualTo("others");
  }

  @Test
  void leavesTheTableItsNameWhereTheNewOneIsTaken() {
    database.execute("CREATE TABLE \"My tracks\" ()");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("public.\"My tracks\" is there: drop or rename it")
        .hasMessageContaining("Nothing was changed.");
  }
}
