package app.gpra.migrations.report;

import app.gpra.migrations.execution.HistoryAccess;
import app.gpra.migrations.operation.Made;
import app.gpra.migrations.operation.Mark;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;

/**
 * What the history says was made by this changelog, is there, and does not say so any more: a
 * rollback stops there.
 */
final class LostMarks {

  private static final int MOST = 3;

  private static final String RAN = "{ran}";

  private LostMarks() {}

  /**
   * Looks for them.
   *
   * @return a sentence for the operator; empty if there are none, or there is no history
   * @throws SQLException if the server does not answer
   */
  static List<String> sentences(DatabaseChangeLog changelog, Database database)
      throws SQLException {
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      return List.of();
    }
    Connection session = connection.getUnderlyingConnection();
    List<String> lost = new ArrayList<>();
    try (PreparedStatement look =
        session.prepareStatement(
            "SELECT DISTINCT pg_describe_object(catalog, object, part) FROM (%s) AS t WHERE id = ANY (?) AND NOT marked AND NOT ours ORDER BY 1"
                .formatted(
                    // The driver takes a question mark for a parameter.
                    Made.there(Made.renamed(Made.rows(changelog, database), RAN), changelog)
                        .replace("?", "??")
                        .replace(RAN, "?")))) {
      Array executed = executed(session, changelog, database);
      look.setArray(1, executed);
      look.setArray(2, executed);
      try (ResultSet row = look.executeQuery()) {
        while (row.next()) {
          lost.add(Screen.printable(row.getString(1)));
        }
      }
    }
    return lost.isEmpty()
        ? List.of()
        : List.of(
            "By its history this changelog made %s%s, but no comment says so any more: a rollback would stop there."
                .formatted(
                    lost.stream().limit(MOST).collect(Collectors.joining(", ")),
                    lost.size() > MOST ? " and %d more".formatted(lost.size() - MOST) : ""));
  }

  private static Array executed(Connection session, DatabaseChangeLog changelog, Database database)
      throws SQLException {
    String history = HistoryAccess.tableName(database);
    Set<String> files = Mark.files(changelog);
    List<String> keys = new ArrayList<>();
    try (PreparedStatement there = session.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      there.setString(1, history);
      try (ResultSet row = there.executeQuery();
          Statement statement = session.createStatement()) {
        row.next();
        if (row.getBoolean(1)) {
          try (ResultSet rows =
              statement.executeQuery(
                  "SELECT filename, id, author FROM %s WHERE exectype <> 'MARK_RAN'"
                      .formatted(history))) {
            while (rows.next()) {
              if (files.contains(DatabaseChangeLog.normalizePath(rows.getString(1)))) {
                keys.add(
                    Mark.key(changelog, rows.getString(1), rows.getString(2), rows.getString(3)));
              }
            }
          }
        }
      }
    }
    return session.createArrayOf("text", keys.toArray());
  }
}
