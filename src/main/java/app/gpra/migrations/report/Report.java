package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.exception.LiquibaseException;
import liquibase.exception.PreconditionFailedException;
import liquibase.precondition.FailedPrecondition;

/** The file that {@code gpra.report} names, for those who were not there. */
public final class Report {

  /** What Liquibase puts around what a check of the changelog says. */
  private static final Pattern FAILED_CHECK =
      Pattern.compile("(?s)SQL Precondition failed\\.\\s+Expected '.*?' got '(.*)'\\s*");

  /** The same around what the whole changelog's precondition says. */
  private static final Pattern FAILED_CHANGELOG =
      Pattern.compile("(?s)Validation Failed:.*Preconditions Failed\\s+\\S+ : ");

  private Report() {}

  /**
   * Takes an older one's place, in case that this run does not live to its end.
   *
   * @throws LiquibaseException if it cannot be written; says so before anything is done
   */
  static void begin() throws LiquibaseException {
    try {
      put("# Not finished\n\nThe run was ended from outside, or goes on still.\n");
    } catch (IOException e) {
      throw new LiquibaseException(
          "-Dgpra.report=%s cannot be written: %s. Correct it, then run the same command again."
              .formatted(GpraProperties.report().orElseThrow(), e));
    }
  }

  /**
   * Says why a run failed that could not do anything.
   *
   * @param failure the cause, or whatever has it as its cause
   */
  public static void failedToBegin(Throwable failure) {
    Optional<Run> run = Run.current();
    if (run.isPresent()) {
      run.get().failed(sentence(failure));
      return;
    }
    try {
      put("# Failed, and nothing was done\n\n" + Markdown.quote(sentence(failure)));
    } catch (IOException e) {
      // That it cannot be written is what failed.
    }
  }

  /** Writes it, where one was asked for. */
  static void write(String markdown) {
    try {
      put(markdown);
    } catch (IOException e) {
      // The run's own outcome is what counts.
      Screen.current().say("The report could not be written: " + e);
    }
  }

  private static void put(String markdown) throws IOException {
    Optional<Path> file = GpraProperties.report();
    if (file.isPresent()) {
      Files.createDirectories(file.get().toAbsolutePath().getParent());
      Files.writeString(file.get(), Invocation.worded(markdown));
    }
  }

  /**
   * Why it failed, without the classes that passed it on.
   *
   * @param failure what was thrown
   * @return never null
   */
  public static String sentence(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof PreconditionFailedException)) {
      cause = cause.getCause();
    }
    if (cause instanceof PreconditionFailedException precondition) {
      List<String> messages =
          precondition.getFailedPreconditions().stream()
              .map(FailedPrecondition::getMessage)
              .toList();
      // Of several, it is the query that knows why.
      return messages.stream()
          .map(FAILED_CHECK::matcher)
          .filter(Matcher::matches)
          .map(check -> check.group(1))
          .findFirst()
          .orElse(String.join("; ", messages))
          .strip();
    }
    return FAILED_CHANGELOG
        .matcher(Objects.toString(cause.getMessage(), cause.getClass().getSimpleName()))
        .replaceFirst("")
        .strip();
  }
}
