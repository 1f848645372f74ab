package app.gpra.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.MavenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The next migrations, as a developer adds them, with a change of each kind: the tests take their
 * cases from the changelog, so that they pass without an edit.
 */
@Tag("nightly")
@Tag("thorough")
class DevelopersMigrationIT {

  /** What looks at all migrations, or at where the last one leads. */
  private static final String SUITE =
      "GoldenSqlIT,LockTableIT,SummaryIT,UpdateIT,RollbackIT,PreviewIT,RowLevelSecurityIT,RequireOwnerIT,ReleasedChangeSetsIT,"
          + "DesiredSchemaIT,DriftIT,HostileNamesIT,ApplicationRoleIT,TenantAttackIT,RowLevelSecurityPlanIT,MarksIT,UnownedRowsIT,"
          + "ReportIT,RunReportIT,HistoryIT,StrangersIT,MavenIT";

  private static final List<String> NOT_COPIED = List.of("target", ".git");

  private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

  @TempDir Path project;

  private Path schema;

  @BeforeEach
  void copy() throws IOException {
    try (Stream<Path> parts = Files.list(Path.of(""))) {
      MavenRun.copy(
          project, parts.map(Path::toString).filter(part -> !NOT_COPIED.contains(part)).toList());
    }
    schema = project.resolve("changelog/schema.sql");
  }

  @Test
  void passTheSuiteWithoutAnEditOfATest() throws IOException {
    // New: a column, an index, keys, CHECKs, comments, a sequence, a function, a trigger, a view,
    // tenants' tables.
    append(
        fixture("next.sql") + fixture("tenants.sql").replace("item_id integer", "item_id bigint"));
    edit("(\n  day +date NOT NULL,)", "$1\n  chart_id integer,");
    edit("\n  tuning ", "\n  genre varchar(50) DEFAULT 'any',\n  tuning ");
    // Otherwise: a default, a CHECK's values, a key's type and that of what leads to it.
    edit("(generation_method varchar\\(50\\))", "$1 DEFAULT 'manual'");
    edit("('pro'), ('unlimited')", "$1, 'team', $2");
    edit("(CREATE TABLE items \\(\n  id +)integer", "$1bigint");
    edit("(\n  item_id +)integer( NOT NULL REFERENCES)", "$1bigint$2");
    autogenerate("the-next");

    // A key on a column that is there, another text of a function and of a view.
    edit(
        "chart_id integer",
        "$0 CONSTRAINT fk_chart REFERENCES chord_charts (chord_id) ON DELETE CASCADE");
    edit("btrim\\(NEW", "ltrim(NEW");
    edit("SELECT name FROM common_chords", "SELECT name, type FROM common_chords");
    autogenerate("the-one-after");

    // Rows that are filled, a NOT NULL, both names of a column; then the new ones, and drops.
    edit("\n  duration ", "\n  length ");
    edit("(\n  type +text),\n", "$1 NOT NULL,\n");
    byHand("next-by-hand");
    edit("\n  genre .*", "");
    edit("CREATE INDEX idx_items_songbook .*\n", "");
    edit("(?s)CREATE TABLE stage_comments.*", "");
    edit("stage_log( \\(\n|\n| ENABLE)", "play_log$1");
    edit("( ON )stage_log", "$1play_log");
    append(
        "\nCREATE VIEW stage_log WITH (security_invoker = true) AS SELECT id, user_id, item_id, day, chart_id FROM play_log;\n");
    byHand("next-later");

    maven("verify", "-Dgroups=golden", "-Dgolden.refresh=true");
    maven("verify", "-Dit.test=" + SUITE);
  }

  private static String fixture(String name) throws IOException {
    return Files.readString(FIXTURES.resolve(name));
  }

  private void append(String sql) throws IOException {
    Files.writeString(schema, Files.readString(schema) + sql);
  }

  private void edit(String what, String becomes) throws IOException {
    String before = Files.readString(schema);
    String after = before.replaceAll(what, becomes);
    assertThat(after).as(what).isNotEqualTo(before);
    Files.writeString(schema, after);
  }

  private void autogenerate(String name) throws IOException {
    assertThat(maven("-q", "compile", "exec:java@autogenerate", "-Dmigration=" + name))
        .contains("Written: ", "which restored the schema exactly")
        .doesNotContain("By hand");
    Path file = written(name);
    Files.writeString(file, Files.readString(file).replace("TODO", "Said"));
  }

  private void byHand(String name) throws IOException {
    maven("-q", "compile", "exec:java@new-migration", "-Dmigration=" + name);
    Path file = written(name);
    String number = file.getFileName().toString().substring(0, 3);
    Files.writeString(
        file,
        Files.readString(file)
            .replace("TODO", "Said")
            .replaceFirst(
                "(?= *- changeSet:\n *id: %s-tag)".formatted(number),
                fixture(name + ".yaml").replace("NNN", number)));
  }

  private Path written(String name) throws IOException {
    try (Stream<Path> migrations = Files.list(schema.getParent())) {
      return migrations
          .filter(file -> file.toString().endsWith("-" + name + ".yaml"))
          .findFirst()
          .orElseThrow();
    }
  }

  private String maven(String... arguments) {
    MavenRun run = MavenRun.run(project, null, arguments);
    assertThat(run.exitCode()).as(run.output()).isZero();
    return run.output();
  }
}
