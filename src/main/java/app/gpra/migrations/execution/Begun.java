package app.gpra.migrations.execution;

import app.gpra.migrations.operation.Made;
import app.gpra.migrations.operation.Mark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.DatabaseChangeLog;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;

/**
 * Changesets of which something is there, though the history does not say that they ran: a run was
 * killed in one, or while it was undone. Liquibase undoes what is recorded; these have to go too.
 */
final class Begun {

  private Begun() {}

  /**
   * Looks for them, by the marks.
   *
   * @param made what the changesets make, as of {@link Made#rows}
   * @param ran what is recorded
   * @param reached what those are called that a rollback undoes; empty for all
   * @return those that nothing comes after that stays, in the order of the changelog
   * @throws DatabaseException if the server does not answer
   */
  static List<ChangeSet> in(
      DatabaseChangeLog changelog,
      String made,
      List<RanChangeSet> ran,
      Set<String> reached,
      Database database)
      throws DatabaseException {
    List<ChangeSet> changeSets = changelog.getChangeSets();
    Set<String> files = Mark.files(changelog);
    Set<String> recorded =
        ran.stream()
            .filter(one -> files.contains(DatabaseChangeLog.normalizePath(one.getChangeLog())))
            .map(one -> Mark.key(changelog, one.getChangeLog(), one.getId(), one.getAuthor()))
            .collect(Collectors.toSet());
    Set<String> begun;
    try {
      begun = begun(changelog, made, database);
    } catch (SQLException e) {
      throw new DatabaseException(e.getMessage(), e);
    }
    List<ChangeSet> found = new ArrayList<>();
    for (ChangeSet changeSet : changeSets) {
      String id = Mark.key(changeSet);
      if (recorded.contains(id) && !reached.isEmpty() && !reached.contains(id)) {
        found.clear();
      } else if (!recorded.contains(id) && begun.contains(id)) {
        found.add(changeSet);
      }
    }
    return found;
  }

  private static Set<String> begun(DatabaseChangeLog changelog, String made, Database database)
      throws SQLException {
    Set<String> ids = new HashSet<>();
    if (!(database.getConnection() instanceof JdbcConnection jdbc)) {
      return ids;
    }
    Connection connection = jdbc.getUnderlyingConnection();
    collect(
        "SELECT id FROM (%s) AS t WHERE ours AND kind <> 'fill'"
            .formatted(Made.there(made, changelog)),
        connection,
        ids);
    String memory = Made.memory(changelog);
    if (memory == null) {
      return ids;
    }
    String schema = '"' + memory.replace("\"", "\"\"") + '"';
    try (PreparedStatement asked =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      asked.setString(1, schema + ".filled");
      try (ResultSet there = asked.executeQuery()) {
        if (there.next() && there.getBoolean(1)) {
          collect(
              "SELECT changeset FROM %1$s.fills UNION SELECT changeset FROM %1$s.filled"
                  .formatted(schema),
              connection,
              ids);
        }
      }
    }
    // A column that is gone is put back, so that what filled it can be undone: then it goes too.
    try (PreparedStatement asked =
        connection.prepareStatement(
            "WITH made (id, kind, tab, name, working, detail) AS (%s) SELECT c.id FROM made m JOIN made c ON c.kind = 'column' AND (c.tab, c.name) = (m.tab, m.name) WHERE m.kind = 'fill' AND m.id = ANY (?)"
                .formatted(made))) {
      asked.setArray(1, connection.createArrayOf("text", ids.toArray()));
      collect(asked.executeQuery(), ids);
    }
    return ids;
  }

  private static void collect(String query, Connection connection, Set<String> ids)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      collect(rows, ids);
    }
  }

  private static void collect(ResultSet rows, Set<String> ids) throws SQLException {
    while (rows.next()) {
      ids.add(rows.getString(1));
    }
  }
}
