package app.gpra.migrations.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.TestDatabase;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Liquibase's own command line, laid out as its archive is, with the safe jar in {@code lib}. */
@Tag("thorough")
@Tag("nightly")
class CommandLineIT {

  /** What docs/any-project.md says, and the driver. */
  private static final List<String> LIB =
      List.of("failsafe-", "gson-", "liquibase-sessionlock-", "postgresql-");

  private static final String CHANGELOG =
      """
      <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
                         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                         xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
        <property file="add-the-dependency-app.gpra-gpra-migrations/safe.properties"/>
        <changeSet id="begin" author="ann"><tagDatabase tag="begin" keepTagOnRollback="true"/></changeSet>
        <changeSet id="orders-customer" author="ann" runInTransaction="false">
          <createIndex tableName="orders" indexName="idx_orders_customer"><column name="customer"/></createIndex>
        </changeSet>
        <changeSet id="v1" author="ann"><tagDatabase tag="v1"/></changeSet>
      </databaseChangeLog>
      """;

  @TempDir Path home;
  @TempDir Path project;

  /** As in {@code JAVA_OPTS}. */
  private String options = "-Dx=y";

  /** What it said, on both streams. */
  private record Result(int exitCode, String output) {}

  @BeforeEach
  void layOut() throws IOException {
    Path internal = Files.createDirectories(home.resolve("internal/lib"));
    Path lib = Files.createDirectory(home.resolve("lib"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      String name = jar.getFileName().toString();
      if (LIB.stream().anyMatch(name::startsWith)) {
        Files.copy(jar, lib.resolve(name));
      } else if (name.startsWith("liquibase-core-")) {
        Files.copy(jar, internal.resolve("liquibase-core.jar"));
      } else if (name.matches("(commons|jaxb|opencsv|picocli|snakeyaml)-.*")) {
        Files.copy(jar, internal.resolve(name));
      }
    }
    Files.copy(PackagedJar.safe().file(), lib.resolve("safe.jar"));
    Files.writeString(project.resolve("changelog.xml"), CHANGELOG);
  }

  private Result liquibase(TestDatabase database, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            options,
            "-jar",
            home.resolve("internal/lib/liquibase-core.jar").toString(),
            "--show-banner=false",
            "--analytics-enabled=false"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--changelog-file=changelog.xml", "--url=" + database.jdbcUrl()));
    Path output = project.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(project.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("LIQUIBASE_HOME", home.toString());
    return new Result(builder.start().waitFor(), Files.readString(output));
  }

  @Test
  void makesChangesSafeAndNamesItsOwnCommands() throws Exception {
    try (TestDatabase database =
        TestDatabase.empty().execute("CREATE TABLE orders (id int, customer int)")) {
      options = "-Dgpra.report=report.html";
      assertThat(liquibase(database, "update").output())
          .contains("-Dgpra.report=report.html", "a page needs io.pebbletemplates:pebble");
      options = "-Dgpra.report=report.md";

      Result update = liquibase(database, "update");
      assertThat(update.exitCode()).as(update.output()).isZero();
      assertThat(update.output())
          .contains("Done in ", "  to go back: liquibase rollback --tag=begin")
          .doesNotContain("mvn ");
      assertThat(project.resolve("report.md")).content().contains("liquibase rollback --tag=begin");
      assertThat(
              database.value("SELECT obj_description('idx_orders_customer'::regclass, 'pg_class')"))
          .isEqualTo("[gpra changelog.xml::orders-customer::ann]");

      Path safe = home.resolve("lib/safe.jar");
      assertThat(liquibase(database, "--search-path=.," + safe, "status").output())
          .contains("is up to date");
      assertThat(liquibase(database, "--search-path=.", "status").output())
          .contains("add-the-dependency-app.gpra-gpra-migrations/safe.properties");

      Result wrong = liquibase(database, "rollback", "--tag=v9");
      assertThat(wrong.exitCode()).as(wrong.output()).isNotZero();
      assertThat(wrong.output())
          .contains("no tag v9 to go back to: it has begin, v1", ". liquibase history shows");

      assertThat(liquibase(database, "update-to-tag", "--tag=v9").output())
          .contains("  reason: This changelog has no tag v9: it has begin, v1.");

      Result back = liquibase(database, "rollback", "--tag=begin");
      assertThat(back.exitCode()).as(back.output()).isZero();
      assertThat(back.output()).contains("  forward again: liquibase update");
      assertThat(database.applied()).containsExactly("begin");

      Files.delete(safe);
      assertThat(liquibase(database, "update").output())
          .contains("add-the-dependency-app.gpra-gpra-migrations/safe.properties");
      assertThat(database.applied()).containsExactly("begin");
    }
  }
}
