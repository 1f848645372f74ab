package app.gpra.migrations.testing;

import org.assertj.core.api.Assertions;

/** AssertJ's assertions and the project's own, for one static import. */
public final class ProjectAssertions extends Assertions {

  private ProjectAssertions() {}

  /** Begins a sentence about a schema. */
  public static LinesAssert assertThat(SchemaDescription actual) {
    return new LinesAssert(actual.lines());
  }

  /** Begins a sentence about all rows of a database. */
  public static LinesAssert assertThat(DataDescription actual) {
    return new LinesAssert(actual.lines());
  }

  /** Begins a sentence about a database. */
  public static DatabaseAssert assertThat(TestDatabase actual) {
    return new DatabaseAssert(actual);
  }
}
