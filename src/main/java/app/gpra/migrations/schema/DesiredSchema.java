package app.gpra.migrations.schema;

import app.gpra.migrations.connection.DatabaseUrlDriver;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * Where the desired schema is: a file of SQL, or a database.
 *
 * @param name for people to read; without credentials
 * @param file null if it is a database
 * @param database null if it is a file
 */
record DesiredSchema(String name, Path file, SchemaReader database) {

  /** The project's own. */
  static final String DEFAULT = "changelog/schema.sql";

  /**
   * Reads the setting {@code -Dschema}.
   *
   * @param project what a relative name begins in
   */
  static DesiredSchema of(Path project, String value) {
    if (value.matches("(?s)(jdbc:)?postgres[a-z0-9+_]*:.*")) {
      return new DesiredSchema(
          "the database of -Dschema",
          null,
          new SchemaReader(() -> DatabaseUrlDriver.connectTo(value)));
    }
    if (value.contains("://")) {
      // It may hold a password: nothing of it is shown but its beginning.
      throw new Refusal(
          "%s://… is no PostgreSQL database: write -Dschema=postgresql://… or a file, then run the same command again."
              .formatted(value.substring(0, value.indexOf("://"))));
    }
    return new DesiredSchema(value, project.resolve(value), null);
  }

  /**
   * Makes it ready to be looked at.
   *
   * @throws Refusal if it cannot be read, or is not the application's
   */
  SchemaReader load(Path project, ShadowServer server) throws SQLException {
    SchemaReader reader = database;
    if (file != null) {
      reader = server.create("desired").load(project, SqlScript.read(file)).reader();
    }
    try {
      if (!reader.facts().tableNames().contains("items")) {
        throw new Refusal(
            "%s has no table items: name the whole schema, as changelog/schema.sql has it, then run the same command again."
                .formatted(name));
      }
    } catch (SQLException e) {
      throw new Refusal(
          String.valueOf(e.getMessage())
              .replace("DATABASE_URL", "-Dschema")
              .replace("run mvn liquibase:status", "run the same command again"));
    }
    return reader;
  }
}
