package app.gpra.migrations.packaging;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A project that has the Liquibase plugin, this project's jar as its dependency, and no more. */
@Tag("thorough")
@Tag("nightly")
class OtherProjectIT {

  private static final PackagedJar JAR = PackagedJar.get();
  private static final String ENFORCE = "-Dliquibase.labelFilter=enforce";

  @TempDir Path project;
  @TempDir Path repository;

  @BeforeEach
  void make() throws IOException {
    Files.copy(Path.of("src/test/resources/other-project/pom.xml"), project.resolve("pom.xml"));
    // A path that many have.
    Files.writeString(
        Files.createDirectories(project.resolve("changelog")).resolve("db.changelog-master.yaml"),
        "databaseChangeLog: []");
    JAR.install(repository, Path.of(System.getProperty("test.maven.repo.local")));
  }

  private MavenRun maven(TestDatabase database, String... arguments) {
    return JAR.maven(project, repository, database.jdbcUrl(), arguments);
  }

  @Test
  void takesTheDatabaseUpAndBack() throws IOException {
    try (TestDatabase theirs = TestDatabase.legacy();
        TestDatabase ours = TestDatabase.legacy()) {
      String data = theirs.data();

      // No label filter anywhere.
      MavenRun update =
          maven(theirs, "-o", "liquibase:updateSQL", "liquibase:update", "liquibase:status");
      assertThat(update.exitCode()).as(update.output()).isZero();
      assertThat(update.output())
          .contains(
              "items.user_id verified: 36 row(s), 0 without value",
              "To do: " + Changelog.counted(Changelog.withoutLabel()) + ".",
              "left out: "
                  + Changelog.leftOut()
                  + ", which wait for -Dliquibase.labelFilter=enforce",
              "is up to date")
          .doesNotContain("UPDATE SUMMARY", "Taking Liquibase to production");
      assertThat(Files.readString(project.resolve("target/liquibase/migrate.sql")))
          .contains("gpra_add_key('items', 'fk_items_user_id'")
          .doesNotContain("tenant_isolation");
      new LiquibaseRun(ours).update();
      assertThat(PackagedJar.identities(theirs)).isEqualTo(PackagedJar.identities(ours));
      assertSame("the schema", ours.schema(), theirs.schema());
      MavenRun nothing = maven(ours, "-o", "liquibase:status");
      assertThat(nothing.output()).contains("is up to date");

      MavenRun back =
          maven(
              theirs,
              "-o",
              "liquibase:update",
              "liquibase:rollback",
              ENFORCE,
              "-Dgpra.app.role=gpra_app",
              "-Dgpra.owner.quiet=0ms",
              "-Dliquibase.rollbackTag=000");
      assertThat(back.exitCode()).as(back.output()).isZero();
      assertThat(back.output()).contains("004 verified: items,");
      assertSame("the data", data, theirs.data());
    }
  }

  @Test
  void refusesATagThatNoMigrationHas() {
    try (TestDatabase database = TestDatabase.legacy()) {
      MavenRun run = maven(database, "-o", "liquibase:update", "-Dliquibase.toTag=999");
      assertThat(run.exitCode()).isNotZero();
      assertThat(run.output())
          .contains("-Dliquibase.toTag=999 names no migration of this changelog. Known tags: 000,");
      assertThat(database.value("SELECT to_regclass('databasechangelog')")).isEqualTo("∅");
    }
  }
}
