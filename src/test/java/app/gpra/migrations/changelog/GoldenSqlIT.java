package app.gpra.migrations.changelog;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.Golden;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * The SQL of each migration, there and back, as it is kept in {@code src/test/resources/golden}: a
 * pull request shows what will run on the single-user application's database.
 */
@Tag("golden")
class GoldenSqlIT {

  private static final Path DIRECTORY = Path.of("src/test/resources/golden");

  /** Where Liquibase's script goes on with the next changeset: its file, its id, its SQL. */
  private static final Pattern CHANGESET =
      Pattern.compile(
          "(?ms)^-- (?:Changeset|Rolling Back ChangeSet:) (changelog/\\S+)::(\\S+)::\\S+\n(.*?)(?=^-- (?:Changeset|Rolling Back ChangeSet:) |\\z)");

  /** Where the record of a changeset goes; its run is another each time. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^(CALL pg_temp\\.gpra_begin\\('(?:[^']|'')*'), .*\\)$");

  /** Liquibase's own records: they have its version, numbers and checksums. */
  private static final Pattern RECORD =
      Pattern.compile("(?s)(INSERT INTO|UPDATE|DELETE FROM) (public\\.)?databasechangelog\\b.*");

  /** What has as many lines as this is shown once: the same procedure runs for many changesets. */
  private static final int LONG = 10;

  /** By name of the file, in the order in which the statements are first shown. */
  private static final Map<String, String> SQL = new LinkedHashMap<>();

  @BeforeAll
  static void write() throws SQLException {
    String update;
    String rollback;
    try (TestDatabase database = TestDatabase.legacy()) {
      update = run(database).updateSql();
      rollback = run(database).futureRollbackSql();
    }
    Map<String, String> shown = new LinkedHashMap<>();
    for (Path migration : Changelog.files()) {
      SQL.put(name(migration, "update"), text(migration, "update", update, shown));
      SQL.put(name(migration, "rollback"), text(migration, "rollback", rollback, shown));
    }
  }

  /** All migrations, with the changelog's own defaults. */
  private static LiquibaseRun run(TestDatabase database) {
    LiquibaseRun run = new LiquibaseRun(database).labels("enforce");
    Changelog.defaults().forEach(run::with);
    return run;
  }

  private static String name(Path migration, String direction) {
    return "%s.%s.sql".formatted(Changelog.name(migration), direction);
  }

  private static String text(
      Path migration, String direction, String script, Map<String, String> shown)
      throws SQLException {
    String file = migration.toString().replace('\\', '/');
    StringBuilder text =
        new StringBuilder(
            "-- What %s runs for %s. Written by GoldenSqlIT.\n".formatted(direction, file));
    for (MatchResult changeset : CHANGESET.matcher(script).results().toList()) {
      if (changeset.group(1).equals(file)) {
        String id = changeset.group(2);
        text.append("\n-- ").append(id).append("\n");
        for (NativeQuery query :
            Parser.parseJdbcSql(changeset.group(3), true, false, true, false, false)) {
          String sql =
              ROW.matcher(RECORD.matcher(query.nativeSql.strip()).replaceFirst(""))
                  .replaceFirst("$1)");
          text.append(
              sql.matches("(--.*\n)*")
                  ? sql
                  : once(sql + ";\n", name(migration, direction) + ", " + id, shown));
        }
      }
    }
    return text.toString();
  }

  /** The statement, or where it stands already. */
  private static String once(String sql, String here, Map<String, String> shown) {
    List<String> lines = sql.lines().toList();
    if (lines.size() < LONG) {
      return sql;
    }
    String there = shown.putIfAbsent(sql, here);
    return there == null
        ? sql
        : "%s\n-- … and what follows, as in %s\n".formatted(lines.get(0), there);
  }

  static Stream<String> names() {
    return Changelog.files().stream()
        .flatMap(file -> Stream.of("update", "rollback").map(way -> name(file, way)));
  }

  @ParameterizedTest
  @MethodSource("names")
  void isTheSqlThatIsKept(String name) {
    Golden.file(DIRECTORY.resolve(name)).assertIs(SQL.get(name));
  }

  @Test
  void keepsTheSqlOfNoOtherMigration() throws IOException {
    Golden.assertOnly(
        DIRECTORY,
        Stream.concat(names(), LockTableIT.migrations().map(name -> name + ".locks.md")).toList());
  }
}
