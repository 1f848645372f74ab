package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestRole;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A column that is filled, in a project of another kind. */
class FillIT extends OperationChangelog {

  private static final String VALUES =
      "SELECT \"Shelf No\", count(*) FROM \"My books\" GROUP BY 1 ORDER BY 1";

  private static final String MARKS =
      "SELECT description FROM pg_description WHERE description LIKE '[gpra 900%' ORDER BY 1";

  private String data;

  FillIT() {
    super("fills");
  }

  @BeforeEach
  void remember() {
    data = database.data();
  }

  private void assertIsFilled(int rows) {
    assertThat(database.query(VALUES)).contains("7|" + rows);
    assertThat(database.query("SELECT id FROM databasechangelog WHERE exectype = 'EXECUTED'"))
        .hasSize(5);
    assertThat(database.query(MARKS))
        .contains("[gpra 900-shelf-index]", "[gpra 900-shelf-required]", "[gpra 900-shelf]");
    assertThat(
            database.value(
                "SELECT attnotnull FROM pg_attribute WHERE attrelid = '\"My books\"'::regclass AND attname = 'Shelf No'"))
        .isEqualTo("t");
    assertThat(database.schema()).doesNotContain("gpra_building", "gpra_no_building");
  }

  private void assertIsAsBefore() {
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
    assertThat(database.applied()).isEmpty();
  }

  @Test
  void touchesNoRowWhereAllAreWithoutAValue() {
    run().updateCount(2);
    String places = "SELECT md5(string_agg(concat(ctid, xmin), ',' ORDER BY id)) FROM \"My books\"";
    String before = database.value(places);
    List<String> said = new ArrayList<>();

    run().showing(said::add).update();

    assertThat(said)
        .anyMatch(line -> line.contains("no row had a value; all have 7 now"))
        .anyMatch(line -> line.contains("3000 row(s), 0 without value"));
    assertThat(database.value(places)).isEqualTo(before);
    assertIsFilled(3000);
    run().rollbackCount(3);
    assertThat(database.value(places)).isEqualTo(before);
    run().rollbackCount(2);
    assertIsAsBefore();
  }

  @Test
  void leavesTheSameByAScriptThereAndBack() {
    database.script(run().updateSql());
    assertIsFilled(3000);
    database.script(run().rollbackSqlCount(5));
    assertIsAsBefore();
  }

  @Test
  void goesInBatchesWhereARowHasOneAndTakesBackExactlyTheOthers() {
    run().updateCount(2);
    database.execute("UPDATE \"My books\" SET \"Shelf No\" = 3 WHERE id IN (5, 2000)");
    List<String> said = new ArrayList<>();

    run().showing(said::add).update();

    assertThat(said)
        .anyMatch(line -> line.contains("in batches, because some row has a value"))
        .anyMatch(line -> line.contains("2998 row(s) had no value and have 7 now"));
    assertIsFilled(2998);
    run().rollbackCount(3);
    assertThat(database.query(VALUES)).containsExactly("3|2", "∅|2998");
  }

  /** As a run leaves it that was killed before it could record what it had done. */
  @ParameterizedTest
  @CsvSource({"900-shelf-filled, 3", "900-shelf-required, 4"})
  void goesOnWhereItWasNotRecorded(String changeset, int count) {
    run().updateCount(count);
    database.execute(
        "DELETE FROM databasechangelog WHERE id = '%s'; ".formatted(changeset)
            + (count == 3 ? "INSERT INTO \"My books\" VALUES (9999, 'new')" : ""));
    run().update();
    assertIsFilled(count == 3 ? 3001 : 3000);
    run().rollbackCount(5);
    if (count == 4) {
      assertIsAsBefore();
    }
  }

  /** By the rollback of what comes before it, in a run and in a script. */
  @ParameterizedTest
  @CsvSource({
    "900-shelf-filled, 3, false",
    "900-shelf-filled, 3, true",
    "900-shelf-required, 4, true"
  })
  void isTakenBackWhereItWasNotRecorded(String changeset, int count, boolean byScript) {
    run().updateCount(count);
    database.execute("DELETE FROM databasechangelog WHERE id = '%s'".formatted(changeset));
    int recorded = database.applied().size();
    if (byScript) {
      database.script(run().rollbackSqlCount(1));
    } else {
      run().rollbackCount(1);
    }
    assertThat(database.applied()).hasSize(recorded - 1);
    assertThat(database.query(VALUES)).containsExactly("∅|3000");
    run().rollbackCount(recorded - 1);
    assertIsAsBefore();
  }

  @Test
  void buildsTheIndexAgainThatSomebodyDropped() {
    run().updateCount(2);
    database.execute(
        "DROP INDEX \"idx shelf\"; UPDATE \"My books\" SET \"Shelf No\" = 3 WHERE id = 1");
    run().update();
    assertThat(
            database.value(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"idx shelf\"'::regclass"))
        .isEqualTo("t");
    assertThat(database.query(VALUES)).containsExactly("3|1", "7|2999");
    assertThat(database.value("SELECT obj_description('\"idx shelf\"'::regclass, 'pg_class')"))
        .isEqualTo("[gpra 900-shelf-filled]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ALTER TABLE \"My books\" DROP CONSTRAINT \"My books_pkey\" -- has no primary key of one integer column",
        "CREATE RULE never AS ON UPDATE TO \"My books\" DO INSTEAD NOTHING -- the rule never on",
        "CREATE UNIQUE INDEX one ON \"My books\" (\"Shelf No\") -- the index one is unique",
        "ALTER TABLE \"My books\" DROP COLUMN \"Shelf No\" -- the column My books.Shelf No: go back to before it",
      })
  void isRefusedBeforeAnythingWhereItCannotBe(String thereAndMessage) {
    String[] parts = thereAndMessage.split(" -- ");
    run().updateCount(2);
    database.execute(parts[0]);
    String before = database.schema() + database.data();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(parts[1])
        .hasMessageContaining("Nothing was changed");
    assertSame("the database", before, database.schema() + database.data());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givesEachRowWhatItsColumnsOrAnotherTableSay(boolean byScript) {
    database.execute(
        "ALTER TABLE shelves ADD COLUMN name text; UPDATE shelves SET name = 'shelf ' || no WHERE no = 7;"
            + " UPDATE \"My books\" SET title = NULL WHERE id > 2990");
    schema = database.schema();
    data = database.data();
    LiquibaseRun each = new LiquibaseRun(database).changelog("changelogs/fills-each.yaml");
    if (byScript) {
      database.script(each.updateSql());
    } else {
      List<String> said = new ArrayList<>();
      each.showing(said::add).update();
      assertThat(said)
          .anyMatch(
              line -> line.contains("2990 row(s) had no value and have upper(left(title, 4)) now"));
    }
    assertThat(
            database.query(
                "SELECT initials, place, count(*) FROM \"My books\" GROUP BY 1, 2 ORDER BY 3 DESC"))
        .containsExactly("BOOK|∅|2563", "BOOK|shelf 7|427", "∅|∅|9", "∅|shelf 7|1");
    assertThat(database.value("SELECT count(*) FROM \"My books\" WHERE twice = 2 * id"))
        .isEqualTo("3000");
    assertThatThrownBy(() -> database.execute("UPDATE \"My books\" SET twice = NULL WHERE id = 5"))
        .hasMessageContaining("not-null constraint");
    database.execute("UPDATE \"My books\" SET initials = 'MINE' WHERE id = 5");
    assertThatThrownBy(() -> each.rollbackCount(5))
        .hasMessageContaining("initials of 1 row(s)")
        .hasMessageContaining("Nothing was undone.");
    database.execute("UPDATE \"My books\" SET initials = 'BOOK' WHERE id = 5");
    if (byScript) {
      database.script(each.rollbackSqlCount(5));
    } else {
      each.rollbackCount(5);
    }
    assertIsAsBefore();
  }

  /** Also where psql goes on after an error. */
  @Test
  void isRecordedOnlyWhereEachRowWasFilled() {
    LiquibaseRun each = new LiquibaseRun(database).changelog("changelogs/fills-each.yaml");
    database.execute("ALTER TABLE shelves ADD COLUMN name text");
    each.updateCount(1);
    database.scriptPastErrors(
        each.updateSql(), one -> one.matches("(?s).*gpra_fill\\('.My books.', 'initials'.*"));
    assertThat(database.applied()).hasSize(1);
    each.update();
    assertThat(database.value("SELECT count(*) FROM \"My books\" WHERE initials = 'BOOK'"))
        .isEqualTo("3000");
  }

  /** It is bound by row-level security itself: each tenant's rows in turn, there and back. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void givesTheRowsOfEachTenantAValueWhereItIsBoundItself(boolean byScript) {
    try (TestRole owner = TestRole.create("pw")) {
      LiquibaseRun run = ofTenants(owner);
      run.updateCount(3);
      database.execute("UPDATE \"My books\" SET shelf = 3 WHERE id = 5");
      if (byScript) {
        database.script(owner, run.updateSql());
      } else {
        run.update();
      }
      String values =
          "SELECT shelf, initials, count(*) FROM \"My books\" GROUP BY 1, 2 ORDER BY 3, 1";
      assertThat(database.query(values)).containsExactly("3|BOOK|1", "2|BOOK|2999");
      database.execute(
          "INSERT INTO \"My books\" VALUES (9999, 'new', 1, 2); UPDATE \"My books\" SET initials = 'MINE' WHERE id = 7");
      assertThatThrownBy(() -> run.rollbackCount(5))
          .hasMessageContaining("shelf of 2 row(s)")
          .hasMessageContaining("initials of 1 row(s)")
          .hasMessageContaining("Nothing was undone.");
      database.execute("UPDATE \"My books\" SET initials = 'BOOK' WHERE id = 7");
      if (byScript) {
        database.script(owner, run.rollbackSqlCount(3));
      } else {
        run.rollbackCount(3);
      }
      assertThat(database.query(values)).containsExactly("2|∅|1", "3|∅|1", "∅|∅|2999");
      database.execute(
          "DELETE FROM \"My books\" WHERE id = 9999; UPDATE \"My books\" SET shelf = NULL");
      run.rollbackCount(3);
      assertIsAsBefore();
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  private LiquibaseRun ofTenants(TestRole owner) {
    database.execute(
        """
        CREATE TABLE readers (id integer PRIMARY KEY);
        INSERT INTO readers VALUES (1), (2), (3);
        ALTER TABLE "My books" ADD reader integer NOT NULL DEFAULT 1 REFERENCES readers;
        UPDATE "My books" SET reader = id %% 3 + 1;
        CREATE INDEX ON "My books" (reader);
        GRANT ALL ON SCHEMA public TO %1$s;
        GRANT ALL ON readers TO %1$s;
        GRANT CREATE ON DATABASE %2$s TO %1$s;
        ALTER TABLE "My books" OWNER TO %1$s
        """
            .formatted(owner.name(), database.value("SELECT quote_ident(current_database())")));
    schema = database.schema();
    data = database.data();
    return new LiquibaseRun(database).changelog("changelogs/fills-of-tenants.yaml").as(owner);
  }

  @Test
  void isRefusedWhereRowsMayBeNoTenants() {
    try (TestRole owner = TestRole.create("pw")) {
      LiquibaseRun run = ofTenants(owner);
      run.updateCount(3);
      database.execute("ALTER TABLE \"My books\" ALTER reader DROP NOT NULL");
      assertThatThrownBy(run::update)
          .hasMessageContaining(
              "rows of \"My books\" whose reader is null may be no tenant's, and %s does not see them: make it NOT NULL in an update before (addNotNullConstraint)"
                  .formatted(owner.name()))
          .hasMessageContaining("Nothing was changed");
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  @Test
  void isRefusedWhereAnEarlierOneIsGoingToHideRows() {
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "GRANT ALL ON SCHEMA public TO %1$s; ALTER TABLE \"My books\" OWNER TO %1$s; UPDATE \"My books\" SET title = NULL WHERE id = 1"
              .formatted(owner.name()));
      LiquibaseRun run =
          new LiquibaseRun(database).changelog("changelogs/isolated-fill.yaml").as(owner);
      assertThatThrownBy(run::update)
          .hasMessageContaining(
              "%s would not see every row of \"My books\" once tenantIsolation has run: put the fillColumn before it"
                  .formatted(owner.name()))
          .hasMessageContaining("Nothing was changed");
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }
}
