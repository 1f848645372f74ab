package app.gpra.migrations.harness;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;

/**
 * A text that is kept in the repository, so that a pull request shows how it changes. {@code
 * -Dgolden.refresh=true} writes all of them anew.
 */
public final class Golden {

  /** The command that writes all of them: their tests are tagged. */
  public static final String REFRESH = "mvn verify -Dgroups=golden -Dgolden.refresh=true";

  private final Path file;
  private final String section;

  private Golden(Path file, String section) {
    this.file = file;
    this.section = section;
  }

  /** A whole file. */
  public static Golden file(Path file) {
    return new Golden(file, null);
  }

  /**
   * A part of a page, between {@code <!-- name: how it comes about -->} and {@code <!-- end of name
   * -->}.
   */
  public static Golden section(Path page, String name) {
    return new Golden(page, name);
  }

  /** Fails with a diff and the command that accepts it, unless the text is the one that is kept. */
  public void assertIs(String text) {
    try {
      String page = Files.exists(file) ? Files.readString(file) : null;
      if (section == null) {
        compare(page, page, text, "", "");
      } else {
        Assertions.assertThat(page).as(file.toString()).contains("<!-- " + section + ":");
        int begin = page.indexOf('\n', page.indexOf("<!-- " + section + ":")) + 1;
        int end = page.indexOf("<!-- end of " + section + " -->");
        Assertions.assertThat(end)
            .as("end of " + section + " in " + file)
            .isGreaterThanOrEqualTo(begin);
        compare(
            page,
            page.substring(begin, end).strip() + "\n",
            text,
            page.substring(0, begin) + "\n",
            "\n" + page.substring(end));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** No other files are kept there; writing anew takes them away. */
  public static void assertOnly(Path directory, List<String> names) throws IOException {
    List<Path> others;
    try (Stream<Path> kept = Files.list(directory)) {
      others = kept.filter(file -> !names.contains(file.getFileName().toString())).toList();
    }
    if (Boolean.getBoolean("golden.refresh")) {
      for (Path other : others) {
        Files.delete(other);
      }
    } else {
      assertThat(others).as("files that are no migration's: delete them").isEmpty();
    }
  }

  private void compare(String page, String kept, String text, String before, String after)
      throws IOException {
    if (Boolean.getBoolean("golden.refresh")) {
      if (!(before + text + after).equals(page)) {
        if (page == null) {
          Files.createDirectories(file.getParent());
        }
        Files.writeString(file, before + text + after);
      }
    } else if (kept == null) {
      Assertions.fail("%s is missing. Make it, and read it: %s", file, REFRESH);
    } else {
      assertSame(file + " (if it is meant: " + REFRESH + ")", kept, text);
    }
  }
}
