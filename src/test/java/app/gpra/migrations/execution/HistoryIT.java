package app.gpra.migrations.execution;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryIT {

  @Test
  void isATableOfMigrationsBelowThatOfChangesets() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("001");
      database.script(new LiquibaseRun(database).updateSql());
      String by = database.value("SELECT session_user");
      String time = "[\\d.]+ m?s";
      String row = "%s +%d +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d +" + by + " +" + time + " +%s +%s";
      List<String> lines =
          new LiquibaseRun(database).run(List.of("liquibase:history")).lines().toList();
      assertThat(lines).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
      String file = "changelog/001-add-multi-tenant-schema.yaml";
      assertThat(lines.subList(lines.indexOf(file), lines.indexOf(file) + 2))
          .last()
          .asString()
          .matches("  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  001-preflight +gpra");
      assertThat(lines)
          .filteredOn(line -> line.matches("  .{16}  \\d{3}-\\S+ +gpra(  \\d{3})?"))
          .hasSameSizeAs(Changelog.withoutLabel())
          .last()
          .asString()
          .matches("  .{16}  (\\d{3})-tag +gpra  \\1");
      int heading =
          lines.indexOf(
              lines.stream()
                  .filter(line -> line.startsWith("migration "))
                  .findFirst()
                  .orElseThrow());
      assertThat(lines.subList(heading + 1, heading + 4))
          .satisfiesExactly(
              line -> assertThat(line).matches(row.formatted("000", of("000"), commit(), "-")),
              line -> assertThat(line).matches(row.formatted("001", of("001"), commit(), "000")),
              // A script may be run from anywhere.
              line -> assertThat(line).matches(row.formatted("002", of("002"), "-", "001")));
    }
  }

  private static String commit() {
    return Commit.CURRENT.isEmpty() ? "-" : Commit.CURRENT.replace("+", "\\+");
  }

  private static long of(String migration) {
    return Changelog.changeSets().stream()
        .filter(changeSet -> changeSet.get("id").toString().startsWith(migration))
        .count();
  }
}
