package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.Golden;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pictures in docs/summary.md: from the catalogs and from the changelog, never by hand. */
@Tag("golden")
class SummaryIT {

  private static final Path PAGE = Path.of("docs/summary.md");

  /** What people do before the migrations with a label: the changelog does not know it. */
  private static final Map<String, List<String>> STEPS =
      Map.of(
          "",
          List.of(
              "First rollout",
              "Before : back up : read the SQL",
              "update : %s",
              "After : verify : restart the application"),
          "enforce",
          List.of(
              "Application",
              "New version : says who is asking : sets user_id",
              "Point of no return : users fill the new columns : back to 000 stops, or loses that",
              "Observe : a day without a complaint in the log",
              "Second rollout",
              "Before : a backup role with BYPASSRLS",
              "update with label enforce : %s",
              "After : verify as the application's role"));

  /** Migrations that have come since, without a label. */
  private static final List<String> LATER = List.of("Later", "update : %s");

  /** Migrations one after another that have the same label, or none. */
  private record Rollout(String label, List<Path> migrations) {

    static List<Rollout> all() {
      List<Rollout> all = new ArrayList<>();
      for (Path migration : Changelog.files()) {
        Object label = Changelog.changeSets(migration).get(0).getOrDefault("labels", "");
        if (all.isEmpty() || !all.get(all.size() - 1).label().equals(label)) {
          all.add(new Rollout(label.toString(), new ArrayList<>()));
        }
        all.get(all.size() - 1).migrations().add(migration);
      }
      return all;
    }

    String command() {
      return "mvn liquibase:update" + (label.isEmpty() ? "" : " -Dliquibase.labelFilter=" + label);
    }

    String lastTag() {
      return title(migrations.get(migrations.size() - 1)).substring(0, 3);
    }
  }

  /** A file's name as words. */
  private static String title(Path migration) {
    return migration.getFileName().toString().replace(".yaml", "").replace('-', ' ');
  }

  @Test
  void showsTheSchemaBeforeAndAfterEachRollout() throws IOException {
    StringBuilder pictures = new StringBuilder("Before:\n\n");
    try (TestDatabase database = TestDatabase.legacy()) {
      pictures.append(diagram(database));
      for (Rollout rollout : Rollout.all()) {
        new LiquibaseRun(database).enforce().updateTo(rollout.lastTag());
        pictures
            .append("\nAfter %s (`%s`):\n\n".formatted(rollout.lastTag(), rollout.command()))
            .append(diagram(database));
      }
    }
    Golden.section(PAGE, "schema").assertIs(pictures.toString());
  }

  private static String diagram(TestDatabase database) throws IOException {
    try (InputStream query = SummaryIT.class.getResourceAsStream("schema-diagram.sql")) {
      List<String> lines = database.query(new String(query.readAllBytes(), StandardCharsets.UTF_8));
      return mermaid(lines);
    }
  }

  private static String mermaid(List<String> lines) {
    return "```mermaid\n" + String.join("\n", lines) + "\n```\n";
  }

  @Test
  void showsWhatRunsWhen() {
    List<String> sections = new ArrayList<>();
    for (Rollout rollout : Rollout.all()) {
      assertThat(STEPS)
          .as("What people do before migrations with this label belongs into SummaryIT")
          .containsKey(rollout.label());
      String migrations =
          String.join(" : ", rollout.migrations().stream().map(SummaryIT::title).toList());
      List<String> steps =
          !sections.isEmpty() && rollout.label().isEmpty() ? LATER : STEPS.get(rollout.label());
      steps.forEach(step -> sections.add(step.replace("%s", migrations)));
    }
    Golden.section(PAGE, "timeline").assertIs(mermaid(flow(sections)));
  }

  /** A box for each section, one below the other: a timeline would be too small to read. */
  private static List<String> flow(List<String> sections) {
    List<String> lines = new ArrayList<>(List.of("flowchart TB"));
    List<String> names = new ArrayList<>();
    String before = null;
    for (String step : sections) {
      if (!step.contains(" : ")) {
        if (before != null) {
          lines.add("  end");
        }
        names.add("s" + names.size());
        lines.add("  subgraph %s[\"%s\"]".formatted(names.get(names.size() - 1), step));
        lines.add("    direction LR");
        before = "";
      } else {
        String node = "n" + lines.size();
        lines.add("    %s[\"%s\"]".formatted(node, step.replace(" : ", "<br>")));
        if (!before.isEmpty()) {
          lines.add("    %s --> %s".formatted(before, node));
        }
        before = node;
      }
    }
    lines.add("  end");
    lines.add("  " + String.join(" --> ", names));
    return lines;
  }
}
