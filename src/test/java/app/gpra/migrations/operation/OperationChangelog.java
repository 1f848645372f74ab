package app.gpra.migrations.operation;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Operations of one changelog, on the tables that the SQL beside it makes. */
abstract class OperationChangelog {

  private static final String FOLDER = "changelogs/";

  private final String name;
  private final Supplier<TestDatabase> tables;

  /** As it is before each test. */
  TestDatabase database;

  String schema;

  OperationChangelog(String name) {
    this(name, () -> tables(name));
  }

  /** On other tables. */
  OperationChangelog(String name, Supplier<TestDatabase> tables) {
    this.name = name;
    this.tables = tables;
  }

  @BeforeEach
  final void create() {
    database = tables.get();
    schema = database.schema();
  }

  @AfterEach
  final void drop() {
    database.close();
  }

  static TestDatabase tables(String name) {
    try {
      return TestDatabase.empty()
          .execute(Files.readString(Path.of("src/test/resources", FOLDER + name + ".sql")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  final LiquibaseRun run() {
    return new LiquibaseRun(database).changelog(FOLDER + name + ".yaml");
  }

  final void goBack() {
    int applied = database.applied().size();
    if (applied > 0) {
      run().rollbackCount(applied);
    }
    assertSame("the schema after going back", schema, database.schema());
    assertThat(database.applied()).isEmpty();
  }
}
