package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A column that gets another name while the old and the new version of the application run. */
class RenameIT extends OperationChangelog {

  private static final String BOTH = "SELECT duration, \"My length\" FROM songs WHERE title = '%s'";

  private String data;

  /** As PostgreSQL renames a column. */
  private String renamed;

  RenameIT() {
    super("renames");
  }

  @BeforeEach
  void remember() {
    data = database.data();
    try (TestDatabase copy = database.copy()) {
      renamed = copy.execute("ALTER TABLE songs RENAME COLUMN duration TO \"My length\"").schema();
    }
  }

  private void assertIsAsBefore() {
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
    assertThat(database.applied()).isEmpty();
  }

  private void assertIsRenamed() {
    assertSame("the schema", renamed, database.schema());
    assertThat(database.value("SELECT count(*) FROM songs WHERE \"My length\" = id % 7 || ':00'"))
        .isEqualTo("3000");
    assertThat(database.value("SELECT count(*) FROM songs WHERE changed <> '2020-01-01'"))
        .isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hasBothNamesThenTheNewOneAndGoesBack(boolean byScript) {
    List<String> said = new ArrayList<>();
    if (byScript) {
      database.script(run().updateSql());
    } else {
      run().showing(said::add).update();
      assertThat(said)
          .anyMatch(line -> line.contains("songs.My length: 3000 row(s) copied from duration"));
    }
    assertIsRenamed();
    if (byScript) {
      database.script(run().rollbackSqlCount(1));
    } else {
      run().rollbackCount(1);
    }
    assertThat(database.value("SELECT count(*) FROM songs WHERE duration = \"My length\""))
        .isEqualTo("3000");
    if (byScript) {
      database.script(run().rollbackSqlCount(2));
    } else {
      run().rollbackCount(2);
    }
    assertIsAsBefore();
  }

  @Test
  void isInStepWhicheverNameIsWritten() {
    run().updateTo("both");
    database.execute("INSERT INTO songs (title, duration) VALUES ('by the old', '1:11')");
    database.execute("INSERT INTO songs (title, \"My length\") VALUES ('by the new', '2:22')");
    database.execute("INSERT INTO songs (title) VALUES ('by neither')");
    assertThat(database.value(BOTH.formatted("by the old"))).isEqualTo("1:11|1:11");
    assertThat(database.value(BOTH.formatted("by the new"))).isEqualTo("2:22|2:22");
    assertThat(database.value(BOTH.formatted("by neither"))).isEqualTo("3:00|3:00");

    database.execute("UPDATE songs SET duration = '4:44' WHERE title = 'Song 1'");
    database.execute("UPDATE songs SET \"My length\" = '5:55' WHERE title = 'Song 2'");
    database.execute("UPDATE songs SET \"My length\" = NULL WHERE title = 'Song 3'");
    assertThat(database.value(BOTH.formatted("Song 1"))).isEqualTo("4:44|4:44");
    assertThat(database.value(BOTH.formatted("Song 2"))).isEqualTo("5:55|5:55");
    assertThat(database.value(BOTH.formatted("Song 3"))).isEqualTo("∅|∅");
    assertThatThrownBy(() -> database.execute("UPDATE songs SET \"My length\" = ''"))
        .hasMessageContaining("songs_duration_check");
    run().update();
    assertThat(database.value("SELECT \"My length\" FROM songs WHERE title = 'Song 2'"))
        .isEqualTo("5:55");
  }
}
