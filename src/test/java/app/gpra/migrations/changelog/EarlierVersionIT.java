package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Databases that 1.0.0 made, at each of its states, go on with this version and back. */
class EarlierVersionIT {

  private static final Path SCRIPT = Path.of("src/test/resources/released/1.0.0-update.sql");

  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^-- block: (\\d+)\n(DO .*?^\\$gpra_body\\$;)$");

  private static final Pattern AGAIN = Pattern.compile("(?m)^-- again: (\\d+)$");

  private static final Pattern CHANGESET = Pattern.compile("-- Changeset \\S+::(\\S+)::gpra\n");

  private static final Pattern SHOWN =
      Pattern.compile("(?m)^ {2}[\\d-]+ [\\d:]+ {2}(\\S+) +gpra\\b");

  private static final String RECORD = "INSERT INTO databasechangelog (";

  private static final String CONCURRENTLY = "CREATE INDEX CONCURRENTLY";

  /** How far 1.0.0 has come. */
  private record State(String name, String sql) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** After each changeset, after each that it could not record, and after each build. */
  private static final List<State> STATES = states();

  private static List<State> states() {
    try {
      String script = Files.readString(SCRIPT);
      Map<String, String> blocks = new HashMap<>();
      BLOCK.matcher(script).results().forEach(one -> blocks.put(one.group(1), one.group(2)));
      String whole =
          AGAIN
              .matcher(script)
              .replaceAll(one -> Matcher.quoteReplacement(blocks.get(one.group(1))));
      List<State> states = new ArrayList<>();
      StringBuilder sql = new StringBuilder();
      for (String part : whole.split("(?m)(?=^-- Changeset )")) {
        Matcher changeset = CHANGESET.matcher(part);
        if (changeset.find()) {
          String id = changeset.group(1);
          int built = part.indexOf(CONCURRENTLY);
          if (built > 0) {
            states.add(
                new State(id + ", built", sql + part.substring(0, part.indexOf(';', built) + 1)));
          }
          states.add(
              new State(id + ", not recorded", sql + part.substring(0, part.indexOf(RECORD))));
          states.add(new State(id, sql + part));
        }
        sql.append(part);
      }
      return states;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<State> some() {
    return STATES.stream()
        .filter(
            state ->
                List.of(
                        "001-items-user-id-fk",
                        "001-items-created-via-check, not recorded",
                        "002-items-user-id-index, built")
                    .contains(state.name()));
  }

  static Stream<State> all() {
    return STATES.stream();
  }

  @ParameterizedTest
  @MethodSource("some")
  void goOnAndBack(State state) {
    assertGoesOnAndBack(state);
  }

  @Tag("thorough")
  @Tag("nightly")
  @ParameterizedTest
  @MethodSource("all")
  void goOnAndBackFromEveryState(State state) {
    assertGoesOnAndBack(state);
  }

  private static void assertGoesOnAndBack(State state) {
    try (TestDatabase database = TestDatabase.legacy()) {
      String schema = database.schema();
      String data = database.data();
      database.script(state.sql());
      try (TestDatabase other = database.copy()) {
        if (other.applied().contains("000-tag")) {
          assertGoesBack(other, schema, data);
        }
      }

      boolean complete = new LiquibaseRun(database).enforce().status().contains("is up to date");
      new LiquibaseRun(database).enforce().update();

      // What fills remember is taken over with the first changeset that runs, or is undone.
      if (!complete) {
        assertSame("the schema", Fresh.SCHEMA, withoutMarks(database));
        assertSame("the data", Fresh.DATA, database.dataButTimes());
      }
      assertThat(database.applied()).containsAll(Fresh.APPLIED);
      assertThat(new LiquibaseRun(database).enforce().status()).contains("is up to date");
      assertThat(shown(new LiquibaseRun(database).run(List.of("liquibase:history"))))
          .doesNotHaveDuplicates()
          .containsAll(Fresh.APPLIED)
          .doesNotContain("001-items-user-id-fk", "002-assign-items", "004-items-policy");
      assertGoesBack(database, schema, data);
    }
  }

  /** Ids that a list of changesets has. */
  private static List<String> shown(String history) {
    return SHOWN.matcher(history).results().map(row -> row.group(1)).toList();
  }

  /** What this version makes of the same database. */
  private static final class Fresh {

    private static final String SCHEMA;
    private static final String DATA;
    private static final List<String> APPLIED;

    static {
      try (TestDatabase database = TestDatabase.legacy()) {
        new LiquibaseRun(database).enforce().update();
        SCHEMA = withoutMarks(database);
        DATA = database.dataButTimes();
        APPLIED = database.applied();
      }
    }
  }

  private static void assertGoesBack(TestDatabase database, String schema, String data) {
    new LiquibaseRun(database).enforce().rollbackTo("000");
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
    assertThat(database.applied()).containsExactly("000-legacy-tables", "000-tag");
  }

  /** 1.0.0 marked with the migration's number. */
  private static String withoutMarks(TestDatabase database) {
    return database
        .schema()
        .lines()
        .filter(fact -> !fact.contains("comment '[gpra "))
        .collect(Collectors.joining("\n"));
  }
}
