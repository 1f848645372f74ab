package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SortedSet;
import java.util.TreeSet;

/** A schema as text, one fact a line: what {@code schema-description.sql} reads in the catalogs. */
final class SchemaDescription {

  private static final String QUERY = query();

  private SchemaDescription() {}

  /** Of everything but Liquibase's own tables. */
  static String of(TestDatabase database) {
    SortedSet<String> facts = new TreeSet<>();
    try (Connection connection = database.connect();
        Statement settings = connection.createStatement();
        PreparedStatement query = connection.prepareStatement(QUERY)) {
      settings.execute("SET search_path = pg_catalog; SET jit = off");
      query.setArray(
          1,
          connection.createArrayOf(
              "text", new String[] {"databasechangelog", "databasechangeloglock"}));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          facts.add(rows.getString(1));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return String.join("\n", facts);
  }

  private static String query() {
    try (InputStream file =
        SchemaDescription.class.getResourceAsStream(
            "/app/gpra/migrations/schema/schema-description.sql")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
