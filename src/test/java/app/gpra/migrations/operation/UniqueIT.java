package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestRole;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Unique constraints and primary keys, there and back. */
class UniqueIT extends OperationChangelog {

  private static final String ROOM = "\"Room of the library where the book usually stands\"";

  private static final String PK =
      "pk_books_whose_name_is_as_long_as_a_name_may_be_for_postgresql_";

  private static final String OURS =
      "SELECT conname || ': ' || pg_get_constraintdef(oid) || ' -- ' || obj_description(oid, 'pg_constraint') FROM pg_constraint"
          + " WHERE obj_description(oid, 'pg_constraint') LIKE '[gpra 900%' ORDER BY conname COLLATE \"C\"";

  UniqueIT() {
    super("unique");
  }

  private List<String> executed() {
    return database.query(
        "SELECT id FROM databasechangelog WHERE exectype = 'EXECUTED' ORDER BY orderexecuted");
  }

  private List<String> required() {
    return database.query(
        "SELECT attrelid::regclass || '.' || attname FROM pg_attribute WHERE attrelid IN ('books'::regclass, 'loans'::regclass)"
            + " AND attnum > 0 AND attnotnull ORDER BY attrelid, attnum");
  }

  private void assertIsMade() {
    assertThat(database.query(OURS))
        .containsExactly(
            "Place of a book: UNIQUE ("
                + ROOM
                + ", no) DEFERRABLE INITIALLY DEFERRED -- [gpra 900-place-unique]",
            "ck_books_Room of the library where the book usually st_d9faae43: CHECK (("
                + ROOM
                + " IS NOT NULL)) -- [gpra 900-books-key]",
            "ck_books_no_not_null: CHECK ((no IS NOT NULL)) -- [gpra 900-books-key]",
            "ck_loans_id_not_null: CHECK ((id IS NOT NULL)) -- [gpra 900-loans-key]",
            "fk_loan: FOREIGN KEY (isbn) REFERENCES books(isbn) -- [gpra 900-loans-fk]",
            PK + ": PRIMARY KEY (id, no, " + ROOM + ") -- [gpra 900-books-key]",
            "pk_loans: PRIMARY KEY (id) -- [gpra 900-loans-key]",
            "uq_isbn: UNIQUE (isbn) -- [gpra 900-isbn-unique]");
    assertThat(required())
        .containsExactly("books.id", "books." + ROOM.replace("\"", ""), "books.no", "loans.id");
    assertThat(database.schema()).doesNotContain("gpra_");
    assertThat(executed()).hasSize(5);
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
    database.script(run().rollbackSqlCount(5));
    assertSame("the schema after going back", schema, database.schema());
  }

  @ParameterizedTest
  @Tag("thorough")
  @Tag("nightly")
  @CsvSource({"their isbn, their place, their key", "uq_isbn, Place of a book, " + PK})
  void areLeftToWhoeverMadeEqualOnes(String isbn, String place, String key) {
    database.execute(
        "ALTER TABLE books ADD CONSTRAINT \"%s\" UNIQUE (isbn), ADD CONSTRAINT \"%s\" UNIQUE (%s, no) DEFERRABLE INITIALLY DEFERRED, ADD CONSTRAINT \"%s\" PRIMARY KEY (id, no, %3$s)"
            .formatted(isbn, place, ROOM, key));
    schema = database.schema();
    List<String> said = new ArrayList<>();

    run().showing(said::add).update();

    for (String name : List.of(isbn, place, key)) {
      assertThat(said).anyMatch(line -> line.contains("is there already on books, as " + name));
    }
    assertThat(said).filteredOn(line -> line.contains(" passed over, there already")).hasSize(3);
    assertThat(executed()).containsExactly("900-loans-key", "900-loans-fk");
    assertThat(database.query(OURS)).hasSize(3);
    goBack();
  }

  /** An index is no constraint, and one that is looked at later is another one. */
  @Test
  void areMadeBesideWhatIsOnlyAlike() {
    database.execute(
        "CREATE UNIQUE INDEX theirs ON books (isbn); ALTER TABLE books ADD CONSTRAINT later UNIQUE (isbn) DEFERRABLE");
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
        "ALTER TABLE books ADD CONSTRAINT uq_isbn UNIQUE (isbn) DEFERRABLE | uq_isbn on books is \"UNIQUE (isbn) DEFERRABLE\", expected UNIQUE (isbn)",
        "ALTER TABLE books ADD CONSTRAINT uq_isbn CHECK (isbn <> '') | uq_isbn on books is \"CHECK",
        "CREATE UNIQUE INDEX uq_isbn ON books (isbn) | uq_isbn is index uq_isbn, expected UNIQUE (isbn) on public.books",
        "ALTER TABLE books ADD PRIMARY KEY (id) | books_pkey on books is \"PRIMARY KEY (id)\", expected PRIMARY KEY (id, no, ",
        "ALTER TABLE books DROP COLUMN isbn | column \"isbn\" does not exist, for the index uq_isbn on books",
      })
  void areNotMadeWhereSomethingElseIsThere(String other, String sentence) {
    database.execute(other);
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing was changed.");
    assertSame("the schema", schema, database.schema());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "UPDATE books SET no = 1 WHERE id < 3 | public.books cannot be unique by {room}, no: (cellar, 1) in 2 rows. Nothing was built.",
        "UPDATE books SET no = NULL WHERE id < 3 | Rows of books hold what ck_books_no_not_null does not allow: no = NULL in 2 row(s).",
      })
  void nameTheRowsThatTheyDoNotAllow(String wrong, String sentence) {
    String data = database.execute(wrong).data();
    assertThatThrownBy(() -> run().update()).hasMessageContaining(sentence.replace("{room}", ROOM));
    assertThat(database.schema()).doesNotContain("gpra_");
    goBack();
    assertSame("the data", data, database.data());
  }

  /** Each tenant's, one after the other: the table's owner sees only those. */
  @Test
  void nameTheRowsThatRowLevelSecurityHides() {
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "ALTER TABLE books ADD tenant integer DEFAULT 2; UPDATE books SET no = 1 WHERE id < 3;"
              + " CREATE POLICY own ON books USING (tenant::text = current_setting('app.tenant', true));"
              + " GRANT ALL ON SCHEMA public TO %1$s; ALTER TABLE books OWNER TO %1$s; ALTER TABLE loans OWNER TO %1$s;"
                  .formatted(owner.name())
              + " ALTER TABLE books ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
      assertThatThrownBy(() -> run().as(owner).update())
          .hasMessageContaining(
              "public.books cannot be unique by %s, no: (cellar, 1) in 2 rows of the tenant 2. Nothing was built. Find them all with SET app.tenant = '2'; SELECT "
                  .formatted(ROOM));
      assertThat(database.schema()).doesNotContain("gpra_");
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  /** What a run leaves that is killed, before its changesets are recorded. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE UNIQUE INDEX gpra_building_uq_isbn ON books (isbn) | gpra_building_ck_books_no_not_null CHECK (no IS NOT NULL) NOT VALID",
        "CREATE UNIQUE INDEX gpra_building_uq_isbn ON books (isbn); UPDATE pg_index SET indisvalid = false"
            + " WHERE indexrelid = 'gpra_building_uq_isbn'::regclass | gpra_building_ck_books_no_not_null CHECK (no IS NOT NULL)",
        "CREATE TABLE gpra_no_building (id integer); CREATE INDEX gpra_building_uq_isbn ON gpra_no_building (id);"
            + " CREATE UNIQUE INDEX gpra_building_pk_books_whose_name_is_as_long_as_a_name_97f19ee6 ON books (id, no)"
            + " | ck_books_no_not_null CHECK (no IS NOT NULL), ALTER no SET NOT NULL",
      })
  void goOnFromWhatARunThatWasKilledLeft(String index, String check) {
    String left =
        "%s; ALTER TABLE books ADD CONSTRAINT %s; COMMENT ON CONSTRAINT %s ON books IS '[gpra 900-books-key]'"
            .formatted(index, check, check.split(" ")[0]);
    run().status();
    database.execute(left);
    run().rollbackCount(1);
    assertSame("the schema after going back", schema, database.schema());

    database.execute(left);
    run().update();
    assertIsMade();
    goBack();
  }

  @Test
  void goOnFromWhatARunThatWasKilledDidNotRecord() {
    run().update();
    database.execute("DELETE FROM databasechangelog");
    run().update();
    assertIsMade();

    // As 1.0.0 marked.
    database.execute(
        "DELETE FROM databasechangelog; COMMENT ON CONSTRAINT uq_isbn ON books IS '[gpra 900]'");
    run().rollbackCount(1);
    assertSame("the schema after going back", schema, database.schema());
  }

  @Test
  void stayWhereOthersHaveBuiltOnThem() {
    run().update();
    database.execute(
        "CREATE TABLE theirs (isbn text REFERENCES books (isbn), loan integer REFERENCES loans);"
            + " CREATE VIEW lent AS SELECT id, isbn FROM loans GROUP BY id; CREATE PUBLICATION changes FOR TABLE books");
    assertThatThrownBy(() -> run().rollbackCount(5))
        .hasMessageContaining("This rollback drops what others have built on: ")
        .hasMessageContaining("constraint theirs_isbn_fkey on table theirs")
        .hasMessageContaining("constraint theirs_loan_fkey on table theirs")
        .hasMessageContaining("rule _RETURN on view lent")
        .hasMessageContaining("publication changes, which finds the rows of books by it")
        .hasMessageContaining("Nothing was undone.");
    assertIsMade();
  }

  @Test
  void leaveTheNotNullThatTheKeyOfSomebodyElseNeedsByNow() {
    database.execute("ALTER TABLE loans ADD CONSTRAINT theirs PRIMARY KEY (id)");
    schema = database.schema();
    database.execute(
        "ALTER TABLE loans ADD CONSTRAINT ck_loans_id_not_null CHECK (id IS NOT NULL);"
            + " COMMENT ON CONSTRAINT ck_loans_id_not_null ON loans IS '[gpra 900-loans-key]'");
    run().update();
    goBack();
  }

  @Test
  void areRefusedWhereThereIsNoSafeWay() {
    assertThatThrownBy(
            () -> new LiquibaseRun(database).changelog("changelogs/unique-refused.yaml").update())
        .hasMessageContaining(
            "an index is built outside of a transaction: add runInTransaction: false")
        .hasMessageContaining("UNIQUE of books has no name: give it a constraintName")
        .hasMessageContaining("after 63 bytes: give it a shorter one")
        .hasMessageContaining("clustered would write books anew under a lock: leave it out")
        .hasMessageContaining("pk_books would take the index theirs from whoever made it");
    assertSame("the schema", schema, database.schema());
  }
}
