package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Taking over a database on which the former Alembic migrations ran: docs/alembic.md. */
@Tag("thorough")
@Tag("nightly")
class AlembicIT {

  /** How far Alembic had come. */
  private enum Revision {
    AFTER_001,
    AFTER_002;

    TestDatabase create() {
      TestDatabase database = TestDatabase.alembic();
      return this == AFTER_002
          ? database
          : database.execute(
              "ALTER TABLE items DISABLE TRIGGER USER; UPDATE items SET user_id = NULL; ALTER TABLE items ENABLE TRIGGER USER;"
                  + " UPDATE routines SET user_id = NULL; UPDATE chord_charts SET user_id = NULL; TRUNCATE subscriptions;"
                  + " UPDATE alembic_version SET version_num = '001'");
    }
  }

  /** Each way back as far as it goes. */
  private enum WayBack {
    BY_TAG((database, marks) -> run(database, marks).rollbackTo("000")),
    BY_TWO_TAGS(
        (database, marks) -> {
          run(database, marks).rollbackTo("001");
          run(database, marks).rollbackTo("000");
        }),
    BY_COUNT(
        (database, marks) -> {
          while (!database.applied().isEmpty()) {
            run(database, marks).rollbackCount(Math.min(12, database.applied().size()));
          }
        }),
    ALL((database, marks) -> run(database, marks).rollbackCount(database.applied().size()));

    private final BiConsumer<TestDatabase, String> command;

    WayBack(BiConsumer<TestDatabase, String> command) {
      this.command = command;
    }

    private static LiquibaseRun run(TestDatabase database, String marks) {
      return new LiquibaseRun(database).with("gpra.rollback.marks", marks);
    }
  }

  /** What update adds to the schema: the constraints that Alembic never made, and a memory. */
  private static final List<String> CHECKS =
      Stream.of(
              "chord_charts.generation_method autocreate_file autocreate_youtube manual",
              "items.created_via manual import",
              "subscriptions.status active canceled past_due trialing incomplete",
              "subscriptions.tier free basic standard pro unlimited")
          .flatMap(AlembicIT::check)
          .sorted()
          .toList();

  private static Stream<String> check(String columnAndValues) {
    String[] words = columnAndValues.split("[. ]");
    List<String> values = new ArrayList<>();
    for (String value : List.of(words).subList(2, words.length)) {
      values.add("'%s'::character varying".formatted(value));
    }
    String name = "constraint ck_%s_%s on public.%1$s".formatted(words[0], words[1]);
    return Stream.of(
        name
            + ": comment '[gpra 001-%s-%s-check-valid]'"
                .formatted(words[0], words[1])
                .replace('_', '-'),
        name
            + ": CHECK (((%s)::text = ANY ((ARRAY[%s])::text[])))"
                .formatted(words[1], String.join(", ", values)),
        name + ": validated");
  }

  private static List<String> added(List<String> before, TestDatabase database) {
    List<String> now = database.schema().lines().toList();
    assertThat(now).as("all that Alembic made").containsAll(before);
    return now.stream()
        .filter(fact -> !before.contains(fact) && !fact.contains("gpra_admin_assignment"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void addsTheCheckConstraintsAndItsOwnMemoryOnly(Revision revision) {
    try (TestDatabase database = revision.create()) {
      List<String> before = database.schema().lines().toList();
      String version = database.value("SELECT version_num FROM alembic_version");
      String rows = rowsOfAlembic(database);

      new LiquibaseRun(database).update();

      assertThat(added(before, database)).isEqualTo(CHECKS);
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");
      assertThat(database.value("SELECT version_num FROM alembic_version")).isEqualTo(version);
      assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
      assertThat(
              database.query(
                  "SELECT u.username, s.tier, s.status FROM subscriptions s JOIN ab_user u ON u.id = s.user_id"))
          .containsExactly("admin|unlimited|active");
      if (revision == Revision.AFTER_002) {
        assertSame("what Alembic assigned", rows, rowsOfAlembic(database));
      }
    }
  }

  /** Everything but this project's own memory. */
  private static String rowsOfAlembic(TestDatabase database) {
    return String.join(
        "\n",
        database.data().lines().filter(row -> !row.startsWith("gpra_admin_assignment")).toList());
  }

  @ParameterizedTest
  @EnumSource
  void takesNothingOfAlembicsAway(WayBack wayBack) {
    for (Revision revision : Revision.values()) {
      try (TestDatabase database = revision.create()) {
        String schema = database.schema();
        String data = database.data();
        new LiquibaseRun(database).update();

        wayBack.command.accept(database, "stop");

        assertSame(revision + ", the schema after going back", schema, database.schema());
        assertSame(revision + ", the data after going back", data, database.data());
      }
    }
  }

  /** A note in the history that all is there, which nobody has looked at. */
  @ParameterizedTest
  @EnumSource
  void changesNothingWhereTheHistoryWasOnlyWrittenDown(WayBack wayBack) {
    try (TestDatabase database = TestDatabase.alembic()) {
      String schema = database.schema();
      String data = database.data();

      new LiquibaseRun(database).changelogSync();

      assertThat(database.applied())
          .hasSize(
              (int)
                  Changelog.changeSets().stream()
                      .filter(changeSet -> !changeSet.containsKey("labels"))
                      .count());
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");
      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());

      assertThatThrownBy(() -> wayBack.command.accept(database, "stop"))
          .hasMessageContaining("-Dgpra.rollback.marks=leave");
      assertSame("the data", data, database.data());
      wayBack.command.accept(database, "leave");

      assertSame("the schema after going back", schema, database.schema());
      assertSame("the data after going back", data, database.data());

      new LiquibaseRun(database).update();
      assertThat(added(schema.lines().toList(), database)).isEqualTo(CHECKS);
    }
  }

  @Test
  void goesOnFromTheTagThatWasWrittenDown() {
    try (TestDatabase database = Revision.AFTER_001.create()) {
      List<String> schema = database.schema().lines().toList();
      String data = database.data();

      new LiquibaseRun(database).changelogSyncTo("001");
      assertThat(database.applied()).contains("001-tag").doesNotContain("002-preflight");
      new LiquibaseRun(database).update();

      assertThat(added(schema, database)).isEmpty();
      assertThat(database.value("SELECT count(*) FROM items WHERE user_id IS NULL")).isEqualTo("0");
      assertThat(new LiquibaseRun(database).status()).contains("is up to date");

      new LiquibaseRun(database).with("gpra.rollback.marks", "leave").rollbackTo("000");

      assertSame("the schema after going back", String.join("\n", schema), database.schema());
      assertSame("the data after going back", data, database.data());
    }
  }
}
