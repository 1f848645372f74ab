package app.gpra.migrations.testing;

import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions about a table that is there. */
public final class TableAssert extends AbstractAssert<TableAssert, String> {

  private static final String COLUMNS =
      """
      SELECT attname FROM pg_attribute
       WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum""";

  private static final String INDEXES =
      """
      SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid = ?::regclass AND i.indisvalid ORDER BY 1""";

  private static final String CONSTRAINTS =
      "SELECT conname FROM pg_constraint WHERE conrelid = ?::regclass AND convalidated ORDER BY 1";

  private final TestDatabase database;

  TableAssert(TestDatabase database, String table) {
    super(table, TableAssert.class);
    this.database = database;
  }

  /** Fails unless the table has the column. */
  public TableAssert hasColumn(String name) {
    return has("column", name, COLUMNS);
  }

  /** Fails if the table has the column. */
  public TableAssert hasNoColumn(String name) {
    return hasNo("column", name, COLUMNS);
  }

  /** Fails unless the table has the index, and it is valid. */
  public TableAssert hasIndex(String name) {
    return has("valid index", name, INDEXES);
  }

  /** Fails if the table has the index, valid. */
  public TableAssert hasNoIndex(String name) {
    return hasNo("valid index", name, INDEXES);
  }

  /** Fails unless the table has the constraint, and it is validated. */
  public TableAssert hasConstraint(String name) {
    return has("validated constraint", name, CONSTRAINTS);
  }

  /** Fails if the table has the constraint, validated. */
  public TableAssert hasNoConstraint(String name) {
    return hasNo("validated constraint", name, CONSTRAINTS);
  }

  /** Fails unless the table has so many rows. */
  public TableAssert hasRows(long expected) {
    long count = database.queryForLong("SELECT count(*) FROM " + actual);
    if (count != expected) {
      failWithMessage("Expected %d rows in %s, but there are %d", expected, actual, count);
    }
    return this;
  }

  /** Goes on about another table of the same database. */
  public TableAssert table(String name) {
    return new DatabaseAssert(database).table(name);
  }

  private TableAssert has(String kind, String name, String query) {
    List<String> names = database.queryForStrings(query, actual);
    if (!names.contains(name)) {
      failWithMessage("Expected a %s %s on %s, but there are only %s", kind, name, actual, names);
    }
    return this;
  }

  private TableAssert hasNo(String kind, String name, String query) {
    if (database.queryForStrings(query, actual).contains(name)) {
      failWithMessage("Expected no %s %s on %s, but it is there", kind, name, actual);
    }
    return this;
  }
}
