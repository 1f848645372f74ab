package app.gpra.migrations.schema;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What autogenerate says of a database after it has written a migration. */
class PendingUpdateIT {

  private static final String ROWS =
      "INSERT INTO items (item_id, title) SELECT n, 'T' FROM generate_series(1, 20000) AS n; ANALYZE items";

  @TempDir Path directory;

  private String number;

  @BeforeEach
  void addAnIndex() throws Exception {
    ProjectCopy.in(directory);
    ProjectChangelog changelog = new ProjectChangelog(directory);
    number = changelog.nextNumber();
    changelog.add(
        "for-the-test",
        List.of("For the test."),
        List.of(
            new Draft(
                List.of(),
                number + "-items-title-index",
                "items.title: index.",
                List.of(),
                List.of(
                    Draft.named(
                        "createIndex",
                        "tableName",
                        "items",
                        "indexName",
                        "idx_items_title",
                        "columns",
                        List.of(Draft.named("column", "name", "title")))),
                List.of(),
                null),
            Draft.tag(number)),
        List.of());
  }

  @Test
  void saysWhatIsReadAndForHowLongAndChangesNothing() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      database.execute(ROWS);
      String before = database.schema();
      assertThat(said(database.jdbcUrl()))
          .satisfiesExactly(
              standing ->
                  assertThat(standing)
                      .startsWith(database.place() + " stands at ")
                      .contains("Not applied: " + number + ", 2 changesets"),
              toCome ->
                  assertThat(toCome)
                      .startsWith("To come: items (about 20,036 rows): an index is built.")
                      .contains("WAL, at the rates of the jar's own benchmark"));
      assertSame("after it was looked at", before, database.schema());
    }
  }

  @Test
  void makesNoHistoryWhereThereIsNone() {
    try (TestDatabase database = TestDatabase.legacy().execute(ROWS)) {
      String before = database.schema();
      assertThat(said(database.jdbcUrl()))
          .anyMatch(line -> line.contains("stands at the beginning"))
          .anyMatch(line -> line.startsWith("To come: items (about 20,036 rows)"));
      assertSame("after it was looked at", before, database.schema());
    }
  }

  @Test
  void saysWhyItIsNotKnown() {
    assertThat(said("jdbc:postgresql://127.0.0.1:1/x?user=u&password=not-to-be-shown"))
        .singleElement()
        .asString()
        .startsWith("What is to come there is not known: ")
        .contains("127.0.0.1:1")
        .doesNotContain("not-to-be-shown");
  }

  private List<String> said(String url) {
    return new PendingUpdate(directory, url).sentences();
  }
}
