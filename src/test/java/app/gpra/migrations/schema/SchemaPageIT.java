package app.gpra.migrations.schema;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class SchemaPageIT {

  private static SchemaPage page(TestDatabase database) throws Exception {
    try (Connection connection = database.connect()) {
      return SchemaPage.read(connection, "databasechangelog");
    }
  }

  private static List<String> all(String html, String pattern) {
    return Pattern.compile(pattern)
        .matcher(html)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  @Test
  void showsWhatEachTableHas() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).with("gpra.owner.quiet", "0ms").enforce().update();
      database.execute(
          """
          CREATE TABLE "my ""books" ("a title" text DEFAULT 'x' COLLATE "C", n int GENERATED ALWAYS AS (1) STORED);
          COMMENT ON COLUMN "my ""books"."a title" IS 'It''s <b onclick="x">bold</b>';
          CREATE VIEW titles AS SELECT title FROM items""");
      SchemaPage page = page(database);
      assertThat(page.tables())
          .extracting(SchemaPage.Table::name)
          .contains("items", "subscriptions", "my \"books")
          .doesNotContain("ab_user", "databasechangelog");

      SchemaPage.Table items =
          page.tables().stream()
              .filter(one -> one.name().equals("items"))
              .findFirst()
              .orElseThrow();
      assertThat(items.columns())
          .extracting(SchemaPage.Column::name)
          .startsWith("id", "item_id", "title", "notes")
          .endsWith("created_via", "user_id");
      assertThat(items.facts()).containsExactly("row security enabled, forced");
      assertThat(items.groups())
          .extracting(SchemaPage.Group::title)
          .containsExactly("Keys and checks", "Indexes", "Policies", "Triggers");
      assertThat(items.referred()).extracting(SchemaPage.Link::name).contains("routine_items");
      assertThat(items.columns())
          .filteredOn(column -> column.name().equals("user_id"))
          .first()
          .returns(true, SchemaPage.Column::required)
          .returns("integer", SchemaPage.Column::type)
          .returns(List.of("foreign key"), SchemaPage.Column::keys)
          .returns("001-items-user-id", column -> column.said().by());

      String html = page.html();
      assertThat(html)
          .contains(
              "<code>a title</code>", "It&#39;s &lt;b onclick", "collation ", "generated (s) 1")
          .contains("FROM items", "<h3>Views</h3>", "CHECK (", "USING btree (user_id)");
    }
  }

  /** Each of them is looked up, and not all of them for each. */
  /** Nothing from elsewhere, and no link that leads nowhere. */
  @Test
  void standsAloneAndItsLinksLeadSomewhere() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      String html = page(database).html();
      List<String> ids = all(html, " id=\"([^\"]+)\"");
      assertThat(ids).doesNotHaveDuplicates();
      assertThat(all(html, "href=\"#([^\"]*)\"")).isNotEmpty().isSubsetOf(ids);
      assertThat(all(html, "aria-labelledby=\"([^\"]*)\"")).isNotEmpty().isSubsetOf(ids);
      assertThat(html)
          .contains("<html lang=\"en\">", "default-src 'none'", "prefers-color-scheme: dark")
          .contains("class=\"skip\"", "<nav aria-label", "scope=\"col\"")
          .doesNotContain("<script", "src=", "http:", "https:", "href=\"/", "@import", "{%");
    }
  }
}
