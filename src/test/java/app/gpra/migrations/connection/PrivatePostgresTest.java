package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.condition.OS.WINDOWS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = WINDOWS, disabledReason = "files have no POSIX permissions there")
class PrivatePostgresTest {

  @TempDir private Path directory;

  @Test
  void makesAFolderThatNobodyElseMayEnter() throws IOException {
    Path folder = PrivatePostgres.folder(directory.resolve("target/servers"));

    assertThat(permissions(folder)).isEqualTo("rwx------");
    assertThat(PrivatePostgres.folder(folder)).isEmptyDirectory();
  }

  @Test
  void closesAFolderThatOthersMayEnter() throws IOException {
    Path folder = open("servers");

    PrivatePostgres.folder(folder);

    assertThat(permissions(folder)).isEqualTo("rwx------");
  }

  @Test
  void refusesProgramsInAFolderThatOthersCouldWriteTo() throws IOException {
    Path folder = open("servers");
    Files.createDirectory(PrivatePostgres.programs(folder));

    assertThatThrownBy(() -> PrivatePostgres.folder(folder))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Others could put programs into %s: delete it, then run the same command again."
                .formatted(folder));
  }

  @Test
  void refusesAFolderOfAnotherUser() throws IOException {
    Path folder = Path.of("/usr");
    if (System.getProperty("user.name").equals("root")) {
      folder = open("servers");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      Files.setAttribute(folder, "unix:uid", 65534);
    }
    Path others = folder;

    assertThatThrownBy(() -> PrivatePostgres.folder(others))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "%s belongs to another user: delete it, then run the same command again."
                .formatted(others));
  }

  private Path open(String name) throws IOException {
    Path folder = Files.createDirectory(directory.resolve(name));
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
