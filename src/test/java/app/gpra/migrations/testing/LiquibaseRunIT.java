package app.gpra.migrations.testing;

import static app.gpra.migrations.testing.ProjectAssertions.assertThat;
import static app.gpra.migrations.testing.ProjectAssertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LiquibaseRunIT {

  @Test
  void updatesToATagAndGoesBack() {
    try (TestDatabase database = TestDatabase.legacy()) {
      LiquibaseRun run = new LiquibaseRun(database).updateToTag("001");
      assertThat(database).table("items").hasColumn("user_id");
      assertThat(run.ran()).contains(new RanChangeSet("001-tag", "EXECUTED", "001"));
      assertThat(run.status()).isNotEmpty().allMatch(id -> id.startsWith("002-"));
      assertThat(System.getProperty("liquibase.toTag")).isNull();

      run.rollbackToTag("000");
      assertThat(database).table("items").hasNoColumn("user_id");
    }
  }

  @Test
  void keepsWhatLiquibasePrintsAndTheServersNotices() {
    try (TestDatabase database = TestDatabase.legacy()) {
      LiquibaseRun run = new LiquibaseRun(database).update();
      assertThat(run.log()).contains("002: the admin is admin").contains("ran successfully");
      assertThat(run.status()).isEmpty();
    }
  }

  @Test
  void writesScriptsWithoutChangingTheSchema() {
    try (TestDatabase database = TestDatabase.legacy()) {
      SchemaDescription before = database.schema();
      LiquibaseRun run = new LiquibaseRun(database);
      assertThat(run.updateSql()).contains("CREATE TABLE public.subscriptions");
      assertThat(run.updateSqlToTag("001")).doesNotContain("002-tag");
      assertThat(run.futureRollbackSql()).contains("DROP TABLE");
      assertThat(database.schema()).isEqualTo(before);
      run.update();
      assertThat(run.rollbackSqlToTag("001")).contains("gpra_admin_assignment");
      assertThat(run.rollbackSqlCount(1)).contains("002-tag");
    }
  }

  @Test
  void throwsLiquibasesWholeMessage() {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThatThrownBy(() -> new LiquibaseRun(database).updateToTag("nowhere"))
          .isInstanceOf(LiquibaseFailure.class)
          .hasMessageContaining("-Dliquibase.toTag names no migration of this changelog");
      assertThat(database).hasNoTable("subscriptions");
    }
  }

  @Test
  void passesPropertiesToTheChangelog() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).with("gpra.admin.username", "student1").update();
      assertThat(
              database.queryForStrings(
                  "SELECT DISTINCT username FROM items JOIN ab_user u ON u.id = user_id"))
          .containsExactly("student1");
    }
  }
}
