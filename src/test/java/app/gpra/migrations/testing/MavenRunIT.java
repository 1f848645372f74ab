package app.gpra.migrations.testing;

import static app.gpra.migrations.testing.ProjectAssertions.assertThat;
import static app.gpra.migrations.testing.ProjectAssertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MavenRunIT {

  @Test
  void runsGoalsOnACopyOfTheProject() {
    Path directory;
    try (TestDatabase database = TestDatabase.legacy();
        MavenRun maven = MavenRun.onCopyOfProject()) {
      directory = maven.directory();
      MavenRun.Result result = maven.runOn(database, "liquibase:update", "-Dliquibase.toTag=001");
      assertThat(result.output()).contains("BUILD SUCCESS");
      assertThat(result.exitCode()).isZero();
      assertThat(database).table("items").hasColumn("user_id");
    }
    assertThat(Files.exists(directory)).isFalse();
  }

  @Test
  void reportsWhatFailed() {
    try (MavenRun maven = MavenRun.onCleanCopyOfProject()) {
      MavenRun.Result result = maven.run("liquibase:nothing");
      assertThat(result.exitCode()).isNotZero();
      assertThat(result.output()).contains("Could not find goal 'nothing'");
    }
  }

  @Test
  void killsARunThatTakesTooLong() {
    try (MavenRun maven = MavenRun.onCleanCopyOfProject()) {
      maven.deadline(Duration.ofMillis(1));
      assertThatThrownBy(() -> maven.run("--version"))
          .isInstanceOf(AssertionError.class)
          .hasMessageStartingWith("Maven has not ended within PT0.001S");
    }
  }
}
