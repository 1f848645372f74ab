package app.gpra.migrations.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutlookTest {

  /** Of SQL whose lines are the locks; each table has so many rows, null where that is unknown. */
  private static Outlook outlook(Long rows, String... lines) {
    String sql = String.join("\n", lines);
    List<Outlook.Lock> locks =
        Stream.of(lines)
            .map(Outlook.LINE::matcher)
            .filter(Matcher::matches)
            .map(
                line ->
                    new Outlook.Lock(
                        line.group(1), line.group(2), Outlook.waits(line.group(2)), rows))
            .toList();
    return new Outlook("001-a", "001", "Why", null, sql, locks, List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "🟢; nobody; SELECT 1",
        "🟢; nobody; -- ALTER TABLE says a comment",
        "🟢; nobody; -- items: SHARE UPDATE EXCLUSIVE, scan",
        "🟡; 'whoever writes, for milliseconds: items'; -- items: SHARE ROW EXCLUSIVE, no scan",
        "🟠; 'whoever reads or writes, for milliseconds: items'; -- items: scan, then ACCESS EXCLUSIVE",
        "🔴; 'whoever reads or writes, until all rows are written anew: items'; -- items: ACCESS EXCLUSIVE, scan",
        "⚪; 'not said, its SQL has to be read'; ALTER TABLE items ADD x int",
      })
  void saysWhoWaits(String sign, String waiting, String line) {
    assertThat(outlook(36L, line))
        .returns(sign, Outlook::sign)
        .returns(waiting, Outlook::waiting)
        .returns("milliseconds", Outlook::time);
  }

  @Test
  void namesATableOnceWithTheWorst() {
    assertThat(
            outlook(
                    null,
                    "-- items: SHARE ROW EXCLUSIVE, no scan",
                    "-- items and what its keys lead to: ACCESS EXCLUSIVE, no scan",
                    "-- users: SHARE ROW EXCLUSIVE, no scan")
                .waiting())
        .isEqualTo(
            "whoever reads or writes, for milliseconds: items and what its keys lead to; whoever writes, for milliseconds: users");
  }

  @Test
  void saysHowLongItTakes() {
    String[] index = {
      "-- items: SHARE UPDATE EXCLUSIVE, scan", "CREATE INDEX CONCURRENTLY i ON items (id)"
    };
    String[] fill = {
      "-- items: SHARE ROW EXCLUSIVE for each batch, scan",
      "CALL pg_temp.gpra_fill('items', 'owner', '1')"
    };
    assertThat(outlook(3_600_000L, index).time()).isEqualTo("about 2.0 s");
    assertThat(outlook(null, index).time()).isEqualTo("about 556 ms for each million rows");
    assertThat(outlook(-1L, index).time()).isEqualTo("about 556 ms for each million rows");
    assertThat(outlook(56_000L, fill).time()).isEqualTo("at most 2.0 s");
  }
}
