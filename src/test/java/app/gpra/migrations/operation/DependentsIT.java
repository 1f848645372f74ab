package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is on a column or a table besides keys and indexes: it stays, there and back, or the update
 * stops before anything.
 */
class DependentsIT extends OperationChangelog {

  private static final String GRANTS =
      "SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges WHERE grantee = 'pg_monitor' ORDER BY 1, 2, 3";

  private static final String OTHERS =
      "SELECT tablename::text, to_jsonb(p) ->> 'attnames' FROM pg_publication_tables AS p WHERE pubname = 'p' UNION ALL SELECT stxrelid::regclass::text, pg_get_statisticsobjdef_columns(oid)"
          + " FROM pg_statistic_ext";

  DependentsIT() {
    super("dependents");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rename | CREATE PUBLICATION p FOR TABLE songs (id, duration) | songs, [\"id\", \"length\"]",
        "rename | CREATE STATISTICS s ON title, duration FROM songs | songs, title, length",
        "rename | GRANT SELECT (duration), UPDATE (length) ON songs TO pg_monitor | songs, length, SELECT; songs, length, UPDATE",
        "larger | GRANT SELECT (plays) ON songs TO pg_monitor | songs, plays, SELECT",
        "larger | GRANT SELECT (plays_larger) ON songs TO pg_monitor | songs, plays_larger, SELECT",
        "table | CREATE PUBLICATION p FOR TABLE songs (id, duration) | tracks, [\"id\", \"duration\"]",
        "table | CREATE STATISTICS s ON title, duration FROM songs | tracks, title, duration",
        "table | GRANT SELECT (duration) ON songs TO pg_monitor | songs, duration, SELECT; tracks, duration, SELECT",
      })
  void stays(String operation, String other, String expected) {
    begin(operation, other);
    List<String> before = there();
    run().labels(operation).update();
    assertThat(String.join("; ", there())).isEqualTo(expected);
    run().labels(operation).rollbackCount(1);
    assertThat(there()).containsAll(before);
  }

  private List<String> there() {
    List<String> all = new ArrayList<>(database.query(GRANTS));
    all.addAll(database.query(OTHERS));
    return all.stream().map(row -> row.replace("|", ", ")).toList();
  }

  /** To where something else is put on it, if this server has such publications. */
  private void begin(String operation, String other) {
    run().labels(operation).updateTo("901");
    assumeTrue(
        !other.contains("PUBLICATION")
            || database
                .value(
                    "SELECT count(*) FROM pg_attribute WHERE attrelid = 'pg_publication_rel'::regclass AND attname = 'prattrs'")
                .equals("1"));
    database.execute(other);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rename | CREATE PUBLICATION p FOR TABLE songs (id, length) | publication of table songs in publication p would go with the copy: drop it in a changeset before",
        "rename | CREATE STATISTICS s ON title, length FROM songs | statistics object s would go with the copy: drop it in a changeset before",
        "larger | CREATE PUBLICATION p FOR TABLE songs (id, plays) | publication of table songs in publication p depends on it: drop that before, and make it again afterwards",
        "larger | CREATE STATISTICS s ON title, plays FROM songs | statistics object s depends on it: drop that before, and make it again afterwards",
        "drop | CREATE PUBLICATION p FOR TABLE songs (id, duration) | cannot be dropped because of publication of table songs in publication p: drop that first",
        "drop | CREATE STATISTICS s ON title, duration FROM songs | cannot be dropped because of statistics object s: drop that first",
      })
  void stopsTheUpdate(String operation, String other, String sentence) {
    begin(operation, other);
    String before = database.schema();
    assertThatThrownBy(() -> run().labels(operation).update())
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing was changed.");
    assertSame("the schema", before, database.schema());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value =
          "drop | GRANT SELECT (duration) ON songs TO pg_monitor"
              + " | songs.duration had privileges of its own, which no rollback grants again: \"GRANT SELECT (duration) ON songs TO pg_monitor\"")
  void isSaidToBeLost(String operation, String other, String sentence) {
    database.execute(other);
    List<String> said = new ArrayList<>();
    run().labels(operation).showing(said::add).update();
    assertThat(said).anyMatch(line -> line.contains(sentence));
  }
}
