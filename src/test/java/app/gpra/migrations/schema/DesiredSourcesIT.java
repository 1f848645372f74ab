package app.gpra.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.LiquibaseRun.LiquibaseFailure;
import app.gpra.migrations.harness.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a desired schema comes from, and what is not written for it. */
@Tag("thorough")
@Tag("nightly")
class DesiredSourcesIT {

  @TempDir Path directory;

  private ProjectCopy project;

  @BeforeEach
  void copy() throws Exception {
    project = ProjectCopy.in(directory);
  }

  @Test
  void takesAFileThatPgDumpWrote() throws Exception {
    Path dump = Path.of("src/test/resources/fixtures/pg-dump.sql").toAbsolutePath();
    List<String> said = project.autogenerate("for-the-test", dump.toString());
    assertThat(said)
        .anyMatch(line -> line.endsWith("-items-stage-capo"))
        .anyMatch(line -> line.endsWith("-items-stage-index"))
        .anyMatch(line -> line.startsWith("Tried in a database of its own"));
    assertThat(project.last()).contains("name: stage_capo", "createIndex");
  }

  /** As SQLAlchemy's create_all makes it: serials, no policies, no triggers, no comments. */
  @Test
  void takesADatabaseAndWritesNothingToIt() throws Exception {
    try (TestDatabase database = TestDatabase.withFlaskAppBuilder()) {
      database.execute(
          """
          CREATE TABLE items (id SERIAL PRIMARY KEY, item_id VARCHAR(50), title VARCHAR(255) NOT NULL, notes TEXT, duration VARCHAR(50),
            description TEXT, "order" INTEGER, tuning VARCHAR(50), songbook VARCHAR(255), created_at TIMESTAMP WITH TIME ZONE,
            updated_at TIMESTAMP WITH TIME ZONE, created_via VARCHAR(50) DEFAULT 'manual' NOT NULL, user_id INTEGER NOT NULL REFERENCES ab_user (id) ON DELETE CASCADE,
            stage_capo INTEGER);
          CREATE TABLE stage_plans (id SERIAL NOT NULL, user_id INTEGER NOT NULL, goal VARCHAR(200) NOT NULL UNIQUE, PRIMARY KEY (id),
            FOREIGN KEY(user_id) REFERENCES ab_user (id) ON DELETE CASCADE);
          CREATE INDEX ix_stage_plans_user_id ON stage_plans (user_id);
          """);
      String before = database.schema();
      String address = database.jdbcUrl().replace("jdbc:", "");
      List<String> said = project.autogenerate("for-the-test", address);
      assertThat(database.schema()).isEqualTo(before);
      assertThat(said)
          .anyMatch(line -> line.endsWith("-stage-plans"))
          .anyMatch(line -> line.endsWith("-items-stage-capo"))
          .anyMatch(line -> line.endsWith("-stage-plans-user-id-index"))
          .anyMatch(
              line -> line.startsWith("By hand: The table routines is not in the desired schema"))
          .contains(
              "By hand: The default of items.created_at is none any more, which the rows of the running application may need: write it by hand.")
          .noneMatch(line -> line.contains("\n"))
          .anyMatch(
              line ->
                  line.startsWith(
                      "By hand: The policy tenant_isolation on items is there besides"));
      assertThat(project.last())
          .contains("autoIncrement: true", "uniqueConstraintName: stage_plans_goal_key")
          .doesNotContain("DROP TABLE routines", address);
    }
  }

  @Test
  void saysWhatMayBeARenameAndDropsNothing() throws Exception {
    List<String> files = project.files();
    project
        .schema(
            "  songbook    varchar(255),",
            "  book        varchar(255),\n  stage_capo        integer,")
        .schema("CREATE TABLE common_chords", "CREATE TABLE shared_chords")
        .schema("  notes       text,\n", "");
    List<String> said = project.autogenerate("for-the-test");
    assertThat(said)
        .anyMatch(line -> line.endsWith("-items-stage-capo"))
        .anyMatch(
            line ->
                line.startsWith(
                    "By hand: The column items.book is new and items.songbook, of the same type, is gone: if that is a rename, "))
        .anyMatch(
            line ->
                line.startsWith(
                    "By hand: The table shared_chords is new and common_chords, with like columns, is gone: "))
        .contains(
            "By hand: The column items.notes is there besides (type text). Nothing is dropped for you.");
    assertThat(project.last())
        .contains("#   The column items.book is new and items.songbook")
        .doesNotContain(
            "DROP COLUMN notes",
            "DROP COLUMN songbook",
            "name: book",
            "shared_chords\n            remarks");
    assertThat(files).hasSizeLessThan(project.files().size());
  }

  @Test
  void aRequiredColumnWithoutDefaultWaitsForItsRowsToBeFilled() throws Exception {
    String last = new ProjectChangelog(directory).lastNumber();
    project.schema("  description text,", "  description text,\n  stage_capo integer NOT NULL,");
    assertThat(project.autogenerate("for-the-test"))
        .anyMatch(
            line ->
                line.startsWith(
                    "By hand: The column items.stage_capo is NOT NULL and has no default: write a changeset before"));
    try (TestDatabase database = TestDatabase.legacy()) {
      LiquibaseRun run = new LiquibaseRun(database).enforce().from(directory);
      run.updateTo(last);
      String schema = database.schema();
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().from(directory).update())
          .isInstanceOf(LiquibaseFailure.class)
          .hasMessageContaining(
              "Rows of items hold what ck_items_stage_capo_required does not allow: stage_capo = NULL in 36 row(s).");
      new LiquibaseRun(database).enforce().from(directory).rollbackTo(last);
      assertThat(database.schema()).isEqualTo(schema);
    }
  }

  @Test
  void writesNothingWhereThereIsNothingToWrite() throws Exception {
    List<String> files = project.files();
    assertThat(project.autogenerate("for-the-test"))
        .containsExactly(
            "The migrations make what changelog/schema.sql says: there is nothing to write.");
    project.schema(
        "CREATE TABLE common_chords",
        "CREATE VIEW titles AS SELECT title FROM items;\nCREATE TABLE common_chords");
    List<String> edited = project.files();
    assertThatThrownBy(() -> project.autogenerate("for-the-test"))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith(
            "Nothing of the difference to changelog/schema.sql can be written for you, so no file was: mvn exec:java@new-migration");
    assertThat(project.files()).isEqualTo(edited).hasSameSizeAs(files);
  }

  /** What is there already in some database, and different, stops it; what is equal does not. */
  @Test
  void stopsAtWhatIsThereAndDifferent() throws Exception {
    String last = new ProjectChangelog(directory).lastNumber();
    project.schema("  description text,", "  description text,\n  stage_capo integer,");
    project.schema(
        "CREATE TABLE routines",
        "CREATE INDEX idx_items_stage_capo ON items (stage_capo);\nCREATE TABLE routines");
    project.autogenerate("for-the-test");
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).enforce().from(directory).updateTo(last);
      database.execute("ALTER TABLE items ADD COLUMN stage_capo text");
      assertThatThrownBy(() -> new LiquibaseRun(database).enforce().from(directory).update())
          .hasMessageContaining(
              "finds objects that are there but different: items.stage_capo is text, expected integer. Nothing was changed.");
      database.execute(
          "ALTER TABLE items DROP COLUMN stage_capo; ALTER TABLE items ADD COLUMN stage_capo integer; CREATE INDEX mine ON items (stage_capo)");
      String before = database.schema();
      new LiquibaseRun(database).enforce().from(directory).update();
      assertThat(database.schema()).isEqualTo(before);
      new LiquibaseRun(database).enforce().from(directory).rollbackTo(last);
      assertThat(database.schema()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no/such.sql | no/such.sql cannot be read (NoSuchFileException)
          notes.md | notes.md: Unterminated string literal
          empty.sql | empty.sql has no table items: name the whole schema
          postgresql://u:s3cret@127.0.0.1:1/x | Nothing accepts connections at server 127.0.0.1:1, database x: start the server, or correct host and port in -Dschema. Then run the same command again.
          mysql://u:s3cret@h/x | mysql://… is no PostgreSQL database
          """)
  void refusesWhatIsNoSchema(String schema, String sentence) throws Exception {
    Files.writeString(directory.resolve("empty.sql"), "CREATE TABLE other (id integer);");
    Files.writeString(directory.resolve("notes.md"), "It's no SQL.");
    List<String> files = project.files();
    assertThatThrownBy(() -> project.autogenerate("for-the-test", schema))
        .isInstanceOf(Refusal.class)
        .message()
        .contains(sentence)
        .doesNotContain("s3cret");
    assertThat(project.files()).isEqualTo(files);
  }
}
