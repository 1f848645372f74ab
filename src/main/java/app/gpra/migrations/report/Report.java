package app.gpra.migrations.report;

import app.gpra.migrations.GpraProperties;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.exception.ChangeLogParseException;
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
      put(RunReport.unfinished());
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
    LastLines.refused(sentence(failure));
    try {
      put(RunReport.refused(sentence(failure)));
    } catch (IOException e) {
      // That it cannot be written is what failed.
    }
  }

  /** Writes it, where one was asked for. */
  static void write(RunReport report) {
    try {
      put(report);
    } catch (IOException e) {
      // The run's own outcome is what counts.
      Screen.current().say("The report could not be written: " + e);
    }
  }

  /**
   * Says how a database differs from its history: in the file, and to a program.
   *
   * @param database which
   * @param connection to it
   * @param table its history, which has a row
   * @param differences sentences; empty if it does not differ
   * @param information what is otherwise and is no difference
   * @throws SQLException if the server does not answer
   */
  public static void drift(
      String database,
      Connection connection,
      String table,
      List<String> differences,
      List<String> information)
      throws SQLException {
    RunReport report =
        RunReport.ofDrift(
            Screen.printable(database),
            Server.of(connection),
            HistoryRow.of(connection, table),
            differences.stream().map(Screen::printable).toList(),
            information.stream().map(Screen::printable).toList());
    if (GpraProperties.isJson()) {
      System.out.print(Json.document(report));
    }
    write(report);
  }

  /** Whether somebody asked for one, or a program reads along. */
  static boolean isWanted() {
    return GpraProperties.isJson() || GpraProperties.report().isPresent();
  }

  private enum Form {
    HTML,
    JSON,
    MARKDOWN
  }

  private static Form form(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".html") ? Form.HTML : name.endsWith(".json") ? Form.JSON : Form.MARKDOWN;
  }

  private static void put(RunReport report) throws IOException {
    Optional<Path> file = GpraProperties.report();
    if (file.isPresent()) {
      String text =
          switch (form(file.get())) {
            case HTML -> page(report);
            case JSON -> Json.document(report);
            case MARKDOWN -> Markdown.of(report);
          };
      Files.createDirectories(file.get().toAbsolutePath().getParent());
      Files.writeString(file.get(), Invocation.worded(text));
    }
  }

  private static String page(RunReport report) throws IOException {
    try {
      return Html.of(report);
    } catch (NoClassDefFoundError e) {
      // Whoever has the safe jar may have left it out.
      throw new IOException("a page needs io.pebbletemplates:pebble on the class path", e);
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
      if (cause instanceof ChangeLogParseException
          && cause.getCause().getClass().getName().startsWith("org.yaml.")) {
        // Only here stands which file.
        return cause.getMessage().replaceAll("[\\s^]+", " ").replaceFirst("[: ]+$", "");
      }
      if (cause instanceof SQLException && cause.getCause() instanceof IOException network) {
        // The driver says what could not be done, and mostly which server; the network "Broken
        // pipe".
        return network instanceof UnknownHostException
            ? "%s (unknown host %s)".formatted(cause.getMessage(), network.getMessage())
            : cause.getMessage();
      }
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
