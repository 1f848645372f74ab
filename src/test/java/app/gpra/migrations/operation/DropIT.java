package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Fault;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drops in an update, and what makes again what they dropped. */
class DropIT extends OperationChangelog {

  /** How often tables and their indexes were used, as the server knows a second later. */
  private static final String USES =
      "SELECT concat(sum(idx_scan), ' ', sum(seq_scan), ' ', sum(n_tup_ins)) FROM (SELECT pg_sleep(1)) AS later, pg_stat_user_tables";

  private static final String NAMED =
      "SELECT conname || ': ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'books'::regclass AND contype <> 'n'"
          + " UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'books'::regclass ORDER BY 1";

  DropIT() {
    super("drops");
  }

  /** The schema after 900, which is what this changelog has made. */
  private String made() {
    run().updateTo("900");
    return database.schema();
  }

  private void assertIsDropped() {
    assertThat(database.query(NAMED))
        .containsExactly(
            "CREATE INDEX idx_isbn ON public.books USING btree (isbn, id)",
            "ck_title: CHECK ((title <> 'untitled'::text))");
    assertThat(
            database.query(
                "SELECT attrelid::regclass || '.' || attname || ' ' || atttypid::regtype || ' ' || attnotnull FROM pg_attribute WHERE attnum > 0 AND NOT"
                    + " attisdropped AND (attname IN ('mood', 'title') OR attrelid = 'shelves'::regclass) AND attrelid::regclass::text !~ 'pg_' ORDER BY 1"))
        .containsExactly(
            "books.mood integer false", "books.title text false", "shelves.room text false");
    assertThat(database.schema()).doesNotContain("gpra_");
  }

  private static String withoutTheirs(String schema) {
    return String.join("\n", schema.lines().filter(line -> !line.contains("theirs")).toList());
  }

  /** Whatever others had made was made again by the changeset that is undone, and says so. */
  private void assertIsAsBefore() {
    assertSame(
        "the schema after going back", withoutTheirs(schema), withoutTheirs(database.schema()));
    assertThat(database.query(NAMED))
        .containsExactly(
            "CREATE INDEX idx_theirs ON public.books USING btree (note)",
            "ck_theirs: CHECK ((id > 0))");
    assertThat(database.applied()).isEmpty();
  }

  @Test
  void dropWhoeverMadeItAndGoingBackMakesItAgainAsItWas() {
    String made = made();
    run().update();
    assertIsDropped();
    assertThat(run().status()).doesNotContain("no comment says so any more");

    List<String> said = new ArrayList<>();
    run().showing(said::add).rollbackTo("900");
    assertSame("the schema, marks included", withoutTheirs(made), withoutTheirs(database.schema()));
    assertThat(database.query("SELECT obj_description('idx_theirs'::regclass, 'pg_class')"))
        .containsExactly("[gpra 901-theirs]");
    assertThat(String.join("\n", said))
        .contains("public.books.mood is back, without the values that were in it")
        .contains("public.shelves is back, without the rows that were in it");

    run().update();
    assertIsDropped();
    run().rollbackCount(database.applied().size());
    assertIsAsBefore();
  }

  @Test
  void areTheSameByScripts() {
    String made = made();
    database.script(run().updateSql());
    assertIsDropped();
    database.script(run().rollbackSqlTo("900"));
    assertSame("the schema, marks included", withoutTheirs(made), withoutTheirs(database.schema()));
    database.script(run().rollbackSqlCount(database.applied().size()));
    assertIsAsBefore();
  }

  @Test
  void dropInTheUpdateThatMadeIt() {
    run().update();
    assertIsDropped();
    run().rollbackCount(database.applied().size());
    assertIsAsBefore();
  }

  /** Equal to what the changelog would make: its changeset was passed over. */
  @Test
  void leaveTheMarkOfNobodyOnWhatSomebodyElseMade() {
    database.execute(
        "ALTER TABLE books ADD CONSTRAINT fk_author FOREIGN KEY (author_id) REFERENCES authors (id)");
    run().update();
    assertIsDropped();
    run().rollbackCount(database.applied().size());
    assertThat(database.query(NAMED))
        .contains("fk_author: FOREIGN KEY (author_id) REFERENCES authors(id)");
  }

  @Test
  void passOverWhatIsNotThere() {
    made();
    database.execute(
        "DROP INDEX idx_isbn, idx_theirs; ALTER TABLE books DROP CONSTRAINT fk_author, DROP CONSTRAINT ck_theirs, DROP COLUMN mood,"
            + " DROP CONSTRAINT ck_title_required, ALTER title DROP NOT NULL; DROP TABLE shelves");
    List<String> said = new ArrayList<>();
    run().showing(said::add).update();
    assertIsDropped();
    assertThat(String.join("\n", said))
        .contains(
            "index idx_isbn of public.books is not there: nothing is dropped",
            "constraint fk_author of public.books is not there",
            "column mood of public.books is not there",
            "not null title of public.books is not there",
            "table public.shelves is not there");
  }

  /** Without its isolation, its tenants would see each other's rows. */
  @Test
  void stopAtATableThatARollbackWouldNotMakeAgainAsItIs() {
    made();
    database.execute(
        """
        CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER "Touched" BEFORE UPDATE ON shelves FOR EACH ROW EXECUTE FUNCTION touched();
        ALTER TABLE shelves ENABLE ROW LEVEL SECURITY, ADD floor integer CONSTRAINT ck_floor CHECK (floor > 0);
        CREATE INDEX idx_floor ON shelves (floor);
        """);
    String before = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContainingAll(
            "This update cannot run: a rollback would make the table shelves again without its column floor, index idx_floor, constraint ck_floor, "
                + "trigger \"Touched\", row-level security (tenantIsolation): write that behind createTable in the rollback, or only empty with the reason");
    assertSame("the schema", before, database.schema());
  }

  @Test
  void stopAtWhatOthersHaveBuilt() {
    made();
    database.execute(
        """
        CREATE VIEW moods AS SELECT mood FROM books;
        CREATE INDEX idx_mood ON books (mood);
        ALTER TABLE books ADD twice text GENERATED ALWAYS AS (mood || mood) STORED, ADD CONSTRAINT ck_mood CHECK (mood <> note);
        CREATE TABLE notes (shelf integer REFERENCES shelves, isbn text REFERENCES books (isbn));
        CREATE POLICY shelved ON authors USING (EXISTS (SELECT FROM shelves WHERE author_id = authors.id));
        DROP INDEX idx_theirs;
        ALTER TABLE books ADD CONSTRAINT idx_theirs UNIQUE (note), DROP CONSTRAINT pk_books, ADD CONSTRAINT pk_other PRIMARY KEY (title);
        """);
    String before = database.schema();
    String script = run().updateSql();

    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("This update cannot run: ")
        .hasMessageContainingAll(
            "the column mood of books cannot be dropped because of ",
            "index idx_mood",
            "constraint ck_mood on table books",
            "rule _RETURN on view moods",
            "twice of table books",
            ": drop that first, in a changeset of its own",
            "the table shelves cannot be dropped because of ",
            "constraint notes_shelf_fkey on table notes",
            "policy shelved on table authors",
            "the constraint uq_isbn of books cannot be dropped because of constraint notes_isbn_fkey on table notes",
            "the index idx_theirs of books cannot be dropped because of constraint idx_theirs on table books",
            "the not null title of books cannot be dropped because of constraint pk_other on table books");
    database.scriptPastErrors(script, sql -> false);

    assertSame(
        "the schema, but for indexes without name",
        before,
        String.join(
            "\n",
            database
                .schema()
                .lines()
                .filter(line -> !line.startsWith("index public.gpra_building_"))
                .toList()));
    assertThat(database.applied()).doesNotContain("901-isbn-index", "901-shelves");
  }

  @Test
  @Timeout(60)
  void stopAtWhatSomebodyUses() {
    made();
    // Otherwise the planner may take the index of that, which is as good.
    database.execute("ALTER TABLE books DROP CONSTRAINT uq_isbn");
    String before = database.schema();
    try (Application old =
        new Application(
            database,
            false,
            "SELECT set_config('enable_seqscan', 'off', false), set_config('enable_bitmapscan', 'off', false)",
            "SELECT title FROM books WHERE note = '1'",
            "INSERT INTO shelves SELECT coalesce(max(id), 0) + 1 FROM shelves")) {
      assertThatThrownBy(() -> run().with("gpra.drop.quiet", "2s").update())
          .hasMessageContainingAll(
              "the index idx_theirs cannot be dropped, as it is in use: ",
              " time(s) in 2 s (SELECT * FROM pg_stat_user_indexes WHERE indexrelname = 'idx_theirs'): let nobody use it, or drop it all the same with -Dgpra.drop.quiet=0ms",
              "the table shelves cannot be dropped, as it is in use: ",
              "(SELECT * FROM pg_stat_user_tables WHERE relname = 'shelves')",
              "Nothing was changed.")
          .hasMessageNotContainingAny("index idx_isbn", "index pk_shelves");
      assertThat(old.faults()).isEmpty();
    }
    assertSame("the schema", before, database.schema());
    // What a session has done is known when it has ended.
    while (!database
        .value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'")
        .equals("1")) {
      Thread.onSpinWait();
    }
    // PostgreSQL 14 has a process that collects it, and takes its time.
    String known;
    String earlier = "";
    while (!(known = database.value(USES)).equals(earlier)) {
      earlier = known;
    }
    run().with("gpra.drop.quiet", "500ms").update();
    assertIsDropped();
  }

  @Test
  void stopAtAPublicationThatFindsRowsByTheKey() {
    made();
    database.execute("CREATE PUBLICATION changes FOR TABLE books");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "the constraint pk_books of books cannot be dropped because of publication changes, which finds the rows of books by it");
  }

  @Test
  void stopAtATableThatIsSomebodyElses() {
    made();
    try (TestRole role = TestRole.create("pw")) {
      database.execute(
          "GRANT ALL ON ALL TABLES IN SCHEMA public TO %1$s; GRANT ALL ON SCHEMA public TO %1$s"
              .formatted(role.name()));
      assertThatThrownBy(() -> run().as(role).update())
          .hasMessageContainingAll(
              role.name() + " does not own the table books",
              role.name() + " does not own the table shelves");
      database.execute("DROP OWNED BY " + role.name());
    }
  }

  /** (OperationCrashIT ends a session anywhere.) */
  @Tag("thorough")
  @Tag("nightly")
  @Test
  void goOnAndComeBackWhereARunWasKilled() {
    String made = made();
    killed(LiquibaseRun::update, "gpra_drop('index', 'public.books', 'idx_isbn'");
    try (TestDatabase back = database.copy()) {
      new LiquibaseRun(back).changelog("changelogs/drops.yaml").rollbackTo("900");
      assertThat(back.applied()).doesNotContain("901-isbn-index");
      assertSame("the schema", made, back.schema());
    }
    run().update();
    assertIsDropped();

    killed(run -> run.rollbackTo("900"), "gpra_validate_constraint(");
    run().rollbackTo("900");
    assertSame("the schema", withoutTheirs(made), withoutTheirs(database.schema()));
  }

  /** What the rollback has made again goes again. */
  @Test
  void areDroppedAgainByAnUpdateAfterARollbackThatWasKilled() {
    run().update();
    killed(run -> run.rollbackTo("900"), "gpra_add_key('public.books'");
    assertThat(database.schema()).contains("pk_books");
    assertThatThrownBy(() -> run().updateSql())
        .hasMessageContaining(
            "A rollback of 901-keys was killed, which has begun to make again what that dropped. Nothing was written. Run that rollback again, or the update itself,");
    run().update();
    assertIsDropped();
    assertThat(
            database.query(
                "SELECT description FROM databasechangelog WHERE description LIKE 'being undone%'"))
        .isEmpty();
  }

  private void killed(Consumer<LiquibaseRun> command, String call) {
    Fault fault = Fault.after(database, calls -> calls.get(calls.size() - 1).contains(call));
    assertThatThrownBy(() -> command.accept(run().failing(fault)));
    assertThat(fault.happened()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"gpra_drop('constraint', gpra_add_key(", "DROP INDEX CONCURRENTLY, gpra_end_index("})
  void areNotRecordedByAScriptInWhichOneFailed(String drop, String make) {
    String made = made();
    database.scriptPastErrors(run().updateSql(), sql -> sql.contains(drop));
    assertThat(database.applied()).doesNotContain("901-keys");
    run().update();
    assertIsDropped();

    database.scriptPastErrors(run().rollbackSqlTo("900"), sql -> sql.contains(make));
    assertThat(database.applied()).contains("901-isbn-index");
    run().rollbackTo("900");
    assertSame("the schema", withoutTheirs(made), withoutTheirs(database.schema()));
  }

  /** After a restore without comments. */
  @Test
  void areNotTakenForLost() {
    run().update();
    database.execute(
        "COMMENT ON CONSTRAINT ck_title ON books IS NULL; COMMENT ON INDEX idx_isbn IS NULL; COMMENT ON COLUMN books.mood IS NULL;"
            + " COMMENT ON TABLE shelves IS NULL");
    run().with("gpra.rollback.marks", "restore").rollbackCount(database.applied().size());
    assertIsAsBefore();
  }

  @Test
  void leaveWhatComesAfterThemAsIfTheyHadRun() {
    database.execute(
        "CREATE SEQUENCE numbers; DROP INDEX idx_theirs;"
            + " ALTER TABLE books ADD PRIMARY KEY (id), ADD number integer DEFAULT nextval('numbers'), ALTER title SET NOT NULL");
    LiquibaseRun run = new LiquibaseRun(database).changelog("changelogs/drops-order.yaml");
    String columns =
        "SELECT attname || ' ' || atttypid::regtype || ' ' || attnotnull FROM pg_attribute"
            + " WHERE attrelid = 'books'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY 1";
    List<String> before = database.query(columns);

    run.update();

    assertThat(database.query(columns))
        .containsExactly(
            "author_id integer false",
            "ean text false",
            "id integer true",
            "isbn integer false",
            "note integer false",
            "title text false");
    assertThat(database.value("SELECT count(*) FROM books WHERE ean = 'isbn ' || id AND note = id"))
        .isEqualTo("10");
    run.rollbackCount(database.applied().size());
    assertThat(database.query(columns)).isEqualTo(before);
  }
}
