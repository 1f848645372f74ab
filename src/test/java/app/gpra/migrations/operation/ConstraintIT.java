package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestRole;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, checks and NOT NULL, there and back. */
class ConstraintIT extends OperationChangelog {

  private static final String OURS =
      "SELECT conname || ': ' || pg_get_constraintdef(oid) || ' -- ' || obj_description(oid, 'pg_constraint') FROM pg_constraint"
          + " WHERE obj_description(oid, 'pg_constraint') LIKE '[gpra 900%' ORDER BY 1";

  private static final String NOT_VALID =
      "ALTER TABLE books ADD CONSTRAINT %s FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE NOT VALID;"
          + " COMMENT ON CONSTRAINT %1$s ON books IS '[gpra 900%s] Left'";

  ConstraintIT() {
    super("constraints");
  }

  private List<String> executed() {
    return database.query(
        "SELECT id FROM databasechangelog WHERE exectype = 'EXECUTED' ORDER BY orderexecuted");
  }

  private void assertIsMade() {
    assertThat(database.query(OURS))
        .containsExactly(
            "Shelf of a book: FOREIGN KEY (room, \"Shelf No\") REFERENCES shelves(room, no) ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE"
                + " INITIALLY DEFERRED -- [gpra 900-shelf-fk]",
            "ck_kind: CHECK (((kind)::text = ANY ((ARRAY['novel'::character varying, 'songbook'::character varying, 'o''brien'::character"
                + " varying])::text[]))) -- [gpra 900-kind-check]",
            "ck_title: CHECK ((title IS NOT NULL)) -- [gpra 900-title-required]",
            "fk_author: FOREIGN KEY (author_id) REFERENCES authors(id) ON DELETE CASCADE -- [gpra 900-author-fk]");
    assertThat(requiredTitle()).isEqualTo("t");
    assertThat(database.schema()).doesNotContain("gpra_");
    assertThat(executed()).hasSize(4);
  }

  private String requiredTitle() {
    return database.value(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'books'::regclass AND attname = 'title'");
  }

  @Test
  void areWholeAndMarkedWhereTheyBearTheirNamesAndGoAsTheyCame() {
    run().update();
    assertIsMade();
    goBack();
  }

  @Test
  void areTheSameByAScriptThereAndBack() {
    String script = run().updateSql();
    assertSame("the schema after a preview", schema, database.schema());
    database.script(script);
    assertIsMade();
    database.script(run().rollbackSqlCount(4));
    assertSame("the schema after going back", schema, database.schema());
  }

  @Test
  void areNotBegunWhereTheColumnIsNotThere() {
    database.execute("ALTER TABLE books RENAME room TO chamber");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "This update cannot run: the column room of books is not there: Shelf of a book cannot be on it.");
    assertThat(database.schema()).doesNotContain("fk_author");
  }

  /** The second is how a restore writes the CHECK. */
  @ParameterizedTest
  @Tag("thorough")
  @Tag("nightly")
  @CsvSource(
      delimiter = '|',
      value = {
        "900-author-fk | ALTER TABLE books ADD CONSTRAINT %s FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE | theirs",
        "900-kind-check | ALTER TABLE books ADD CONSTRAINT %s CHECK (((kind)::text = ANY (ARRAY[('novel'::character varying)::text,"
            + " ('songbook'::character varying)::text, ('o''brien'::character varying)::text]))) | theirs",
        "900-author-fk | ALTER TABLE books ADD CONSTRAINT %s FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE | fk_author",
        "900-kind-check | ALTER TABLE books ADD CONSTRAINT %s CHECK (kind IN ('novel', 'songbook', 'o''brien')) | ck_kind",
      })
  void areLeftToWhoeverMadeEqualOnes(String changeset, String equal, String name) {
    database.execute(equal.formatted(name));
    schema = database.schema();
    List<String> said = new ArrayList<>();

    run().showing(said::add).update();

    assertThat(said).anyMatch(line -> line.contains("is there already on books, as " + name));
    assertThat(executed()).hasSize(3).doesNotContain(changeset);
    assertThat(database.query(OURS)).hasSize(3);
    goBack();
  }

  @Test
  void leaveANotNullToWhoeverMadeIt() {
    database.execute(
        "ALTER TABLE books ALTER title SET NOT NULL, ADD CONSTRAINT ck_title CHECK (title <> '')");
    schema = database.schema();
    run().update();
    assertThat(executed()).hasSize(3);
    goBack();
  }

  @Test
  void areNotMadeWhereTheTypesOfAKeyAndItsColumnDoNotFit() {
    database.execute("ALTER TABLE books ALTER author_id TYPE text");
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("operator does not exist: text = integer, for fk_author on books")
        .hasMessageContaining("Nothing was changed");
    assertSame("the schema", schema, database.schema());
  }

  @Test
  void makeAColumnNotNullThatSomebodyElseOnlyChecks() {
    database.execute("ALTER TABLE books ADD CONSTRAINT theirs CHECK (title IS NOT NULL)");
    schema = database.schema();
    run().update();
    assertIsMade();
    goBack();
  }

  @ParameterizedTest
  @Tag("thorough")
  @Tag("nightly")
  @CsvSource(
      delimiter = '|',
      value = {
        "fk_author FOREIGN KEY (author_id) REFERENCES authors (id) | fk_author on books is \"FOREIGN KEY"
            + " (author_id) REFERENCES authors(id)\", expected FOREIGN KEY (author_id) REFERENCES authors(id) ON DELETE CASCADE",
        "fk_author FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE NOT VALID | fk_author on books is",
        "ck_kind CHECK (kind IN ('novel')) | ck_kind on books is",
        "ck_title CHECK (title <> '') | ck_title on books is",
      })
  void areNotMadeWhereTheirNameIsTaken(String other, String sentence) {
    database.execute("ALTER TABLE books ADD CONSTRAINT " + other);
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing was changed.");
    goBack();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE books SET author_id = 99 WHERE id < 3 | Rows of books hold what fk_author does not allow: author_id = 99 in 2 row(s). Find them all"
            + " with SELECT * FROM books AS t WHERE num_nulls(t.author_id) = 0 AND NOT EXISTS (SELECT FROM authors AS r WHERE r.id = t.author_id)",
        "UPDATE books SET room = 'attic' WHERE id > 5 | Rows of books hold what Shelf of a book does not allow: room = attic, Shelf No = 1 in 5 row(s)",
        "UPDATE books SET kind = 'o''hara' WHERE id = 1 | Rows of books hold what ck_kind does not allow: kind = o'hara in 1 row(s)",
        "UPDATE books SET title = NULL WHERE id = 1 | Rows of books hold what ck_title does not allow: title = NULL in 1 row(s)",
      })
  void nameTheRowsThatTheyDoNotAllowBeforeAnythingIsAdded(String wrong, String sentence) {
    String data = database.execute(wrong).data();
    assertThatThrownBy(() -> run().update()).hasMessageContaining(sentence);
    assertThat(database.schema()).doesNotContain("gpra_");
    goBack();
    assertSame("the data", data, database.data());
  }

  /** The last is how 1.0.0 left it. */
  @ParameterizedTest
  @CsvSource({
    "gpra_building_fk_author, -author-fk, false",
    "gpra_building_fk_author, -author-fk, true",
    "fk_author, '', false",
  })
  void goOnFromWhatARunThatWasKilledLeft(String name, String mark, boolean valid) {
    String left =
        NOT_VALID.formatted(name, mark)
            + (valid ? "; ALTER TABLE books VALIDATE CONSTRAINT " + name : "");
    database.execute(left);
    run().update();
    assertThat(database.schema()).doesNotContain("gpra_");
    assertThat(executed()).hasSize(4);
    goBack();

    // Killed on the way back.
    run().update();
    database.execute("ALTER TABLE books DROP CONSTRAINT fk_author; " + left);
    goBack();
  }

  /** Liquibase visits what is recorded only. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void goAlsoWhereARunThatWasKilledDidNotRecordThem(boolean byScript) {
    // Another application's, in a schema of its own, with a history of its own.
    database.execute(
        "CREATE SCHEMA neighbour; CREATE TABLE neighbour.books (title text CONSTRAINT ck_title CHECK (title IS NOT NULL));"
            + " COMMENT ON CONSTRAINT ck_title ON neighbour.books IS '[gpra 900-title-required]';"
            + " CREATE INDEX gpra_building_idx ON neighbour.books (title); CREATE TABLE neighbour.gpra_no_building (id integer)");
    schema = database.schema();
    run().updateCount(1);
    String before = database.schema();
    run().update();
    database.execute(
        "DELETE FROM databasechangelog WHERE id IN ('900-kind-check', '900-title-required')");

    if (byScript) {
      database.script(run().rollbackSqlCount(1));
    } else {
      run().rollbackCount(1);
    }

    assertSame("the schema after going back by one", before, database.schema());
    goBack();
  }

  @Test
  void nameTheRowsThatCameAfterTheKeyWasAdded() {
    database.execute(
        "UPDATE books SET author_id = 99 WHERE id = 1; "
            + NOT_VALID.formatted("gpra_building_fk_author", "-author-fk"));
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("fk_author does not allow: author_id = 99 in 1 row(s)");
    database.execute("UPDATE books SET author_id = 1 WHERE id = 1");
    run().update();
    assertThat(executed()).hasSize(4);
    assertThat(database.schema()).doesNotContain("gpra_");
  }

  @Test
  void areValidatedTenantByTenantWhereRowLevelSecurityHidesRows() {
    database.execute("CREATE ROLE gpra_owner_of_books NOLOGIN");
    try {
      database.execute(
          "GRANT ALL ON SCHEMA public TO gpra_owner_of_books; ALTER TABLE books OWNER TO gpra_owner_of_books; ALTER TABLE authors OWNER TO gpra_owner_of_books;"
              + " ALTER TABLE books ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
              + " CREATE POLICY own ON books USING (tenant::text = current_setting('app.tenant', true)); GRANT SELECT ON tenants TO gpra_owner_of_books;"
              + " UPDATE books SET author_id = 99 WHERE id = 1");
      String add =
          "SET ROLE gpra_owner_of_books; CALL pg_temp.gpra_add_key('books', 'fk_author', 'w', ARRAY['author_id'], 'authors', ARRAY['id'], '', ARRAY['[m]']); ";
      String validate =
          "CALL pg_temp.gpra_validate_constraint('books', 'fk_author', 'w', ARRAY['[m]'])";
      String procedures =
          procedures()
              .replace("${tenant.setting}", "app.tenant")
              .replace("${tenant.ids}", "SELECT id FROM tenants");

      assertThatThrownBy(() -> database.execute(procedures + add + validate))
          .hasMessageContaining(
              "Rows of books of the tenant %s hold what fk_author does not allow: author_id = 99 in 1 row(s)."
                  .formatted(database.value("SELECT tenant FROM books WHERE id = 1")));
      assertThatThrownBy(() -> database.execute(procedures() + add + validate))
          .hasMessageContaining("Row-level security hides rows from whoever validates fk_author");
      database.execute("UPDATE books SET author_id = 1 WHERE id = 1");
      database.execute(procedures + add + validate);
      assertThat(database.value("SELECT convalidated FROM pg_constraint WHERE conname = 'w'"))
          .isEqualTo("t");
    } finally {
      database.execute(
          "ALTER TABLE books OWNER TO CURRENT_USER; ALTER TABLE authors OWNER TO CURRENT_USER; DROP OWNED BY gpra_owner_of_books; DROP ROLE gpra_owner_of_books");
    }
  }

  /** Nobody could see whether each row has its parent. */
  @Test
  void areRefusedWhereRowLevelSecurityHidesTheParentsAlone() {
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "GRANT ALL ON SCHEMA public TO %1$s; ALTER TABLE books OWNER TO %1$s; ALTER TABLE authors OWNER TO %1$s; ALTER TABLE shelves OWNER TO %1$s;"
                  .formatted(owner.name())
              + " CREATE POLICY own ON authors USING (id::text = current_setting('app.tenant', true));"
              + " ALTER TABLE authors ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
      String before = database.schema();
      assertThatThrownBy(() -> run().as(owner).update())
          .hasMessageContaining(
              "This update cannot run: row-level security keeps %s from seeing every row of authors, to which fk_author leads: isolate books first"
                  .formatted(owner.name()));
      assertSame("the schema", before, database.schema());
      database.execute("TRUNCATE books CASCADE");
      run().as(owner).update();
      assertThat(
              database.value("SELECT convalidated FROM pg_constraint WHERE conname = 'fk_author'"))
          .isEqualTo("t");
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  /** Reading does not keep the lock from us, but whoever waits for it to end would be before us. */
  @Test
  @Timeout(60)
  void askForNoLockForWhichSomebodyWaits() throws Exception {
    ExecutorService application = Executors.newSingleThreadExecutor();
    try (Connection reader = database.connect();
        Connection waiter = database.connect()) {
      reader.setAutoCommit(false);
      reader.createStatement().execute("SELECT FROM books");
      application.submit(() -> waiter.createStatement().execute("BEGIN; LOCK TABLE books"));
      String waits = "SELECT pid FROM pg_locks WHERE relation = 'books'::regclass AND NOT granted";
      while (database.query(waits).isEmpty()) {
        Thread.onSpinWait();
      }
      assertThatThrownBy(
              () ->
                  database.execute(
                      procedures()
                          + " SET lock_timeout = '50ms'; CALL pg_temp.gpra_lock(ARRAY['books']::regclass[], 'SHARE ROW EXCLUSIVE')"))
          .hasMessageContaining(
              "lock timeout not waited for: a lock on books: pid %s ("
                  .formatted(database.value(waits)));
    } finally {
      application.shutdown();
    }
  }

  private static String procedures() {
    return Procedures.text().replace("{tried_again}", "true").replace("${gpra.wait.limit}", "1s")
        + " SET gpra.guarded = 'yes';";
  }

  @Test
  void areRefusedWhereThereIsNoSafeWay() {
    assertThatThrownBy(
            () ->
                new LiquibaseRun(database)
                    .changelog("changelogs/constraints-refused.yaml")
                    .update())
        .hasMessageContaining(
            "a constraint is validated outside of a transaction: add runInTransaction: false")
        .hasMessageContaining("after 63 bytes: give it a shorter one")
        .hasMessageContaining("would stay unvalidated: leave out validate")
        .hasMessageContaining(
            "PostgreSQL has no action DELETE: take CASCADE, SET NULL or RESTRICT");
    assertSame("the schema", schema, database.schema());
  }

  /** Liquibase's own rollback of a NOT NULL leaves the name out too. */
  @Test
  void goWhereTheirRollbackDoesNotNameThem() {
    LiquibaseRun run = new LiquibaseRun(database).changelog("changelogs/constraints-unnamed.yaml");
    run.update();
    assertThat(requiredTitle()).isEqualTo("t");
    run.rollbackCount(2);
    assertSame("the schema after going back", schema, database.schema());

    database.script(run.updateSql());
    database.script(run.rollbackSqlCount(2));
    assertSame("the schema after going back", schema, database.schema());
  }
}
