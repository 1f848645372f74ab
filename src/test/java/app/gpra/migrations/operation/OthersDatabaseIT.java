package app.gpra.migrations.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing of this application is looked for where another's changelog runs. */
class OthersDatabaseIT {

  private static final String MASTER = "changelog/db.changelog-master.yaml";

  private static final String ORDERS =
      """
      databaseChangeLog:
        - property: {file: add-the-dependency-app.gpra-gpra-migrations/safe.properties}%s
        - changeSet:
            {id: 1, author: ann, labels: shop, changes: [{createTable: {tableName: orders, columns: [{column: {name: id, type: int}}]}}]}
        - changeSet: {id: 2, author: ann, changes: [{tagDatabase: {tag: v1}}]}
      """;

  @TempDir Path project;
  private TestDatabase database;

  @BeforeEach
  void create() throws IOException {
    database = TestDatabase.empty();
    write("");
  }

  @AfterEach
  void drop() {
    database.close();
  }

  private void write(String property) throws IOException {
    Files.createDirectories(project.resolve("changelog"));
    Files.writeString(project.resolve(MASTER), ORDERS.formatted(property));
  }

  private LiquibaseRun orders() {
    return new LiquibaseRun(database).from(project);
  }

  @Test
  void mayHaveATableOfTheSameNameInAnotherSchema() {
    database.execute("CREATE SCHEMA first; CREATE TABLE items ()");
    orders().in("first, public").update();
    assertThat(database.value("SELECT to_regclass('first.orders')")).isEqualTo("first.orders");
  }

  @Test
  void isEmptiedWhereItsOwnerSaysSo() {
    orders().update();
    assertThatThrownBy(
            () -> orders().with("liquibase.command.dropAll.requireForce", "true").dropAll())
        .hasMessageContaining("Nothing was dropped");
    orders().dropAll();
    assertThat(database.value("SELECT to_regclass('orders')")).isEqualTo("∅");
  }

  /** In the directory of the address there is another changelog than the one that runs. */
  @Test
  void hasTagsOfItsOwn() throws IOException {
    MavenRun.copyProject(Files.createDirectories(project.resolve("gpra")), false);
    Files.writeString(
        project.resolve("gpra/.env"), "DATABASE_URL=" + database.jdbcUrl().substring(5));
    orders().addressIn(project.resolve("gpra")).updateTo("v1");
    assertThat(database.applied()).containsExactly("1", "2");
  }

  @Test
  void hasLabelsOfItsOwn() {
    List<String> said = new ArrayList<>();
    orders()
        .labels("shop,!enforce")
        .with("liquibase.labelFilter", "!enforce")
        .showing(said::add)
        .update();
    assertThat(said)
        .contains(
            "  to go back: mvn liquibase:rollback -Dliquibase.rollbackTag=v1 '-Dliquibase.labelFilter=!enforce'");
  }

  @Test
  void mayBeOneInWhichStrangersCreate() throws IOException {
    try (TestRole mallory = TestRole.create(UUID.randomUUID().toString())) {
      database.execute("GRANT CREATE ON SCHEMA public TO " + mallory.name());
      String refusal = mallory.name() + " may CREATE in the schema public";
      assertThatThrownBy(() -> orders().with("gpra.strangers", "refuse").update())
          .hasMessageContainingAll("Nothing was done. ", refusal);
      database.script(orders().updateSql());
      assertThat(warningsOf(() -> orders().update())).anyMatch(line -> line.contains(refusal));
      assertThat(database.applied()).containsExactly("1", "2");

      write("\n  - property: {name: gpra.strangers, value: refuse}");
      for (Consumer<LiquibaseRun> run :
          List.<Consumer<LiquibaseRun>>of(LiquibaseRun::updateSql, LiquibaseRun::status)) {
        assertThatThrownBy(() -> run.accept(orders())).hasMessageContaining(refusal);
      }
      database.execute("REVOKE CREATE ON SCHEMA public FROM " + mallory.name());
    }
  }

  private static List<String> warningsOf(Runnable run) {
    List<String> warnings = new ArrayList<>();
    Logger log = Logger.getLogger("liquibase.changelog");
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            warnings.add(line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    log.setLevel(Level.WARNING);
    log.addHandler(handler);
    try {
      run.run();
    } finally {
      log.removeHandler(handler);
    }
    return warnings;
  }
}
