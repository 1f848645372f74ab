package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.LiquibaseRun.LiquibaseFailure;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Somebody has dropped what the history says is there. No command ends in an error of the server's,
 * and what its sentence says to do leads on.
 */
class DroppedObjectIT {

  /**
   * In the gate, each so many-th; in full all. Prime to the number of directions and of states, so
   * that each object's turn is another.
   */
  private static final int EVERY =
      ReliabilityReport.full() ? 1 : Integer.getInteger("dropped.every", 23);

  /** The tables that the migrations work on, and all of them that 001 makes; the statements. */
  private static final String DROPS =
      """
      WITH worked_on AS (
        SELECT oid, relname FROM pg_class
         WHERE relkind = 'r' AND relname IN ('items', 'routines', 'chord_charts', 'subscriptions', 'routine_items', 'active_routine',
                 'ab_user', 'ab_role', 'ab_user_role'))
      SELECT format('DROP TABLE %I CASCADE', relname) FROM worked_on
      UNION ALL
      SELECT format('ALTER TABLE %I DROP COLUMN %I CASCADE', relname, attname)
        FROM worked_on JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
       WHERE relname = 'subscriptions' OR col_description(attrelid, attnum) LIKE '[gpra 001%'
      UNION ALL
      SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', relname, conname)
        FROM worked_on t JOIN pg_constraint k ON k.conrelid = t.oid AND contype <> 'n'
       WHERE relname IN ('items', 'routines', 'chord_charts', 'subscriptions')
      UNION ALL
      SELECT format('DROP INDEX %s', indexrelid::regclass)
        FROM worked_on JOIN pg_index ON indrelid = oid
       WHERE obj_description(indexrelid, 'pg_class') LIKE '[gpra 001%'
      ORDER BY 1
      """;

  private static final Pattern ROLLBACK =
      Pattern.compile("mvn (liquibase:rollback(?: -Dliquibase\\.\\w+=\\w+)+)");

  private static final List<String> BACK =
      List.of(
          "liquibase:rollback", "-Dliquibase.rollbackTag=000", "-Dliquibase.labelFilter=enforce");

  /** Nobody but the application makes it again. */
  private static final Pattern BROUGHT = Pattern.compile("^DROP TABLE (?!subscriptions)");

  /** The same; the undoing of 002 needs it. */
  private static final Pattern KEY =
      Pattern.compile("ALTER TABLE (items|routines|chord_charts) DROP CONSTRAINT \\w+_pkey");

  private static final String LAST = Changelog.tags().get(Changelog.tags().size() - 1);

  private static final Map<String, TestDatabase> MIGRATED = new HashMap<>();

  @AfterAll
  static void drop() {
    MIGRATED.values().forEach(TestDatabase::close);
  }

  private static TestDatabase at(String tag) {
    return MIGRATED
        .computeIfAbsent(
            tag,
            missing -> {
              TestDatabase database = TestDatabase.legacy();
              new LiquibaseRun(database).enforce().updateTo(tag);
              return database;
            })
        .copy();
  }

  private static Stream<List<String>> everything() {
    try (TestDatabase database = at("001")) {
      List<List<String>> all =
          database.query(DROPS).stream()
              .flatMap(
                  drop ->
                      Changelog.tags().stream()
                          .skip(1)
                          .flatMap(
                              tag ->
                                  Stream.of("update", "rollback")
                                      .map(go -> List.of(tag, go, drop))))
              .toList();
      assertThat(all).hasSizeGreaterThan(300);
      return IntStream.range(0, all.size()).filter(n -> n % EVERY == 0).mapToObj(all::get);
    }
  }

  @Tag("thorough")
  @ParameterizedTest
  @MethodSource("everything")
  @Tag("nightly")
  void leadsOnWhateverIsGone(List<String> one) {
    leadsOn(one.get(0), one.get(1), one.get(2));
  }

  @ParameterizedTest
  @CsvSource({
    "001, update, ALTER TABLE items DROP COLUMN user_id CASCADE",
    "002, rollback, ALTER TABLE items DROP COLUMN user_id CASCADE",
    "004, rollback, DROP TABLE chord_charts CASCADE",
  })
  @Tag("thorough")
  @Tag("nightly")
  void leadsOn(String tag, String direction, String drop) {
    try (TestDatabase database = at(tag)) {
      database.execute(drop);
      List<String> back = BACK;
      if (direction.equals("update")) {
        String told = tell(() -> up(database));
        if (told.isEmpty()) {
          return;
        }
        assertThat(told).contains("Nothing was changed");
        Matcher command = ROLLBACK.matcher(told);
        assertThat(command.find()).as(told).isTrue();
        back = List.of(command.group(1).split(" "));
      }
      goBack(database, back, drop);
      String told = tell(() -> up(database));
      if (BROUGHT.matcher(drop).find()) {
        assertThat(told).containsPattern("[Tt]he table \\w+ is not there");
        // (003 does not need all of them.)
        assertThat(database.applied()).last().asString().endsWith("-tag");
      } else if (told.contains("has no primary key")) {
        putBack(database, drop);
        up(database);
      } else {
        assertThat(told).isEmpty();
      }
    }
  }

  /** The history says that everything ran, and nothing did. */
  @Test
  void leadsOnWhereAllWasOnlyNoted() {
    try (TestDatabase database = TestDatabase.legacy()) {
      leadsOnWhereAllWasOnlyNoted(database, "002");
    }
  }

  @Tag("thorough")
  @ParameterizedTest
  @ValueSource(strings = {"001", "002", "003", "004"})
  @Tag("nightly")
  void leadsOnFromEachTagThatWasOnlyNoted(String tag) {
    // The first, with its sample data, has the application's role too.
    try (TestDatabase database = TestDatabase.legacy()) {
      leadsOnWhereAllWasOnlyNoted(database, tag);
    }
    try (TestDatabase database = TestDatabase.withFlaskAppBuilder().addAdmin()) {
      leadsOnWhereAllWasOnlyNoted(database, tag);
    }
  }

  private static void leadsOnWhereAllWasOnlyNoted(TestDatabase database, String tag) {
    String schema = database.schema();
    String data = database.data();
    new LiquibaseRun(database).enforce().changelogSyncTo(tag);
    String told = tag.equals(LAST) ? "" : tell(() -> up(database));
    Matcher command = ROLLBACK.matcher(told);
    goBack(database, command.find() ? List.of(command.group(1).split(" ")) : BACK, "");
    assertSame("the schema", schema, database.schema());
    assertSame("the data", data, database.data());
    told = tell(() -> up(database));
    command = ROLLBACK.matcher(told);
    if (command.find()) {
      new LiquibaseRun(database).run(List.of(command.group(1).split(" ")));
      up(database);
    }
  }

  private static void up(TestDatabase database) {
    new LiquibaseRun(database).enforce().update();
    assertThat(database.applied()).last().isEqualTo(LAST + "-tag");
  }

  /**
   * To 000, with nothing of ours left. A key that the undoing needs is put back as the sentence
   * says.
   */
  private static void goBack(TestDatabase database, List<String> command, String drop) {
    String told = tell(() -> new LiquibaseRun(database).run(command));
    if (told.contains("Somebody dropped the primary key of ")) {
      assertThat(told).contains("Nothing was undone", "ADD PRIMARY KEY");
      putBack(database, drop);
      told = tell(() -> new LiquibaseRun(database).run(command));
    }
    assertThat(told).isEmpty();
    assertThat(database.applied()).last().isEqualTo("000-tag");
    assertThat(
            database.query(
                "SELECT description FROM pg_description WHERE description LIKE '[gpra %'"))
        .isEmpty();
  }

  private static void putBack(TestDatabase database, String drop) {
    Matcher key = KEY.matcher(drop);
    assertThat(key.find()).as(drop).isTrue();
    database.execute(
        "ALTER TABLE %s ADD PRIMARY KEY (%s)"
            .formatted(key.group(1), key.group(1).equals("chord_charts") ? "chord_id" : "id"));
  }

  /** What an operator reads, never an error of the server's own; empty if all went well. */
  private static String tell(Runnable run) {
    try {
      run.run();
      return "";
    } catch (LiquibaseFailure failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        if (cause instanceof SQLException sql) {
          assertThat(sql.getSQLState()).as(sql.getMessage()).isEqualTo("P0001");
        }
      }
      return failure.getMessage();
    }
  }
}
