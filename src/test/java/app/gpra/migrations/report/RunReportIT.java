package app.gpra.migrations.report;

import static app.gpra.migrations.harness.ProjectAssertions.validJson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report as a page and as JSON: the same, for somebody who looks and for a program. */
class RunReportIT {

  /** Whatever would be fetched, or run. */
  private static final Pattern FROM_ELSEWHERE =
      Pattern.compile("(?i)<script|<link|<img|<iframe|@import|url\\(|\\bon\\w+=|href=\"(?!#)");

  @TempDir Path directory;

  private LiquibaseRun run(TestDatabase database, String file) {
    return new LiquibaseRun(database).with("gpra.report", directory.resolve(file).toString());
  }

  private String page(String file) throws IOException {
    String page = Files.readString(directory.resolve(file));
    assertThat(FROM_ELSEWHERE.matcher(page).results()).isEmpty();
    assertThat(page).startsWith("<!DOCTYPE html>\n<html lang=\"en\">").endsWith("</html>\n");
    assertThat(Pattern.compile("<h1>").matcher(page).results()).hasSize(1);
    assertThat(page).containsOnlyOnce("<main id=\"content\">").containsOnlyOnce("<header>");
    // A screen reader says what a table is of.
    assertThat(page).doesNotContainPattern("<table(?![^>]* aria-label)");
    return page;
  }

  private JsonObject document(String file) throws IOException {
    return validJson(Files.readString(directory.resolve(file))).getAsJsonObject();
  }

  private static List<String> ids(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(one -> one.getAsJsonObject().get("id").getAsString())
        .toList();
  }

  @Test
  void showsWhatIsPendingAndThenWhatHappened() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      database.execute("ANALYZE items");
      run(database, "status.html").status();
      String status = page("status.html");
      for (var one : Changelog.withoutLabel()) {
        String id = one.get("id").toString();
        assertThat(status.contains("<summary><code>" + id + "</code>"))
            .as(id)
            .isEqualTo(!id.startsWith("000"));
      }
      assertThat(status)
          .contains(
              database.place() + " stands at 000",
              "<td role=\"cell\" data-label=\"Rows, about\">36</td><td role=\"cell\" data-label=\"Lock\">ACCESS EXCLUSIVE, no scan</td><td role=\"cell\" data-label=\"Who waits\">whoever reads or writes, for milliseconds</td>",
              "CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id",
              "A rollback drops the column, and stops where users wrote values into it.",
              ">not there yet<",
              ">not known, without statistics<",
              Changelog.leftOut().replaceFirst(" of .*", " are left out by the label filter."));
      assertThat(database.applied()).allMatch(id -> id.startsWith("000"));

      run(database, "status.json").status();
      JsonObject before = document("status.json");
      assertThat(before.get("stands").getAsString()).isEqualTo("at 000");
      assertThat(ids(before.getAsJsonArray("history"))).isEqualTo(database.applied());

      run(database, "update.json").updateTo("001");
      JsonObject update = document("update.json");
      assertThat(update.get("outcome").getAsString()).isEqualTo("done");
      assertThat(ids(update.getAsJsonArray("changeSets")))
          .isEqualTo(ids(update.getAsJsonArray("plan")))
          .isNotEmpty()
          .allMatch(id -> id.startsWith("001"));
      assertThat(ids(update.getAsJsonArray("history"))).isEqualTo(database.applied());

      run(database, "script.html").updateSql();
      assertThat(page("script.html"))
          .contains("<h1>A script, nothing was run</h1>", "<code>002-tag</code>");

      run(database, "back.html").rollbackTo("000");
      assertThat(page("back.html"))
          .contains("<h1>Undone in ", "<span class=\"badge undone\">undone</span>")
          .contains("Forward again:");
    }
  }

  @Test
  void saysWhatGoesBackAndWhatCannot() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      LiquibaseRun run = run(database, "back.md").changelog("changelogs/going-back.yaml");
      run.status();
      assertThat(Files.readString(directory.resolve("back.md")).lines())
          .filteredOn(line -> line.startsWith("| ") && line.contains("| `"))
          .extracting(line -> line.replaceAll(".*\\| `(.*?)` .*\\| (.*) \\|", "$1: $2"))
          .containsExactly(
              "inverse: takes it back",
              "written: takes it back",
              "impossible: stops here: nothing says how to take it back",
              "nothing: has nothing to take back",
              "tag: has nothing to take back");
      run.updateCount(3);
      assertThatThrownBy(() -> run.rollbackCount(1)).hasMessageContaining("No inverse to");
    }
  }

  /** What the page shows is in Markdown too, but for its form. */
  @Test
  void saysTheSameInMarkdown() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      database.execute("ANALYZE items");
      run(database, "status.md").status();
      assertThat(Files.readString(directory.resolve("status.md")))
          .contains(
              database.place() + " stands at 000",
              "- items: ACCESS EXCLUSIVE, no scan. Rows, about: 36. Who waits: whoever reads or writes, for milliseconds\n",
              "Rows, about: not there yet.",
              "drops the column, and stops where users wrote values into it",
              "CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_idx_items_user_id")
          .containsPattern(
              "\n## Timeline\n\n- `000-legacy-tables` [\\d-]+ [\\d:]+, there already\n")
          .contains("\n- `002-tag` pending\n");

      run(database, "update.md").updateTo("001");
      assertThat(Files.readString(directory.resolve("update.md")))
          .contains(
              "\n## What it was to do\n",
              "- A rollback drops the column, and stops",
              "Rows, about: 36.",
              "CREATE INDEX CONCURRENTLY")
          .containsPattern("\n- `001-tag` [\\d-]+ [\\d:]+\n$");
    }
  }

  @Test
  void showsWhyItStopped() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute("UPDATE ab_user SET active = false");
      for (String file : List.of("stopped.html", "stopped.json")) {
        assertThatThrownBy(() -> run(database, file).update()).isNotNull();
      }
      assertThat(page("stopped.html"))
          .contains("<h1>Stopped in 002-preflight", "is not an active user", "badge failed");
      JsonObject stopped = document("stopped.json");
      assertThat(stopped.get("failure").getAsString()).contains("is not an active user");
      assertThat(stopped.has("next")).isTrue();

      assertThatThrownBy(() -> run(database, "refused.json").updateTo("999")).isNotNull();
      assertThat(document("refused.json").get("outcome").getAsString()).isEqualTo("refused");
    }
  }

  /** Names in a database are anybody's. */
  @Test
  void showsOthersWordsAsWords() throws IOException {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("001");
      database.execute(
          "UPDATE databasechangelog SET id = '</code><script>alert(1)</script>' WHERE id = '001-tag'");
      run(database, "hostile.html").status();
      assertThat(page("hostile.html"))
          .contains("<code>&lt;/code&gt;&lt;script&gt;alert(1)")
          .doesNotContain("<script");
      run(database, "hostile.json").status();
      document("hostile.json");
    }
  }
}
