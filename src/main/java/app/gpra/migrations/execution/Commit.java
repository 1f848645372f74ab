package app.gpra.migrations.execution;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** From which commit a run is: what a pipeline says, or what is checked out. */
final class Commit {

  /** Short, and with a plus where something is not committed; empty where it is not known. */
  static final String CURRENT =
      Stream.<Supplier<String>>of(
              () -> System.getenv("GITHUB_SHA"),
              () -> System.getenv("CI_COMMIT_SHA"),
              Commit::checkedOut)
          .map(Supplier::get)
          .filter(one -> one != null && Pattern.matches("[0-9a-f]{7,64}\\+?", one))
          .findFirst()
          .map(one -> one.substring(0, 7) + (one.endsWith("+") ? "+" : ""))
          .orElse("");

  private Commit() {}

  private static String checkedOut() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--exclude=*", "--dirty=+").start();
      return new String(git.getInputStream().readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      return null;
    }
  }
}
