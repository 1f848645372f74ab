package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kind of change, there and back, with row-level security and without it, while an old version
 * of the application runs all the time and a new one between the two: no statement of either fails,
 * none waits for a lock for long, and the schema is as without them.
 */
@Tag("thorough")
class KindsUnderTrafficIT {

  private static final String NAME = "kinds";

  /** What all versions say; whoever waits longer for a lock has a fault. */
  private static final List<String> ALL =
      List.of(
          "SELECT set_config('app.tenant', '1', false), set_config('lock_timeout', '2s', false)",
          "SELECT id, title FROM songs WHERE id = 9",
          "SELECT count(title) FROM songs",
          "INSERT INTO songs (title) VALUES ('more')",
          "UPDATE songs SET title = title || '' WHERE id = 12",
          "INSERT INTO plays (song_id) SELECT max(id) FROM songs",
          "DELETE FROM plays WHERE id > 3000 AND id % 3 = 0",
          "INSERT INTO tags (id, name) SELECT n, 'tag ' || n FROM (SELECT 10000 + (random() * 1000000000)::integer AS n) AS new",
          "SELECT count(name) FROM tags",
          "SELECT count(*) FROM books");

  /**
   * A kind of change.
   *
   * @param label in the changelog
   * @param before what it needs, in the order in which it was made; separated by commas
   * @param changes how many of {@link #ALL} return another type from then on: what the server has
   *     prepared for them fails once, there and back
   * @param next what only the next version says
   * @param isolated whether row-level security does not keep it from being done
   */
  private record Kind(String label, String before, int changes, String next, boolean isolated) {

    Kind(String label, String next) {
      this(label, "", 0, next, true);
    }

    Kind(String label, String before, String next) {
      this(label, before, 0, next, true);
    }

    /** What has run before it, in order. */
    List<String> before(boolean isolated) {
      return Stream.concat(
              isolated ? Stream.of(ISOLATED) : Stream.empty(),
              Stream.of(before.split(",")).filter(one -> !one.isEmpty()))
          .toList();
    }

    String labels(boolean isolated) {
      return String.join(
          " or ", Stream.concat(before(isolated).stream(), Stream.of(label)).toList());
    }
  }

  /** The label of what isolates tenants. */
  private static final String ISOLATED = "isolated";

  private static final String NOTHING_NEW = "SELECT 1";

  private static final List<Kind> KINDS =
      List.of(
          new Kind("createTable", "INSERT INTO notes (text) VALUES ('x')"),
          new Kind("addColumn", "UPDATE songs SET mood = 'x' WHERE id = 3"),
          new Kind("addDefaultValue", "addColumn", "SELECT mood FROM songs WHERE id = 3"),
          new Kind("createIndex", "SELECT count(*) FROM songs WHERE owner = 1"),
          new Kind("createIndexAs", "SELECT id FROM songs WHERE lower(title) = 'song 9'"),
          new Kind("addPrimaryKey", "SELECT name FROM tags WHERE id = 9"),
          new Kind("addUniqueConstraint", "SELECT name FROM tags WHERE id = 9"),
          new Kind("addForeignKeyConstraint", "UPDATE tags SET song_id = 9 WHERE id = 9"),
          new Kind("addCheck", NOTHING_NEW),
          new Kind("modifyCheck", "UPDATE songs SET kind = 'study' WHERE id = 15"),
          new Kind("addNotNullConstraint", "UPDATE songs SET kind = 'study' WHERE id = 15"),
          // (There rows are filled by hand: docs/migrations.md, Later migrations.)
          new Kind("fillColumn", "", 0, "SELECT tuning FROM songs WHERE id = 9", false),
          new Kind("copyColumn", "UPDATE songs SET length = '4:00' WHERE id = 15"),
          new Kind("renameColumn", "copyColumn", "UPDATE songs SET length = '4:00' WHERE id = 15"),
          new Kind("renameTable", "INSERT INTO labels (id, name) VALUES (0, 'zero')"),
          new Kind("modifyDataType", "", 1, "SELECT title FROM songs WHERE id = 9", true),
          new Kind("larger", "", 1, "SELECT song_id FROM plays WHERE id = 9", true),
          new Kind("defineFunction", NOTHING_NEW),
          new Kind("defineTrigger", "defineFunction", NOTHING_NEW),
          new Kind("otherText", "defineFunction,defineTrigger", NOTHING_NEW),
          new Kind("createView", "SELECT count(*) FROM titles"),
          new Kind("createSequence", "SELECT nextval('numbers')"),
          new Kind("setTableRemarks", NOTHING_NEW),
          new Kind("tenantIsolation", NOTHING_NEW),
          new Kind("dropTable", "createTable", NOTHING_NEW),
          new Kind("dropColumn", "addColumn", NOTHING_NEW),
          new Kind("dropIndex", "createIndex", NOTHING_NEW),
          new Kind("dropPrimaryKey", "addPrimaryKey", NOTHING_NEW),
          new Kind("dropUniqueConstraint", "addUniqueConstraint", NOTHING_NEW),
          new Kind("dropForeignKeyConstraint", "addForeignKeyConstraint", NOTHING_NEW),
          new Kind("dropCheck", "addCheck", NOTHING_NEW),
          new Kind("dropNotNullConstraint", "addNotNullConstraint", NOTHING_NEW),
          new Kind("removeTrigger", "defineFunction,defineTrigger", NOTHING_NEW),
          new Kind("removeFunction", "defineFunction", NOTHING_NEW),
          new Kind("dropView", "createView", NOTHING_NEW),
          new Kind("dropSequence", "createSequence", NOTHING_NEW));

  @Test
  void areAllThatTheChangelogHas() {
    Set<String> labels = new TreeSet<>();
    Changelog.changeSets(Path.of("src/test/resources/changelogs", NAME + ".yaml"))
        .forEach(changeSet -> labels.add(changeSet.get("labels").toString()));
    assertThat(labels.remove(ISOLATED)).isTrue();
    assertThat(KINDS).extracting(Kind::label).containsExactlyInAnyOrderElementsOf(labels);
  }

  static Stream<Arguments> kinds() {
    return KINDS.stream()
        .flatMap(
            kind ->
                Stream.of(false, true)
                    .filter(isolated -> !isolated || kind.isolated())
                    .map(isolated -> Arguments.of(kind.label(), isolated)));
  }

  @ParameterizedTest(name = "{0}, row-level security {1}")
  @MethodSource("kinds")
  void failNoStatementAndKeepNobodyWaiting(String label, boolean isolated) throws Exception {
    Kind kind = KINDS.stream().filter(one -> one.label().equals(label)).findFirst().orElseThrow();
    try (TestRole owner = TestRole.create("pw");
        TestRole role = TestRole.create("pw");
        TestDatabase database = tables(owner, role)) {
      // In PostgreSQL 14 such a view would show every row, which is refused.
      Assumptions.assumeFalse(
          label.equals("renameTable")
              && isolated
              && database.value("SHOW server_version_num").startsWith("14"));
      for (String one : kind.before(isolated)) {
        run(database, owner).labels(one).update();
      }
      String before = database.schema();
      int applied = database.applied().size();
      String after;
      try (TestDatabase alone = database.copy()) {
        mayCreate(alone, owner);
        run(alone, owner).labels(kind.labels(isolated)).update();
        after = alone.schema();
      }
      assertThat(after).isNotEqualTo(before);

      try (Application old = version(database, role, ALL)) {
        old.works();
        run(database, owner).labels(kind.labels(isolated)).update();
        List<String> more = Stream.concat(ALL.stream(), Stream.of(kind.next())).toList();
        try (Application next = version(database, role, more)) {
          next.works();
          old.works();
          assertThat(next.stop().faults()).as("of the new version").isEmpty();
        }
        assertSame("the schema", after, database.schema());
        run(database, owner)
            .labels(kind.labels(isolated))
            .rollbackCount(database.applied().size() - applied);
        old.works();
        assertThat(old.stop().faults())
            .as("of the old version")
            .hasSize(2 * kind.changes())
            .allMatch(fault -> fault.contains("cached plan must not change result type"));
      }
      assertSame("the schema after going back", before, database.schema());
      for (TestRole one : List.of(owner, role)) {
        database.execute("DROP OWNED BY %s CASCADE".formatted(one.name()));
      }
    }
  }

  /** The owner is bound by row-level security as everybody else. */
  private static TestDatabase tables(TestRole owner, TestRole role) {
    TestDatabase database = OperationChangelog.tables(NAME);
    mayCreate(database, owner);
    database.execute(
        "GRANT USAGE ON SCHEMA public TO %2$s; GRANT ALL ON tenants TO %1$s; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO %2$s;"
                .formatted(owner.name(), role.name())
            + " ALTER DEFAULT PRIVILEGES FOR ROLE %1$s GRANT ALL ON TABLES TO %2$s; ALTER DEFAULT PRIVILEGES FOR ROLE %1$s GRANT ALL ON SEQUENCES TO %2$s"
                .formatted(owner.name(), role.name()));
    for (String table : List.of("songs", "plays", "tags", "books")) {
      database.execute(
          "ALTER TABLE %1$s OWNER TO %2$s; GRANT ALL ON %1$s TO %3$s"
              .formatted(table, owner.name(), role.name()));
    }
    return database;
  }

  private static void mayCreate(TestDatabase database, TestRole owner) {
    database.execute(
        "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %%I TO %1$s', current_database()); END $$; GRANT ALL ON SCHEMA public TO %1$s"
            .formatted(owner.name()));
  }

  private static LiquibaseRun run(TestDatabase database, TestRole owner) {
    return new LiquibaseRun(database)
        .as(owner)
        .changelog("changelogs/%s.yaml".formatted(NAME))
        .with("gpra.rollback.discard", "true")
        .with("gpra.rollback.narrow", "true");
  }

  private static Application version(
      TestDatabase database, TestRole role, List<String> statements) {
    return new Application(
        () -> DriverManager.getConnection(database.bareUrl(), role.name(), role.password()),
        true,
        statements.toArray(String[]::new));
  }
}
