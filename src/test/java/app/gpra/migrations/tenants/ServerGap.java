package app.gpra.migrations.tenants;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What some servers let through and others do not. It is asked of the server itself, on a table
 * made for it: a minor release may close one.
 */
enum ServerGap {
  /** {@code ON CONFLICT DO UPDATE} evaluates its condition on a row that policies hide. */
  UPSERT_OVER_HIDDEN_ROW(
      "SET LOCAL ROLE gap_prober",
      "INSERT INTO gap_probe VALUES (1, true) ON CONFLICT (id) DO UPDATE SET id = 1 WHERE false"),
  /** A plan of the time when the role had BYPASSRLS goes on showing every row. */
  PLAN_OF_BYPASSRLS(
      "ALTER ROLE gap_prober BYPASSRLS",
      "SET LOCAL ROLE gap_prober",
      "PREPARE gap_plan AS SELECT FROM gap_probe",
      "EXECUTE gap_plan",
      "RESET ROLE",
      "ALTER ROLE gap_prober NOBYPASSRLS",
      "SET LOCAL ROLE gap_prober",
      "EXECUTE gap_plan");

  private static final String TABLE =
      """
      CREATE ROLE gap_prober;
      CREATE TABLE gap_probe (id integer PRIMARY KEY, visible boolean NOT NULL);
      INSERT INTO gap_probe VALUES (1, false);
      ALTER TABLE gap_probe ENABLE ROW LEVEL SECURITY;
      CREATE POLICY gap_probe ON gap_probe USING (visible);
      GRANT ALL ON gap_probe TO gap_prober
      """;

  private static final String REFUSED = "42501";

  private final List<String> statements;

  /** The last of the statements goes through, or shows a row, where the gap is open. */
  ServerGap(String... statements) {
    this.statements = List.of(statements);
  }

  /** Asks the server of a database; nothing of it stays. */
  static Set<ServerGap> open(TestDatabase database) throws SQLException {
    Set<ServerGap> open = EnumSet.noneOf(ServerGap.class);
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      for (ServerGap gap : values()) {
        if (gap.isOpen(connection)) {
          open.add(gap);
        }
      }
    }
    return open;
  }

  private boolean isOpen(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(TABLE);
      boolean rows = false;
      for (String sql : statements) {
        rows = statement.execute(sql);
      }
      return !rows || statement.getResultSet().next();
    } catch (SQLException e) {
      if (REFUSED.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    } finally {
      connection.rollback();
    }
  }
}
