package app.gpra.migrations.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a text defines as a whole: a sequence, a function, a trigger or a view.
 *
 * @param label as {@link SchemaFacts} calls it
 * @param table of a trigger; null for others
 * @param fields of the change that makes it
 */
record Definition(
    String kind, String label, String table, String name, Map<String, Object> fields) {

  private static final Map<String, String> MAKES =
      Map.of(
          "sequence",
          "createSequence",
          "function",
          "defineFunction",
          "trigger",
          "defineTrigger",
          "view",
          "createView");

  private static final Map<String, String> TAKES =
      Map.of(
          "sequence",
          "dropSequence",
          "function",
          "removeFunction",
          "trigger",
          "removeTrigger",
          "view",
          "dropView");

  /** All of a schema, by their labels, in the order in which they can be made. */
  static Map<String, Definition> read(Connection connection) throws SQLException {
    Map<String, Definition> all = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query())) {
      while (row.next()) {
        String kind = row.getString(1);
        String name = row.getString(4);
        Map<String, Object> fields =
            all.computeIfAbsent(
                    row.getString(2),
                    label ->
                        new Definition(
                            kind, label, text(row, 3), name, named(kind, text(row, 3), name)))
                .fields();
        String value = row.getString(6);
        if (value != null) {
          fields.put(
              row.getString(5),
              "true".equals(value)
                  ? (Object) true
                  : value.matches("-?\\d+") ? (Object) Long.valueOf(value) : value);
        }
      }
    }
    return all;
  }

  private static String text(ResultSet row, int column) {
    try {
      return row.getString(column);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> named(String kind, String table, String name) {
    Map<String, Object> fields = Draft.fields("tableName", table);
    fields.put(kind + "Name", name);
    return fields;
  }

  private static String query() {
    try (InputStream file = Definition.class.getResourceAsStream("definitions.sql")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What makes it. */
  Map<String, Object> made() {
    return Map.of(MAKES.get(kind), fields);
  }

  /** What takes it away. */
  Map<String, Object> taken() {
    return Map.of(TAKES.get(kind), named(kind, table, name));
  }

  /** Whether it is another one, and not only written in other lines. */
  boolean differsFrom(Definition other) {
    return !squeezed(this).equals(squeezed(other));
  }

  private static String squeezed(Definition one) {
    return one.fields.toString().replaceAll("\\s+", " ");
  }

  /** The same object in another schema; null if there is none. */
  Definition in(Map<String, Definition> others) {
    return others.values().stream()
        .filter(
            other ->
                other.kind.equals(kind)
                    && other.name.equals(name)
                    && Objects.equals(other.table, table))
        .findFirst()
        .orElse(null);
  }
}
