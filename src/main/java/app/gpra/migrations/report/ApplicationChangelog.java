package app.gpra.migrations.report;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.LabelExpression;
import liquibase.Labels;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.command.core.helpers.DatabaseChangelogCommandStep;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.resource.Resource;

/**
 * What a changelog says in its text, before Liquibase reads it: whether it is this application's,
 * which names a file of parameters that only this project's classes have. Nothing of this
 * application is looked for in another one.
 */
public final class ApplicationChangelog {

  /** Who wrote its changesets. */
  public static final String AUTHOR = "gpra";

  /** Where its files are in its jar. */
  public static final String IN_JAR = "app/gpra/";

  private static final String PARAMETERS = "type-mvn-compile-before-the-goal/gpra.properties";

  private static final Pattern REFUSES = Pattern.compile("gpra\\.strangers\\W.{1,40}\\brefuse\\b");

  private static final Pattern LABELS = Pattern.compile("(?m)^ *labels: *(.*)$");

  private static final Pattern MIGRATION =
      Pattern.compile("(?m)^ *- include: .*\\bfile: (\\S*/)?((\\d{3})-[^,}\\s]+)");

  private ApplicationChangelog() {}

  /** Whether it is this application's, in its own directory; in its jar it is another project's. */
  static boolean isProjects(String file) throws IOException {
    return hasMigrations(text(file)) && "file".equals(resource(file).getUri().getScheme());
  }

  /**
   * Whether a script of it is to stop where strangers may CREATE.
   *
   * @param command that writes the script
   * @return true for this application's, and where it or a system property says so
   * @throws UnexpectedLiquibaseException if it cannot be read
   */
  public static boolean refusesStrangers(CommandScope command) {
    try {
      String text = text(file(command));
      return is(text)
          || REFUSES.matcher(text).find()
          || System.getProperty("gpra.strangers") != null;
    } catch (IOException e) {
      throw new UnexpectedLiquibaseException(e);
    }
  }

  /**
   * Looks at {@code liquibase.toTag}. Liquibase deploys everything if it does not know the tag;
   * that is refused of every changelog, but only once its history table is made.
   *
   * @throws IllegalArgumentException if this application has no such migration, or the label filter
   *     leaves it out; the message lists the tags or names the filter
   */
  static void checkTag(CommandScope command) throws IOException {
    String tag = System.getProperty("liquibase.toTag", "");
    String file = file(command);
    String master = text(file);
    if (tag.isEmpty() || !hasMigrations(master)) {
      return;
    }
    Map<String, String> known = new TreeMap<>();
    MIGRATION.matcher(master).results().forEach(one -> known.put(one.group(3), one.group(2)));
    if (!known.containsKey(tag)) {
      throw new IllegalArgumentException(
          "-Dliquibase.toTag=%s names no migration of this changelog. Known tags: %s. Correct it, then run the same command again."
              .formatted(tag, String.join(", ", known.keySet())));
    }
    String migration = known.get(tag);
    String filter =
        Objects.toString(
            command.getArgumentValue(DatabaseChangelogCommandStep.LABEL_FILTER_ARG), "");
    Matcher label = LABELS.matcher(text(file.replaceFirst("[^/]*$", migration)));
    if (label.find() && !new LabelExpression(filter).matches(new Labels(label.group(1)))) {
      throw new IllegalArgumentException(
          "-Dliquibase.toTag=%s is not reached with the label filter %s, which leaves out %s. Add -Dliquibase.labelFilter=%s to the same command."
              .formatted(tag, filter, migration, label.group(1)));
    }
  }

  private static boolean hasMigrations(String text) {
    return is(text) && MIGRATION.matcher(text).find();
  }

  private static boolean is(String text) {
    return text.contains(PARAMETERS);
  }

  private static String file(CommandScope command) {
    return command.getArgumentValue(DatabaseChangelogCommandStep.CHANGELOG_FILE_ARG);
  }

  private static Resource resource(String file) throws IOException {
    return Scope.getCurrentScope().getResourceAccessor().get(file);
  }

  /** Empty where there is none: Liquibase says that. */
  private static String text(String file) throws IOException {
    if (file == null || !resource(file).exists()) {
      return "";
    }
    try (InputStream text = resource(file).openInputStream()) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
