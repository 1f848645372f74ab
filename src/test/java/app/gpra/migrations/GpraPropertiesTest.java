package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Isolated("changes system properties")
class GpraPropertiesTest {

  private final Properties before = new Properties();

  @BeforeEach
  void startWithoutAny() {
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("gpra.")) {
        before.setProperty(name, System.clearProperty(name));
      }
    }
  }

  @AfterEach
  void restore() {
    System.getProperties().keySet().removeIf(name -> name.toString().startsWith("gpra."));
    System.getProperties().putAll(before);
  }

  @Test
  void needsNone() {
    assertThatCode(GpraProperties::check).doesNotThrowAnyException();
    assertThat(GpraProperties.lockTimeout()).isEqualTo(Duration.ofMillis(50));
  }

  @Test
  void namesTheKnownOnesForAnUnknownOne() {
    System.setProperty("gpra.admin.usrname", "admin");

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining("gpra.admin.usrname")
        .withMessageContainingAll(
            "gpra.admin.username", "gpra.lock.timeout", "gpra.rollback.discard");
  }

  @Test
  void areThoseOfTheDocumentedTable() throws IOException {
    List<String> documented =
        Files.readAllLines(Path.of("docs/settings.md")).stream()
            .filter(line -> line.startsWith("| `gpra."))
            .map(line -> line.split("`")[1])
            .toList();
    System.setProperty("gpra.unknown", "x");

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining("Known are " + String.join(", ", documented) + ".");
  }

  @Test
  void refuseAReportThatCannotBeWritten() {
    System.setProperty("gpra.report", "target/not-yet/there/report.md");
    assertThatCode(GpraProperties::check).doesNotThrowAnyException();
    assertThat(GpraProperties.report()).contains(Path.of("target/not-yet/there/report.md"));

    for (String name : List.of("src", "pom.xml/report.md")) {
      System.setProperty("gpra.report", name);
      assertThatIllegalArgumentException()
          .isThrownBy(GpraProperties::check)
          .withMessageStartingWith("-Dgpra.report=%s cannot be written: ".formatted(name));
    }
    System.setProperty("gpra.report", " ");
    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining("expected a file such as target/report.md");
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1ms, 1", "250, 250", "999ms, 999", "007, 7"})
  void readsALockTimeout(String value, long milliseconds) {
    System.setProperty("gpra.lock.timeout", value);

    assertThatCode(GpraProperties::check).doesNotThrowAnyException();
    assertThat(GpraProperties.lockTimeout()).isEqualTo(Duration.ofMillis(milliseconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "0", "0s", "1s", "1000", "-1", "1.5", "5min", "half", "99999999999999"})
  void refusesALockTimeoutThatIsNoneOrTooLong(String value) {
    System.setProperty("gpra.lock.timeout", value);

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining("gpra.lock.timeout");
    assertThatIllegalArgumentException().isThrownBy(GpraProperties::lockTimeout);
  }

  @ParameterizedTest
  @ValueSource(strings = {"admin", "o'brien", "Ann Lee", "a$b", "$q$", "{x}", "a$gpra", "a$", "$$"})
  void acceptsAnyUsername(String value) {
    System.setProperty("gpra.admin.username", value);

    assertThatCode(GpraProperties::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "x$gpra_value$; DROP TABLE items; --",
        "admin$${gpra.app.role}gpra_value$ || lo_create(0) || $${gpra.app.role}gpra_value$",
        "${gpra.app.role}",
        "a${b"
      })
  void refusesAUsernameThatIsNoneOrEndsItsQuotes(String value) {
    System.setProperty("gpra.admin.username", value);

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining("gpra.admin.username");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "alice | true",
        "alice,Bob b.,Größe-1 | true",
        "`` | false",
        "alice, | false",
        "alice,,bob | false",
        "o'brien | false",
        "a\"b | false",
        "a\\b | false",
        "$gpra_body$ | false"
      })
  void takesNamesOfTrustedRolesThatAreNoMoreThanNames(String value, boolean valid) {
    System.setProperty("gpra.trusted.roles", value);

    if (valid) {
      assertThatCode(GpraProperties::check).doesNotThrowAnyException();
      assertThat(GpraProperties.trustedRoles()).isEqualTo(value);
    } else {
      assertThatIllegalArgumentException()
          .isThrownBy(GpraProperties::check)
          .withMessageContaining("expected names of roles such as alice,bob");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GPRA.admin.username", "gpra.Admin.username"})
  void refusesANameInAnotherCaseWhichLiquibaseWouldTake(String name) {
    System.setProperty(name, "admin");
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(GpraProperties::check)
          .withMessageContaining("Unknown property -D" + name);
    } finally {
      System.clearProperty(name);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "databaseChangelogTableName",
        "databaseChangeLogTableName",
        "databaseChangelogLockTableName",
        "liquibaseSchemaName",
        "liquibaseCatalogName",
        "liquibaseTablespaceName",
        "changelogSchemaName",
        "defaultSchemaName",
        "command.defaultSchemaName",
        "schemas"
      })
  void refusesANameOfLiquibasesThatCouldEndItsQuotes(String name) {
    String property = "liquibase." + name;
    try {
      for (String value : List.of("x\"", "x\\", "x$gpra_value$", "x${y}", "x\ny\nz")) {
        System.setProperty(property, value);
        assertThatIllegalArgumentException()
            .isThrownBy(GpraProperties::check)
            .withMessageStartingWith("-D" + property + "=");
      }
      System.setProperty(property, "o'brien's history; a $");
      assertThatCode(GpraProperties::check).doesNotThrowAnyException();
    } finally {
      System.clearProperty(property);
    }
  }

  /** Whatever a later migration puts into SQL. */
  @Test
  void looksAtEveryParameterOfTheChangelog() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("changelog"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Pattern.compile("\\$\\{([^}]+)}")
            .matcher(Files.readString(file))
            .results()
            .forEach(parameter -> names.add(parameter.group(1)));
      }
    }
    assertThat(names).contains("gpra.admin.username", "enforce.ignored");
    for (String name : names) {
      for (String value : List.of("x$gpra_value$", "x${y}")) {
        assertThatIllegalArgumentException()
            .as(name)
            .isThrownBy(
                () -> GpraProperties.checkParameters(any -> any.equals(name) ? value : null))
            .withMessageStartingWith("The changelog's parameter %s=%s".formatted(name, value));
      }
    }
    assertThatCode(() -> GpraProperties.checkParameters(name -> null)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "gpra.rollback.discard, ''",
    "gpra.rollback.discard, yes",
    "gpra.rollback.discard, TRUE",
    "gpra.rollback.narrow, 1"
  })
  void refusesWhatIsNeitherTrueNorFalse(String name, String value) {
    System.setProperty(name, value);

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "true", "Restore", "restore "})
  void refusesAnotherWayOutOfLostMarks(String value) {
    System.setProperty("gpra.rollback.marks", value);

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining("gpra.rollback.marks")
        .withMessageContaining("stop, restore or leave");
  }

  @Test
  void readsHowLongToWait() {
    assertThat(GpraProperties.waitLimit()).isEqualTo(Duration.ofMinutes(10));
    System.setProperty("gpra.wait.limit", "90s");
    assertThat(GpraProperties.waitLimit()).isEqualTo(Duration.ofSeconds(90));
    assertThat(GpraProperties.waitLimitText()).isEqualTo("90s");
  }

  @ParameterizedTest
  @CsvSource({
    "gpra.wait.limit, 0s",
    "gpra.drop.quiet, 0ms",
    "gpra.wait.limit, 10min",
    "gpra.batch.time, 100ms",
    "gpra.batch.pause, 0ms",
    "gpra.replica.lag, 1min",
    "gpra.wal.pending, 64kB",
    "gpra.wal.pending, 1GB",
  })
  void acceptsTimesAndSizesAsPostgresqlWritesThem(String name, String value) {
    System.setProperty(name, value);

    assertThatCode(GpraProperties::check).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "gpra.wait.limit, 10",
    "gpra.wait.limit, 1h",
    "gpra.drop.quiet, 60s",
    "gpra.wait.limit, 999999999min",
    "gpra.wait.limit, 25000000s",
    "gpra.batch.time, 0ms",
    "gpra.batch.pause, -1ms",
    "gpra.replica.lag, 10 s",
    "gpra.wal.pending, 0MB",
    "gpra.wal.pending, 256mb",
    "gpra.wal.pending, 256",
  })
  void refusesOtherTimesAndSizes(String name, String value) {
    System.setProperty(name, value);

    assertThatIllegalArgumentException()
        .isThrownBy(GpraProperties::check)
        .withMessageContaining(name);
  }
}
