package app.gpra.migrations.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar that makes the changes of any project safe, as strangers use it. */
class SafeJarIT {

  private static final PackagedJar JAR = PackagedJar.safe();
  private static final Path RESOURCES = Path.of("src/test/resources");

  @TempDir Path project;
  @TempDir Path repository;

  @BeforeEach
  void install() throws IOException {
    PackagedJar.get().install(repository, Path.of(System.getProperty("test.maven.repo.local")));
  }

  private MavenRun maven(String... arguments) {
    MavenRun run = JAR.maven(project, repository, null, arguments);
    assertThat(run.exitCode()).as(run.output()).isZero();
    return run;
  }

  private void copy(String directory, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(RESOURCES.resolve(directory))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(RESOURCES.resolve(directory).relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  @Test
  void hasNothingOfThisApplication() throws IOException {
    assertThat(JAR.files())
        .contains("META-INF/LICENSE", "docs/sql/strangers.sql")
        .allMatch(
            file ->
                file.matches(
                    "(META-INF|add-the-dependency-app\\.gpra-gpra-migrations|app/gpra/migrations/(connection|execution|operation|report))/.*"
                        + "|app/gpra/migrations/[\\w$]+\\.class|docs/sql/strangers\\.sql"))
        .noneMatch(file -> file.matches(".*(Embedded|Private|EnvFile|ProjectD|Driver).*"));
    try (JarFile jar = new JarFile(JAR.file().toFile())) {
      for (String file : JAR.files()) {
        if (file.startsWith("META-INF/services/")) {
          String services = new String(jar.getInputStream(jar.getEntry(file)).readAllBytes());
          assertThat(JAR.files())
              .containsAll(services.lines().map(one -> one.replace('.', '/') + ".class").toList());
        }
      }
      JavaClasses classes = new ClassFileImporter().importJar(jar);
      assertThat(classes)
          .flatMap(one -> one.getDirectDependenciesFromSelf())
          .extracting(dependency -> dependency.getTargetClass().getBaseComponentType().getName())
          .filteredOn(name -> name.startsWith("app.gpra."))
          .allMatch(classes::contain);
    }
  }

  /** Whoever wants the jar does not wait for the tests. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void isInstalledWithoutTests() {
    MavenRun.copyProject(project, false);
    assertThat(
            MavenRun.run(project, null, "-o", "-DskipTests", "failsafe:integration-test").output())
        .contains("Tests are skipped.");
  }

  @Test
  @Tag("thorough")
  @Tag("nightly")
  void makesAnXmlChangelogSafeThatMavenRuns() throws IOException {
    copy("shop-project", project);
    copy("changelogs/shop", project.resolve("changelogs/shop"));
    try (TestDatabase database =
        TestDatabase.empty().execute("CREATE SCHEMA shop; CREATE SCHEMA ops")) {
      String url = "-Dliquibase.url=" + database.jdbcUrl();
      assertThat(
              maven("-o", url, "liquibase:updateSQL", "liquibase:update", "liquibase:status")
                  .output())
          .contains("Done in", "is up to date");
      assertThat(Files.readString(project.resolve("target/liquibase/migrate.sql")))
          .contains("CREATE INDEX CONCURRENTLY", "gpra_add_key('shop.orders'");
      String history = "SELECT count(*) FROM ops.shop_history";
      assertThat(database.value(history)).isEqualTo("7");
      database.execute("DELETE FROM \"Customers\"");
      maven("-o", url, "liquibase:rollback", "-Dliquibase.rollbackTag=v1");
      assertThat(database.value(history)).isEqualTo("3");
      maven("-o", url, "liquibase:dropAll");
    }
  }

  /** Two instances of one application start at once: Liquibase runs in each of them. */
  @Test
  @Tag("thorough")
  @Tag("nightly")
  void makesTheChangesOfASpringBootApplicationSafe() throws Exception {
    copy("boot-project", project);
    maven("-q", "package");
    try (TestDatabase database = TestDatabase.empty()) {
      List<Process> instances = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        ProcessBuilder instance =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-jar",
                    "target/shop.jar")
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(project.resolve(i + ".log").toFile());
        instance.environment().put("SHOP_URL", database.jdbcUrl());
        instances.add(instance.start());
      }
      for (int i = 0; i < 2; i++) {
        int exitCode = instances.get(i).waitFor();
        String output = Files.readString(project.resolve(i + ".log"));
        assertThat(exitCode).as(output).isZero();
        assertThat(output).contains("READY orders=0").doesNotContain("mvn ");
      }
      assertThat(database.applied()).containsExactly("1", "2");
      assertThat(
              database.value("SELECT obj_description('idx_orders_customer'::regclass, 'pg_class')"))
          .isEqualTo("[gpra db/changelog/db.changelog-master.yaml::2::ann]");
    }
  }
}
