package app.gpra.migrations.operation;

import app.gpra.migrations.harness.Crashes;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operation, there and back, whose session ends anywhere ({@link Crashes}). */
@Tag("nightly")
@Tag("thorough")
class OperationCrashIT {

  private static final int EVERY =
      Integer.getInteger("crash.every", ReliabilityReport.full() ? 1 : 9);

  private static final String LOST =
      "SELECT 1 WHERE to_regclass('idx_%1$s') IS NULL AND to_regclass('gpra_building_idx_%1$s') IS NULL"
          + " AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '%2$s')";

  private static final String LOST_COPY =
      "SELECT 1 FROM databasechangelog WHERE id = '900-tag' AND EXISTS (SELECT FROM information_schema.columns WHERE column_name = 'id_larger')"
          + " AND ((to_regclass('plays_song_larger') IS NULL OR to_regclass('plays_id_song_larger') IS NULL) AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '901-plays-song-index')"
          + " OR NOT EXISTS (SELECT FROM information_schema.columns WHERE column_name = 'song_id_larger') AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '901-plays-song'))";
  private static final String LOST_OWN_COPY =
      "SELECT 1 FROM databasechangelog WHERE id = '850-larger' AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '860-copy-gone')"
          + " AND NOT EXISTS (SELECT FROM information_schema.columns WHERE column_name = 'seconds_larger')";
  private static final String GONE =
      "SELECT 1 WHERE to_regclass('thick') IS NULL AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '901-thick')"
          + " UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'keep')"
          + " AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '901-keep')"
          + " UNION ALL SELECT 1 WHERE obj_description('books'::regclass) IS NOT NULL"
          + " AND NOT EXISTS (SELECT FROM databasechangelog WHERE id = '901-books-comment')";

  private static final List<String> TRIED = new ArrayList<>();

  @AfterAll
  static void tell() {
    ReliabilityReport.tell("crashes of operations", String.join("\n", TRIED));
  }

  /**
   * Not where something is dropped, or said of what others have made, and not recorded: nothing
   * says so then (docs/migrations.md).
   */
  private static boolean turns(String name, Crashes.Command command, TestDatabase database) {
    if (command == Crashes.Command.ROLLBACK) {
      return true;
    }
    return switch (name) {
      case "objects" -> database.query(GONE).isEmpty();
      case "larger" -> database.query(LOST_COPY).isEmpty();
      case "drops" ->
          database.query(LOST.formatted("isbn", "901-isbn-index")).isEmpty()
              && database.query(LOST.formatted("theirs", "901-theirs")).isEmpty();
      case "renames-own" -> database.query(LOST_OWN_COPY).isEmpty();
      default -> true;
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "checks",
        "constraints",
        "drops",
        "fills",
        "larger",
        "objects",
        "renames",
        "renames-own",
        "tables",
        "types",
        "unique"
      })
  void goesOnAndGoesBackFromWhereverTheSessionEnded(String name) {
    Function<TestDatabase, LiquibaseRun> runs =
        database ->
            new LiquibaseRun(database)
                .changelog("changelogs/operations.yaml")
                .with("operations", name);
    try (TestDatabase start = OperationChangelog.tables(name)) {
      if (name.equals("drops") || name.equals("objects")) {
        // What others had made is the changelog's once it was dropped and made again.
        runs.apply(start).update();
        runs.apply(start).rollbackTo("899");
      }
      tryAll(name, start, runs);
    }
  }

  private static void tryAll(
      String name, TestDatabase start, Function<TestDatabase, LiquibaseRun> runs) {
    try (Crashes crashes =
        new Crashes(
            start,
            runs,
            "899",
            EVERY,
            // A wider type stays.
            schema ->
                name.equals("types") ? schema.replaceAll("(?m)^column .*: type .*\\n", "") : schema,
            (command, database) -> turns(name, command, database))) {
      for (Crashes.Command command : Crashes.Command.values()) {
        TRIED.add(
            "- `%s`, %s: %s"
                .formatted(
                    name,
                    command.name().toLowerCase(Locale.ROOT),
                    crashes.tried(
                        command,
                        command == Crashes.Command.UPDATE ? start : crashes.migrated(),
                        Integer.MAX_VALUE)));
      }
    }
  }
}
