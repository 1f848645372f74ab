package app.gpra.migrations.schema;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as they are typed, on a copy of the project. */
@Tag("thorough")
@Tag("nightly")
class AuthoringCommandsIT {

  @TempDir Path directory;

  @Test
  void driftFailsWhereThereIsSomeAndKeepsThePassword() throws Exception {
    MavenRun.copyProject(directory, true);
    try (TestRole reader = TestRole.create("not-to-be-shown");
        TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      database.execute(
          "DROP INDEX idx_items_tuning; GRANT SELECT ON databasechangelog TO " + reader.name());
      String url =
          database
              .bareUrl()
              .replace(
                  "jdbc:postgresql://",
                  "postgresql://" + reader.name() + ":" + reader.password() + "@");
      MavenRun run = MavenRun.run(directory, url, "exec:java@drift");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.output())
          .contains(
              "Drift: The index idx_items_tuning is missing",
              "This database is not what its history says, in 1 point(s): ")
          .doesNotContain(reader.password(), "\tat app.gpra");
    }
  }

  @Test
  void autogenerateNeedsNoDatabase() throws Exception {
    MavenRun.copyProject(directory, true);
    ProjectCopy project = new ProjectCopy(directory);
    project.schema("  description text,", "  description text,\n  stage_tempo integer,");
    MavenRun run =
        MavenRun.run(directory, null, "-q", "exec:java@autogenerate", "-Dmigration=for-the-test");
    assertThat(run.output())
        .contains("-items-stage-tempo\n", "which restored the schema exactly.")
        .doesNotContain("ERROR", "What is to come", "Not applied");
    assertThat(run.exitCode()).isZero();
    assertThat(project.last()).contains("name: stage_tempo");
  }

  @Test
  void autogenerateSaysWhatIsToComeOnTheDatabaseThatIsNamed() throws Exception {
    MavenRun.copyProject(directory, true);
    new ProjectCopy(directory)
        .schema(
            "CREATE TABLE routines",
            "CREATE INDEX idx_items_songbook ON items (songbook);\nCREATE TABLE routines");
    try (TestRole owner = TestRole.create("not-to-be-shown");
        TestDatabase database = TestDatabase.legacy()) {
      owner.own(database);
      database.execute(
          "INSERT INTO items (item_id, title) SELECT n, 'T' FROM generate_series(1, 20000) AS n; ANALYZE items");
      String before = database.schema();
      String url =
          database
              .bareUrl()
              .replace(
                  "jdbc:postgresql://",
                  "postgresql://" + owner.name() + ":" + owner.password() + "@");
      MavenRun run =
          MavenRun.run(directory, url, "-q", "exec:java@autogenerate", "-Dmigration=for-the-test");
      assertThat(run.output())
          .containsSubsequence(
              "Written: ",
              "-items-songbook-index\n",
              database.place() + " stands at the beginning: ",
              "To come: items (about 20,036 rows): ",
              "at the rates of the jar's own benchmark",
              "Next: ")
          .doesNotContain(owner.password());
      assertThat(run.exitCode()).isZero();
      assertSame("after it was looked at", before, database.schema());
    }
  }
}
