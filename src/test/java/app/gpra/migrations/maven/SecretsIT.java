package app.gpra.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import app.gpra.migrations.harness.EveryLog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A password that works is in no output, whatever is logged. */
@Tag("thorough")
class SecretsIT {

  private static final String PASSWORD = "cret9/ @x%20+ü&q?k3y'";
  private static final String ENCODED = "cret9%2F%20%40x%2520%2B%C3%BC%26q%3Fk3y%27";
  private static final String[] SECRET = {"cret9", "k3y"};

  /** The levels that Liquibase's plugin knows. */
  private static final List<String> LEVELS =
      ReliabilityReport.full()
          ? List.of("ERROR", "WARNING", "INFO", "FINE", "DEBUG")
          : List.of("FINE");

  @TempDir private Path project;

  private TestRole role;
  private TestDatabase database;
  private String url;

  @BeforeEach
  void start() {
    MavenRun.copyProject(project, true);
    role = TestRole.create(PASSWORD);
    database = TestDatabase.legacy();
    role.grantLeastPrivileges(database);
    url =
        "postgresql://%s:%s@%s"
            .formatted(role.name(), ENCODED, database.bareUrl().replace("jdbc:postgresql://", ""));
  }

  @AfterEach
  void drop() {
    database.close();
    role.close();
  }

  /** Also what pgjdbc says of what it sends. */
  @Test
  void isInNoLogOfThisJvm() throws IOException {
    Files.writeString(project.resolve(".env"), "DATABASE_URL=" + url + "\n");
    try (EveryLog log = EveryLog.listen()) {
      run("liquibase:update", "liquibase:status");
      run("liquibase:rollback", "-Dliquibase.rollbackTag=000");
      log.add(catchThrowable(() -> run("liquibase:rollback", "-Dliquibase.rollbackTag=nowhere")));
      database.execute("ALTER TABLE items OWNER TO CURRENT_USER");
      log.add(catchThrowable(() -> run("liquibase:update")));

      assertThat(log.take())
          .contains("FE=> StartupPacket", "does not own the table items", "no tag nowhere")
          .doesNotContain(SECRET);
    }
  }

  private void run(String... command) {
    new LiquibaseRun(database).addressIn(project).run(List.of(command));
  }

  @Test
  void isInNoOutputOfMavenAtAnyLevel() throws IOException {
    // Copying resources, a part of compile, would show the whole environment (.mvn/jvm.config).
    Files.writeString(
        Files.createDirectories(project.resolve("src/main/resources")).resolve("some.txt"), "text");
    for (String level : LEVELS) {
      MavenRun run =
          MavenRun.run(
              project,
              url,
              "-X",
              "-Dliquibase.logLevel=" + level,
              "-Dliquibase.sql.logLevel=" + level,
              "resources:resources",
              "liquibase:update",
              "liquibase:rollback",
              "-Dliquibase.rollbackTag=000",
              "liquibase:status",
              "liquibase:history",
              "liquibase:updateSQL");
      assertThat(run.exitCode()).as(run.output()).isZero();
      assertThat(run.output()).contains("[DEBUG]").doesNotContain(SECRET);
      if (level.equals("FINE")) {
        assertThat(run.output()).contains("001-items-user-id");
      }
    }
  }
}
