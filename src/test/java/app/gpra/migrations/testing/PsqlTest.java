package app.gpra.migrations.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PsqlTest {

  @Test
  void splitsAtSemicolons() {
    assertThat(SqlScript.statements("SELECT 1; SELECT 2\n;\nSELECT 3"))
        .containsExactly("SELECT 1", "SELECT 2", "SELECT 3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 'a;b'",
        "SELECT 'it''s; a'",
        "SELECT 'a\\', ';'",
        "SELECT E'a\\';b'",
        "SELECT E'a'';\\';b'",
        "SELECT e'\\\\', ';'",
        "SELECT name'a\\', ';'",
        "SELECT \"a;b\"\";\" FROM t",
        "SELECT 'a--', ';'",
        "DO $$ BEGIN PERFORM 1; END $$",
        "DO $gpra_body$ BEGIN EXECUTE $$x;$$; END $gpra_body$",
        "SELECT $a$ $b$; $a$",
        "SELECT $a$ ' ; $a$",
        "PREPARE p AS SELECT $1 || ';' || $2",
        "SELECT a$b$c FROM t WHERE x = ';' AND y = a$b$c",
        "SELECT 1 -- one; two",
        "SELECT 1 -- it's",
        "SELECT /* a; /* b; */ c; */ 1",
        "SELECT 1 /* it's */",
        "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
      })
  void doesNotSplitInside(String statement) {
    assertThat(SqlScript.statements(statement + "\n;\nSELECT 2;"))
        .containsExactly(statement, "SELECT 2");
  }

  static Stream<String> emptyScripts() {
    return Stream.of("", " \n", ";;", "-- only a comment", "/* ; */ ; -- ;", "--a\n--b\n;\n");
  }

  @ParameterizedTest
  @MethodSource("emptyScripts")
  void findsNothingInCommentsAndWhiteSpace(String script) {
    assertThat(SqlScript.statements(script)).isEmpty();
  }

  @Test
  void keepsAStatementsLeadingComments() {
    assertThat(SqlScript.statements("-- why\nSELECT 1;")).isEqualTo(List.of("-- why\nSELECT 1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT 'a", "SELECT E'a\\'", "SELECT \"a", "DO $a$ x $b$", "/* /* */"})
  void refusesWhatDoesNotEnd(String script) {
    assertThatThrownBy(() -> SqlScript.statements(script))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has no end");
  }

  @Test
  void refusesCommandsForPsql() {
    assertThatThrownBy(() -> SqlScript.statements("\\set x 1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("A command for psql");
  }
}
