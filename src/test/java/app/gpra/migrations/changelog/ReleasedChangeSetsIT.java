package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReleasedChangeSetsIT {

  @Test
  void theListHasWhatLiquibaseWritesIntoADatabase() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      List<String> list =
          new ReleasedChangeSets(Map.of())
              .with(Path.of("")).checksums().entrySet().stream()
                  .map(one -> one.getKey() + "," + one.getValue())
                  .toList();
      assertThat(list)
          .containsAll(
              database.query(
                  "SELECT filename || '::' || id || ',' || md5sum FROM databasechangelog"));
    }
  }
}
