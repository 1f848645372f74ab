package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import liquibase.changelog.IncludeAllFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changelogs that know nothing of this application, in a database that has none of it. */
class AnyProjectIT {

  private static final String HISTORY = "SELECT count(*) FROM ops.shop_history";

  private TestDatabase database;
  private String schema;

  @BeforeEach
  void create() {
    database = TestDatabase.empty().execute("CREATE SCHEMA shop; CREATE SCHEMA ops");
    schema = database.schema();
  }

  @AfterEach
  void drop() {
    database.close();
  }

  private LiquibaseRun shop() {
    return new LiquibaseRun(database)
        .changelog("changelogs/shop/changelog.xml")
        .with("liquibase.liquibaseSchemaName", "ops")
        .with("liquibase.databaseChangelogTableName", "shop_history")
        .with("liquibase.databaseChangelogLockTableName", "shop_lock");
  }

  private LiquibaseRun past() {
    return new LiquibaseRun(database).changelog("changelogs/shop/past.xml");
  }

  private LiquibaseRun careless() {
    return new LiquibaseRun(database).changelog("changelogs/shop/careless.xml");
  }

  private LiquibaseRun partitioned() {
    return new LiquibaseRun(database).changelog("changelogs/shop/partitioned.xml");
  }

  private LiquibaseRun shouted() {
    return new LiquibaseRun(database).changelog("changelogs/shop/shouted.yaml");
  }

  private LiquibaseRun conditional() {
    return new LiquibaseRun(database).changelog("changelogs/shop/conditional.yaml");
  }

  private LiquibaseRun plain() {
    return new LiquibaseRun(database).changelog("changelogs/shop/plain.xml");
  }

  private List<String> marks() {
    return database.query(
        "SELECT pg_describe_object(classoid, objoid, objsubid) || ': ' || description FROM pg_description WHERE description LIKE '[gpra %' ORDER BY 1");
  }

  @Test
  void areMadeSafeAndMarkedByPathIdAndAuthor() {
    List<String> said = new ArrayList<>();
    shop().showing(said::add).update();
    assertThat(said)
        .anyMatch(line -> line.endsWith("stands at changelogs/shop/rows.sql::1::eve now."))
        .contains(
            "  applied: 7 changesets of changelogs/shop/changelog.xml::1::ann, changelogs/shop/changelog.xml::2::ann, changelogs/shop/changelog.xml::2::bob, changelogs/shop/changelog.xml::3::ann, changelogs/shop/more.json::1::ann and 2 more");
    assertThat(marks())
        .containsExactly(
            "column Paid of table shop.orders: [gpra changelogs/shop/more.json::1::ann]",
            "column note of table shop.orders: [gpra changelogs/shop/more.json::1::ann]",
            "constraint fk_orders_customer on table shop.orders: [gpra changelogs/shop/changelog.xml::2::bob]",
            "index \"Email\": [gpra changelogs/shop/more.json::2::ann]",
            "index shop.idx_orders_customer: [gpra changelogs/shop/changelog.xml::2::ann]",
            "table \"Customers\": [gpra changelogs/shop/changelog.xml::1::ann] Who buys",
            "table shop.orders: [gpra changelogs/shop/changelog.xml::1::ann]");
    assertThat(database.value(HISTORY)).isEqualTo("7");
    assertThat(shop().status()).contains("is up to date");
  }

  /** What another file calls 1 and 2 as well stays, in the schema and in the history. */
  @Test
  void areUndoneOneByOneThoughIdsRepeat() {
    shop().update();
    shop().rollbackCount(3);
    assertThat(database.query("SELECT id || author FROM ops.shop_history ORDER BY orderexecuted"))
        .containsExactly("1ann", "2ann", "2bob", "3ann");
    assertThat(marks()).hasSize(4).noneMatch(mark -> mark.contains("more.json"));
    shop().update();
    assertThat(marks()).hasSize(7);

    database.execute("INSERT INTO shop.orders (\"Paid\") VALUES (true)");
    assertThatThrownBy(() -> shop().rollbackTo("v1"))
        .hasMessageContaining("shop.orders.Paid of 1 row(s). Nothing was undone.");
    database.execute("TRUNCATE shop.orders");
    shop().rollbackCount(7);
    assertThat(database.value(HISTORY)).isEqualTo("0");
    database.execute("DROP TABLE ops.shop_history");
    assertSame("the schema", schema, database.schema());
  }

  @Test
  void areTheSameByScripts() {
    String script = shop().updateSql();
    database.script(script);
    assertThat(marks()).hasSize(7);
    database.script(shop().rollbackSqlCount(3));
    assertThat(marks()).hasSize(4);
    assertThat(database.value(HISTORY)).isEqualTo("4");

    shop().update();
    // (One JVM has one.)
    database.execute("UPDATE ops.shop_history SET deployment_id = '1'");
    assertThatThrownBy(() -> database.script(script))
        .hasMessageContaining("changelog.xml::1::ann] has run since this script was written");
    String back = shop().rollbackSqlTo("v1");
    database.script(back);
    assertThatThrownBy(() -> database.script(back))
        .hasMessageContaining("did not see changelogs/shop/rows.sql::1::eve");
  }

  /** Killed between building an index and recording it; another changeset has its id. */
  @Test
  void areGoneOnWithWhereARunWasKilled() {
    shop().update();
    database.execute(
        "DELETE FROM ops.shop_history WHERE filename LIKE '%.sql' OR filename LIKE '%.json' AND id = '2';"
            + " DELETE FROM \"Customers\"; ALTER INDEX \"Email\" RENAME TO \"gpra_building_Email\"");
    shop().rollbackTo("v1");
    assertThat(marks()).hasSize(4);
    // Without keepTagOnRollback the tag goes, too.
    assertThat(database.value(HISTORY)).isEqualTo("3");
    assertThat(
            database.value(
                "SELECT count(*) FROM pg_class WHERE relname LIKE 'gpra%' AND relpersistence <> 't'"))
        .isEqualTo("0");
  }

  /** With a path that is not where the file lies, authors with commas, contexts and labels. */
  @Test
  void areKnownAgainByTheirLogicalPath() {
    String script = moved("test").updateSql();
    database.script(script);
    // As its messages say, where it stopped.
    database.script(script);
    assertThat(database.value("SELECT count(*) FROM databasechangelog")).isEqualTo("3");
    assertThat(marks())
        .contains("column text of table notes: [gpra db/moved.xml::2::Smith, J.]")
        .hasSize(3);
    database.execute("INSERT INTO notes (text, urgent) VALUES ('mine', true)");
    assertThatThrownBy(() -> moved("test").rollbackCount(1))
        .hasMessageContaining("notes.urgent of 1 row(s). Nothing was undone.");
    assertThatThrownBy(() -> database.script(moved("test").rollbackSqlCount(2)))
        .hasMessageContaining("notes.text of 1 row(s), notes.urgent of 1 row(s)");

    // Where paths are told apart otherwise, nothing is undone that was not looked at.
    assertThatThrownBy(
            () ->
                moved("test")
                    .with("liquibase.preserveClasspathPrefixInNormalizedPaths", "true")
                    .rollbackCount(1))
        .hasMessageContaining("did not see classpath:db/moved.xml::3::Smith, J.");

    // Of another context nothing runs here, and nothing is forgotten.
    assertThat(moved("live").status()).contains("is up to date").doesNotContain("does not know");
    assertThatThrownBy(() -> moved("live").rollbackCount(3))
        .hasMessageContainingAll(
            "db/moved.xml::2::Smith, J.", "Nothing was undone", "-Dliquibase.contexts=test");
    assertThat(marks()).hasSize(3);

    // Killed before it was recorded.
    database.execute("TRUNCATE notes; DELETE FROM databasechangelog WHERE id = '3'");
    moved("test").rollbackCount(1);
    assertThat(marks()).hasSize(1);
    moved("test").rollbackCount(1);
    assertThat(database.value("SELECT count(*) FROM databasechangelog")).isEqualTo("0");
  }

  private LiquibaseRun moved(String contexts) {
    return new LiquibaseRun(database).changelog("changelogs/shop/moved.xml").contexts(contexts);
  }

  /** Each undoes its own, though their tags are the same, and the other ran last. */
  @Test
  void areTwoInOneDatabase() {
    moved("test").update();
    LiquibaseRun other = new LiquibaseRun(database).changelog("changelogs/shop/more-moved.xml");
    other.update();
    moved("test").rollbackCount(3);
    assertThat(marks()).containsExactly("table letters: [gpra other/moved.xml::1::Smith, J.]");
    assertThat(other.status()).contains("is up to date");
    moved("test").update();
    other.rollbackCount(1);
    assertThat(marks()).hasSize(3);
  }

  /** Which Liquibase's schema does not know. */
  @Test
  void mayHaveTheJarsOwnChangesInXml() {
    database.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, customer int); INSERT INTO orders VALUES (1, 2)");
    String before = database.schema();
    LiquibaseRun own = new LiquibaseRun(database).changelog("changelogs/shop/own.xml");
    own.update();
    assertThat(marks())
        .contains(
            "constraint ck_orders_customer on table orders: [gpra changelogs/shop/own.xml::check::ann]",
            "function open_orders(integer): [gpra changelogs/shop/own.xml::function::ann]");
    assertThat(database.query("SELECT state, open_orders(2) FROM orders")).containsExactly("new|1");
    own.rollbackCount(5);
    database.execute("DROP TABLE databasechangelog");
    assertSame("the schema", before, database.schema());
  }

  @Test
  void areToldWhatAnOwnChangeLacks() {
    assertThatThrownBy(
            () -> new LiquibaseRun(database).changelog("changelogs/shop/incomplete.xml").update())
        .hasMessageContainingAll(
            "definition is required for defineFunction",
            "event is required for defineTrigger",
            "condition is required for addCheck",
            "condition is required for modifyCheck",
            "value is required for fillColumn",
            "columnName is required for copyColumn",
            "indexName is required for createIndexAs",
            "tableName is required for tenantIsolation");
  }

  /** Reads for longer than the server lets a transaction be idle. */
  public static final class SlowFilter implements IncludeAllFilter {
    @Override
    public boolean include(String path) {
      LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
      return path.endsWith("one-letter.yaml");
    }
  }

  @Test
  @Tag("thorough")
  void isReadWithoutAnOpenTransaction() {
    try (TestDatabase tables = TestDatabase.empty()) {
      tables.execute(
          "CREATE TABLE orders (id integer, tenant integer, order_id integer); CREATE TABLE o (order_id integer);"
              + "ALTER DATABASE %s SET idle_in_transaction_session_timeout = '2s'"
                  .formatted(tables));
      new LiquibaseRun(tables).changelog("changelogs/slow/all.yaml").update();
      assertThat(tables.applied()).hasSize(1);
    }
  }

  @Test
  void keepsTheRowsOfATableApartThatIsNamedLikeTheAliasOfItsParent() {
    try (TestDatabase tables = TestDatabase.empty();
        TestRole tenant = TestRole.create("pw")) {
      tables.execute(
          "CREATE TABLE orders (id integer PRIMARY KEY, tenant integer NOT NULL, order_id integer);"
              + "CREATE TABLE o (order_id integer NOT NULL REFERENCES orders);"
              + "INSERT INTO orders VALUES (1, 7, 1), (2, 8, 2); INSERT INTO o VALUES (1), (2);"
              + "GRANT SELECT ON orders, o TO %s".formatted(tenant.name()));
      LiquibaseRun run =
          new LiquibaseRun(tables).changelog("changelogs/slow/tables/one-letter.yaml");
      run.update();
      tables.execute(
          "SET app.tenant = 8; SET ROLE %s; DO $$ BEGIN ASSERT (SELECT array_agg(order_id) = '{2}' FROM o); END $$"
              .formatted(tenant.name()));
      tables.execute("DROP OWNED BY " + tenant.name());
    }
  }

  /** Two histories in one database, and commands that compare, describe or write down a schema. */
  @Test
  void areSeenAsAlwaysByCommandsThatOnlyLook(@TempDir Path directory) throws IOException {
    shop().update();
    moved("test").update();
    String before = database.schema() + database.data();
    List<String> said = new ArrayList<>();
    try (TestDatabase empty = TestDatabase.empty()) {
      Map<String, Object> reference = Map.of("referenceUrl", empty.jdbcUrl());
      for (LiquibaseRun run : List.of(shop(), moved("test"))) {
        assertThat(run.showing(said::add).run("diff", reference))
            .contains(
                "Unexpected Table(s): \n     Customers\n     databasechangelog\n     notes\n");
      }

      Path written = directory.resolve("written.xml");
      moved("test")
          .changelog(written.toString())
          .showing(said::add)
          .run("generateChangelog", Map.of());
      assertThat(written)
          .content()
          .contains("tableName=\"notes\"", "name=\"urgent\"")
          .doesNotContain("databasechangelog", "gpra_");

      // Liquibase takes the pages of tables to be below the current directory, wherever it is.
      Path doc = Files.createTempDirectory(Path.of("target"), "doc");
      moved("test").showing(said::add).run("dbDoc", Map.of("outputDirectory", doc.toString()));
      try (Stream<Path> pages = Files.walk(doc)) {
        assertThat(pages.filter(Files::isRegularFile).map(Path::toString))
            .anyMatch(page -> page.endsWith(".public/notes.html"))
            .anyMatch(page -> page.endsWith("/columns/public.notes.urgent.html"))
            .anyMatch(page -> page.contains("/authors/smith"))
            .noneMatch(page -> page.contains("databasechangelog"));
      }
    }
    assertSame("the database", before, database.schema() + database.data());
    assertThat(said).noneMatch(line -> line.contains("stands at"));
    assertThat(shop().status() + moved("test").status()).doesNotContain("not been applied");
  }

  @Test
  void haveAPastThatRunsAsItAlwaysDid() {
    assertThatThrownBy(() -> past().update())
        .hasMessageContainingAll(
            "Nothing was done, as the changelog has what is not safe to run: 1: insert writes rows",
            "2: rows are looked at outside of a transaction: add runInTransaction: false",
            "name the last changeset of that time in it, as the property safe.start.after: changelogs/shop/past.xml::3::ann is the last of all");
    assertThat(database.schema()).isEqualTo(schema);

    assertThatThrownBy(
            () -> past().with("safe.start.after", "changelogs/shop/past.xml::9::ann").update())
        .hasMessageContaining(
            "The changelog's parameter safe.start.after=changelogs/shop/past.xml::9::ann names no changeset of it: expected path::id::author");

    past().with("safe.start.after", "changelogs/shop/past.xml::2::ann").update();
    assertThat(database.query("SELECT spelling FROM spellings")).containsExactly("so");
    assertThat(marks())
        .containsExactly("column language of table words: [gpra changelogs/shop/past.xml::3::ann]");
    past().with("safe.start.after", "changelogs/shop/past.xml::2::ann").rollbackCount(3);
    assertThat(database.value("SELECT to_regclass('words')")).isEqualTo("∅");
  }

  @Test
  void runPlainlyWhereTheChangelogSaysSoForAll() {
    List<String> said = new ArrayList<>();
    past().with("plain.*", "a toy").showing(said::add).updateCount(1);
    assertThat(said)
        .contains(
            "Warning: run as written, with the locks that PostgreSQL takes for that, and bear no mark: 1.");
    assertThat(database.query("SELECT word FROM words")).containsExactly("so");
    assertThat(marks()).containsExactly("table words: [gpra changelogs/shop/past.xml::1::ann]");
  }

  @Test
  void runPlainlyWhereWhatTheyHaveIsNotSafeAsItIsWritten() {
    assertThatThrownBy(() -> careless().update()).hasMessageContaining("outside of a transaction");

    List<String> said = new ArrayList<>();
    careless().with("plain.*", "a toy").showing(said::add).update();
    assertThat(said)
        .contains(
            "Warning: run as written, with the locks that PostgreSQL takes for that, and bear no mark: 2; 1.");
    assertThat(marks()).containsExactly("table words: [gpra changelogs/shop/careless.xml::1::ann]");

    careless().with("plain.*", "a toy").rollbackCount(1);
    assertThat(database.value("SELECT to_regclass('idx_words')")).isEqualTo("∅");
    assertThatThrownBy(() -> careless().with("plain.*", "a toy").rollbackCount(1))
        .hasMessageContaining("No inverse");
  }

  @Test
  void runPlainlyWhereTheChangelogSaysSoForOne() {
    database.execute("CREATE TABLE visits (day date) PARTITION BY RANGE (day)");
    assertThatThrownBy(() -> partitioned().update())
        .hasMessageContaining(
            "visits is a partitioned table, expected an ordinary table (a changeset of it runs as it is written with the property plain.<its id>, whose value says why that is safe)");

    List<String> said = new ArrayList<>();
    partitioned().with("plain.1", "quick").showing(said::add).update();
    assertThat(said)
        .contains(
            "Warning: run as written, with the locks that PostgreSQL takes for that, and bear no mark: 1.");
    assertThat(database.schema()).contains("page");
    assertThat(marks()).isEmpty();
    partitioned().with("plain.1", "quick").rollbackCount(1);
    assertThat(database.schema()).doesNotContain("page");
  }

  @Test
  void runPlainlyWhereAChangelogInJsonSaysSo() {
    LiquibaseRun answered = new LiquibaseRun(database).changelog("changelogs/shop/answered.json");
    answered.update();
    assertThat(database.value("SELECT to_regclass('answers')")).isEqualTo("answers");
    answered.rollbackCount(1);
    assertThat(database.value("SELECT to_regclass('answers')")).isEqualTo("∅");
  }

  /** The first word of marks is the changelog's, there and back. */
  @Test
  void haveMarksThatBeginWithTheirOwnWord() {
    shop().with("safe.mark", "deed").update();
    assertThat(
            database.value("SELECT count(*) FROM pg_description WHERE description LIKE '[deed %'"))
        .isEqualTo("7");
    assertThat(marks()).isEmpty();
    shop().with("safe.mark", "deed").rollbackCount(7);
    database.execute("DROP TABLE ops.shop_history");
    assertSame("the schema", schema, database.schema());
  }

  @Test
  void areNotReadWithPropertiesThatNobodyKnows() {
    assertThatThrownBy(
            () -> new LiquibaseRun(database).changelog("changelogs/shop/misspelt.yaml").update())
        .hasMessageContaining(
            "addCheck has no valid: it has condition, constraintName, schemaName, tableName");
  }

  /** Nothing here gets in the way of them, and nothing is said. */
  @Test
  void areLeftToLiquibaseWhereTheyDoNotWantIt() {
    database.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''7s''', current_database());"
            + " EXECUTE format('ALTER DATABASE %I SET statement_timeout = ''1min''', current_database()); END $$");
    List<String> said = new ArrayList<>();
    assertThat(plain().status()).contains("2 changesets have not been applied");
    assertThat(plain().updateSql()).doesNotContain("gpra").contains("INSERT INTO public.words");
    plain().defaultSchema("shop").showing(said::add).updateTo("v1");
    assertThat(database.query("SELECT spelling FROM shop.words")).containsExactly("so");
    assertThat(database.query("SELECT setting FROM shop.settings ORDER BY setting"))
        .containsExactly(
            "application_name=PostgreSQL JDBC Driver",
            "client_connection_check_interval=0",
            "lock_timeout=7s",
            "row_security=on",
            "statement_timeout=1min");
    assertThat(marks()).isEmpty();
    plain().defaultSchema("shop").showing(said::add).rollbackCount(2);
    assertThat(database.value("SELECT to_regclass('shop.words')")).isEqualTo("∅");
    assertThat(said).noneMatch(line -> line.contains("stands at"));
  }

  @Test
  void haveTheNamesThatLiquibaseItselfWouldGive() {
    shouted().update();
    assertThat(marks())
        .extracting(mark -> mark.replaceFirst(": \\[gpra .*", ""))
        .contains(
            "table realm",
            "column default_role of table realm",
            "constraint pk_realm on table realm",
            "constraint uk_realm on table realm",
            "constraint ck_REALM_NAME_not_null on table realm",
            "constraint fk_realm on table realm",
            "constraint ck_realm on table realm",
            "index idx_realm",
            "index idx_as");
    assertThat(shouted().status()).contains("is up to date").doesNotContain("no comment");
    shouted().rollbackCount(6);
    assertThat(database.value("SELECT to_regclass('realm')")).isEqualTo("∅");
  }

  /** The second of them would stop the look before: no table theirs is there. */
  @Test
  void arePassedOverWhereAPreconditionSaysSo() {
    List<String> said = new ArrayList<>();
    conditional().showing(said::add).update();
    assertThat(said).contains("  passed over: absent (as its preconditions say)");
    assertThat(
            database.query("SELECT id || exectype FROM databasechangelog ORDER BY orderexecuted"))
        .containsExactly(
            "absentMARK_RAN",
            "wordsEXECUTED",
            "indexEXECUTED",
            "dictionaryEXECUTED",
            "languageEXECUTED",
            "tagEXECUTED");
    assertThat(database.value("SELECT to_regclass('idx_note')")).isEqualTo("idx_note");
    conditional().rollbackCount(6);
    assertThat(marks()).isEmpty();
  }

  /** What a precondition seemed to pass over is looked at when it begins. */
  @Test
  void areLookedAtWhenTheyRunAgainstExpectation() {
    database.execute("CREATE TABLE dictionary (id text)");
    assertThatThrownBy(() -> conditional().update())
        .hasMessageContaining(
            "finds objects that are there but different: dictionary.id is text, expected integer. What ran before it stays. Correct it");
    assertThat(database.query("SELECT id FROM databasechangelog ORDER BY orderexecuted"))
        .containsExactly("absent", "words", "index");
    assertThat(database.value("SELECT count(*) FROM pg_class WHERE relname ~ '^gpra_look'"))
        .isEqualTo("0");
    database.execute("DROP TABLE dictionary");
    conditional().update();
    assertThat(marks())
        .contains("table dictionary: [gpra changelogs/shop/conditional.yaml::dictionary::ann]");
  }

  /** That what it makes is there already is no reason to pass over what is different. */
  @Test
  void areLookedAtThoughWhatTheyMakeIsThere() {
    database.execute(
        "CREATE TABLE dictionary (id int, language int); CREATE TABLE words (id int, note text)");
    assertThatThrownBy(() -> conditional().update())
        .hasMessageContaining(
            "dictionary.language is integer, expected text. Nothing was changed.");
  }

  /** Which Liquibase tells the session for one transaction. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areMadeInTheDefaultSchema(boolean handedOver, @TempDir Path notes) {
    Supplier<LiquibaseRun> shop =
        () -> {
          LiquibaseRun run = shouted().defaultSchema("shop");
          return handedOver ? run.handedOver() : run;
        };
    String history = "SELECT count(*) FROM shop.databasechangelog";
    shop.get().update();
    assertThat(shop.get().status()).contains("is up to date");
    String made = database.schema();
    assertThat(made).contains("table shop.realm", "constraint fk_realm on shop.realm");
    database.script(shop.get().rollbackSqlCount(6));
    assertThat(database.value(history)).isEqualTo("0");
    assertThat(database.value("SELECT to_regclass('shop.realm')")).isEqualTo("∅");

    String script = shop.get().updateSql();
    assertThat(script).contains("SET search_path = shop, public;");
    database.script(script);
    assertSame("by the script", made, database.schema());
    shop.get().rollbackCount(6);
    assertThat(database.value("SELECT to_regclass('shop.realm')")).isEqualTo("∅");
    database.execute("DROP TABLE shop.databasechangelog");

    database.script(
        shouted().defaultSchema("shop").offline(notes.resolve("notes.csv")).updateSql());
    assertSame("by a script made without a database", made, database.schema());
  }

  @Test
  void mayHaveWhatIsForAnotherServer() {
    new LiquibaseRun(database).changelog("changelogs/shop/elsewhere.xml").update();
    assertThat(database.query("SELECT id || exectype FROM databasechangelog ORDER BY 1"))
        .containsExactly("1MARK_RAN", "3EXECUTED", "4MARK_RAN");
  }
}
