package app.gpra.migrations.schema;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static app.gpra.migrations.harness.ProjectAssertions.validJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.Planted;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import com.google.gson.JsonElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database is compared with what its own history says, and not written to. */
class DriftIT {

  /** What others call their objects writes no line of the operator's. */
  @Test
  void saysNamesOfOthersInOneLine() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      database.execute(
          "CREATE TABLE U&\"x\\000a[INFO] BUILD SUCCESS\\001b[2J\" (id integer); CREATE INDEX U&\"y\\000a\\202e\" ON items (notes);");
      assertThat(drift(database))
          .contains("No drift: Tables that are not this project's: \"x␊[INFO] BUILD SUCCESS␛[2J\".")
          .anyMatch(line -> line.startsWith("Drift: The index \"y␊�\" is there besides"))
          .noneMatch(line -> line.matches("(?s).*\\p{C}.*"));
    }
  }

  private static List<String> drift(TestDatabase database) throws Exception {
    List<String> said = new ArrayList<>();
    String before = database.schema() + database.data() + database.applied();
    try (Connection connection = database.connect();
        ShadowServer server = ProjectCopy.server()) {
      new Drift(Path.of(""), said::add).run(connection, server);
    } catch (Refusal e) {
      said.add(e.getMessage());
    }
    assertSame(
        "what drift looked at", before, database.schema() + database.data() + database.applied());
    return said;
  }

  @Test
  void writesAReportToo(@TempDir Path directory) throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      database.execute("CREATE INDEX \"<b>\" ON items (notes)");
      for (String name : List.of("drift.json", "drift.html")) {
        System.setProperty("gpra.report", directory.resolve(name).toString());
        try {
          drift(database);
        } finally {
          System.clearProperty("gpra.report");
        }
      }
      assertThat(validJson(Files.readString(directory.resolve("drift.json"))))
          .extracting(JsonElement::getAsJsonObject)
          .satisfies(
              report -> {
                assertThat(report.get("outcome").getAsString()).isEqualTo("drift");
                assertThat(report.getAsJsonArray("summary")).hasSize(1);
                assertThat(report.getAsJsonObject("server").get("database").getAsString())
                    .isEqualTo(database.toString());
                assertThat(report.getAsJsonArray("history"))
                    .extracting(row -> row.getAsJsonObject().get("id").getAsString())
                    .containsExactlyElementsOf(database.applied());
              });
      assertThat(directory.resolve("drift.html"))
          .content()
          .contains(
              "is not what its history says, in 1 point(s)</h1>",
              "The index &quot;&lt;b&gt;",
              "<dt>It stands</dt><dd>after 2 changesets, the last 000-tag</dd>",
              "<h2 id=\"timeline\">Timeline</h2>",
              "<code>000-tag</code>");
    }
  }

  @Test
  void saysWhatIsOtherwiseThanTheHistory() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      database.execute(
          "CREATE TABLE test_log (id integer); ALTER INDEX idx_items_user_id RENAME TO by_owner");
      database.execute(
          "ALTER TABLE items DROP COLUMN tuning; ALTER TABLE routines ALTER COLUMN name TYPE text; CREATE INDEX mine ON items (notes);"
              + " ALTER TABLE items DISABLE TRIGGER update_items_updated_at");
      assertThat(drift(database))
          .contains(
              "No drift: The index idx_items_user_id is called by_owner.",
              "No drift: Tables that are not this project's: test_log.",
              "Drift: The column items.tuning is missing (type character varying(50)).",
              "Drift: The index idx_items_tuning is missing (CREATE INDEX idx_items_tuning ON items USING btree (tuning)).",
              "Drift: The column routines.name is type text, expected type character varying(255).",
              "Drift: The trigger update_items_updated_at on items is disabled, expected enabled.",
              "Drift: The index mine is there besides (CREATE INDEX mine ON items USING btree (notes)).")
          .satisfies(
              said ->
                  assertThat(said.get(0))
                      .matches(
                          "Database t\\d+_\\d+, PostgreSQL .*: \\d+ changeset\\(s\\) applied, the last 00.-tag\\."))
          .last()
          .isEqualTo(
              "This database is not what its history says, in 5 point(s): undo what was done by hand, or make it a migration (docs/production.md, Drift).");
    }
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void followsAHistoryHoweverFarItHasCome() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("001");
      assertThat(drift(database)).last().isEqualTo("The schema is what the history says.");
      new LiquibaseRun(database).update();
      new LiquibaseRun(database).enforce().updateCount(4);
      assertThat(drift(database)).last().isEqualTo("The schema is what the history says.");
      new LiquibaseRun(database).enforce().update();
      assertThat(drift(database)).last().isEqualTo("The schema is what the history says.");
      database.execute("ALTER TABLE items NO FORCE ROW LEVEL SECURITY");
      assertThat(drift(database))
          .contains(
              "Drift: The table items is row security enabled, expected row security enabled, forced.");
    }
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void whatAlembicMadeIsNoDrift() throws Exception {
    try (TestDatabase database = TestDatabase.alembic()) {
      new LiquibaseRun(database).update();
      assertThat(drift(database))
          .anyMatch(
              line ->
                  line.startsWith(
                          "No drift: without this changelog's mark, made by others or lost ")
                      && line.contains("column items.user_id"))
          .last()
          .isEqualTo("The schema is what the history says.");
    }
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void findsTheTablesInAnotherSchema() throws Exception {
    try (TestDatabase database = TestDatabase.withFlaskAppBuilder().addLegacyIn("app")) {
      new LiquibaseRun(database).in("app").update();
      assertThat(drift(database))
          .last()
          .asString()
          .startsWith("No migration has run in this database");
      database.execute(
          "ALTER ROLE CURRENT_USER IN DATABASE " + database + " SET search_path = app");
      assertThat(drift(database)).last().isEqualTo("The schema is what the history says.");
    }
  }

  @Test
  void callsNothingThatAStrangerHasPlanted() throws Exception {
    try (TestRole mallory = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      Planted.in(database, mallory);
      try (Connection connection = database.connect()) {
        assertThatThrownBy(
                () -> new Drift(Path.of(""), line -> {}).run(connection, ProjectCopy.server()))
            .isInstanceOf(Refusal.class)
            .hasMessageContaining("belongs to " + mallory.name());
      }
      assertThat(Planted.wasCalledIn(database)).isFalse();
    }
  }

  @Test
  void refusesAHistoryThatItCannotFollow() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThat(drift(database))
          .containsExactly(
              "No migration has run in this database, so its history says nothing to compare it with: run mvn liquibase:update, or mvn liquibase:status to see where it looks.");
    }
    try (TestDatabase database = TestDatabase.withFlaskAppBuilder();
        Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE databasechangelog (id text, filename text, orderexecuted integer); SET ROLE pg_monitor");
      assertThatThrownBy(
              () -> new Drift(Path.of(""), line -> {}).run(connection, ProjectCopy.server()))
          .isInstanceOf(Refusal.class)
          .hasMessage(
              "The history cannot be read (ERROR: permission denied for table databasechangelog): connect as the role that runs the migrations, or grant this one SELECT on that table, then run the same command again.");
    }
    ProjectChangelog changelog = new ProjectChangelog(Path.of(""));
    assertThatThrownBy(() -> changelog.follow(List.of("000-legacy-tables", "000-tag", "999-later")))
        .hasMessageStartingWith(
            "The database has changesets that this changelog does not: 999-later. ");
    assertThatThrownBy(() -> changelog.follow(List.of("000-legacy-tables", "001-preflight")))
        .hasMessageStartingWith("The history has later changesets and not 000-tag: ");
    assertThatThrownBy(
            () ->
                changelog.follow(
                    List.of("000-legacy-tables", "003-preflight", "003-items-user-id-required")))
        .hasMessageContaining(" and not 000-tag: ");
  }
}
