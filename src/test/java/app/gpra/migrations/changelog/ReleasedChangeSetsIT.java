package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReleasedChangeSetsIT {

  private static final String HISTORY =
      "SELECT id, dateexecuted, orderexecuted, md5sum FROM databasechangelog ORDER BY orderexecuted";

  private static final Map<String, List<String>> RELEASED =
      ReleasedChangeSets.read(Path.of("changelog/released.csv")).checksums();

  private static void release(TestDatabase database) {
    RELEASED.forEach(
        (name, checksums) ->
            database.execute(
                "UPDATE databasechangelog SET md5sum = '%s' WHERE filename || '::' || id = '%s'"
                    .formatted(checksums.get(0), name)));
  }

  @Test
  void theListHasWhatLiquibaseWritesIntoADatabase() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      List<String> list =
          new ReleasedChangeSets(Map.of())
              .with(Path.of("")).checksums().entrySet().stream()
                  .map(one -> one.getKey() + "," + one.getValue().get(0))
                  .toList();
      assertThat(list)
          .containsAll(
              database.query(
                  "SELECT filename || '::' || id || ',' || md5sum FROM databasechangelog"));
    }
  }

  /** What has changed since names the released checksum. */
  @Test
  void aDatabaseOfAReleaseGoesOnAndBack() {
    try (TestDatabase database = TestDatabase.legacy()) {
      String schema = database.schema();
      String data = database.data();
      new LiquibaseRun(database).update();
      release(database);
      List<String> history = database.query(HISTORY);

      new LiquibaseRun(database).enforce().update();

      assertThat(database.query(HISTORY)).startsWith(history.toArray(String[]::new));
      assertThat(database.applied())
          .contains(Changelog.tags().get(Changelog.tags().size() - 1) + "-tag");
      release(database);
      assertThat(new LiquibaseRun(database).enforce().status()).contains("is up to date");

      new LiquibaseRun(database).enforce().rollbackTo("000");
      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }
}
