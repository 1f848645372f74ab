package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Fault;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestRole;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CHECKs that get another condition, there and back. */
class CheckIT extends OperationChangelog {

  private static final String CHECKS =
      "SELECT conname || ' ' || regexp_replace(pg_get_constraintdef(oid), '::(character varying|text)(\\[\\])?', '', 'g') || ' -- '"
          + " || obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE contype = 'c' AND conrelid = 'books'::regclass ORDER BY 1";

  CheckIT() {
    super("checks");
  }

  private List<String> checks() {
    return database.query(CHECKS).stream().map(line -> line.replaceAll("[()]", "")).toList();
  }

  private void assertIsModified() {
    assertThat(checks())
        .containsExactly(
            "ck_kind CHECK kind = ANY ARRAY['novel', 'o''brien'] -- [gpra 902-kind-check] [gpra 901-kind-check] [gpra 900-kind-check]",
            "ck_room CHECK room = ANY ARRAY['cellar', 'attic', 'hall'] -- [gpra 902-room-check] Where there are shelves");
    assertThat(database.schema()).doesNotContain("gpra_building");
  }

  @Test
  void getAnotherConditionAndTheOneBeforeAgain() {
    run().update();
    assertIsModified();
    assertThat(database.value("SELECT count(*) FROM databasechangelog WHERE exectype = 'EXECUTED'"))
        .isEqualTo("4");
    run().update();
    run().rollbackCount(2);
    assertThat(checks())
        .containsExactly(
            "ck_kind CHECK kind = ANY ARRAY['novel', 'songbook', 'o''brien'] -- [gpra 901-kind-check] [gpra 900-kind-check]",
            "ck_room CHECK room = ANY ARRAY['cellar', 'attic'] -- Where there are shelves");
    goBack();
  }

  @Test
  void areTheSameByAScriptThereAndBack() {
    database.script(run().updateSql());
    assertIsModified();
    database.script(run().rollbackSqlCount(4));
    assertSame("the schema after going back", schema, database.schema());
  }

  @Test
  void nameTheRowsThatTheNewOneDoesNotAllowBeforeAnythingIsAdded() {
    run().updateCount(2);
    database.execute("UPDATE books SET kind = 'songbook' WHERE id IN (3, 5)");
    String before = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "Rows of books hold what ck_kind does not allow: kind = songbook in 2 row(s). Find them all with SELECT * FROM books AS t WHERE NOT (kind IN ('novel', 'o''brien')), correct them");
    assertSame("the schema", before, database.schema());
  }

  @Test
  void goBackOnlyWhereNoRowNeedsTheNewOne() {
    run().update();
    database.execute("UPDATE books SET kind = 'o''brien' WHERE id = 3");
    String before = database.schema();
    assertThatThrownBy(() -> run().rollbackCount(4))
        .hasMessageContaining(
            "Rows of books hold what ck_kind did not allow before, so nothing was undone: kind = o'brien in 1 row(s). Find them all with SELECT");
    assertSame("the schema", before, database.schema());
    assertThat(database.applied()).hasSize(4);
    run().rollbackCount(2);
    assertThatThrownBy(() -> run().rollbackCount(1)).hasMessageContaining("kind = o'brien");
    database.execute("UPDATE books SET kind = 'novel'");
    goBack();
  }

  /** Each tenant's, one after the other: the table's owner sees only those. */
  @Test
  void nameTheRowsThatRowLevelSecurityHides() {
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "GRANT ALL ON SCHEMA public TO %1$s; ALTER TABLE books OWNER TO %1$s; ALTER TABLE books ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
                  .formatted(owner.name())
              + " CREATE POLICY own ON books USING (tenant::text = current_setting('app.tenant', true))");
      run().as(owner).updateCount(2);
      database.execute("UPDATE books SET kind = 'songbook' WHERE id < 4");
      assertThatThrownBy(() -> run().as(owner).update())
          .hasMessageContaining("ck_kind does not allow: kind = songbook in 1 row(s)");
      // The application goes on writing such rows.
      assertThat(database.query("SELECT conname FROM pg_constraint WHERE NOT convalidated"))
          .isEmpty();
      database.execute("UPDATE books SET kind = 'novel'");
      run().as(owner).update();
      assertIsModified();
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  @Test
  void goBackOnlyWhereNoTenantsRowNeedsTheNewOne() {
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "CREATE TABLE tenants AS SELECT generate_series(1, 2) AS id; ALTER TABLE tenants ADD PRIMARY KEY (id);"
              + " ALTER TABLE books ALTER tenant SET NOT NULL, ADD FOREIGN KEY (tenant) REFERENCES tenants;"
              + " GRANT ALL ON SCHEMA public TO %1$s; GRANT ALL ON tenants TO %1$s; ALTER TABLE books OWNER TO %1$s"
                  .formatted(owner.name()));
      schema = database.schema();
      LiquibaseRun run =
          new LiquibaseRun(database).changelog("changelogs/checks-of-tenants.yaml").as(owner);
      run.update();
      database.execute("UPDATE books SET room = 'hall' WHERE id = 2");
      assertThatThrownBy(() -> run.rollbackCount(2))
          .hasMessageContaining(
              "ck_room did not allow before, so nothing was undone: room = hall in 1 row(s)");
      database.execute("UPDATE books SET room = 'attic'");
      run.rollbackCount(2);
      assertSame("the schema", schema, withoutHistory());
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DROP CONSTRAINT ck_room | the CHECK ck_room of books is not there",
        "DROP CONSTRAINT ck_room, ADD CONSTRAINT ck_room CHECK (room <> '') | ck_room on books is \"CHECK ((room <> ''::text))\", expected CHECK (room IN"
            + " ('cellar', 'attic', 'hall')), or as it was before, CHECK (room IN ('cellar', 'attic'))",
        "DROP CONSTRAINT ck_room, ADD CONSTRAINT ck_room UNIQUE (id, room) | ck_room on books is \"UNIQUE (id, room)\"",
      })
  void stopAtOneThatIsNotAsItWas(String other, String sentence) {
    database.execute("ALTER TABLE books " + other);
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("This update ")
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing was changed.");
    assertSame("the schema", schema, withoutHistory());
  }

  private String withoutHistory() {
    return String.join(
        "\n",
        database.schema().lines().filter(line -> !line.contains("databasechangelog")).toList());
  }

  @Test
  void areLeftToWhoeverHasModifiedThem() {
    database.execute(
        "ALTER TABLE books DROP CONSTRAINT ck_room, ADD CONSTRAINT ck_room CHECK (room IN ('cellar', 'attic', 'hall'))");
    schema = database.schema();
    run().update();
    assertThat(database.query("SELECT id FROM databasechangelog WHERE exectype = 'MARK_RAN'"))
        .containsExactly("902-room-check");
    goBack();
  }

  /** After a restore without comments. */
  @Test
  void areKnownAgainWithTheMarksOfAll() {
    run().update();
    database.execute("COMMENT ON CONSTRAINT ck_kind ON books IS NULL");
    run().rollbackCount(1);
    assertThatThrownBy(() -> run().rollbackCount(1))
        .hasMessageContaining("constraint ck_kind on table books");
    run().with("gpra.rollback.marks", "restore").rollbackCount(1);
    assertThat(checks().get(0)).endsWith("-- [gpra 901-kind-check] [gpra 900-kind-check]");
    goBack();
  }

  /** (OperationCrashIT ends a session anywhere.) */
  @Tag("thorough")
  @Tag("nightly")
  @ParameterizedTest
  @ValueSource(strings = {"gpra_begin_modify_check(", "gpra_end_modify_check("})
  void goOnAndComeBackWhereARunWasKilled(String call) {
    killed(LiquibaseRun::update, call);
    run().update();
    assertIsModified();
    killed(run -> run.rollbackCount(4), call.replace("modify", "restore"));
    run().update();
    assertIsModified();
    killed(run -> run.rollbackCount(4), call.replace("modify", "restore"));
    goBack();
  }

  private void killed(Consumer<LiquibaseRun> command, String call) {
    Fault fault = Fault.after(database, calls -> calls.get(calls.size() - 1).contains(call));
    assertThatThrownBy(() -> command.accept(run().failing(fault)));
    assertThat(fault.happened()).isTrue();
  }
}
