package app.gpra.migrations.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BriefTest {

  private static String body(String... lines) {
    return "DO $gpra_body$\nBEGIN\n" + String.join("\n", lines) + "\nEND $gpra_body$;\n";
  }

  @Test
  void leavesOutWhatIsSaidWithinABody() {
    assertThat(Brief.of(body("  -- Why.", "", "  -- It's so.", "  PERFORM 1;  -- one", "  NULL;")))
        .isEqualTo(body("  PERFORM 1;  -- one", "  NULL;"));
  }

  @Test
  void keepsTheFirstSentenceOfAHeading() {
    assertThat(
            Brief.of(
                "-- What 1.0.0 did: it's\n-- two lines. And why.\n--\n-- More.\n\n-- No end\nSELECT 1;\n"))
        .isEqualTo("-- What 1.0.0 did: it's\n-- two lines.\n\n-- No end\nSELECT 1;\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'it''s\n  -- no comment\n\n'",
        "E'it\\'s\n  -- no comment\n'",
        "\"a name\n  -- no comment\n\"",
        "$q$it's\n  -- no comment\n\n$q$",
        "$$it's\n  -- no comment\n$$",
        "$gpra_value$it's\n  -- no comment\n$gpra_value$",
        "/* it's\n  -- no comment\n*/ 1",
        "1 -- it's\n  + 2",
      })
  void leavesAsItIsWhatIsQuoted(String quoted) {
    String sql = "SELECT " + quoted + ";\n" + body("  PERFORM " + quoted + ";");
    assertThat(Brief.of(sql)).isEqualTo(sql);
  }

  /** But for comments and empty lines, each statement is the same. */
  @Test
  void losesNoLineOfTheProcedures() {
    assertThat(code(Brief.of(Procedures.text()))).isEqualTo(code(Procedures.text()));
  }

  private static List<String> code(String sql) {
    return Stream.of(sql.split("\n"))
        .filter(line -> !line.isBlank() && !line.strip().startsWith("--"))
        .toList();
  }
}
