package app.gpra.migrations.connection;

import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvEntry;
import io.github.cdimascio.dotenv.DotenvException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A {@code .env} file, which the application reads too. No message of this class quotes a line.
 *
 * @param directory where {@code .env} is
 */
record EnvFile(Path directory) {

  private static final String NAME = ".env";
  private static final String THEN = "then run mvn liquibase:status.";

  /** dotenv-java begins its messages with this and goes on with the line. */
  private static final Pattern MALFORMED =
      Pattern.compile("^Malformed entry(?:, unmatched quotes)? ");

  /** A # that dotenv-java takes for a comment and python-dotenv for a part of the value. */
  private static final Pattern CUT_SHORT = Pattern.compile("=\\s*[^\\s\"'#][^\\s#]*#");

  /**
   * The value of a variable.
   *
   * @return empty if there is no {@code .env}, or the variable is not in it or has no value
   * @throws IllegalArgumentException if the file cannot be read or understood
   */
  Optional<String> get(String variable) {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    List<String> lines = lines(file);
    // A line of the application's that only dotenv-java finds malformed does not matter, unless
    // the variable may be in it.
    Optional<String> value = last(entries(true), variable);
    Pattern declaration =
        Pattern.compile("\\s*(?:export\\s+)?" + Pattern.quote(variable) + "\\s*=.*");
    int line = lastMatch(lines, declaration);
    if (line >= 0 && (value.isEmpty() || CUT_SHORT.matcher(lines.get(line)).find())) {
      throw malformed(
          file, line, "write %s=value without export, in quotes if it has a #".formatted(variable));
    }
    if (value.isEmpty()) {
      refuseMalformed(file, lines);
    }
    return value.filter(text -> !text.isBlank());
  }

  private static List<String> lines(Path file) {
    if (Files.isDirectory(file)) {
      throw unreadable(file, "it is a directory");
    }
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw unreadable(file, "it is not UTF-8 text");
    } catch (IOException e) {
      throw unreadable(file, e.getClass().getSimpleName());
    }
  }

  private Iterable<DotenvEntry> entries(boolean ignoreMalformed) {
    // The slash: dotenv-java cuts ".env" off the end of a directory's name.
    var dotenv = Dotenv.configure().directory(directory.toAbsolutePath() + "/").filename(NAME);
    if (ignoreMalformed) {
      dotenv.ignoreIfMalformed();
    }
    return dotenv.load().entries(Dotenv.Filter.DECLARED_IN_ENV_FILE);
  }

  private static Optional<String> last(Iterable<DotenvEntry> entries, String variable) {
    String value = null;
    for (DotenvEntry entry : entries) {
      if (entry.getKey().equals(variable)) {
        value = entry.getValue();
      }
    }
    return Optional.ofNullable(value).map(EnvFile::withoutSingleQuotes);
  }

  /** dotenv-java takes double quotes off, python-dotenv single ones too. */
  private static String withoutSingleQuotes(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("'") && value.endsWith("'");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private static int lastMatch(List<String> lines, Pattern pattern) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (pattern.matcher(lines.get(i)).matches()) {
        return i;
      }
    }
    return -1;
  }

  private void refuseMalformed(Path file, List<String> lines) {
    try {
      entries(false);
    } catch (DotenvException e) {
      String entry = MALFORMED.matcher(String.valueOf(e.getMessage())).replaceFirst("");
      String first = entry.lines().findFirst().orElse("");
      throw malformed(file, lines.indexOf(first), "write NAME=value");
    }
  }

  private static IllegalArgumentException unreadable(Path file, String why) {
    return new IllegalArgumentException(
        "%s cannot be read, %s: make it a text file this user may read, or set DATABASE_URL in the environment, %s"
            .formatted(file, why, THEN));
  }

  /** {@code index} counts from 0 and is negative if unknown. */
  private static IllegalArgumentException malformed(Path file, int index, String cure) {
    String where = index < 0 ? "A line" : "Line " + (index + 1);
    return new IllegalArgumentException(
        "%s of %s is malformed: %s, %s".formatted(where, file, cure, THEN));
  }
}
