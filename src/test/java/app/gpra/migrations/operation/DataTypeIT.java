package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code modifyDataType}, there and back. */
class DataTypeIT extends OperationChangelog {

  private static final int ALL = 6;

  private static final String TYPES =
      "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute"
          + " WHERE attrelid = 'songs'::regclass AND attnum > 1 AND NOT attisdropped";

  private static final String BEFORE =
      "character varying(50), numeric(10,2), character varying, integer, character varying(20)";

  private static final String FILES =
      "SELECT pg_relation_filenode('songs'), pg_relation_filenode('songs_title')";

  DataTypeIT() {
    super("types");
  }

  private LiquibaseRun narrowing() {
    return run().with("gpra.rollback.narrow", "true");
  }

  private void assertIsWide(String mood) {
    assertThat(database.value(TYPES))
        .isEqualTo("text, numeric(12,2), text, integer, character varying(20)" + mood);
    assertThat(database.schema()).doesNotContain("gpra_copy");
  }

  private List<String> executed() {
    return database.query(
        "SELECT id FROM databasechangelog WHERE exectype = 'EXECUTED' ORDER BY orderexecuted");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isWiderWithoutAWriteAndStaysSo(boolean byScript) {
    String files = database.value(FILES);
    List<String> said = new ArrayList<>();
    if (byScript) {
      String script = run().updateSql();
      assertThat(database.value(TYPES)).isEqualTo(BEFORE);
      assertThat(script)
          .contains("-- public.songs: ACCESS EXCLUSIVE, no scan\nCALL pg_temp.gpra_modify_type(");
      database.script(script);
    } else {
      run().update();
    }
    assertIsWide(", character varying(9)");
    assertThat(executed()).hasSize(ALL);
    assertThat(
            database.value(
                "SELECT collation_name FROM information_schema.columns WHERE column_name = 'Title'"))
        .isEqualTo("C");

    if (byScript) {
      database.script(run().rollbackSqlCount(ALL));
    } else {
      run().showing(said::add).rollbackCount(ALL);
      assertThat(said)
          .anyMatch(
              line ->
                  line.contains(
                      "songs.Title stays text: \"ALTER TABLE songs ALTER COLUMN \"Title\" TYPE character varying(100) COLLATE \"C\" USING"
                          + " \"Title\"::character varying(100)\" would read or write every row of songs (16 kB) under ACCESS EXCLUSIVE."))
          .noneMatch(line -> line.contains("songs.note"));
    }
    assertThat(database.value(TYPES))
        .isEqualTo("text, numeric(12,2), character varying, integer, character varying(20)");
    assertThat(database.value(FILES)).isEqualTo(files);
    assertThat(database.applied()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isNarrowedWhereThatIsAskedFor(boolean byScript) {
    String schema = database.schema();
    String data = database.data();
    List<String> said = new ArrayList<>();
    run().update();
    if (byScript) {
      String script = narrowing().rollbackSqlCount(ALL);
      assertThat(script)
          .contains("-- public.songs: ACCESS EXCLUSIVE, scan\nCALL pg_temp.gpra_restore_type(");
      database.script(script);
    } else {
      narrowing().showing(said::add).rollbackCount(ALL);
      assertThat(said)
          .anyMatch(
              line ->
                  line.contains(
                      "gpra.rollback.narrow=true: songs.price becomes numeric(10,2) again, and songs (16 kB) is written anew under ACCESS EXCLUSIVE"));
    }
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
  }

  @Test
  void namesTheRowsThatDoNotFitAndCutsThemWhereTheyMayGo() {
    run().update();
    database.execute(
        "UPDATE songs SET \"Title\" = repeat('x', 60) WHERE id < 4; UPDATE songs SET \"Title\" = repeat('y', 101) WHERE id = 4;"
            + " UPDATE songs SET mood = 'cheerful' WHERE id = 1");
    assertThatThrownBy(() -> narrowing().rollbackCount(ALL))
        .hasMessageContaining("This rollback would destroy what was made since: ")
        .hasMessageContainingAll("songs.Title of 1 row(s)", "songs.Title of 4 row(s)")
        .hasMessageContaining("Nothing was undone.");
    assertIsWide(", character varying(9)");

    narrowing().with("gpra.rollback.discard", "true").rollbackCount(ALL);
    assertThat(database.value(TYPES)).isEqualTo(BEFORE);
    assertThat(database.value("SELECT max(length(\"Title\")) FROM songs")).isEqualTo("50");
  }

  @Test
  void countsAlsoWhatTheNarrowerTypeCannotHave() {
    run().updateCount(3);
    database.execute("UPDATE songs SET price = 1234567890.12 WHERE id = 1");
    assertThatThrownBy(() -> narrowing().rollbackCount(1))
        .hasMessageContaining("songs.price of 1 row(s)");
    run().rollbackCount(1);
    assertThat(database.applied()).containsExactly("900-title", "900-title-text");
  }

  @Test
  void isNotCutByARowThatCameSinceTheLook() {
    run().updateCount(2);
    String script = narrowing().rollbackSqlCount(1);
    String values = "UPDATE songs SET \"Title\" = repeat('x', 101) WHERE id = 1;\n";
    assertThatThrownBy(
            () ->
                database.script(
                    script.replaceFirst(
                        "(?m)^-- public.songs: ACCESS EXCLUSIVE, scan", values + "$0")))
        .hasMessageContaining("Values have come while this rollback ran that do not fit");
    assertThat(database.applied()).hasSize(2);
  }

  /** Whoever made it, or a rollback that left it: then the first of two has it wider already. */
  @Test
  void isLeftToWhoeverMadeIt() {
    run().updateCount(ALL - 2);
    run().rollbackCount(ALL - 2);
    List<String> said = new ArrayList<>();

    run().showing(said::add).update();

    assertThat(said)
        .anyMatch(line -> line.contains("songs.Title is text already"))
        .anyMatch(line -> line.contains("songs.price is numeric(12,2) already"));
    assertIsWide(", character varying(9)");
    assertThat(executed()).containsExactly("900-note", "900-mood", "900-mood-type");

    narrowing().showing(said::add).rollbackCount(ALL);
    assertThat(said)
        .anyMatch(line -> line.contains("songs.price stays numeric(12,2), which somebody else"));
    assertThat(database.value(TYPES))
        .isEqualTo("text, numeric(12,2), character varying, integer, character varying(20)");
  }

  /** The column whose comment got lost has not the type any more with which it was made. */
  @Test
  void doesNotKeepAColumnFromItsMark() {
    run().update();
    database.execute("COMMENT ON COLUMN songs.mood IS NULL");
    run().with("gpra.rollback.marks", "restore").rollbackCount(2);
    assertIsWide("");
  }

  /** Outside of a transaction it may be made and not recorded. */
  @Test
  void isRecordedWhereItIsDoneAndOnlyThere() {
    run().update();
    database.execute("DELETE FROM databasechangelog WHERE id IN ('900-price', '900-mood-type')");
    run().update();
    assertIsWide(", character varying(9)");
    assertThat(database.applied()).hasSize(ALL);

    run().rollbackCount(ALL);
    String script = run().updateSql();
    assertThatThrownBy(
            () ->
                database.script(
                    script.replaceFirst(
                        "CALL pg_temp.gpra_modify_type\\('public.songs', 'mood'.*;", "")))
        .hasMessageContaining("[gpra 900-mood-type] was not finished, so it is not recorded");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE VIEW theirs AS SELECT note FROM songs | rule _RETURN on view theirs",
        "ALTER TABLE songs ADD CONSTRAINT ck CHECK (note <> '') | constraint ck on table songs",
        "CREATE INDEX theirs ON songs (lower(note)) | index theirs",
        "CREATE POLICY theirs ON songs USING (note = '') | policy theirs on table songs",
        "ALTER TABLE songs ADD size int GENERATED ALWAYS AS (length(note)) STORED | column size of table songs",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER theirs AFTER UPDATE OF note ON songs"
            + " FOR EACH ROW EXECUTE FUNCTION f() | trigger theirs on table songs",
        "CREATE TABLE theirs (note varchar PRIMARY KEY); INSERT INTO theirs VALUES ('Note'); ALTER TABLE songs ADD CONSTRAINT fk FOREIGN KEY (note)"
            + " REFERENCES theirs | constraint fk on table songs",
      })
  void isRefusedWhereSomethingWouldBeMadeAnew(String other, String what) {
    database.execute(other);
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("songs.note cannot become TEXT under one short lock because of")
        .hasMessageContaining(what);
    assertThat(database.value(TYPES)).startsWith(BEFORE);
  }

  @Test
  void isRefusedAlsoWhereThatCameSinceTheLook() {
    String script = run().updateSql();
    assertThatThrownBy(
            () ->
                database.script(
                    script.replaceFirst(
                        "CALL pg_temp.gpra_modify_type\\(",
                        "ALTER TABLE songs ADD CONSTRAINT ck CHECK (\"Title\" <> '');\n$0")))
        .hasMessageContaining("because of constraint ck on table songs");
    assertThat(database.value(TYPES)).isEqualTo(BEFORE);
  }

  @Test
  void isRefusedWhereRowsWouldBeWritten() {
    assertThatThrownBy(
            () -> new LiquibaseRun(database).changelog("changelogs/types-refused.yaml").update())
        .hasMessageContainingAll(
            "songs.plays would have every row written anew under a lock: give it a copy of the type BIGINT first (copyColumn)",
            "songs.lyrics would have every row",
            "songs.mode would have every row",
            "songs.missing is not there, and is to become TEXT",
            "songs.id cannot become NOTHING: type \"nothing\" does not exist")
        .hasMessageContaining("Nothing was changed.");
    assertThat(database.value(TYPES)).isEqualTo(BEFORE);
  }
}
