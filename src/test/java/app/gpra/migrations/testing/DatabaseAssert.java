package app.gpra.migrations.testing;

import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions about a database, such as {@code assertThat(db).table("items").hasRows(36)}. */
public final class DatabaseAssert extends AbstractAssert<DatabaseAssert, TestDatabase> {

  DatabaseAssert(TestDatabase actual) {
    super(actual, DatabaseAssert.class);
  }

  /** Goes on about a table, and fails unless it is there. */
  public TableAssert table(String name) {
    hasTable(name);
    return new TableAssert(actual, name);
  }

  /** Fails unless the table is there. */
  public DatabaseAssert hasTable(String name) {
    if (!tables().contains(name)) {
      failWithMessage("Expected a table %s, but there are only %s", name, tables());
    }
    return this;
  }

  /** Fails if the table is there. */
  public DatabaseAssert hasNoTable(String name) {
    if (tables().contains(name)) {
      failWithMessage("Expected no table %s, but it is there", name);
    }
    return this;
  }

  private List<String> tables() {
    return actual.queryForStrings(
        """
        SELECT CASE schemaname WHEN 'public' THEN tablename ELSE schemaname || '.' || tablename END
          FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'
         ORDER BY 1""");
  }
}
