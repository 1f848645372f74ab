package app.gpra.migrations.report;

import app.gpra.migrations.execution.HistoryAccess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.Resource;

/**
 * What the history says was made by this changelog, is there, and does not say so any more: a
 * rollback stops there. Asked with the query of the rollback itself.
 */
final class LostMarks {

  private static final String GUARD = "changelog/sql/look-before-rollback.sql";

  /** The one loop over what changesets make; it knows the changesets by this name. */
  private static final Pattern QUERY = Pattern.compile("(?s)\\bWITH made \\(.*?(?=\\n *LOOP\\n)");

  private static final String CHANGESETS = "(executed)";

  private static final int MOST = 3;

  private LostMarks() {}

  /**
   * Looks for them.
   *
   * @return a sentence for the operator; empty if there are none, or there is no history
   * @throws SQLException if the server does not answer
   * @throws IOException if the changelog cannot be read
   */
  static List<String> sentences(Database database) throws SQLException, IOException {
    Matcher query = QUERY.matcher(guard());
    if (!(database.getConnection() instanceof JdbcConnection connection) || !query.find()) {
      return List.of();
    }
    Connection session = connection.getUnderlyingConnection();
    List<String> lost = new ArrayList<>();
    try (PreparedStatement look =
        session.prepareStatement(query.group().replace(CHANGESETS, "(?)"))) {
      Array executed = executed(session, HistoryAccess.tableName(database));
      for (int i = 1; i <= look.getParameterMetaData().getParameterCount(); i++) {
        look.setArray(i, executed);
      }
      try (ResultSet row = look.executeQuery()) {
        while (row.next()) {
          lost.add(Screen.printable(row.getString("what")));
        }
      }
    }
    return lost.isEmpty()
        ? List.of()
        : List.of(
            "By its history this changelog made %s%s, but no comment says so any more: a rollback would stop there (docs/runbooks/restore.md, Marks)."
                .formatted(
                    lost.stream().limit(MOST).collect(Collectors.joining(", ")),
                    lost.size() > MOST ? " and %d more".formatted(lost.size() - MOST) : ""));
  }

  private static Array executed(Connection session, String history) throws SQLException {
    List<String> ids = new ArrayList<>();
    try (PreparedStatement there = session.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      there.setString(1, history);
      try (ResultSet row = there.executeQuery();
          Statement statement = session.createStatement()) {
        row.next();
        if (row.getBoolean(1)) {
          try (ResultSet rows =
              statement.executeQuery(
                  "SELECT id FROM %s WHERE filename LIKE 'changelog/%%' AND exectype <> 'MARK_RAN'"
                      .formatted(history))) {
            while (rows.next()) {
              ids.add(rows.getString(1));
            }
          }
        }
      }
    }
    return session.createArrayOf("text", ids.toArray());
  }

  private static String guard() throws IOException {
    for (Resource file : Scope.getCurrentScope().getResourceAccessor().getAll(GUARD)) {
      try (InputStream text = file.openInputStream()) {
        return new String(text.readAllBytes(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
