package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SecretFilesTest {

  /** Credentials, and backups that the runbooks make here. */
  @Test
  void areIgnoredByGit() throws IOException {
    assertThat(Files.readAllLines(Path.of(".gitignore"))).contains(".env", "*.dump");
  }

  @Test
  void haveAnExampleThatHoldsNoSecret() throws IOException {
    assertThat(Files.readString(Path.of(".env.example")))
        .contains("DATABASE_URL=postgresql://gpra:change-me@localhost:5432/gpra");
  }
}
