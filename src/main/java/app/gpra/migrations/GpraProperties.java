package app.gpra.migrations;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import liquibase.LabelExpression;
import liquibase.Labels;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * The project's own settings: system properties, given as {@code -Dgpra.…} on Maven's command line.
 */
public final class GpraProperties {

  /** What is to become of a run where strangers may CREATE. */
  public static final String STRANGERS = "gpra.strangers";

  /** {@link #STRANGERS}: it does nothing. Otherwise it warns. */
  public static final String REFUSE = "refuse";

  private static final String PREFIX = "gpra.";
  private static final String OUTPUT = "gpra.output";
  private static final String JSON = "json";
  private static final String REPORT = "gpra.report";
  private static final String TRUSTED_ROLES = "gpra.trusted.roles";
  private static final String DROP_ALL = "gpra.drop.all";
  private static final String LOCK_TIMEOUT = "gpra.lock.timeout";
  private static final String WAIT_LIMIT = "gpra.wait.limit";
  private static final String DEFAULT_WAIT_LIMIT = "10min";
  private static final String CHANGES_TO_APPLY = "liquibase.changesToApply";
  private static final String ROLLBACK_COUNT = "liquibase.rollbackCount";
  private static final String LABEL_FILTER = "liquibase.labelFilter";
  private static final String OUTPUT_FILE = "liquibase.migrationSqlOutputFile";
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|min)?");
  private static final Pattern ROLES =
      Pattern.compile("[^,'\"\\\\$\\p{C}]+(,[^,'\"\\\\$\\p{C}]+)*");

  /** Names that Liquibase puts into SQL, and not always between quotes. */
  private static final Pattern OBJECT_NAME =
      Pattern.compile("(?i)liquibase\\..*((schema|catalog|tablespace|table)name|schemas)");

  /**
   * In a name, what could end its quotes; Liquibase sets none around some names of several lines.
   */
  private static final Pattern UNQUOTABLE =
      Pattern.compile("[\"\\\\\\p{C}\\p{Zl}\\p{Zp}]|\\$\\{|\\$gpra_");

  /** In a value, the end of its quotes, and what Liquibase would expand, for example to that. */
  private static final Pattern NO_DATA = Pattern.compile("\\$\\{|\\$gpra_");

  /** What the changelog puts into SQL besides this project's own settings. */
  private static final List<String> DATA = List.of("enforce.ignored");

  private static final Pattern SIZE = Pattern.compile("0*[1-9]\\d{0,8}(kB|MB|GB)");

  /**
   * The server's deadlock_timeout by default: whoever waits longer may cost the application a
   * query.
   */
  private static final Duration LONGEST_LOCK_TIMEOUT = Duration.ofMillis(999);

  /** PostgreSQL's timeouts are milliseconds in an int. */
  private static final Duration LONGEST_TIME = Duration.ofDays(24);

  /** Longer ones would not count as tries (LockPatience), and never end. */
  private static final Duration LONGEST_WATCH = Duration.ofSeconds(59);

  private record Setting(String expected, Predicate<String> valid) {}

  private static final Setting TIME =
      new Setting("a time such as 100ms, 5s or 10min", value -> isTime(value, 1));

  private static final Setting WATCH =
      new Setting(
          "a time up to 59s, such as 0ms or 10s",
          value -> isTime(value, 0) && parse(value).compareTo(LONGEST_WATCH) <= 0);

  private static final Setting YES_OR_NO =
      new Setting("true or false", List.of("true", "false")::contains);

  private static final Map<String, Setting> KNOWN =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("gpra.admin.username", nameOf("a user of the application")),
              Map.entry("gpra.app.role", nameOf("a role of the server")),
              Map.entry(
                  LOCK_TIMEOUT,
                  new Setting(
                      "a time from 1ms to 999ms, such as 50ms: a longer one could block the application",
                      GpraProperties::isLockTimeout)),
              Map.entry(
                  "gpra.batch.pause",
                  new Setting("a time such as 0ms, 100ms or 5s", value -> isTime(value, 0))),
              Map.entry("gpra.batch.time", TIME),
              Map.entry(DROP_ALL, nameOf("the database that is to be emptied")),
              Map.entry("gpra.drop.quiet", WATCH),
              Map.entry("gpra.owner.quiet", WATCH),
              Map.entry(OUTPUT, new Setting("text or json", List.of("text", JSON)::contains)),
              Map.entry("gpra.replica.lag", TIME),
              Map.entry(
                  REPORT, new Setting("a file such as target/report.md", GpraProperties::isFile)),
              Map.entry("gpra.rollback.discard", YES_OR_NO),
              Map.entry(
                  "gpra.rollback.marks",
                  new Setting(
                      "stop, restore or leave", List.of("stop", "restore", "leave")::contains)),
              Map.entry("gpra.rollback.narrow", YES_OR_NO),
              Map.entry(STRANGERS, new Setting(REFUSE, REFUSE::equals)),
              Map.entry(
                  TRUSTED_ROLES,
                  new Setting(
                      "names of roles such as alice,bob, without quotes, backslashes and $",
                      value -> ROLES.matcher(value).matches())),
              Map.entry(
                  WAIT_LIMIT,
                  new Setting("a time such as 0s, 30s or 10min", value -> isTime(value, 0))),
              Map.entry(
                  "gpra.wal.pending",
                  new Setting("a size such as 64kB, 256MB or 1GB", SIZE.asMatchPredicate()))));

  private GpraProperties() {}

  private static Setting nameOf(String whom) {
    return new Setting(
        "the name of " + whom + ", without \"${\" and \"$gpra_\"",
        value -> !value.isBlank() && isData(value));
  }

  private static boolean isData(String value) {
    return !NO_DATA.matcher(value).find();
  }

  /**
   * Looks at every system property that begins with {@code gpra.}, and at those of Liquibase's that
   * it would read as something else: with less than one changeset to apply it applies all.
   *
   * @throws IllegalArgumentException if one is unknown or has a malformed value; the message says
   *     what is expected
   */
  public static void check() {
    Properties properties = System.getProperties();
    for (String name : properties.stringPropertyNames()) {
      // Liquibase finds its parameters whatever their case.
      if (!name.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
        continue;
      }
      if (!KNOWN.containsKey(name)) {
        throw new IllegalArgumentException(
            "Unknown property -D%s. Known are %s. Correct it, then run the same command again."
                .formatted(name, String.join(", ", KNOWN.keySet())));
      }
      valid(name, properties.getProperty(name));
    }
    report().ifPresent(file -> checkWritable(REPORT, file.toString(), file));
    checkCount(properties, CHANGES_TO_APPLY, ", Liquibase would have applied every changeset");
    checkCount(properties, ROLLBACK_COUNT, "");
    for (String name : properties.stringPropertyNames()) {
      checkLiquibase(name, properties.getProperty(name));
    }
    String labels = properties.getProperty(LABEL_FILTER, "");
    try {
      new LabelExpression(labels).matches(new Labels("any"));
    } catch (UnexpectedLiquibaseException e) {
      throw new IllegalArgumentException(
          "-D%s=%s is no expression such as enforce or !enforce. Correct it, then run the same command again."
              .formatted(LABEL_FILTER, labels));
    }
  }

  /** Returns the value of a known property, if it is valid. */
  private static String valid(String name, String value) {
    Setting setting = KNOWN.get(name);
    if (!setting.valid().test(value)) {
      throw new IllegalArgumentException(
          "-D%s=%s is not valid: expected %s. Correct it, then run the same command again."
              .formatted(name, value, setting.expected()));
    }
    return value;
  }

  private static void checkLiquibase(String name, String value) {
    LiquibaseProperties.meant(name)
        .ifPresent(
            known -> {
              throw new IllegalArgumentException(
                  "Unknown property -D%s: -D%s is meant. Correct it, then run the same command again."
                      .formatted(name, known));
            });
    if (OBJECT_NAME.matcher(name).matches() && !isQuotable(value)) {
      throw new IllegalArgumentException(
          "-D%s=%s is not valid: expected a name without \", \\, ${, $gpra_ and control characters. Correct it, then run the same command again."
              .formatted(name, value));
    }
  }

  /**
   * Looks at a name that Liquibase puts into SQL.
   *
   * @param name of a schema or a table; null is none
   * @return whether nothing in it could end its quotes
   */
  public static boolean isQuotable(String name) {
    return name == null || !UNQUOTABLE.matcher(name).find();
  }

  /**
   * Looks at the changelog's parameters as they are put into SQL, wherever they come from: a system
   * property, the environment, an application, a changelog that includes this one.
   *
   * @param parameter its value by its name, with all that is in it expanded; null where it has none
   * @throws IllegalArgumentException if one would end its quotes, or is a malformed setting of this
   *     project's; the message says what is expected
   */
  public static void checkParameters(UnaryOperator<String> parameter) {
    for (String name : DATA) {
      String value = parameter.apply(name);
      if (value != null && !isData(value)) {
        throw refused(name, value, "a value without \"${\" and \"$gpra_\"");
      }
    }
    KNOWN.forEach(
        (name, setting) -> {
          String value = parameter.apply(name);
          // Some have an empty default.
          if (value != null && !value.isEmpty() && !setting.valid().test(value)) {
            throw refused(name, value, setting.expected());
          }
        });
  }

  private static IllegalArgumentException refused(String name, String value, String expected) {
    return new IllegalArgumentException(
        "The changelog's parameter %s=%s is not valid: expected %s. Correct it where it is set (-D, the environment, the application), then run the same command again."
            .formatted(name, value, expected));
  }

  /**
   * Looks at {@code liquibase.migrationSqlOutputFile}: for one that it cannot make, the Maven
   * plugin prints a stack trace.
   *
   * @param project what a relative name begins in
   * @throws IllegalArgumentException if it cannot be written; the message says which directory
   */
  public static void checkOutputFile(Path project) {
    String name = System.getProperty(OUTPUT_FILE, "");
    if (name.isEmpty()) {
      return;
    }
    checkWritable(OUTPUT_FILE, name, project.resolve(name));
  }

  /**
   * Whether a program reads what is printed ({@code gpra.output}).
   *
   * @return false where the property is not set
   */
  public static boolean isJson() {
    return JSON.equals(System.getProperty(OUTPUT));
  }

  /**
   * Where the report of a run goes ({@code gpra.report}): a file, from where Maven was started.
   *
   * @return empty if none was asked for
   */
  public static Optional<Path> report() {
    return Optional.ofNullable(System.getProperty(REPORT))
        .filter(GpraProperties::isFile)
        .map(Path::of);
  }

  private static void checkWritable(String property, String name, Path where) {
    Path file = where.toAbsolutePath();
    Path there = file;
    while (!Files.exists(there)) {
      there = there.getParent();
    }
    if (there.equals(file) ? Files.isDirectory(file) : !Files.isDirectory(there)) {
      throw new IllegalArgumentException(
          "-D%s=%s cannot be written: %s is %s directory. Correct it, then run the same command again."
              .formatted(property, name, there, there.equals(file) ? "a" : "no"));
    }
    if (!Files.isWritable(there)) {
      throw new IllegalArgumentException(
          "-D%s=%s cannot be written: this user may not write to %s. Correct it, then run the same command again."
              .formatted(property, name, there));
    }
  }

  /**
   * Roles that may make functions and operators in the application's schema ({@code
   * gpra.trusted.roles}).
   *
   * @return names, separated by commas; empty where the property is not set
   * @throws IllegalArgumentException if the value is malformed
   */
  public static String trustedRoles() {
    check();
    return System.getProperty(TRUSTED_ROLES, "");
  }

  /**
   * How long a statement waits for a lock ({@code gpra.lock.timeout}).
   *
   * @return between 1 and 999 ms; 50 ms where the property is not set
   * @throws IllegalArgumentException if the value is malformed
   */
  public static Duration lockTimeout() {
    return parse(valid(LOCK_TIMEOUT, System.getProperty(LOCK_TIMEOUT, "50ms")));
  }

  /**
   * How long one statement waits for its locks in total, all tries together ({@code
   * gpra.wait.limit}).
   *
   * @return 10 minutes where the property is not set; zero means that it is tried once
   * @throws IllegalArgumentException if the value is malformed
   */
  public static Duration waitLimit() {
    return parse(valid(WAIT_LIMIT, waitLimitText()));
  }

  /**
   * The same as the operator wrote it.
   *
   * @return never null
   */
  public static String waitLimitText() {
    return System.getProperty(WAIT_LIMIT, DEFAULT_WAIT_LIMIT);
  }

  /**
   * What to do once a cause is gone, as a part of a sentence. A number of changesets counts anew
   * each time: what the failed run has finished is not to be gone through a second time.
   *
   * @return never null
   */
  public static String again() {
    return counts(System.getProperties())
        ? "look at mvn liquibase:history and run the same command with the number of changesets that is left"
        : "run the same command again";
  }

  /**
   * Which database may be emptied ({@code gpra.drop.all}).
   *
   * @return its name; empty if none
   */
  public static Optional<String> dropAll() {
    return Optional.ofNullable(System.getProperty(DROP_ALL));
  }

  private static boolean isFile(String value) {
    try {
      return !value.isBlank() && Path.of(value).getFileName() != null;
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /**
   * Whether a command was given a number of changesets.
   *
   * @param given what stood on its command line
   * @return true for {@code liquibase.rollbackCount} and {@code liquibase.changesToApply}
   */
  public static boolean counts(Properties given) {
    return given.getProperty(ROLLBACK_COUNT) != null || given.getProperty(CHANGES_TO_APPLY) != null;
  }

  private static void checkCount(Properties properties, String name, String otherwise) {
    String count = properties.getProperty(name, "1");
    if (!count.matches("0*[1-9]\\d{0,8}")) {
      throw new IllegalArgumentException(
          "-D%s=%s is not valid: expected a number from 1%s. Correct it, then run the same command again."
              .formatted(name, count, otherwise));
    }
  }

  /** PostgreSQL's own spelling, because the changelog takes it as an interval. */
  private static boolean isTime(String value, long shortest) {
    return value.matches("\\d{1,9}(ms|s|min)")
        && parse(value).toMillis() >= shortest
        && parse(value).compareTo(LONGEST_TIME) <= 0;
  }

  private static boolean isLockTimeout(String value) {
    return value.matches("\\d{1,9}(ms|s)?")
        && parse(value).compareTo(Duration.ZERO) > 0
        && parse(value).compareTo(LONGEST_LOCK_TIMEOUT) <= 0;
  }

  private static Duration parse(String value) {
    Matcher matcher = DURATION.matcher(value);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(value);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2) == null ? "" : matcher.group(2)) {
      case "min" -> Duration.ofMinutes(amount);
      case "s" -> Duration.ofSeconds(amount);
      default -> Duration.ofMillis(amount);
    };
  }
}
