package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that would do something if they were put into SQL as they are. */
@Tag("thorough")
class HostileNamesIT {

  /** Would be dropped by any of them. */
  private static final String VICTIM = "CREATE TABLE victim (id int)";

  /** In the gate the first two. */
  static List<String> names() {
    List<String> all =
        List.of(
            "x\"; DROP TABLE public.victim; --",
            "x'; DROP TABLE public.victim; --",
            "$$; DROP TABLE public.victim; --",
            "$gpra_body$; DROP TABLE public.victim; --",
            "x); DROP TABLE public.victim; --",
            "%I %1$s ${gpra.batch.time} \\",
            "Größe 🎸.ü");
    return ReliabilityReport.full() ? all : all.subList(0, 2);
  }

  private static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static void assertNothingWasExecuted(TestDatabase database) {
    assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname = 'victim'"))
        .isEqualTo("1");
  }

  @ParameterizedTest
  @MethodSource("names")
  void ofWhatUsersMadeAreOnlyNames(String name) {
    String view = quoted(name + "v");
    try (TestDatabase database = TestDatabase.legacy()) {
      database.execute(
          VICTIM
              + """
                ;
                ALTER TABLE items ADD COLUMN user_id integer;
                CREATE INDEX %1$s ON items (user_id);
                CREATE TRIGGER %1$s BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();
                ALTER TABLE routines ADD CONSTRAINT %1$s CHECK (id > 0);
                ALTER TABLE routines ADD COLUMN %1$s text;
                CREATE TRIGGER %1$s BEFORE INSERT ON routines FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
                ALTER TABLE routines DISABLE TRIGGER %1$s;
                CREATE PUBLICATION %1$s FOR TABLE chord_charts;
                """
                  .formatted(quoted(name)));
      database.execute("UPDATE ab_user SET username = $u$" + name + "$u$ WHERE username = 'admin'");
      String schema = database.schema();
      String data = database.data();

      new LiquibaseRun(database).update();

      assertThat(
              database.query(
                  "SELECT DISTINCT u.username FROM items i JOIN ab_user u ON u.id = i.user_id"))
          .containsExactly(name);
      database.execute("CREATE VIEW " + view + " AS SELECT user_id FROM chord_charts");
      assertThatThrownBy(() -> new LiquibaseRun(database).rollbackTo("000"))
          .hasMessageContaining("_RETURN on view " + view)
          .hasMessageContaining("Nothing was undone");
      database.execute("DROP VIEW " + view);
      new LiquibaseRun(database).rollbackTo("000");
      assertSame("The schema", schema, database.schema());
      assertSame("The data", data, database.data());
      assertNothingWasExecuted(database);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void ofTheSchemaAreOnlyNames(String name) {
    try (TestDatabase database = TestDatabase.empty()) {
      database.execute(VICTIM).addLegacyIn(quoted(name));
      String schema = database.schema();
      String data = database.data();
      LiquibaseRun run = new LiquibaseRun(database).in(quoted(name));

      if (name.matches("(?s).*([\"']|\\\\|\\$\\{|\\$gpra_).*")) {
        assertThatThrownBy(run::update)
            .hasMessageContaining("The schema " + name + " cannot be migrated");
      } else {
        run.update();
        assertThat(
                database.value(
                    "SELECT count(*) FROM %s.items WHERE user_id IS NULL".formatted(quoted(name))))
            .isEqualTo("0");
        new LiquibaseRun(database).in(quoted(name)).rollbackTo("000");
      }
      assertSame("The schema", schema, database.schema());
      assertSame("The data", data, database.data());
      assertNothingWasExecuted(database);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void ofLiquibasesOwnTablesAreOnlyNames(String name) {
    boolean quotable = !name.matches("(?s).*(\"|\\\\|\\$\\{|\\$gpra_).*");
    for (String property :
        List.of(
            "databaseChangelogTableName",
            "databaseChangelogLockTableName",
            "liquibaseSchemaName",
            "liquibaseTablespaceName")) {
      try (TestDatabase database = TestDatabase.legacy().execute(VICTIM)) {
        if (property.equals("liquibaseSchemaName") && quotable) {
          database.execute("CREATE SCHEMA " + quoted(name));
        }
        LiquibaseRun run = new LiquibaseRun(database).with("liquibase." + property, name);

        if (quotable && !property.equals("liquibaseTablespaceName")) {
          run.update();
          assertThat(database.value("SELECT count(user_id) FROM items")).isEqualTo("36");
        } else {
          assertThatThrownBy(run::update)
              .hasMessageContaining(name)
              .hasMessageContaining("expected ");
          assertThat(database.value("SELECT to_regclass('databasechangelog')")).isEqualTo("∅");
        }
        assertNothingWasExecuted(database);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void ofTheRoleAreOnlyNames(String name) {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy().execute(VICTIM)) {
      role.grantLeastPrivileges(database);
      database.execute("ALTER ROLE " + role.name() + " RENAME TO " + quoted(name));
      try {
        String schema = database.schema();
        TestRole renamed = new TestRole(name, role.password());
        new LiquibaseRun(database).as(renamed).update();
        new LiquibaseRun(database).as(renamed).rollbackTo("000");
        assertSame("The schema", schema, database.schema());
        assertNothingWasExecuted(database);

        database.execute("ALTER TABLE items OWNER TO CURRENT_USER");
        assertThatThrownBy(() -> new LiquibaseRun(database).as(renamed).update())
            .hasMessageContaining(name + " does not own the table items");
      } finally {
        database.execute("ALTER ROLE " + quoted(name) + " RENAME TO " + role.name());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void ofTagsAreOnlyNames(String name) {
    try (TestDatabase database = TestDatabase.legacy().execute(VICTIM)) {
      new LiquibaseRun(database).update();
      database.execute(
          "UPDATE databasechangelog SET tag = $t$" + name + "$t$ WHERE id = '001-tag'");
      LiquibaseRun run = new LiquibaseRun(database);

      if (name.contains("$gpra_") || name.contains("${")) {
        assertThatThrownBy(() -> run.rollbackTo(name))
            .hasMessageContaining("without \"${\" and \"$gpra_\"");
      } else {
        run.rollbackTo(name);
        assertThat(database.value("SELECT count(user_id) FROM items")).isEqualTo("0");
      }
      assertThatThrownBy(() -> new LiquibaseRun(database).updateTo(name))
          .hasMessageContaining("Known tags: 000, 001, 002");
      assertNothingWasExecuted(database);
    }
  }

  @Test
  void ofCandidatesAreListedAsTheyAre() {
    try (TestDatabase database = TestDatabase.legacy().execute(VICTIM)) {
      database.execute(
          "DELETE FROM ab_user_role; UPDATE ab_user SET username = 'x''; DROP TABLE victim; --' WHERE username = 'admin';"
              + "UPDATE ab_user SET username = '$gpra_body$' WHERE username = 'student1';"
              + "INSERT INTO ab_user_role SELECT u.id, u.id, r.id FROM ab_user u, ab_role r WHERE r.name = 'Admin' AND u.username ~ '[$;]'");

      assertThatThrownBy(() -> new LiquibaseRun(database).update())
          .hasMessageContaining("$gpra_body$, x'; DROP TABLE victim; --");
      assertNothingWasExecuted(database);
    }
  }
}
