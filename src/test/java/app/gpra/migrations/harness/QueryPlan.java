package app.gpra.migrations.harness;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * How a statement was executed, as EXPLAIN (ANALYZE) tells it.
 *
 * @param nodes all of them, from the top
 */
public record QueryPlan(List<Node> nodes) {

  /** Runs a statement in a session, and tells how. Whoever calls rolls it back. */
  public static QueryPlan of(Statement session, String sql) throws SQLException {
    try (ResultSet result = session.executeQuery("EXPLAIN (ANALYZE, FORMAT JSON) " + sql)) {
      result.next();
      // JSON is YAML too.
      List<?> document =
          new Yaml(new SafeConstructor(new LoaderOptions())).load(result.getString(1));
      List<Node> nodes = new ArrayList<>();
      add(nodes, ((Map<?, ?>) document.get(0)).get("Plan"));
      return new QueryPlan(nodes);
    }
  }

  private static void add(List<Node> nodes, Object plan) {
    Map<?, ?> properties = (Map<?, ?>) plan;
    nodes.add(new Node(properties));
    if (properties.get("Plans") instanceof List<?> children) {
      children.forEach(child -> add(nodes, child));
    }
  }

  /** The sub-selects that depend on no row. */
  public List<Node> initPlans() {
    return only(node -> node.isChildAs("InitPlan"));
  }

  /** The sub-selects that are evaluated anew for the rows. */
  public List<Node> subPlans() {
    return only(node -> node.isChildAs("SubPlan"));
  }

  /** Where rows of tables are read. */
  public List<Node> scans() {
    return only(node -> node.properties.containsKey("Relation Name") && !node.writes());
  }

  /** Those for which something holds. */
  public List<Node> only(Predicate<Node> wanted) {
    return nodes.stream().filter(wanted).toList();
  }

  /**
   * One step of the plan.
   *
   * @param properties by the names that EXPLAIN gives them
   */
  public record Node(Map<?, ?> properties) {

    /** Returns for example {@code Index Scan}. */
    public String type() {
      return text("Node Type");
    }

    /** Returns the table; empty where it reads none. */
    public String table() {
      return text("Relation Name");
    }

    /** Returns a property; empty where the node does not have it. */
    public String text(String property) {
      return properties.containsKey(property) ? properties.get(property).toString() : "";
    }

    /** How often it was run. */
    public long loops() {
      return (long) number("Actual Loops");
    }

    /** Rows that it gave, in all its loops. */
    public double rows() {
      return number("Actual Rows") * loops();
    }

    /** Rows that it read and did not give, in all its loops. */
    public double removed() {
      return (number("Rows Removed by Filter")
              + number("Rows Removed by Index Recheck")
              + number("Rows Removed by Join Filter"))
          * loops();
    }

    private boolean writes() {
      return type().equals("ModifyTable");
    }

    private boolean isChildAs(String relationship) {
      return text("Parent Relationship").equals(relationship);
    }

    private double number(String property) {
      return properties.get(property) instanceof Number number ? number.doubleValue() : 0;
    }
  }
}
