package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.QueryPlan;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * How a role that is bound by the policies has a statement executed, and what is wrong with that.
 *
 * @param text as EXPLAIN prints it, without estimates and times
 * @param plan the same, taken apart
 * @param read rows of the tenants' tables that the server counted as read
 */
record TenantPlan(String text, QueryPlan plan, long read) {

  /** Without it, the planner is told the values. */
  private static final String PREPARED = "SET LOCAL plan_cache_mode = force_generic_plan";

  private static final String READ =
      "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables"
          + " WHERE relname IN ('items', 'routines', 'routine_items', 'chord_charts', 'active_routine')";

  /**
   * Runs the statement and rolls it back.
   *
   * @param prepared whether the plan is the one that serves any value
   */
  static TenantPlan of(TenantSession session, String statement, Tenant tenant, boolean prepared) {
    String run = TenantQuery.literal(statement, tenant);
    try (Statement explain = session.connection().createStatement()) {
      session.begin(TenantLibrary.APPLICATION, tenant);
      if (prepared) {
        List<String> values = TenantQuery.literals(statement, tenant);
        explain.execute(PREPARED);
        explain.execute("PREPARE planned AS " + TenantQuery.numbered(statement));
        run = "EXECUTE planned" + (values.isEmpty() ? "" : "(" + String.join(", ", values) + ")");
      }
      explain.execute("SAVEPOINT before");
      String text =
          String.join(
              "\n",
              lines(
                  explain,
                  "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) " + run));
      // What it wrote is there only once.
      explain.execute("ROLLBACK TO before");
      long before = read(explain);
      QueryPlan plan = QueryPlan.of(explain, run);
      long read = read(explain) - before;
      session.connection().rollback();
      if (prepared) {
        explain.execute("DEALLOCATE planned");
        session.connection().commit();
      }
      return new TenantPlan(text, plan, read);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long read(Statement session) throws SQLException {
    return Long.parseLong(lines(session, READ).get(0));
  }

  private static List<String> lines(Statement session, String query) throws SQLException {
    List<String> lines = new ArrayList<>();
    try (ResultSet result = session.executeQuery(query)) {
      while (result.next()) {
        lines.add(result.getString(1));
      }
    }
    return lines;
  }

  /** Tables that are read from one end to the other. */
  List<String> readWhole() {
    return plan.scans().stream()
        .filter(scan -> scan.type().endsWith("Seq Scan"))
        .map(QueryPlan.Node::table)
        .toList();
  }

  /**
   * Rows that were read and not used. Each of these statements wants all that its user has of what
   * it names, so they are somebody else's. EXPLAIN tells it by node, but rounds it where a node has
   * many loops; the server's counters do not, and they know of foreign keys too.
   */
  long readInVain() {
    double removed = plan.nodes().stream().mapToDouble(QueryPlan.Node::removed).sum();
    boolean writes = !plan.only(node -> node.type().equals("ModifyTable")).isEmpty();
    return Math.max(Math.round(removed), writes ? 0 : read - used());
  }

  /** Rows that the plan's scans gave. */
  long used() {
    return Math.round(plan.scans().stream().mapToDouble(QueryPlan.Node::rows).sum());
  }

  /** Sub-selects that depend on no row and were not run exactly once. */
  long notAskedOnce() {
    return plan.initPlans().stream().filter(asks -> asks.loops() != 1).count();
  }

  /** How often it was found out who is asking. */
  long asked() {
    return plan.initPlans().stream().mapToLong(QueryPlan.Node::loops).sum();
  }
}
