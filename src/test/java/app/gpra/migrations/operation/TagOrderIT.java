package app.gpra.migrations.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A rollback to a tag, where a later migration ran before an earlier one. */
class TagOrderIT extends OperationChangelog {

  TagOrderIT() {
    super("order");
  }

  @BeforeEach
  void runTheLaterOneFirst() {
    run().labels("!waits").update();
    List<String> said = new ArrayList<>();
    run().showing(said::add).update();
    assertThat(said).contains("  to go back: mvn liquibase:rollback -Dliquibase.rollbackCount=2");
    assertThat(database.applied())
        .containsExactly("900-tag", "902-mood", "902-tag", "901-shelf", "901-tag");
  }

  private void back(String tag, boolean byScript) {
    if (byScript) {
      database.script(run().rollbackSqlTo(tag));
    } else {
      run().rollbackTo(tag);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void undoesWhatStandsAfterTheTagInTheChangelog(boolean byScript) {
    back("901", byScript);
    assertThat(database.applied()).containsExactly("900-tag", "901-shelf", "901-tag");
    assertThat(database.schema()).contains("shelf").doesNotContain("mood");

    run().update();
    assertThat(database.schema()).contains("mood");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void undoesTheLastThatRanFirst(boolean byScript) {
    List<String> said = new ArrayList<>();
    if (byScript) {
      assertThat(run().rollbackSqlTo("900")).containsSubsequence("shelf", "mood");
    } else {
      run().showing(said::add).rollbackTo("900");
      assertThat(String.join("\n", said)).containsSubsequence("901-shelf", "902-mood");
      assertThat(database.applied()).containsExactly("900-tag");
      assertThat(database.schema()).isEqualTo(schema);
    }
  }

  @Test
  void undoesNothingForTheLastTagOfTheChangelog() {
    List<String> said = new ArrayList<>();
    run().showing(said::add).rollbackTo("902");
    assertThat(String.join("\n", said)).contains("Nothing to undo");
    assertThat(database.applied()).hasSize(5);
  }

  /** By count it goes by the history. */
  @Test
  void undoesByCountWhatRanLast() {
    List<String> said = new ArrayList<>();
    run().showing(said::add).rollbackCount(2);
    assertThat(said).contains("  undone: 2 changesets of 901 (901-tag, 901-shelf)");
    assertThat(database.applied()).containsExactly("900-tag", "902-mood", "902-tag");
  }

  @Test
  void stopsAtWhatAnotherVersionHasMadeSince() {
    database.execute(
        "INSERT INTO databasechangelog SELECT '903-other', 'test', 'changelogs/order.yaml', now(), 99, 'EXECUTED'");
    assertThatThrownBy(() -> run().rollbackTo("901")).hasMessageContaining("903-other");
    assertThat(database.schema()).contains("mood");
  }
}
