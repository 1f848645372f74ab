package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A database of another encoding than UTF8, where not every character can be written. */
@Tag("thorough")
class EncodingIT {

  private static TestDatabase legacyIn(String encoding, TestRole role, String name) {
    TestDatabase database =
        TestDatabase.legacyIn(encoding)
            .execute(
                """
                SET session_replication_role = replica;
                UPDATE ab_user SET username = '%1$s' WHERE username = 'admin';
                UPDATE items SET title = '%1$s ' || title;
                COMMENT ON TABLE items IS '%1$s'
                """
                    .formatted(name));
    role.own(database);
    return database;
  }

  @ParameterizedTest
  @CsvSource({"LATIN1, Jürgen", "KOI8R, Юрий", "SQL_ASCII, Jürgen"})
  void isMigratedThereAndBackByRunsAndByScripts(String encoding, String name) {
    try (TestRole role = TestRole.create("pw");
        TestDatabase updated = legacyIn(encoding, role, name);
        TestDatabase scripted = legacyIn(encoding, role, name)) {
      String schema = updated.schema();
      String data = updated.data();
      List<String> shown = new ArrayList<>();
      LiquibaseRun run = new LiquibaseRun(updated).as(role).enforce().showing(shown::add);
      LiquibaseRun script = new LiquibaseRun(scripted).as(role).enforce();

      run.update();
      scripted.script(role, script.updateSql());
      assertThat(shown).anyMatch(line -> line.contains("the admin is " + name));
      assertThat(updated.applied()).contains("004-tag");
      assertSame("the schema", updated.schema(), scripted.schema());
      assertSame("the data", updated.dataButTimes(), scripted.dataButTimes());

      run.rollbackTo("000");
      scripted.script(role, script.rollbackSqlTo("000"));
      for (TestDatabase database : List.of(updated, scripted)) {
        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }
  }

  @Test
  void saysWhatIsInTheWay() {
    try (TestRole role = TestRole.create("pw");
        TestDatabase database = legacyIn("LATIN1", role, "Jürgen")) {
      database.execute(
          "ALTER TABLE ab_user OWNER TO CURRENT_USER; UPDATE ab_user SET active = false");
      LiquibaseRun run = new LiquibaseRun(database).as(role);
      assertThatThrownBy(run::update)
          .hasMessageContaining(
              "or name the admin: mvn liquibase:update -Dgpra.admin.username=...");
    }
  }
}
