package app.gpra.migrations.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import liquibase.database.Database;
import liquibase.database.DatabaseFactory;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/** Looks at a database's schema, and writes nothing. */
record SchemaReader(Opener opener) {

  /** Knows the password, if there is one: never printed. */
  interface Opener {
    Connection open() throws SQLException;
  }

  private Connection connect() throws SQLException {
    Connection connection = opener.open();
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    return connection;
  }

  SchemaFacts facts() throws SQLException {
    try (Connection connection = connect()) {
      return SchemaFacts.read(connection, "databasechangelog");
    }
  }

  /** What is defined by a text, by its label in the facts. */
  Map<String, Definition> definitions() throws SQLException {
    try (Connection connection = connect()) {
      return Definition.read(connection);
    }
  }

  /** What others than migrations make: extensions and collations, a sentence each. */
  List<String> extensions() throws SQLException {
    List<String> all = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT format('The extension %I is missing.', extname) FROM pg_extension"
                    + " UNION ALL SELECT format('The collation %I is missing.', collname) FROM pg_collation"
                    + " WHERE collnamespace = current_schema()::regnamespace ORDER BY 1")) {
      while (row.next()) {
        all.add(row.getString(1));
      }
    }
    return all;
  }

  /** As Liquibase knows it; to be closed. */
  Database open() throws SQLException, DatabaseException {
    return DatabaseFactory.getInstance()
        .findCorrectDatabaseImplementation(new JdbcConnection(connect()));
  }
}
