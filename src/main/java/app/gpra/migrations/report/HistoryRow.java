package app.gpra.migrations.report;

import app.gpra.migrations.execution.HistoryAccess;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import liquibase.changelog.ChangeSet;
import liquibase.changelog.RanChangeSet;
import liquibase.database.Database;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.exception.UnexpectedLiquibaseException;

/**
 * A changeset that a database has.
 *
 * @param file of the changelog
 * @param executed when, in ISO 8601, in the time zone of the JVM that ran it
 * @param result {@code applied}, or {@code passed-over} where it was there already
 * @param tag that it left; null if none
 * @param deployment the number of the run; null if Liquibase wrote none
 */
record HistoryRow(
    String id,
    String author,
    String file,
    String executed,
    String result,
    String tag,
    String deployment) {

  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT);

  static HistoryRow of(RanChangeSet ran) {
    return new HistoryRow(
        Screen.printable(ran.getId()),
        Screen.printable(ran.getAuthor()),
        Screen.printable(ran.getChangeLog()),
        ran.getDateExecuted() == null
            ? null
            : WHEN.format(
                LocalDateTime.ofInstant(
                    Instant.ofEpochMilli(ran.getDateExecuted().getTime()), ZoneId.systemDefault())),
        ran.getExecType() == ChangeSet.ExecType.MARK_RAN ? "passed-over" : "applied",
        Screen.printable(ran.getTag()),
        Screen.printable(ran.getDeploymentId()));
  }

  /**
   * All of them, in the order in which they ran.
   *
   * @return empty where there is no history yet
   * @throws SQLException if the server does not answer
   */
  static List<HistoryRow> of(Database database) throws SQLException {
    if (!(database.getConnection() instanceof JdbcConnection connection)) {
      // The file in which Liquibase notes what it wrote.
      return ranOffline(database).stream().map(HistoryRow::of).toList();
    }
    if (!hasHistory(database)) {
      return List.of();
    }
    return of(connection.getUnderlyingConnection(), HistoryAccess.tableName(database));
  }

  /**
   * All of them, of a table that is there.
   *
   * @param table its name, as SQL has it
   * @throws SQLException if the server does not answer
   */
  static List<HistoryRow> of(Connection session, String table) throws SQLException {
    List<HistoryRow> rows = new ArrayList<>();
    try (Statement statement = session.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT id, author, filename, to_char(dateexecuted, 'YYYY-MM-DD\"T\"HH24:MI:SS'), exectype, tag, deployment_id FROM "
                    + table
                    + " ORDER BY dateexecuted, orderexecuted")) {
      while (row.next()) {
        rows.add(
            new HistoryRow(
                Screen.printable(row.getString(1)),
                Screen.printable(row.getString(2)),
                Screen.printable(row.getString(3)),
                row.getString(4),
                "MARK_RAN".equals(row.getString(5)) ? "passed-over" : "applied",
                Screen.printable(row.getString(6)),
                Screen.printable(row.getString(7))));
      }
    }
    return rows;
  }

  private static List<RanChangeSet> ranOffline(Database database) {
    try {
      return database.getRanChangeSetList();
    } catch (DatabaseException e) {
      throw new UnexpectedLiquibaseException(e.getMessage(), e);
    }
  }

  /** Whether its table is there. */
  private static boolean hasHistory(Database database) throws SQLException {
    Connection session = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
    try (PreparedStatement query = session.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      query.setString(1, HistoryAccess.tableName(database));
      try (ResultSet there = query.executeQuery()) {
        there.next();
        return there.getBoolean(1);
      }
    }
  }
}
