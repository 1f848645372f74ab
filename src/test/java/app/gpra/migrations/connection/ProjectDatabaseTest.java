package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.core.PostgresDatabase;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.Test;

class ProjectDatabaseTest {

  private static final DatabaseFactory LIQUIBASE = DatabaseFactory.getInstance();

  @Test
  void tellsLiquibaseTheDriversOfThisProjectsUrls() {
    assertThat(LIQUIBASE.findDefaultDriver("jdbc:gpra:database-url:/project? Type this: …"))
        .isEqualTo(DatabaseUrlDriver.class.getName());
    assertThat(LIQUIBASE.findDefaultDriver("jdbc:gpra:embedded:/project"))
        .isEqualTo(EmbeddedPostgresDriver.class.getName());
    assertThat(LIQUIBASE.findDefaultDriver("jdbc:postgresql://h/app"))
        .isEqualTo("org.postgresql.Driver");
    assertThat(LIQUIBASE.findDefaultDriver("jdbc:other:app")).isNull();
  }

  /** Liquibase and the driver would each print what they cannot use. */
  @Test
  void printsNoPasswordOfAnAddressThatIsNotOneOfJdbcs() {
    assertThatThrownBy(() -> LIQUIBASE.findDefaultDriver("postgresql://ann:S3cret@h/app"))
        .hasMessageContainingAll("liquibase.url is not one of JDBC's", "DATABASE_URL")
        .hasMessageNotContaining("S3cret");
    assertThatThrownBy(
            () ->
                LIQUIBASE.openDatabase(
                    "jdbc:postgresql://ann:S3cret@h/app",
                    null,
                    null,
                    null,
                    new ClassLoaderResourceAccessor()))
        .hasMessageContaining("liquibase.url is not one of JDBC's")
        .hasMessageNotContaining("S3cret");
  }

  @Test
  void leavesEveryDatabaseToLiquibase() throws Exception {
    assertThat(LIQUIBASE.getDatabase("postgresql")).isExactlyInstanceOf(PostgresDatabase.class);
    try (Database offline =
        LIQUIBASE.openDatabase(
            "offline:postgresql?version=18", null, null, null, new ClassLoaderResourceAccessor())) {
      assertThat(offline).isExactlyInstanceOf(PostgresDatabase.class);
    }
  }
}
