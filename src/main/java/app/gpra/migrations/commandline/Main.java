package app.gpra.migrations.commandline;

import app.gpra.migrations.report.Invocation;
import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Terminal;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.configuration.LiquibaseConfiguration;
import liquibase.exception.CommandValidationException;
import liquibase.integration.commandline.LiquibaseCommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code java -jar gpra-migrations-….jar update}: Liquibase's command line for this changelog. */
public final class Main extends LiquibaseCommandLine {

  private static final int FAILED = 1;

  private Main() {}

  /**
   * Runs one command and ends the JVM: with 0 if all went well, 1 if the command failed or is not
   * understood, 2 if there is none.
   *
   * @param arguments Liquibase's command with its options, or a Maven goal's {@code -D…}
   */
  public static void main(String[] arguments) {
    // Picocli would look for it.
    System.setProperty("org.fusesource.jansi.Ansi.disable", "true");
    Words words = Words.of(List.of(arguments));
    words.properties().forEach(System::setProperty);
    Scope.getCurrentScope()
        .getSingleton(LiquibaseConfiguration.class)
        .registerProvider(new Defaults());
    Invocation.runsAs("java -jar " + System.getProperty("java.class.path"));
    System.exit(new Main().execute(words.arguments().toArray(String[]::new)));
  }

  /** {@inheritDoc} Without {@code --log-level}, what a Maven goal shows is shown here too. */
  @Override
  protected Map<String, Object> configureLogging() throws IOException {
    Map<String, Object> configured = super.configureLogging();
    if (Level.OFF.equals(configured.get("logLevel"))) {
      Terminal.showLog();
    }
    return configured;
  }

  /** {@inheritDoc} Says why, in the sentence that the report has too. */
  @Override
  protected int handleException(Throwable exception) {
    if (exception instanceof UnmatchedArgumentException unmatched) {
      // The value of a misspelt option may be a secret.
      String options =
          unmatched.getUnmatched().stream()
              .filter(word -> word.startsWith("-"))
              .map(word -> word.replaceFirst("=.*", ""))
              .collect(Collectors.joining(", "));
      Terminal.error(
          "Not understood: %s. Correct it, then run the same command again; --help lists the commands, and <command> --help its options."
              .formatted(options.isEmpty() ? "a word that is no command" : options));
      return FAILED;
    }
    boolean mistyped =
        exception instanceof ParameterException || exception instanceof CommandValidationException;
    Terminal.error(
        Report.sentence(exception)
            + (mistyped
                ? ". Correct it, then run the same command again; <command> --help lists its options."
                : ""));
    return FAILED;
  }
}
