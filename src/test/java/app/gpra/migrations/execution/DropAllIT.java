package app.gpra.migrations.execution;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropAllIT {

  @ParameterizedTest
  @ValueSource(strings = {"", "another", "own"})
  void dropsNothingUnlessTheDatabaseIsNamed(String name) {
    try (TestDatabase database = TestDatabase.legacy()) {
      LiquibaseRun run = new LiquibaseRun(database);
      run.updateTo("000");
      String schema = database.schema();
      String data = database.data();
      if (!name.isEmpty()) {
        run.with("gpra.drop.all", name);
      }

      for (LiquibaseRun either : new LiquibaseRun[] {run, run.handedOver()}) {
        assertThatThrownBy(either::dropAll)
            .hasMessageContaining("in the database " + database)
            .hasMessageContaining("Nothing was dropped")
            .hasMessageContaining("-Dgpra.drop.all=" + database);
        assertSame("the schema", schema, database.schema());
        assertSame("the data", data, database.data());
      }
    }
  }

  @Test
  void dropsEverythingWhereTheDatabaseIsNamed() {
    try (TestDatabase database = TestDatabase.legacy()) {
      new LiquibaseRun(database).updateTo("000");
      new LiquibaseRun(database).with("gpra.drop.all", database.toString()).dropAll();
      assertThat(
              database.query(
                  "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"))
          .isEmpty();
    }
  }
}
