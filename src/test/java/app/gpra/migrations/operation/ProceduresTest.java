package app.gpra.migrations.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProceduresTest {

  private static final String NEEDED =
      """
      CREATE OR REPLACE PROCEDURE pg_temp.gpra_a() LANGUAGE plpgsql AS $gpra_body$
      BEGIN
        IF true THEN
          CALL pg_temp.gpra_b();
        END IF;%1$s
        PERFORM 1
          WHERE true;%1$s
        CALL pg_temp.gpra_c();%2$s
        INSERT INTO t (
          SELECT 1
          UNION ALL%1$s
          SELECT 2
            FROM t
          UNION ALL%2$s
          SELECT 3
        );
      END $gpra_body$;
      """;

  private static final String OTHERS =
      """

      -- Not called.
      CREATE OR REPLACE PROCEDURE pg_temp.gpra_b() LANGUAGE sql AS $gpra_body$ SELECT 1 $gpra_body$;

      -- Called.
      CREATE OR REPLACE PROCEDURE pg_temp.gpra_c() LANGUAGE sql AS $gpra_body$ SELECT 1 $gpra_body$;
      """;

  @Test
  void haveInAScriptWhatIsCalledAndWhatItIsFor() {
    String text =
        NEEDED.formatted("  -- where there is 'x' or 'y'", "  -- where there is 'z'") + OTHERS;
    assertThat(Procedures.called(text, List.of("CALL pg_temp.gpra_a('z')")))
        .isEqualTo(
            """
            CREATE OR REPLACE PROCEDURE pg_temp.gpra_a() LANGUAGE plpgsql AS $gpra_body$
            BEGIN
              CALL pg_temp.gpra_c();
              INSERT INTO t (
                SELECT 1
                UNION ALL
                SELECT 3
              );
            END $gpra_body$;
            -- Called.
            CREATE OR REPLACE PROCEDURE pg_temp.gpra_c() LANGUAGE sql AS $gpra_body$ SELECT 1 $gpra_body$;""");
    assertThat(Procedures.called(text, List.of("CALL pg_temp.gpra_a('y', 'z')")))
        .startsWith(NEEDED.formatted("", "").strip())
        .contains("gpra_b() LANGUAGE");
  }

  /** A step is known by the procedure that a changeset calls: within another nobody counts it. */
  @Test
  void endStepsOnlyWhereAChangesetCallsThem() {
    List<String> within =
        Pattern.compile("CALL pg_temp\\.gpra_\\w+\\(")
            .matcher(Procedures.text())
            .results()
            .map(MatchResult::group)
            .toList();
    assertThat(within).hasSizeGreaterThan(100).noneMatch(Procedures::endAStep);
    assertThat(Procedures.endAStep("CALL pg_temp.gpra_fill(")).isTrue();
  }
}
