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

  @Test
  void dependsOnLiquibaseAlone() {
    classes()
        .that()
        .resideInAPackage("app.gpra.migrations.operation")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("app.gpra.migrations.operation", "liquibase..", "java..")
        .check(new ClassFileImporter().importPath(Path.of("target/classes")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "resources"})
  void namesNoApplication(String root) throws IOException {
    try (Stream<Path> files =
        Files.list(Path.of("src/main", root, "app/gpra/migrations/operation"))) {
      for (Path file : files.toList()) {
        assertThat(Files.readAllLines(file))
            .as(file.toString())
            .filteredOn(line -> line.matches(APPLICATIONS))
            .isEmpty();
      }
    }
  }
}
