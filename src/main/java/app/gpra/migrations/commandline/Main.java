package app.gpra.migrations.commandline;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Invocation;
import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.command.CommandArgumentDefinition;
import liquibase.command.CommandDefinition;
import liquibase.command.CommandFactory;
import liquibase.command.CommandScope;
import liquibase.configuration.LiquibaseConfiguration;
import liquibase.exception.CommandValidationException;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.SearchPathResourceAccessor;
import liquibase.util.StringUtil;

/**
 * Each of Liquibase's commands, with its options, for this changelog. Liquibase's own command line
 * describes a hundred commands before it runs one, which took a third of the time of a run with
 * nothing to do.
 */
final class Main {

  private static final String OUTPUT_FILE = "outputFile";
  private static final String LOG_LEVEL = "logLevel";
  private static final Set<String> OWN = Set.of("help", "h", OUTPUT_FILE, LOG_LEVEL);

  private Main() {}

  /**
   * Runs one command and ends the JVM: with 0 if all went well, and otherwise with 1.
   *
   * @param arguments Liquibase's command with its options, or a Maven goal's {@code -D…}
   */
  static void main(String[] arguments) {
    Invocation.runsAs("java -jar " + System.getProperty("java.class.path"));
    // It would say that nobody reads its log.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    int exitCode = 0;
    try {
      run(Words.of(List.of(arguments)));
    } catch (Exception e) {
      Terminal.error(Report.sentence(e));
      exitCode = 1;
    }
    System.exit(exitCode);
  }

  private static void run(Words words) throws Exception {
    words.properties().forEach(System::setProperty);
    Scope.getCurrentScope()
        .getSingleton(LiquibaseConfiguration.class)
        .registerProvider(new Defaults());
    Map<String, String> given = words.properties();
    Terminal terminal = new Terminal(level(given.get(Words.LIQUIBASE + LOG_LEVEL)));
    Scope.child(
        Map.of(
            Scope.Attr.ui.name(),
            terminal,
            Scope.Attr.resourceAccessor.name(),
            new SearchPathResourceAccessor(
                new DirectoryResourceAccessor(Path.of("").toAbsolutePath()),
                new ClassLoaderResourceAccessor())),
        () -> {
          boolean help = words.options().contains("help") || words.options().contains("h");
          if (words.command().isEmpty()) {
            Help.commands(System.out);
            if (!help) {
              throw new IllegalArgumentException("No command was given: see the list above.");
            }
            return;
          }
          CommandDefinition command = definition(words.command());
          if (help) {
            Help.options(command, System.out);
            return;
          }
          check(words.options(), command);
          GpraProperties.check();
          execute(words.command(), given.get(Words.LIQUIBASE + OUTPUT_FILE));
        });
  }

  private static Level level(String name) {
    try {
      return name == null ? null : Level.parse(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--log-level is not valid: expected one such as FINE, INFO or WARNING. Correct it, then run the same command again.");
    }
  }

  private static CommandDefinition definition(String command) {
    try {
      return Scope.getCurrentScope()
          .getSingleton(CommandFactory.class)
          .getCommandDefinition(command);
    } catch (IllegalArgumentException e) {
      // Not which: it may be the value of an option that was meant.
      throw new IllegalArgumentException(
          "There is no such command: --help lists them. Correct it, then run the same command again.");
    }
  }

  /** Whatever it is not, it may be a secret: no value is shown. */
  private static void check(Set<String> options, CommandDefinition command) {
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(OWN);
    for (CommandArgumentDefinition<?> argument : command.getArguments().values()) {
      known.add(argument.getName());
      known.addAll(argument.getAliases());
    }
    Scope.getCurrentScope()
        .getSingleton(LiquibaseConfiguration.class)
        .getRegisteredDefinitions(false)
        .forEach(
            setting ->
                Stream.of(List.of(setting.getKey()), setting.getAliasKeys())
                    .flatMap(Collection::stream)
                    .forEach(
                        key ->
                            known.add(
                                StringUtil.toCamelCase(
                                    key.replaceFirst("^liquibase\\.", "").replace('.', '-')))));
    String unknown =
        options.stream()
            .filter(option -> !known.contains(option))
            .map(option -> option.contains(" ") ? option : "--" + StringUtil.toKabobCase(option))
            .collect(Collectors.joining(", "));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "Not understood: %s. %s --help lists the options. Correct it, then run the same command again."
              .formatted(unknown, StringUtil.toKabobCase(command.getName()[0])));
    }
  }

  private static void execute(String command, String outputFile) throws Exception {
    CommandScope scope = new CommandScope(command);
    try {
      scope.validate();
    } catch (CommandValidationException e) {
      throw new IllegalArgumentException(
          "%s. %s --help lists the options. Correct it, then run the same command again."
              .formatted(e.getMessage(), StringUtil.toKabobCase(command)));
    }
    if (outputFile == null) {
      scope.setOutput(System.out).execute();
      return;
    }
    try (OutputStream file = open(Path.of(outputFile))) {
      scope.setOutput(file).execute();
    }
  }

  private static OutputStream open(Path file) {
    try {
      Files.createDirectories(
          Objects.requireNonNull(file.toAbsolutePath().getParent(), "a directory"));
      return Files.newOutputStream(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--output-file=%s cannot be written (%s). Correct it, then run the same command again."
              .formatted(file, e.getClass().getSimpleName()));
    }
  }
}
