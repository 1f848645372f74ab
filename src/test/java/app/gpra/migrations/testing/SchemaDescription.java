package app.gpra.migrations.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A database's schema as PostgreSQL's own catalogs know it, one line for each fact, sorted. Left
 * out are only what data is (rows, a sequence's last value) and what a human cannot see (oids, the
 * order of columns).
 *
 * @param lines such as {@code column public.items.title: not null}
 */
public record SchemaDescription(List<String> lines) {

  private static final Set<String> LIQUIBASE = Set.of("databasechangelog", "databasechangeloglock");
  private static final String QUERY = query();

  /** Reads the schema, without Liquibase's own tables. */
  public static SchemaDescription of(Connection connection) throws SQLException {
    return of(connection, LIQUIBASE);
  }

  /**
   * Reads the schema.
   *
   * @param connection of a superuser, in autocommit; its search_path is another afterwards
   * @param leftOut names of tables, left out with all that is on them
   */
  public static SchemaDescription of(Connection connection, Set<String> leftOut)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = pg_catalog");
    }
    SortedSet<String> lines = new TreeSet<>();
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      Array names = connection.createArrayOf("text", leftOut.toArray());
      statement.setArray(1, names);
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          lines.add(result.getString(1).replace("\n", "\\n"));
        }
      }
    }
    return new SchemaDescription(List.copyOf(lines));
  }

  private static String query() {
    try (InputStream resource =
        SchemaDescription.class.getResourceAsStream("schema-description.sql")) {
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same without the lines that match. */
  public SchemaDescription without(Predicate<String> line) {
    return new SchemaDescription(lines.stream().filter(line.negate()).toList());
  }

  /** All lines as one text. */
  public String text() {
    return String.join("\n", lines);
  }

  /** {@inheritDoc} Its text. */
  @Override
  public String toString() {
    return text();
  }
}
