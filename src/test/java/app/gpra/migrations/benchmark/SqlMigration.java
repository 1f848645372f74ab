package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.LiquibaseRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

/**
 * A migration as statements that are run one by one, as psql does.
 *
 * @param to001 from the legacy schema to the end of 001
 * @param to002 from there to the end of 002
 */
record SqlMigration(List<Step> to001, List<Step> to002) {

  private static final Path ALEMBIC = Path.of("src/test/resources/fixtures/alembic-001-002.sql");
  private static final Pattern CHANGESET = Pattern.compile("(?m)^-- Changeset \\S+::(\\S+)::\\S+$");

  /**
   * One statement.
   *
   * @param changeSet that it belongs to; its own first words where there are none; empty before the
   *     first one
   */
  record Step(String changeSet, String sql) {}

  /** What Alembic ran: each migration in one transaction, the rows by one UPDATE a table. */
  static SqlMigration naive() {
    List<String> statements = statements(read(ALEMBIC));
    int first002 = 0;
    while (!statements.get(first002).stripLeading().startsWith("UPDATE")) {
      first002++;
    }
    return new SqlMigration(
        transaction(statements.subList(0, first002)),
        transaction(statements.subList(first002, statements.size())));
  }

  private static List<Step> transaction(List<String> statements) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step("BEGIN", "BEGIN"));
    statements.forEach(sql -> steps.add(new Step(firstLine(sql), sql)));
    steps.add(new Step("COMMIT", "COMMIT"));
    return steps;
  }

  private static String firstLine(String sql) {
    return sql.lines()
        .filter(line -> !line.isBlank() && !line.startsWith("--"))
        .findFirst()
        .orElse(sql);
  }

  /** This project's: the script of {@code updateSQL} for that database. */
  static SqlMigration ours(LiquibaseRun run) {
    Map<Boolean, List<Step>> by002 =
        steps(run).stream()
            .collect(Collectors.partitioningBy(step -> step.changeSet().startsWith("002")));
    return new SqlMigration(by002.get(false), by002.get(true));
  }

  /** The script of {@code updateSQL}; what stands before its first changeset is of none. */
  static List<Step> steps(LiquibaseRun run) {
    List<Step> steps = new ArrayList<>();
    String changeSet = "";
    for (String sql : statements(run.updateSql())) {
      Matcher begins = CHANGESET.matcher(sql);
      while (begins.find()) {
        changeSet = begins.group(1);
      }
      steps.add(new Step(changeSet, sql));
    }
    return steps;
  }

  private static List<String> statements(String script) {
    try {
      return Parser.parseJdbcSql(script, true, false, true, false, false).stream()
          .map((NativeQuery query) -> query.nativeSql)
          .toList();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(Path script) {
    try {
      return Files.readString(script);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
