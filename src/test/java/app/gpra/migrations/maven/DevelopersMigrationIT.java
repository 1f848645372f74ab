package app.gpra.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.MavenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The next migration, as a developer adds it: the tests take their cases from the changelog, so
 * that they pass without an edit.
 */
@Tag("nightly")
@Tag("thorough")
class DevelopersMigrationIT {

  /** What looks at all migrations, or at where the last one leads. */
  private static final String SUITE =
      "GoldenSqlIT,LockTableIT,SummaryIT,UpdateIT,RollbackIT,PreviewIT,RowLevelSecurityIT,RequireOwnerIT,ReleasedChangeSetsIT,"
          + "DesiredSchemaIT,DriftIT,HostileNamesIT,ApplicationRoleIT,TenantAttackIT";

  private static final List<String> NOT_COPIED = List.of("target", ".git");

  @TempDir Path project;

  @Test
  void passesTheSuiteWithoutAnEditOfATest() throws IOException {
    try (Stream<Path> parts = Files.list(Path.of(""))) {
      MavenRun.copy(
          project, parts.map(Path::toString).filter(part -> !NOT_COPIED.contains(part)).toList());
    }
    Path schema = project.resolve("changelog/schema.sql");
    String before = Files.readString(schema);
    Files.writeString(
        schema,
        before.replaceFirst("\n( *)tuning ", "\n$1genre varchar(50) DEFAULT 'any',\n$1tuning ")
            + "\nCREATE INDEX idx_items_songbook ON items (songbook);\n"
            + "ALTER TABLE routines ADD CONSTRAINT uq_routines_order UNIQUE (id, \"order\"), ADD CONSTRAINT ck_routines_order CHECK (\"order\" > -1000000);\n"
            + Files.readString(Path.of("src/test/resources/fixtures/tenants.sql")));
    assertThat(maven("-q", "compile", "exec:java@autogenerate", "-Dmigration=the-next"))
        .contains("Written: ")
        .doesNotContain("By hand");
    try (Stream<Path> migrations = Files.list(schema.getParent())) {
      Path written =
          migrations
              .filter(file -> file.toString().endsWith("-the-next.yaml"))
              .findFirst()
              .orElseThrow();
      Files.writeString(written, Files.readString(written).replace("TODO", "Said"));
    }

    maven("verify", "-Dgroups=golden", "-Dgolden.refresh=true");
    maven("verify", "-Dit.test=" + SUITE);
  }

  private String maven(String... arguments) {
    MavenRun run = MavenRun.run(project, null, arguments);
    assertThat(run.exitCode()).as(run.output()).isZero();
    return run.output();
  }
}
