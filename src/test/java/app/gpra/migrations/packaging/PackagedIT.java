package app.gpra.migrations.packaging;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.Changelog;
import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import liquibase.Contexts;
import liquibase.LabelExpression;
import liquibase.Liquibase;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The changelog of the jar, run by Liquibase inside an application: as Spring Boot does. */
@Tag("maven")
class PackagedIT {

  private static final PackagedJar JAR = PackagedJar.get();

  private interface Work {
    void with(Liquibase liquibase) throws Exception;
  }

  /** With a connection that is open already, and nothing but the jar to read the changelog from. */
  @SuppressWarnings("try") // close() of Liquibase's classes may throw anything.
  private static void inAnApplication(TestDatabase database, Work work) throws Exception {
    inAnApplication(PackagedJar.CHANGELOG + Changelog.MASTER, JAR.file(), database, work);
  }

  /** With a changelog of the jar's, or of the application's own. */
  @SuppressWarnings("try")
  private static void inAnApplication(
      String changelog, Path classes, TestDatabase database, Work work) throws Exception {
    URL[] jar = {JAR.file().toUri().toURL(), classes.toUri().toURL()};
    try (URLClassLoader application =
            new URLClassLoader(jar, ClassLoader.getPlatformClassLoader());
        ClassLoaderResourceAccessor files = new ClassLoaderResourceAccessor(application);
        Liquibase liquibase =
            new Liquibase(
                changelog,
                files,
                DatabaseFactory.getInstance()
                    .findCorrectDatabaseImplementation(
                        new JdbcConnection(DriverManager.getConnection(database.jdbcUrl()))))) {
      work.with(liquibase);
    }
  }

  private static LabelExpression labels(String filter) {
    return new LabelExpression(filter);
  }

  @Test
  void hasWhatOthersNeedAndNothingElse() throws IOException {
    List<String> given;
    try (Stream<Path> files =
        Stream.of(Path.of("changelog"), Path.of("docs/sql")).flatMap(PackagedIT::below)) {
      given = files.map(file -> file.toString().replace('\\', '/')).sorted().toList();
    }
    assertThat(JAR.files())
        .filteredOn(
            file -> !file.matches("(META-INF|app/gpra/migrations)/.*|.*-gpra-.*|.*-goal/.*"))
        .containsExactlyElementsOf(
            given.stream()
                .filter(file -> !file.matches("changelog/(demo/.*|released.csv)"))
                .map(file -> file.replaceFirst("^(?=changelog/)", PackagedJar.CHANGELOG))
                .toList());
    assertThat(JAR.files())
        .contains("META-INF/LICENSE", "META-INF/services/liquibase.executor.Executor")
        .contains("app/gpra/migrations/connection/DatabaseUrlDriver.class");
    assertThat(Path.of("target/classes/changelog")).doesNotExist();
  }

  private static Stream<Path> below(Path directory) {
    try {
      return Files.walk(directory).filter(Files::isRegularFile);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What no filter of ours names: in an application there is none unless it says so. */
  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "!billing")
  void leavesOutWhatIsToBeAskedFor(String filter) throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      inAnApplication(
          database,
          liquibase -> {
            liquibase.update(new Contexts(), labels(filter));
            assertThat(liquibase.listUnrunChangeSets(new Contexts(), labels(filter))).isEmpty();
          });
      assertThat(database.applied())
          .hasSameElementsAs(
              Changelog.withoutLabel().stream().map(one -> one.get("id").toString()).toList())
          .noneMatch(id -> id.startsWith("003") || id.startsWith("004"));
    }
  }

  @Test
  void isTheSameForThisProjectAndForAnApplication() throws Exception {
    try (TestDatabase ours = TestDatabase.legacy();
        TestDatabase theirs = TestDatabase.legacy()) {
      String data = theirs.data();
      new LiquibaseRun(ours).enforce().update();
      inAnApplication(
          ours,
          liquibase -> {
            assertThat(liquibase.listUnrunChangeSets(new Contexts(), labels("enforce"))).isEmpty();
            liquibase.update(new Contexts(), labels("enforce"));
          });

      System.setProperty("gpra.app.role", "gpra_app");
      System.setProperty("gpra.owner.quiet", "0ms");
      try {
        inAnApplication(theirs, liquibase -> liquibase.update(new Contexts(), labels("enforce")));
      } finally {
        System.clearProperty("gpra.app.role");
        System.clearProperty("gpra.owner.quiet");
      }

      assertThat(PackagedJar.identities(theirs))
          .hasSize(Changelog.changeSets().size())
          .isEqualTo(PackagedJar.identities(ours));
      assertSame("the schema", ours.schema(), theirs.schema());
      assertThat(new LiquibaseRun(theirs).enforce().status()).contains("is up to date");

      assertThatThrownBy(
              () ->
                  inAnApplication(
                      theirs, liquibase -> liquibase.rollback("000", new Contexts(), labels(null))))
          .hasMessageContaining("add -Dliquibase.labelFilter=enforce");
      assertThat(PackagedJar.identities(theirs)).isEqualTo(PackagedJar.identities(ours));
      inAnApplication(
          theirs, liquibase -> liquibase.rollback("000", new Contexts(), labels("enforce")));
      assertSame("the data", data, theirs.data());
    }
  }

  @Test
  void mayBeIncluded(@TempDir Path classes) throws Exception {
    Files.writeString(
        classes.resolve("own.yaml"),
        """
        databaseChangeLog:
          - changeSet: {id: 1, author: ann, changes: [{tagDatabase: {tag: own}}]}
          - include: {file: %s}
        """
            .formatted(PackagedJar.CHANGELOG + Changelog.MASTER));
    try (TestDatabase database = TestDatabase.legacy()) {
      String data = database.data();
      inAnApplication(
          "own.yaml",
          classes,
          database,
          liquibase -> {
            liquibase.update(new Contexts(), labels(null));
            liquibase.rollback("000", new Contexts(), labels(null));
          });
      assertThat(database.applied()).containsExactly("1", "000-legacy-tables", "000-tag");
      assertSame("the data", data, database.data());
    }
  }

  /** As {@code spring.liquibase.parameters} gives them: no check of a system property sees them. */
  @ParameterizedTest
  @CsvSource({
    "gpra.admin.username, x$gpra_value$ || lo_create(0)::text || $gpra_value$",
    "gpra.admin.username, admin$${gpra.app.role}gpra_value$ || lo_create(0)::text || $${gpra.app.role}gpra_value$",
    "GPRA.Admin.Username, ${any}lo_create(0)::text || $gpra_value$",
    "gpra.batch.time, soon",
  })
  void takesParametersAsDataOrNotAtAll(String name, String value) throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      assertThatThrownBy(
              () ->
                  inAnApplication(
                      database,
                      liquibase -> {
                        liquibase.setChangeLogParameter("any", "x$gpra_value$ || ");
                        liquibase.setChangeLogParameter(name, value);
                        liquibase.update(new Contexts(), labels(null));
                      }))
          .hasMessageContaining(
              "The changelog's parameter %s=",
              name.startsWith("GPRA") ? name.toLowerCase(Locale.ROOT) : name)
          .hasMessageContaining("is not valid: expected ");
      assertThat(database.value("SELECT count(*) FROM pg_largeobject_metadata")).isEqualTo("0");
      assertThat(database.applied()).isEmpty();
    }
  }

  @Test
  void refusesATagThatItWouldNotReach() throws Exception {
    try (TestDatabase database = TestDatabase.legacy()) {
      String before = database.data();
      assertThatThrownBy(
              () ->
                  inAnApplication(
                      database, liquibase -> liquibase.update("999", new Contexts(), labels(null))))
          .hasMessageContaining(
              "This changelog has no tag 999: it has %s. Nothing was changed.",
              String.join(", ", Changelog.tags()));
      assertThatThrownBy(
              () ->
                  inAnApplication(
                      database, liquibase -> liquibase.update("003", new Contexts(), labels(null))))
          .hasMessageContaining(
              "The tag 003 is not reached with the label filter \"\", which leaves it out: it reaches 000, 001, 002");
      assertThat(database.applied()).isEmpty();
      assertSame("the data", before, database.data());

      inAnApplication(database, liquibase -> liquibase.update("001", new Contexts(), labels(null)));
      assertThat(database.applied()).endsWith("001-tag");
    }
  }
}
