package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ForecastTest {

  private static Outlook outlook(long rows, String sql) {
    return new Outlook(
        "005-x",
        "005",
        "",
        null,
        sql,
        List.of(
            new Outlook.Lock("items", "any", "", rows),
            new Outlook.Lock("routines", "any", "", 36L)),
        List.of());
  }

  @Test
  void saysWhatIsReadAndForHowLong() {
    String sql =
        """
        -- items: SHARE UPDATE EXCLUSIVE, no scan
        DROP INDEX CONCURRENTLY IF EXISTS gpra_building_a;

        -- items: SHARE UPDATE EXCLUSIVE, scan
        CREATE INDEX CONCURRENTLY IF NOT EXISTS gpra_building_a ON items (a);

        -- items: scan, then ACCESS EXCLUSIVE
        CALL pg_temp.gpra_add_check();

        -- items: SHARE UPDATE EXCLUSIVE, scan
        CALL pg_temp.gpra_validate_constraint();

        -- routines: SHARE UPDATE EXCLUSIVE, scan
        CALL pg_temp.gpra_validate_constraint();""";
    assertThat(Forecast.sentences(List.of(outlook(1_800_000, sql)), (table, column, quick) -> 1))
        .containsExactly(
            "To come: items (about 1,800,000 rows): an index is built, read 2 times. No row is written."
                + " About 1.6 s and 13 MB of WAL, at the rates of the jar's own benchmark; nobody waits for it.");
  }

  @Test
  void countsTheRowsThatHaveNoValue() {
    String batches =
        "-- items: SHARE ROW EXCLUSIVE for each batch, scan\nCALL pg_temp.gpra_fill('items', 'owner', '1')";
    assertThat(
            Forecast.sentences(
                List.of(outlook(56_000, batches)), (table, column, quick) -> quick ? 0 : 0.5))
        .containsExactly(
            "To come: items (about 56,000 rows): 28,000 written in batches. No other row is written."
                + " About 1.0 s and 35 MB of WAL, at the rates of the jar's own benchmark; nobody waits for it.");
    assertThat(
            Forecast.sentences(
                List.of(
                    outlook(28_000, "-- items: ACCESS EXCLUSIVE, no scan; or else\n" + batches)),
                (table, column, quick) -> quick ? 0 : 1))
        .isEmpty();
  }

  @Test
  void saysNothingOfSmallTables() {
    assertThat(
            Forecast.sentences(
                List.of(outlook(9_999, "-- items: SHARE UPDATE EXCLUSIVE, scan\nSELECT 1")),
                (table, column, quick) -> 1))
        .isEmpty();
  }
}
