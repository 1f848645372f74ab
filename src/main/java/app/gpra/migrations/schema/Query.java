package app.gpra.migrations.schema;

import app.gpra.migrations.report.Screen;
import app.gpra.migrations.report.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code mvn compile exec:java@query "-Dsql=SELECT …"}: looks into a database where no psql is at
 * hand. Only looks.
 */
public final class Query {

  /** More nobody reads. */
  private static final int MOST = 1000;

  private Query() {}

  /**
   * Asks the database of {@code DATABASE_URL}.
   *
   * @param args the project's directory, and the address as Liquibase has it
   * @throws SQLException if a server does not answer
   */
  public static void main(String[] args) throws SQLException {
    Quiet.down();
    String sql = System.getProperty("sql", "");
    if (sql.isBlank()) {
      throw new Refusal(
          "No query is given: run the same command with \"-Dsql=SELECT title, user_id FROM items\".");
    }
    try (Connection connection = Drift.connect(args[1])) {
      answer(connection, sql, System.out::println);
    }
  }

  /**
   * Says the rows, and how many they are.
   *
   * @throws Refusal if the server refuses it, as it does what would write
   */
  static void answer(Connection connection, String sql, Consumer<String> out) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
      statement.setMaxRows(MOST + 1);
      if (!statement.execute(sql)) {
        throw new Refusal("This has no rows: give a SELECT in -Dsql, then run it again.");
      }
      List<List<String>> rows = rows(statement.getResultSet());
      int found = rows.size() - 1;
      Table.lines(rows.subList(0, Math.min(found, MOST) + 1)).forEach(out);
      out.accept(found > MOST ? "the first %,d rows".formatted(MOST) : found + " row(s)");
    } catch (SQLException e) {
      throw new Refusal(
          "The server refuses the query (%s). Correct -Dsql, then run the same command again."
              .formatted(String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
  }

  private static List<List<String>> rows(ResultSet result) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    int columns = result.getMetaData().getColumnCount();
    List<String> heading = new ArrayList<>();
    for (int column = 1; column <= columns; column++) {
      heading.add(Screen.printable(result.getMetaData().getColumnLabel(column)));
    }
    rows.add(heading);
    while (result.next()) {
      List<String> row = new ArrayList<>();
      for (int column = 1; column <= columns; column++) {
        String value = result.getString(column);
        row.add(value == null ? "NULL" : Screen.printable(value));
      }
      rows.add(row);
    }
    return rows;
  }
}
