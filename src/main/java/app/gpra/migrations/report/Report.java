package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import liquibase.exception.PreconditionFailedException;
import liquibase.precondition.FailedPrecondition;

/** The file that {@code gpra.report} names, for those who were not there. */
public final class Report {

  private Report() {}

  /** Takes an older one's place, in case that this run does not live to its end. */
  static void begin() {
    write("# Not finished\n\nThe run was ended from outside, or goes on still.\n");
  }

  /** Says why a run failed that could not do anything. */
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
      Files.writeString(file.get(), markdown);
    }
  }

  /** Why it failed, without the classes that passed it on. */
  static String sentence(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof PreconditionFailedException)) {
      cause = cause.getCause();
    }
    if (cause instanceof PreconditionFailedException precondition
        && !precondition.getFailedPreconditions().isEmpty()) {
      FailedPrecondition first = precondition.getFailedPreconditions().get(0);
      return first.getMessage().strip();
    }
    return cause.getMessage() == null
        ? cause.getClass().getSimpleName()
        : cause.getMessage().strip();
  }
}
