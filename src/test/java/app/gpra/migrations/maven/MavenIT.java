package app.gpra.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MavenIT {

  private static final int RUNS_AT_ONCE = 8;

  @TempDir Path project;

  @BeforeEach
  void copyProject() {
    MavenRun.copyProject(project, true);
  }

  private static String databaseUrl(TestDatabase database) {
    return database.jdbcUrl();
  }

  @Test
  void takesTheDatabaseUpAndBack() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      String url = databaseUrl(database);
      String data = database.data();

      MavenRun preview = MavenRun.run(project, url, "liquibase:updateSQL");
      assertThat(preview.exitCode()).as(preview.output()).isZero();
      assertThat(Files.readString(project.resolve("target/liquibase/migrate.sql")))
          .contains("ADD CONSTRAINT fk_items_user_id", "gpra_admin_assignment");
      assertThat(database.applied()).isEmpty();

      MavenRun update = MavenRun.run(project, url, "liquibase:update");
      assertThat(update.exitCode()).as(update.output()).isZero();
      assertThat(update.output())
          .contains(
              "the admin is admin",
              "items: 36 row(s) had no owner",
              "002 verified: items: 36 row(s), 0 without");

      MavenRun look = MavenRun.run(project, url, "liquibase:status", "liquibase:history");
      assertThat(look.exitCode()).as(look.output()).isZero();
      assertThat(look.output()).contains("is up to date", "002-tag");

      MavenRun count =
          MavenRun.run(project, url, "liquibase:rollback", "-Dliquibase.rollbackCount=2");
      assertThat(count.exitCode()).as(count.output()).isZero();
      assertThat(database.applied())
          .contains("002-admin-subscription")
          .doesNotContain("002-verify");

      MavenRun tag =
          MavenRun.run(project, url, "liquibase:rollback", "-Dliquibase.rollbackTag=000");
      assertThat(tag.exitCode()).as(tag.output()).isZero();
      assertThat(database.data()).isEqualTo(data);
    }
  }

  @Test
  void worksOnAFreshCloneWithTheBareUrl(@TempDir Path fresh) {
    MavenRun.copyProject(fresh, false);
    try (TestDatabase database = TestDatabase.legacy()) {
      MavenRun update =
          MavenRun.run(fresh, null, "liquibase:update", "-Dliquibase.url=" + database.jdbcUrl());
      assertThat(update.exitCode()).as(update.output()).isZero();
      assertThat(database.applied()).contains("002-tag");
    }
  }

  @Test
  void previewsOffline() throws IOException {
    for (int time = 1; time <= 2; time++) {
      MavenRun preview =
          MavenRun.run(
              project,
              null,
              "liquibase:updateSQL",
              "-Dliquibase.url=offline:postgresql?version=18&outputLiquibaseSql=all&changeLogFile=target/offline-"
                  + time
                  + ".csv");
      assertThat(preview.exitCode()).as(preview.output()).isZero();
      String script = Files.readString(project.resolve("target/liquibase/migrate.sql"));
      assertThat(script)
          .contains("CREATE TABLE databasechangelog", "fk_items_user_id", "INTO databasechangelog");
      try (TestDatabase updated = TestDatabase.legacy();
          TestDatabase scripted = TestDatabase.legacy()) {
        new LiquibaseRun(updated).update();
        scripted.script(script);
        assertThat(scripted.schema()).isEqualTo(updated.schema());
        assertThat(new LiquibaseRun(scripted).status()).contains("is up to date");
      }
    }
  }

  @Test
  void updatesOnceWhenEightRunAtOnce() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      List<Process> processes = new ArrayList<>();
      List<Path> outputs = new ArrayList<>();
      for (int i = 0; i < RUNS_AT_ONCE; i++) {
        outputs.add(project.resolve("run" + i + ".log"));
        processes.add(
            MavenRun.start(project, databaseUrl(database), outputs.get(i), "liquibase:update"));
      }
      for (int i = 0; i < RUNS_AT_ONCE; i++) {
        MavenRun run = MavenRun.end(processes.get(i), outputs.get(i));
        assertThat(run.exitCode()).as(run.output()).isZero();
      }
      assertThat(database.query("SELECT id FROM databasechangelog GROUP BY id HAVING count(*) > 1"))
          .isEmpty();
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");
    }
  }

  /** A password appears nowhere, whether the address is wrong or the server refuses it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "postgresql://u:S%40cret-9@127.0.0.1:1/gpra; start the server",
        "postgresql://u:S%40cret-9@no-such-host.invalid/gpra; is not known",
        "postgresql://u:S%40cret-9%zz@127.0.0.1/gpra; hexadecimal",
        "postgresql://u:S/@cret-9@127.0.0.1/gpra; percent-encoded",
      })
  void failsInOneSentenceWithoutASecret(String url, String sentence) {
    MavenRun run = MavenRun.run(project, url, "-X", "liquibase:status");
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output()).contains(sentence).doesNotContain("cret-9");
  }

  @Test
  void namesTheThreeWaysWhereThereIsNoDatabase() {
    MavenRun run = MavenRun.run(project, null, "liquibase:update");
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.output()).contains("DATABASE_URL=", ".env", "-Pembedded");
  }

  @Test
  void refusesAnUnknownProperty() {
    try (TestDatabase database = TestDatabase.legacy()) {
      MavenRun run =
          MavenRun.run(project, databaseUrl(database), "liquibase:update", "-Dgpra.admin.user=x");
      assertThat(run.exitCode()).isNotZero();
      assertThat(run.output())
          .contains("Unknown property -Dgpra.admin.user", "gpra.admin.username");
      assertThat(database.applied()).isEmpty();
    }
  }
}
