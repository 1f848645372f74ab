package app.gpra.migrations.operation;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What makes changes safe belongs to no application: others have it too. */
class ArchitectureTest {

  private static final String APPLICATIONS =
      "(?i).*\\b(items?|ab_\\w+|routines?|(routine|item|user)_id|chord_charts|subscriptions|enforce|admin|guitar\\w*|practice\\w*)\\b.*";

  private static final String PACKAGE = "app.gpra.migrations";

  /** What only this project's directory has. */
  private static final String ITS_FILES =
      ".*((?<!/)\\bdocs/|app/gpra/|\\.md\\b|\\.ya?ml\\b|mvn (?!liquibase:)).*";

  private static void dependsOn(String part, String... others) {
    classes()
        .that()
        .resideInAPackage(PACKAGE + part)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            Stream.concat(Stream.of(PACKAGE + part, "liquibase..", "java.."), Stream.of(others))
                .toArray(String[]::new))
        .check(new ClassFileImporter().importPath(Path.of("target/classes")));
  }

  @Test
  void dependsOnLiquibaseAlone() {
    dependsOn(".operation");
  }

  /** Not on how a migration of this project is written, nor on its own command line. */
  @Test
  void isRunByWhatStrangersHaveToo() {
    dependsOn(
        ".execution",
        PACKAGE,
        PACKAGE + ".connection",
        PACKAGE + ".operation",
        PACKAGE + ".report",
        "com.github.blagerweij..",
        "com.google.gson..",
        "dev.failsafe..",
        "org.postgresql..");
  }

  @ParameterizedTest
  @ValueSource(strings = {"java/%s/operation", "resources/%s/operation", "java/%s/execution"})
  void namesNoApplication(String folder) throws IOException {
    Path root = Path.of("src/main", folder.formatted(PACKAGE.replace('.', '/')));
    try (Stream<Path> files = Files.list(root)) {
      for (Path file : files.toList()) {
        assertThat(Files.readAllLines(file))
            .as(file.toString())
            .filteredOn(line -> line.matches(APPLICATIONS) || line.matches(ITS_FILES))
            .isEmpty();
      }
    }
  }
}
