package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandingTest {

  private static Entry entry(String id, boolean applied) {
    boolean enforce = id.startsWith("003");
    String tag = id.endsWith("-tag") ? id.substring(0, 3) : null;
    return new Entry(id, id, "", enforce ? "enforce" : "", tag, applied, !enforce);
  }

  private static Standing standing(String... applied) {
    List<String> there = List.of(applied);
    return new Standing(
        List.of(
                "001-items",
                "001-tag",
                "002-find",
                "002-assign",
                "002-tag",
                "003-preflight",
                "003-tag")
            .stream()
            .map(id -> entry(id, there.contains(id)))
            .toList(),
        List.of(),
        List.of());
  }

  private static String sentence(String... applied) {
    return String.join("\n", standing(applied).sentences("gpra on host:5432"));
  }

  @Test
  void isTheBeginningWhereNothingIsApplied() {
    assertThat(sentence())
        .isEqualTo(
            "gpra on host:5432 stands at the beginning: no changeset is applied yet. Not applied: 001 and 002, 5 changesets (003, 2 changesets, wait for -Dliquibase.labelFilter=enforce).");
  }

  @Test
  void isAMigrationWhereThatIsThereAsAWhole() {
    assertThat(sentence("001-items", "001-tag"))
        .isEqualTo(
            "gpra on host:5432 stands at 001. Not applied: 002, 3 changesets (003, 2 changesets, wait for -Dliquibase.labelFilter=enforce).");
    assertThat(sentence("001-items", "001-tag", "002-find", "002-assign", "002-tag"))
        .isEqualTo(
            "gpra on host:5432 stands at 002. Not applied: nothing, it is up to date (003, 2 changesets, wait for -Dliquibase.labelFilter=enforce).");
    assertThat(
            sentence(
                "001-items",
                "001-tag",
                "002-find",
                "002-assign",
                "002-tag",
                "003-preflight",
                "003-tag"))
        .isEqualTo("gpra on host:5432 stands at 003. Not applied: nothing, it is up to date.");
  }

  @Test
  void isHalfwayWhereARunWasInterrupted() {
    assertThat(sentence("001-items", "001-tag", "002-find"))
        .startsWith(
            "gpra on host:5432 stands halfway inside 002, after 001: 1 of its 3 changesets are applied, the next is 002-assign. Not applied: 002, 2 changesets");
    assertThat(sentence("001-items"))
        .startsWith(
            "gpra on host:5432 stands halfway inside 001: 1 of its 2 changesets are applied, the next is 001-tag.");
  }

  /** A later migration without a label ran before an earlier one with a label. */
  @Test
  void isHalfwayInsideAMigrationThatLaterOnesHavePassed() {
    assertThat(sentence("001-items", "001-tag", "002-find", "003-preflight", "003-tag"))
        .startsWith(
            "gpra on host:5432 stands halfway inside 002, after 001: 1 of its 3 changesets are applied, the next is 002-assign.");
  }

  @Test
  void namesRowsThatTheChangelogDoesNotKnow() {
    Standing standing =
        new Standing(
            standing("001-items", "001-tag").entries(),
            List.of(),
            List.of("005-a", "005-b", "x\033[2J", "y"));
    assertThat(standing.sentences("gpra"))
        .hasSize(2)
        .last()
        .asString()
        .isEqualTo(
            "Its history has 4 rows that this changelog does not know: 005-a, 005-b, x␛[2J, …. A newer version of it has been here, or another changelog.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'What each user pays for. Starts empty; 002 adds the admin''s.'; What each user pays for",
        "Finds the admin; Finds the admin",
        "Changes nothing. Stops when a table is missing. Or not.; Changes nothing. Stops when a table is missing",
        "Changes nothing.; Changes nothing",
        "''; ''",
      })
  void takesTheFirstSentenceOfAComment(String comment, String sentence) {
    assertThat(Entry.firstSentence(comment)).isEqualTo(sentence);
  }

  @ParameterizedTest
  @CsvSource({"always,, true", "always, 1, true", "never,, false", "auto, 1, false"})
  void coloursWhereItIsWanted(String style, String noColor, boolean colour) {
    assertThat(Screen.colour(style, noColor)).isEqualTo(colour);
  }
}
