package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreviewIT {

  /** Somebody reads them before they run: no longer than they are. */
  private static final long LINES_OF_AN_UPDATE = 1760;

  private static final long LINES_OF_A_ROLLBACK = 1500;

  private static final long LINES_OF_AN_INDEX = 21;

  /** Where going back leaves nothing of ours: the legacy tables are never dropped. */
  static Stream<String> statesWithData() {
    return Stream.of("legacy, half of 001", "alembic");
  }

  private static TestDatabase at(String state) {
    if (state.equals("empty")) {
      return TestDatabase.withFlaskAppBuilder().addAdmin();
    }
    TestDatabase database =
        state.equals("alembic") ? TestDatabase.alembic() : TestDatabase.legacy();
    if (state.endsWith("up to 001")) {
      new LiquibaseRun(database).updateTo("001");
    } else if (state.endsWith("half of 001")) {
      new LiquibaseRun(database).updateCount(15);
    }
    return database;
  }

  @ParameterizedTest
  @ValueSource(strings = {"legacy", "alembic"})
  void leavesTheSameAsUpdateWhenItsScriptIsRun(String state) {
    assertSameAfterUpdateAndItsScript(state);
  }

  @ParameterizedTest
  @ValueSource(strings = {"empty", "legacy up to 001", "legacy, half of 001"})
  @Tag("thorough")
  @Tag("nightly")
  void leavesTheSameAsUpdateFromElsewhere(String state) {
    assertSameAfterUpdateAndItsScript(state);
  }

  private static void assertSameAfterUpdateAndItsScript(String state) {
    try (TestDatabase updated = at(state);
        TestDatabase scripted = at(state)) {
      String schema = scripted.schema();
      String script = new LiquibaseRun(scripted).enforce().updateSql();
      assertSame("the schema after a preview", schema, scripted.schema());

      new LiquibaseRun(updated).enforce().update();
      scripted.script(script);

      assertSame("the schema", updated.schema(), scripted.schema());
      assertSame("the data", updated.dataButTimes(), scripted.dataButTimes());
      assertThat(scripted.applied()).isEqualTo(updated.applied());
      assertThat(new LiquibaseRun(scripted).enforce().status()).contains("is up to date");
    }
  }

  @Test
  void saysWhatItWasMadeFor() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      LiquibaseRun run =
          new LiquibaseRun(database).as(role).with("gpra.app.role", "gpra_app").labels("!enforce");
      assertThat(run.updateSql())
          .containsPattern(
              "-- Database: %s, system identifier %s\n-- Settings: '-Dliquibase.labelFilter=!enforce' -Dgpra.app.role=gpra_app .*\n(SELECT .*;\n)+SET search_path = public;\n"
                  .formatted(
                      database,
                      database.value("SELECT system_identifier FROM pg_control_system()")));

      database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
      assertThat(run.updateSql())
          .contains(
              "-- Database: %s, number %s of a server that does not tell its system identifier\n"
                  .formatted(
                      database,
                      database.value(
                          "SELECT oid FROM pg_database WHERE datname = current_database()")));
    }
  }

  /** Whoever runs it has public first. */
  @ParameterizedTest
  @ValueSource(strings = {"My App", "MyApp"})
  void isForTheSchemaThatItWasMadeFor(String schema) {
    String quoted = '"' + schema + '"';
    try (TestDatabase database = TestDatabase.empty()) {
      database.addLegacyIn(quoted);
      LiquibaseRun run = new LiquibaseRun(database).in(quoted).enforce().asInMaven();
      database.script(run.updateSql());
      assertThat(database.value("SELECT to_regclass('public.databasechangelog')")).isEqualTo("∅");
      assertThat(run.status()).contains("is up to date");
      database.script(run.rollbackSqlTo("000"));
      assertThat(run.status()).contains("stands at 000");
    }
  }

  @Test
  void hasNoLimitOfTheRoles() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.own(database);
      for (String limit :
          List.of(
              "statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")) {
        database.execute(
            "ALTER ROLE %s IN DATABASE %s SET %s = '1min'".formatted(role.name(), database, limit));
      }
      database.script(
          role,
          new LiquibaseRun(database).as(role).updateSql()
              + ";\nDO $$ BEGIN IF EXISTS (SELECT FROM pg_settings WHERE name ~ 'statement_timeout|^idle_.*session_timeout'"
              + " AND setting <> '0') THEN RAISE 'limited'; END IF; END $$");
    }
  }

  @Test
  void staysAsShortAsItIs() {
    try (TestDatabase database = TestDatabase.legacy()) {
      String[] indexes =
          new LiquibaseRun(database)
              .changelog("changelogs/indexes.yaml")
              .updateSql()
              .replaceFirst("(?s).*gpra_end_look", "")
              .split("(?m)^-- Changeset ");
      assertThat(indexes).hasSizeGreaterThan(2);
      assertThat((indexes[0] + indexes[1]).lines().count()).isBetween(10L, LINES_OF_AN_INDEX);
      assertThat(
              new LiquibaseRun(database)
                  .run("updateToTagSql", Map.of("tag", "002"))
                  .lines()
                  .count())
          .isBetween(1000L, LINES_OF_AN_UPDATE);
      new LiquibaseRun(database).updateTo("002");
      // What later ones make is named and looked at, too: they may have run since.
      List<Object> ids = Changelog.changeSets().stream().map(one -> one.get("id")).toList();
      long later = ids.size() - 1 - ids.indexOf("004-tag");
      assertThat(new LiquibaseRun(database).rollbackSqlTo("000").lines().count())
          .isBetween(1000L, LINES_OF_A_ROLLBACK + 10 * later);
    }
  }

  /** (002 asks when it runs whether there is an index to build again.) */
  @Test
  void leavesOutWhatIsThere() {
    try (TestDatabase database = TestDatabase.alembic()) {
      // (What comes after 002 was never Alembic's.)
      assertThat(new LiquibaseRun(database).updateSql().replaceFirst("(?s)'002-tag'.*", ""))
          .contains("ck_subscriptions_tier")
          .doesNotContain(
              "CALL pg_temp.gpra_create_table('",
              "CALL pg_temp.gpra_add_column('",
              "CALL pg_temp.gpra_begin_index('");
    }
  }

  @ParameterizedTest
  @MethodSource("statesWithData")
  void leavesTheSameAsRollbackWhenItsScriptIsRun(String state) {
    try (TestDatabase undone = at(state);
        TestDatabase scripted = at(state)) {
      new LiquibaseRun(undone).enforce().update();
      new LiquibaseRun(scripted).enforce().update();
      undone.execute("UPDATE items SET user_id = 4 WHERE id = 5");
      scripted.execute("UPDATE items SET user_id = 4 WHERE id = 5");

      String script = new LiquibaseRun(scripted).enforce().rollbackSqlTo("001");
      new LiquibaseRun(undone).enforce().rollbackTo("001");
      scripted.script(script);

      assertSame("the schema", undone.schema(), scripted.schema());
      assertThat(scripted.applied()).isEqualTo(undone.applied());
      assertThat(scripted.query("SELECT id, user_id FROM items ORDER BY id"))
          .isEqualTo(undone.query("SELECT id, user_id FROM items ORDER BY id"))
          .contains("5|4");
    }
  }

  @Test
  void rollbackScriptStopsWhereUsersWouldLoseData() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      String script = new LiquibaseRun(database).rollbackSqlTo("000");
      database.execute("INSERT INTO subscriptions (user_id, tier) VALUES (4, 'pro')");
      String schema = database.schema();

      assertThatThrownBy(() -> database.script(script))
          .hasMessageContaining("1 row(s) of subscriptions");

      assertSame("the schema", schema, database.schema());
    }
  }

  @ParameterizedTest
  @MethodSource("statesWithData")
  @Tag("thorough")
  void futureRollbackScriptTakesBackTheUpdateThatFollows(String state) {
    try (TestDatabase database = at(state)) {
      String schema = database.schema();
      String data = database.data();
      String script = new LiquibaseRun(database).enforce().futureRollbackSql();
      new LiquibaseRun(database).enforce().update();

      database.script(script);

      assertSame("the schema", schema, database.schema());
      assertSame("the data", data, database.data());
    }
  }

  /** As psql with several files does. */
  @Test
  @Tag("thorough")
  void secondScriptOfASessionLooksAgain() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).update();
      String first = new LiquibaseRun(database).rollbackSqlTo("001");
      String second = new LiquibaseRun(database).rollbackSqlTo("000");
      assertThatThrownBy(
              () ->
                  database.script(
                      first
                          + "INSERT INTO subscriptions (user_id, tier) VALUES (4, 'pro');"
                          + second))
          .hasMessageContaining("1 row(s) of subscriptions");
      assertThat(database.value("SELECT count(*) FROM subscriptions")).isEqualTo("1");
    }
  }

  @Test
  void scriptsStayInTheSchemaThatTheyWereMadeFor() {
    try (TestDatabase database = TestDatabase.legacy().addLegacyIn("\"My app\"")) {
      String before = database.schema();
      String update = new LiquibaseRun(database).in("\"My app\"").updateSql();
      database.script(update);
      assertThat(database.query("SELECT count(user_id) FROM \"My app\".items"))
          .containsExactly("36");
      assertThat(database.value("SELECT to_regclass('public.subscriptions')")).isEqualTo("∅");

      database.script(new LiquibaseRun(database).in("\"My app\"").rollbackSqlTo("000"));
      assertSame("the schema", before, database.schema());
    }
  }

  @Test
  void scriptsStopWhereRowLevelSecurityHidesRows() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = TestDatabase.legacy()) {
      role.grantLeastPrivileges(database);
      String policy =
          "CREATE POLICY hides ON items USING (title LIKE 'A%');"
              + "ALTER TABLE items ENABLE ROW LEVEL SECURITY; ALTER TABLE items FORCE ROW LEVEL SECURITY";
      new LiquibaseRun(database).as(role).updateTo("001");
      String backBefore = new LiquibaseRun(database).as(role).rollbackSqlTo("000");
      String before = new LiquibaseRun(database).as(role).updateSql();
      database.execute(policy);
      assertThatThrownBy(() -> database.script(role, backBefore))
          .hasMessageContaining("row-level security on items, which hides rows from this look");
      assertThatThrownBy(() -> database.script(role, before))
          // (A later migration's isolation is looked at before anything is done.)
          .hasMessageMatching(
              "(?s).*(Row-level security hides rows of items\\. Run it as a role|row-level security keeps \\S+ from seeing every row of items).*");
      String update = new LiquibaseRun(database).as(role).updateSql();
      assertThatThrownBy(() -> database.script(role, update))
          .hasMessageContaining(
              "row-level security keeps " + role.name() + " from seeing every row of items");
      assertThat(database.value("SELECT count(user_id) FROM items")).isEqualTo("0");

      database.execute("UPDATE items SET user_id = 4 WHERE id = 1");
      String rollback = new LiquibaseRun(database).as(role).rollbackSqlTo("000");
      String schema = database.schema();
      assertThatThrownBy(() -> database.script(role, rollback))
          .hasMessageContaining(
              "row-level security on items, which hides rows from this look: it has the policy hides");
      database.execute("DROP POLICY hides ON items");
      assertThatThrownBy(() -> database.script(role, rollback))
          .hasMessageContaining("row-level security on items, which hides rows from this look");
      database.execute("CREATE POLICY hides ON items USING (title LIKE 'A%')");
      assertSame("the schema", schema, database.schema());
    }
  }

  /** By somebody who does not stop at an error: the same command goes on from there. */
  @ParameterizedTest
  @ValueSource(strings = {"CALL pg_temp.gpra_end_look()", "CALL pg_temp.gpra_sweep_rows("})
  void recordsNothingThatTheScriptDidNotFinish(String failed) {
    try (TestDatabase updated = TestDatabase.legacy();
        TestDatabase scripted = TestDatabase.legacy()) {
      new LiquibaseRun(updated).update();
      String script = new LiquibaseRun(scripted).updateSql();
      assertThat(script).contains(failed);
      String begun = scripted.schema();

      scripted.scriptPastErrors(script, sql -> sql.contains(failed));

      assertThat(scripted.applied().size()).isLessThan(updated.applied().size());
      if (failed.contains("end_look")) {
        assertThat(scripted.applied()).isEmpty();
        // (A later migration's index may be under its working name, where the next run finds it.)
        assertSame(
            "the schema",
            begun,
            scripted.schema().replaceAll("(?m)^index public\\.gpra_building_.*\n", ""));
      }
      assertSameAfterUpdate(updated, scripted, failed);
    }
  }

  private static void assertSameAfterUpdate(
      TestDatabase updated, TestDatabase scripted, String when) {
    new LiquibaseRun(scripted).update();
    assertSame("the schema, " + when, updated.schema(), scripted.schema());
    assertSame("the data, " + when, updated.dataButTimes(), scripted.dataButTimes());
    assertThat(scripted.applied()).hasSameElementsAs(updated.applied());
  }

  /** What was there when the script was written has to be there at the migration's tag. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void tagsNothingThatIsNotComplete() {
    try (TestDatabase database = at("legacy, half of 001")) {
      String script = new LiquibaseRun(database).updateSql();
      database.execute("ALTER TABLE items DROP CONSTRAINT fk_items_user_id");

      assertThatThrownBy(() -> database.copy().script(script))
          .hasMessageContaining("is not complete. Missing: ")
          .hasMessageContaining("fk_items_user_id");
      database.scriptPastErrors(script, sql -> false);

      assertThat(database.applied())
          .contains("001-chord-charts-user-id-index")
          .doesNotContain("001-tag", "002-preflight", "002-verify-items");
    }
  }

  /** The second rollout's, after the first was run. */
  @Test
  @Tag("thorough")
  void leavesTheSameAsTheSecondRolloutWhenItsScriptIsRun() {
    try (TestDatabase updated = TestDatabase.legacy();
        TestDatabase scripted = TestDatabase.legacy()) {
      new LiquibaseRun(updated).enforce().update();
      new LiquibaseRun(scripted).update();

      scripted.script(new LiquibaseRun(scripted).enforce().updateSql());

      assertSame("the schema", updated.schema(), scripted.schema());
      assertThat(scripted.applied()).isEqualTo(updated.applied());
    }
  }

  /** Nothing binds the application that was to wait. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void addsNoConstraintAfterALookThatFailed() {
    try (TestDatabase database = at("legacy, half of 001")) {
      database.execute("ALTER TABLE items DROP CONSTRAINT fk_items_user_id");
      database.execute("DELETE FROM databasechangelog WHERE id LIKE '%-fk-valid'");
      String script = new LiquibaseRun(database).updateSql();
      String schema = database.schema();

      database.scriptPastErrors(script, sql -> sql.contains("gpra_begin_look('before'"));

      assertSame(
          "the schema, but for indexes without name",
          schema,
          database
              .schema()
              .lines()
              .filter(fact -> !fact.startsWith("index public.gpra_building_"))
              .collect(Collectors.joining("\n")));
    }
  }

  /** As above, with each of the statements. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void recordsAndUndoesNothingByHalvesWhicheverStatementFails() {
    try (TestDatabase updated = TestDatabase.legacy();
        TestDatabase legacy = TestDatabase.legacy()) {
      String script = new LiquibaseRun(legacy).updateSql();
      String schema = legacy.schema();
      new LiquibaseRun(updated).update();
      String back = new LiquibaseRun(updated).rollbackSqlTo("000");

      for (String failing : fromTheLookOn(script)) {
        try (TestDatabase scripted = TestDatabase.legacy()) {
          scripted.scriptPastErrors(script, failing::equals);
          assertSameAfterUpdate(updated, scripted, failing);
        }
      }
      for (String failing : fromTheLookOn(back)) {
        try (TestDatabase scripted = TestDatabase.legacy()) {
          new LiquibaseRun(scripted).update();
          scripted.scriptPastErrors(back, failing::equals);
          new LiquibaseRun(scripted).rollbackTo("000");
          assertSame("the schema, where this failed: " + failing, schema, scripted.schema());
          assertThat(scripted.applied()).isEqualTo(List.of("000-legacy-tables", "000-tag"));
        }
      }
    }
  }

  /** Each statement once: without the procedures, nothing of what comes after them could run. */
  private static Set<String> fromTheLookOn(String script) {
    List<String> statements = TestDatabase.statements(script);
    Set<String> after = new LinkedHashSet<>(statements);
    statements.stream()
        .takeWhile(
            sql ->
                !sql.contains("CALL pg_temp.gpra_begin_look")
                    && !sql.contains("SET gpra.changelog"))
        .forEach(after::remove);
    assertThat(after).hasSizeGreaterThan(50);
    return after;
  }
}
