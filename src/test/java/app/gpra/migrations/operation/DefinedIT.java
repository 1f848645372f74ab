package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Fault;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestRole;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Functions, triggers, views and sequences, there and back. */
class DefinedIT extends OperationChangelog {

  private static final String COMMENTS =
      "SELECT d.classoid::regclass || ' ' || regexp_replace(i.identity, 'public\\.', '', 'g') || ' -- ' || d.description FROM pg_description d"
          + " CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i WHERE d.objoid >= 16384 AND d.classoid IN"
          + " ('pg_proc'::regclass, 'pg_class'::regclass, 'pg_trigger'::regclass) AND d.objsubid = 0 ORDER BY 1";

  DefinedIT() {
    super("objects");
  }

  /** What others had made bears the mark of the changeset that dropped it, once it is back. */
  private static String withoutTheirs(String schema) {
    return String.join(
        "\n", schema.lines().filter(line -> !line.contains(": comment '[gpra 901-")).toList());
  }

  private void assertIsBack() {
    assertSame("the schema", schema, withoutTheirs(database.schema()));
    assertThat(database.applied()).isEmpty();
  }

  private void assertIsMade() {
    assertThat(database.query(COMMENTS))
        .containsExactly(
            "pg_class books -- What's on the shelf",
            "pg_class titles -- [gpra 901-titles] [gpra 900-titles]",
            "pg_proc theirs() -- [gpra 901-theirs] Somebody else's",
            "pg_proc touch() -- [gpra 901-touch] [gpra 900-touch]",
            "pg_trigger touch on books -- [gpra 901-books-touch] [gpra 900-books-touch]");
    assertThat(
            database.value(
                "SELECT col_description('books'::regclass, attnum) FROM pg_attribute WHERE attname = 'isbn' AND attrelid = 'books'::regclass"))
        .isEqualTo("[gpra 900-isbn] Its number, unless it's old");
    assertThat(database.query("SELECT theirs() || ' ' || count(isbn) FROM titles"))
        .containsExactly("2 0");
    assertThat(
            database.query("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"))
        .containsExactly(
            "CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF title ON public.books FOR EACH ROW WHEN ((new.title <> ''::text)) EXECUTE FUNCTION touch()");
    assertThat(database.value("SELECT prosrc FROM pg_proc WHERE proname = 'touch'"))
        .contains("clock_timestamp()");
  }

  @Test
  void areMadeAndGetAnotherTextAndTheOneBeforeAgain() {
    run().updateTo("900");
    String before = database.schema();
    run().update();
    assertIsMade();
    List<String> said = new ArrayList<>();
    run().showing(said::add).rollbackTo("900");
    assertSame("the schema after 900", before, withoutTheirs(database.schema()));
    assertThat(String.join("\n", said)).contains("isbn_seq is back, and begins anew");
    run().update();
    assertIsMade();
    run().rollbackCount(database.applied().size());
    assertIsBack();
  }

  @Test
  void areTheSameByScripts() {
    database.script(run().updateSql());
    assertIsMade();
    database.script(run().rollbackSqlCount(database.applied().size()));
    assertIsBack();
  }

  @Test
  void keepTheirPrivilegesWhereAViewIsMadeAgain() {
    run().update();
    run().update();
    assertIsMade();
    database.execute("GRANT SELECT ON titles TO PUBLIC");
    run().rollbackTo("900");
    assertThat(database.value("SELECT has_table_privilege('pg_monitor', 'titles', 'SELECT')"))
        .isEqualTo("t");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE FUNCTION touch() RETURNS integer LANGUAGE sql AS 'SELECT 1' | different: the function touch is \"function() RETURNS integer",
        "CREATE FUNCTION touch(a text) RETURNS text LANGUAGE sql AS 'SELECT a'; CREATE FUNCTION touch(a integer) RETURNS text LANGUAGE sql AS 'SELECT NULL'"
            + " | there are 2 functions of the name touch, and one that is overloaded has no safe form here",
        "CREATE OR REPLACE FUNCTION theirs() RETURNS integer LANGUAGE sql AS 'SELECT 3' | the function theirs is \"function() RETURNS integer",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER touch AFTER UPDATE ON books EXECUTE FUNCTION f()"
            + " | the trigger touch of books is \"CREATE TRIGGER touch AFTER UPDATE ON ... FOR EACH STATEMENT",
        "CREATE VIEW titles AS SELECT title FROM books | the view titles is \"SELECT",
        "CREATE TABLE titles (id integer) | table titles is there, expected a view",
        "CREATE SEQUENCE isbn_seq | the sequence isbn_seq is \"bigint start 1 increment 1",
        "CREATE VIEW other AS SELECT * FROM thick | the view thick cannot be dropped because of rule _RETURN on view other: drop that first",
      })
  void stopAtWhatIsThereAndDifferent(String other, String sentence) {
    database.execute(other);
    schema = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("This update ")
        .hasMessageContaining(sentence)
        .hasMessageContaining("Nothing was changed.");
    assertThat(database.schema()).contains(schema.lines().findFirst().orElseThrow());
    assertThat(database.applied()).isEmpty();
  }

  @Test
  void areLeftToWhoeverMadeEqualOnes() {
    database.execute(
        "CREATE VIEW titles AS SELECT id, title FROM books; CREATE SEQUENCE isbn_seq START 100 INCREMENT 10");
    schema = database.schema();
    run().updateTo("900");
    assertThat(
            database.query(
                "SELECT id FROM databasechangelog WHERE exectype = 'MARK_RAN' ORDER BY 1"))
        .containsExactly("900-isbn-seq", "900-titles");
    goBack();
  }

  @Test
  void doNotGoWhereOthersHaveBuiltOnThem() {
    run().update();
    database.execute(
        "CREATE VIEW others AS SELECT isbn FROM titles; CREATE TABLE log (id integer); CREATE TRIGGER log BEFORE UPDATE ON log FOR EACH ROW EXECUTE FUNCTION touch()");
    String before = database.schema();
    assertThatThrownBy(() -> run().rollbackTo("900"))
        .hasMessageContaining(
            "This rollback drops what others have built on: rule _RETURN on view others. Nothing was undone.");
    assertThatThrownBy(() -> run().rollbackCount(database.applied().size()))
        .hasMessageContainingAll("rule _RETURN on view others", "trigger log on table log");
    assertSame("the schema", before, database.schema());
  }

  @Test
  void areRefusedWhereCreateOrReplaceCannotDoIt() {
    run().updateTo("900");
    database.execute(
        "DELETE FROM databasechangelog WHERE id = '900-titles'; DROP VIEW titles; CREATE VIEW titles AS SELECT title, id FROM books");
    assertThatThrownBy(() -> run().update()).hasMessageContaining("the view titles is \"");
    database.execute(
        "DROP FUNCTION touch CASCADE; CREATE FUNCTION touch(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
    assertThatThrownBy(() -> run().update()).hasMessageContaining("the function touch is \"");
  }

  @Test
  void areFoundWhereARunWasKilledBeforeItRecordedThem() {
    run().updateTo("900");
    Fault fault =
        Fault.after(
            database,
            calls ->
                calls.get(calls.size() - 1).equals("commit")
                    && calls.stream()
                        .anyMatch(call -> call.contains("'titles'") && call.contains("isbn")));
    assertThatThrownBy(() -> run().failing(fault).update());
    assertThat(fault.happened()).isTrue();
    run().update();
    assertIsMade();
    database.execute(
        "DELETE FROM databasechangelog WHERE id IN ('901-touch', '901-books-touch', '901-titles', '901-theirs')");
    run().rollbackTo("900");
    run().rollbackCount(database.applied().size());
    assertIsBack();
  }

  @Test
  void showNoTenantsRowsToOthers() {
    database.execute("ALTER TABLE books ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
    assertThatThrownBy(() -> run().updateTo("900"))
        .hasMessageContaining(
            "the view titles would show every row of books to everybody, as row-level security does not bind")
        .hasMessageContaining("Nothing was changed.");
    // It binds the table's owner.
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "GRANT ALL ON SCHEMA public TO %1$s; GRANT ALL ON ALL TABLES IN SCHEMA public TO %1$s; ALTER TABLE books OWNER TO %1$s"
              .formatted(owner.name()));
      run().as(owner).updateTo("900");
      assertThat(database.applied()).contains("900-titles");
      database.execute("DROP OWNED BY %s CASCADE".formatted(owner.name()));
    }
  }

  /** After a restore without comments. */
  @Test
  void areKnownAgainWhereMarksWereLost() {
    run().update();
    database.execute(
        "COMMENT ON FUNCTION touch IS NULL; COMMENT ON VIEW titles IS NULL; COMMENT ON TRIGGER touch ON books IS NULL");
    assertThatThrownBy(() -> run().rollbackCount(database.applied().size()))
        .hasMessageContainingAll("function touch()", "view titles", "trigger touch on table books");
    run().with("gpra.rollback.marks", "restore").rollbackCount(database.applied().size());
    assertIsBack();
  }

  /** A script waits for it too, and names it. */
  @Test
  void askForNoLockOfAViewThatSomebodyReads() throws SQLException {
    run().updateTo("900");
    try (Connection reader = database.connect();
        Statement reading = reader.createStatement()) {
      reading.execute("SET idle_in_transaction_session_timeout = '20s'");
      reader.setAutoCommit(false);
      reading.execute("SELECT FROM titles");
      assertNamesTheReader("titles", run().with("gpra.wait.limit", "200ms").updateSql());
      reader.rollback();
      reading.execute("SELECT FROM thick");
      assertNamesTheReader("thick", run().with("gpra.wait.limit", "200ms").updateSql());
      reader.rollback();
      run().update();
      assertIsMade();
      reading.execute("SELECT FROM titles");
      assertNamesTheReader("titles", run().with("gpra.wait.limit", "200ms").rollbackSqlTo("900"));
      assertThatThrownBy(() -> run().with("gpra.wait.limit", "200ms").rollbackTo("900"))
          .hasMessageContaining("titles");
      reader.rollback();
      run().rollbackTo("900");
      run().rollbackCount(3);
      reading.execute("SELECT FROM titles");
      assertNamesTheReader("titles", run().with("gpra.wait.limit", "200ms").rollbackSqlCount(1));
    }
    run().rollbackCount(database.applied().size());
    assertIsBack();
  }

  private void assertNamesTheReader(String view, String script) {
    assertThatThrownBy(() -> database.script(script))
        .hasMessageContaining("lock timeout: a lock on " + view + ": pid ")
        .hasMessageContaining("Let that finish, or end it (SELECT pg_terminate_backend(");
  }

  @Test
  void leaveATriggerDisabled() {
    String fires = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'touch'";
    run().updateTo("900");
    database.execute("ALTER TABLE books DISABLE TRIGGER touch");
    run().update();
    assertThat(database.value(fires)).isEqualTo("D");
    database.execute("ALTER TABLE books ENABLE ALWAYS TRIGGER touch");
    run().rollbackTo("900");
    assertThat(database.value(fires)).isEqualTo("A");
  }

  /** Whichever way it fires: its rollback has to say that. */
  @ParameterizedTest
  @CsvSource({"D, DISABLE, disabled", "R, ENABLE REPLICA, replica", "A, ENABLE ALWAYS, always"})
  void makeATriggerAgainAsItFired(String enabled, String statement, String fires) {
    String keep = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'keep'";
    database.execute("ALTER TABLE books %s TRIGGER keep".formatted(statement));
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "the trigger keep of books is %1$s, and after a rollback it would be enabled: write fires: %1$s in the defineTrigger of the rollback, or ALTER TABLE books ENABLE TRIGGER keep"
                .formatted(fires))
        .hasMessageContaining("Nothing was changed.");
    LiquibaseRun gone =
        new LiquibaseRun(database).changelog("changelogs/triggers-gone.yaml").with("fires", fires);
    gone.update();
    assertThat(database.query(keep)).isEmpty();
    gone.rollbackCount(1);
    assertThat(database.query(keep)).containsExactly(enabled);
    database.script(gone.updateSql());
    assertThat(database.query(keep)).isEmpty();
    database.script(gone.rollbackSqlCount(1));
    assertThat(database.query(keep)).containsExactly(enabled);
  }

  @Test
  void keepTheOwnerOfAViewThatIsMadeAgainAndStopAtWhatOthersHavePutOnIt() {
    run().update();
    run().update();
    try (TestRole owner = TestRole.create("pw")) {
      database.execute(
          "ALTER VIEW titles OWNER TO %s; CREATE RULE noted AS ON DELETE TO titles DO ALSO NOTIFY gone;"
                  .formatted(owner.name())
              + " CREATE TRIGGER added INSTEAD OF INSERT ON titles FOR EACH ROW EXECUTE FUNCTION touch();"
              + " ALTER VIEW titles ALTER title SET DEFAULT 'untitled'");
      assertThatThrownBy(() -> run().rollbackTo("900"))
          .hasMessageContaining("This rollback drops what others have built on: ")
          .hasMessageContainingAll(
              "rule noted on view titles",
              "trigger added on view titles",
              "default value for column title of view titles")
          .hasMessageContaining("Nothing was undone.");
      database.execute(
          "DROP RULE noted ON titles; DROP TRIGGER added ON titles; ALTER VIEW titles ALTER title DROP DEFAULT");
      run().rollbackTo("900");
      assertThat(
              database.value(
                  "SELECT relowner::regrole FROM pg_class WHERE oid = 'titles'::regclass"))
          .isEqualTo(owner.name());
      database.execute("DROP OWNED BY " + owner.name());
    }
  }
}
