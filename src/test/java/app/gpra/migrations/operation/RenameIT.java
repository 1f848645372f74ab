package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A column that gets another name while the old and the new version of the application run. */
class RenameIT extends OperationChangelog {

  private static final String BOTH = "SELECT duration, \"My length\" FROM songs WHERE title = '%s'";

  private String data;

  /** As PostgreSQL renames a column. */
  private String renamed;

  RenameIT() {
    super("renames");
  }

  @BeforeEach
  void remember() {
    data = database.data();
    try (TestDatabase copy = database.copy()) {
      renamed =
          copy.execute(
                  "ALTER TABLE songs RENAME COLUMN duration TO \"My length\";"
                      + " COMMENT ON COLUMN songs.\"My length\" IS '[gpra 901-length] As it is printed.'")
              .schema();
    }
  }

  private void assertIsAsBefore() {
    assertSame("the schema after going back", schema, database.schema());
    assertSame("the data after going back", data, database.data());
    assertThat(database.applied()).isEmpty();
  }

  private void assertIsRenamed() {
    assertSame("the schema", renamed, database.schema());
    assertThat(database.value("SELECT count(*) FROM songs WHERE \"My length\" = id % 7 || ':00'"))
        .isEqualTo("3000");
    assertThat(database.value("SELECT count(*) FROM songs WHERE changed <> '2020-01-01'"))
        .isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void hasBothNamesThenTheNewOneAndGoesBack(boolean byScript) {
    List<String> said = new ArrayList<>();
    if (byScript) {
      database.script(run().updateSql());
    } else {
      run().showing(said::add).update();
      assertThat(said)
          .anyMatch(line -> line.contains("songs.My length: 3000 row(s) copied from duration"));
    }
    assertIsRenamed();
    if (byScript) {
      database.script(run().rollbackSqlCount(1));
      assertThat(database.value("SELECT count(*) FROM songs WHERE duration = \"My length\""))
          .isEqualTo("3000");
      run().update();
      assertIsRenamed();
      database.script(run().rollbackSqlCount(3));
      assertIsAsBefore();
      return;
    }
    run().rollbackCount(1);
    run().update();
    run().rollbackCount(3);
    assertIsAsBefore();
  }

  /** By the table's pages: of many, so that it takes several batches. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", ADD PRIMARY KEY (owner, id)",
        ", ADD u uuid PRIMARY KEY DEFAULT gen_random_uuid()"
      })
  void needsNoKey(String key) {
    database.execute(
        "ALTER TABLE songs DROP CONSTRAINT songs_pkey%s; INSERT INTO songs (title, duration) SELECT n, '3:33' FROM generate_series(1, 20000) AS n; ANALYZE songs"
            .formatted(key));
    schema = database.schema();
    data = database.data();
    run().updateTo("both");
    assertThat(database.value("SELECT count(*) FROM songs WHERE duration = \"My length\""))
        .isEqualTo("23000");
    // What is not in step any more is copied again.
    database.execute(
        "SET session_replication_role = replica; UPDATE songs SET \"My length\" = 'other' WHERE id % 5000 = 7;"
            + " RESET session_replication_role");
    run().update();
    assertThat(database.value("SELECT count(*) FROM songs WHERE \"My length\" = 'other'"))
        .isEqualTo("0");
    run().rollbackCount(3);
    assertIsAsBefore();
  }

  @Test
  void isInStepWhicheverNameIsWritten() {
    run().updateTo("both");
    database.execute("INSERT INTO songs (title, duration) VALUES ('by the old', '1:11')");
    database.execute("INSERT INTO songs (title, \"My length\") VALUES ('by the new', '2:22')");
    database.execute("INSERT INTO songs (title) VALUES ('by neither')");
    assertThat(database.value(BOTH.formatted("by the old"))).isEqualTo("1:11|1:11");
    assertThat(database.value(BOTH.formatted("by the new"))).isEqualTo("2:22|2:22");
    assertThat(database.value(BOTH.formatted("by neither"))).isEqualTo("3:00|3:00");

    database.execute("UPDATE songs SET duration = '4:44' WHERE title = 'Song 1'");
    database.execute("UPDATE songs SET \"My length\" = '5:55' WHERE title = 'Song 2'");
    database.execute("UPDATE songs SET \"My length\" = NULL WHERE title = 'Song 3'");
    assertThat(database.value(BOTH.formatted("Song 1"))).isEqualTo("4:44|4:44");
    assertThat(database.value(BOTH.formatted("Song 2"))).isEqualTo("5:55|5:55");
    assertThat(database.value(BOTH.formatted("Song 3"))).isEqualTo("∅|∅");
    assertThatThrownBy(() -> database.execute("UPDATE songs SET \"My length\" = ''"))
        .hasMessageContaining("songs_duration_check");
    run().update();
    assertThat(database.value("SELECT \"My length\" FROM songs WHERE title = 'Song 2'"))
        .isEqualTo("5:55");
  }

  @Test
  void keepsAnOldAndANewVersionOfTheApplicationGoing() throws InterruptedException {
    String write =
        "UPDATE songs SET %1$s = (id %% 6 + 1) || ':' || (random() * 50)::integer + 10 WHERE id = (random() * 2000)::integer";
    String read = "SELECT count(%1$s) FROM songs WHERE id < 100";
    String add = "INSERT INTO songs (title, %1$s) VALUES ('%2$s', '%2$s') ON CONFLICT DO NOTHING";
    try (Application old = versionOf("duration", write, read, add)) {
      old.works();
      run().updateTo("both");
      try (Application next = versionOf("\"My length\"", write, read, add)) {
        next.works();
        old.works();
        assertThat(
                database.value(
                    "SELECT count(*) FROM songs WHERE duration IS DISTINCT FROM \"My length\""))
            .isEqualTo("0");
        assertThat(old.stop().faults()).isEmpty();
        run().update();
        next.works();
        run().rollbackCount(1);
        next.works();
        try (Application again = versionOf("duration", write, read, add)) {
          again.works();
          assertThat(next.stop().faults()).isEmpty();
          run().rollbackCount(2);
          assertThat(again.works().faults()).isEmpty();
        }
      }
    }
    assertThat(database.value("SELECT count(*) > 0 FROM songs WHERE title LIKE '%My length%'"))
        .isEqualTo("t");
    assertSame("the schema after going back", schema, database.schema());
  }

  private Application versionOf(String column, String... statements) {
    return new Application(
        database,
        false,
        Stream.of(statements)
            .map(one -> one.formatted(column, "by " + column))
            .toArray(String[]::new));
  }

  @Test
  void copiesTheRowsOfEachTenantWhereItIsBoundItself() {
    try (TestRole role = TestRole.create("secret")) {
      database.execute(
          """
          DROP POLICY short ON songs;
          DROP VIEW durations;
          CREATE POLICY own ON songs USING (owner = nullif(current_setting('app.tenant', true), '')::integer);
          ALTER TABLE songs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
          ALTER TABLE songs OWNER TO %1$s;
          GRANT USAGE, CREATE ON SCHEMA public TO %1$s
          """
              .formatted(role.name()));
      database.execute("ALTER TABLE songs ALTER owner DROP NOT NULL");
      assertThatThrownBy(() -> run().as(role).update())
          .hasMessageContaining(
              "rows of songs whose owner is null may be no tenant's, and %s does not see them"
                  .formatted(role.name()))
          .hasMessageContaining("Nothing was changed.");
      database.execute("ALTER TABLE songs ALTER owner SET NOT NULL");
      assertThatThrownBy(() -> run().as(role).update())
          .hasMessageContaining(
              "ALTER TABLE songs NO FORCE ROW LEVEL SECURITY, or run it as a role with BYPASSRLS, as the policy own is none of a tenantIsolation. Nothing was changed.");
      database.execute("COMMENT ON POLICY own ON songs IS '[gpra own]'");
      run().as(role).update();
      run().as(role).rollbackCount(1);
      assertThat(database.value("SELECT count(*) FROM songs WHERE duration = \"My length\""))
          .isEqualTo("3000");
      run().as(role).rollbackCount(2);
      assertSame("the data after going back", data, database.data());
      database.execute(
          "REASSIGN OWNED BY %1$s TO CURRENT_USER; DROP OWNED BY %1$s".formatted(role.name()));
    }
  }

  @Test
  void saysWhyItCannotGetTheName() {
    database.execute(
        "CREATE FUNCTION short() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := NEW.Duration; RETURN NEW; END';"
            + " CREATE TRIGGER short BEFORE INSERT ON songs FOR EACH ROW EXECUTE FUNCTION short()");
    run().updateTo("both");
    database.execute("CREATE INDEX theirs ON songs (\"My length\")");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("index theirs would go with the copy: drop it in a changeset before")
        .hasMessageContaining(
            "the trigger short reads it by its name: let short() say My length before")
        .hasMessageContaining("Nothing was changed.");
    database.execute("DROP INDEX theirs; DROP FUNCTION short CASCADE; DROP TRIGGER touch ON songs");
    database.execute(
        "SET session_replication_role = replica; UPDATE songs SET \"My length\" = 'other' WHERE id = 5;"
            + " RESET session_replication_role");
    run().update();
    assertThat(database.value("SELECT \"My length\" FROM songs WHERE id = 5")).isEqualTo("5:00");
  }

  @Test
  void saysWhyThereCannotBeACopy() {
    String[] cases = {
      "CREATE TABLE covers () INHERITS (songs)",
      "the rows of covers, a child of songs, would have no copy, as a trigger of songs does not see them: ALTER TABLE covers NO INHERIT songs",
      "DROP TABLE covers; CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON songs FOR EACH ROW EXECUTE FUNCTION touch()",
      "the trigger zzz on songs would write after the one that keeps duration in step: ALTER TRIGGER zzz ON songs RENAME TO ..., to a name before zz_gpra_step_",
      "DROP TABLE songs CASCADE; CREATE TABLE works (id integer PRIMARY KEY, title text, duration text) PARTITION BY RANGE (id);"
          + " CREATE TABLE songs PARTITION OF works FOR VALUES FROM (0) TO (9)",
      "songs is a partition of works, or its child, and has its columns from there: detach it, or write the copy and what keeps it in step in sql",
    };
    for (int i = 0; i < cases.length; i += 2) {
      database.execute(cases[i]);
      schema = database.schema();
      assertThatThrownBy(() -> run().update())
          .hasMessageContaining(cases[i + 1])
          .hasMessageContaining("Nothing was changed.");
      assertSame("the schema", schema, database.schema());
    }
  }

  /** Between the two releases. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CREATE TABLE covers () INHERITS (songs) | the rows of covers, a child of songs, would have no copy | ALTER TABLE covers NO INHERIT songs",
        "CREATE TRIGGER zzz BEFORE UPDATE ON songs FOR EACH ROW EXECUTE FUNCTION touch() | the trigger zzz on songs would write after the one that keeps duration in step"
            + " | ALTER TRIGGER zzz ON songs RENAME TO aaa",
        "DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE songs DISABLE TRIGGER %I', tgname) FROM pg_trigger WHERE tgname LIKE 'zz%'); END $$"
            + " | the trigger that keeps it in step with My length is disabled: write into duration what only My length has (SELECT * FROM songs WHERE duration IS"
            + " DISTINCT FROM \"My length\"), then ALTER TABLE songs ENABLE TRIGGER zz_gpra_step_"
            + " | DO $$ BEGIN EXECUTE (SELECT format('ALTER TABLE songs ENABLE TRIGGER %I', tgname) FROM pg_trigger WHERE tgname LIKE 'zz%'); END $$",
      })
  void saysWhatIsNotInStepAnyMore(String since, String sentence, String corrected) {
    run().updateTo("both");
    database.execute(since);
    String before = database.schema();
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining("songs.duration cannot become My length: " + sentence)
        .hasMessageContaining("Nothing was changed.");
    assertSame("the schema", before, database.schema());
    database.execute(corrected);
    run().update();
    assertThat(database.schema()).doesNotContain("column songs.duration");
  }

  @Test
  void goesBackAndOnWhereWhatKeptItInStepWasDropped() {
    run().updateTo("both");
    database.execute(
        "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON songs', tgname) FROM pg_trigger WHERE tgname LIKE 'zz%'); END $$");
    assertThatThrownBy(() -> run().update())
        .hasMessageContaining(
            "nothing keeps it in step with My length, as the trigger for that was dropped: write into duration what only My length has,"
                + " go back to before their copyColumn, then run update")
        .hasMessageContaining("Nothing was changed.");
    run().rollbackCount(2);
    assertIsAsBefore();
    run().update();
    assertIsRenamed();
  }

  /** The type's operators are in a schema that only the migration's search_path has. */
  @Test
  void isInStepWhateverSearchPathTheApplicationHas() {
    database.execute(
        """
        CREATE SCHEMA ext;
        CREATE TYPE ext.word;
        CREATE FUNCTION ext.word_in(cstring) RETURNS ext.word LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
        CREATE FUNCTION ext.word_out(ext.word) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
        CREATE TYPE ext.word (INPUT = ext.word_in, OUTPUT = ext.word_out, LIKE = integer);
        CREATE FUNCTION ext.is(ext.word, ext.word) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
        CREATE OPERATOR ext.= (LEFTARG = ext.word, RIGHTARG = ext.word, FUNCTION = ext.is);
        ALTER TABLE songs DROP COLUMN duration CASCADE;
        ALTER TABLE songs ADD COLUMN duration ext.word DEFAULT '7'
        """);
    run().in("public, ext").updateTo("both");
    database.execute("UPDATE songs SET duration = '5' WHERE title = 'Song 1'");
    database.execute("UPDATE songs SET \"My length\" = '6' WHERE title = 'Song 2'");
    assertThat(database.value(BOTH.formatted("Song 1"))).isEqualTo("5|5");
    assertThat(database.value(BOTH.formatted("Song 2"))).isEqualTo("6|6");
    assertThat(database.value(BOTH.formatted("Song 3"))).isEqualTo("7|7");
  }

  /** In one rollback: what was made of it under its first name is known under its last. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void goesBackToBeforeItWasMade(boolean byScript) {
    try (TestRole role = TestRole.create("secret")) {
      database.execute(
          """
          DROP POLICY short ON songs;
          DROP VIEW durations;
          DROP TRIGGER touch ON songs;
          CREATE TABLE people (id integer PRIMARY KEY);
          INSERT INTO people VALUES (1), (2), (3);
          ALTER TABLE songs ADD CONSTRAINT songs_owner FOREIGN KEY (owner) REFERENCES people;
          CREATE INDEX songs_by_owner ON songs (owner);
          ALTER TABLE songs OWNER TO %1$s;
          GRANT SELECT, REFERENCES ON people TO %1$s;
          GRANT CREATE ON DATABASE %2$s TO %1$s;
          GRANT USAGE, CREATE ON SCHEMA public TO %1$s
          """
              .formatted(role.name(), database.value("SELECT quote_ident(current_database())")));
      schema = database.schema();
      data = database.data();
      LiquibaseRun own =
          new LiquibaseRun(database).changelog("changelogs/renames-own.yaml").as(role);
      own.update();
      assertThat(database.value("SELECT count(*) FROM songs WHERE takes = 60 * holder + id"))
          .isEqualTo("3000");
      int all = database.applied().size();
      database.execute("UPDATE songs SET takes = 3000000000 WHERE id = 9");
      String before = database.schema() + database.data();
      if (byScript) {
        String script = own.rollbackSqlCount(all);
        assertThatThrownBy(() -> database.script(role, script))
            .hasMessageContaining("songs.takes of 1 row(s)");
        assertSame("the database", before, database.schema() + database.data());
        database.execute("UPDATE songs SET takes = 60 * holder + id WHERE id = 9");
        database.script(role, script);
      } else {
        assertThatThrownBy(() -> own.rollbackCount(all))
            .hasMessageContaining("songs.takes of 1 row(s)")
            .hasMessageContaining("Nothing was undone.");
        assertSame("the database", before, database.schema() + database.data());
        database.execute("UPDATE songs SET takes = 60 * holder + id WHERE id = 9");
        own.rollbackCount(all);
      }
      assertIsAsBefore();
      database.execute(
          "REASSIGN OWNED BY %1$s TO CURRENT_USER; DROP OWNED BY %1$s".formatted(role.name()));
    }
  }

  /** Whichever of them were written first, the third would not follow. */
  @Test
  void isRefusedForAThirdName() {
    run().updateTo("both");
    LiquibaseRun third = new LiquibaseRun(database).changelog("changelogs/renames-third.yaml");
    assertThatThrownBy(third::update)
        .hasMessageContaining(
            "songs.duration is kept in step with My length: drop one of the two before")
        .hasMessageContaining("Nothing was changed.");
    run().rollbackCount(2);
    third.update();
  }

  @Test
  void isRefusedWithoutACopy() {
    assertThatThrownBy(
            () -> new LiquibaseRun(database).changelog("changelogs/renames-refused.yaml").update())
        .hasMessageContaining(
            "songs.title cannot become name: it is not kept in step with name: copyColumn comes first, a release before")
        .hasMessageContaining(
            "songs.duration is to have a copy of the same name: give newColumnName another one")
        .hasMessageContaining("Nothing was changed.");
    assertIsAsBefore();
  }
}
