package app.gpra.migrations.schema;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import liquibase.change.Change;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A changeset that is going to be written. Changes and preconditions are as a changelog has them: a
 * name, and its fields.
 *
 * @param makes the objects that it makes or changes, as {@link SchemaFacts} calls them
 * @param absent preconditions that say that it is there already; empty if its SQL looks itself
 * @param undo what undoes it; empty if nothing does
 * @param why nothing does; null where it is undone, or makes nothing
 */
record Draft(
    List<String> makes,
    String id,
    String comment,
    List<Map<String, Object>> absent,
    List<Map<String, Object>> changes,
    List<Map<String, Object>> undo,
    String why) {

  private static final Set<String> IN_A_TRANSACTION =
      Set.of(
          "createTable",
          "addColumn",
          "addDefaultValue",
          "setTableRemarks",
          "setColumnRemarks",
          "tenantIsolation",
          "defineFunction",
          "removeFunction",
          "defineTrigger",
          "removeTrigger",
          "createView",
          "dropView",
          "createSequence",
          "dropSequence",
          "tagDatabase");

  private static final Set<Object> UNSAID = Set.of(false, "NO ACTION");

  /** The one that ends a migration. */
  static Draft tag(String number) {
    return new Draft(
        List.of(),
        number + "-tag",
        "The state after migration %s.".formatted(number),
        List.of(),
        List.of(named("tagDatabase", "tag", number, "keepTagOnRollback", true)),
        List.of(),
        null);
  }

  /**
   * A comment of which a person writes the rest.
   *
   * @param change what it is about, whose table or object the comment names
   */
  static String comment(Map<String, Object> change, String todo) {
    Map<?, ?> fields = (Map<?, ?>) change.values().iterator().next();
    return "%s: TODO %s"
        .formatted(
            Stream.of("tableName", "baseTableName", "viewName", "functionName", "sequenceName")
                .filter(fields::containsKey)
                .map(fields::get)
                .findFirst()
                .orElseThrow(),
            todo);
  }

  /**
   * A change, a precondition or a part of one.
   *
   * @param fields names and values, one after the other; those that are null are left out
   */
  static Map<String, Object> named(String name, Object... fields) {
    return Map.of(name, fields(fields));
  }

  /** Fields of one. */
  static Map<String, Object> fields(Object... fields) {
    Map<String, Object> parts = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      if (fields[i + 1] != null) {
        parts.put((String) fields[i], fields[i + 1]);
      }
    }
    return parts;
  }

  /** A change of Liquibase's, without what goes without saying. */
  static Map<String, Object> of(Change change) {
    Map<String, Object> fields = new TreeMap<>();
    for (String field : change.getSerializableFields()) {
      Object value = change.getSerializableFieldValue(field);
      if (value != null && !UNSAID.contains(value) && !field.equals("validate")) {
        fields.put(field, value);
      }
    }
    return Map.of(change.getSerializedObjectName(), fields);
  }

  /** As it stands in a changelog. */
  String yaml() {
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("id", id);
    parts.put("author", "gpra");
    parts.put("comment", comment);
    if (!changes.stream().allMatch(change -> IN_A_TRANSACTION.containsAll(change.keySet()))) {
      parts.put("runInTransaction", false);
    }
    if (!absent.isEmpty()) {
      parts.put(
          "preConditions",
          List.of(
              Map.of("onFail", "MARK_RAN"),
              Map.of("onSqlOutput", "TEST"),
              Map.of("not", absent.size() == 1 ? absent : List.of(Map.of("and", absent)))));
    }
    parts.put("changes", changes);
    parts.put("rollback", undo.isEmpty() ? List.of(named("empty")) : undo);

    DumperOptions options = new DumperOptions();
    options.setDefaultFlowStyle(FlowStyle.BLOCK);
    options.setIndicatorIndent(2);
    options.setIndentWithIndicator(true);
    options.setSplitLines(false);
    Yaml yaml = new Yaml(options);
    Node node = yaml.represent(List.of(Map.of("changeSet", parts)));
    shorten(node);
    StringWriter text = new StringWriter();
    yaml.serialize(node, text);
    return why == null
        ? text.toString()
        : text.toString()
            .replaceFirst(
                "\n( *)rollback:",
                "\n$1# %s\n$1rollback:".formatted(Matcher.quoteReplacement(why)));
  }

  /** What has no list in it, and a column, stands in one line. */
  private static void shorten(Node node) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(Draft::shorten);
    } else if (node instanceof MappingNode map) {
      map.setValue(map.getValue().stream().map(Draft::inLines).toList());
      for (NodeTuple part : map.getValue()) {
        shorten(part.getValueNode());
        if (part.getValueNode() instanceof MappingNode inner
            && inner.getValue().stream().noneMatch(Draft::isInLines)
            && (((ScalarNode) part.getKeyNode()).getValue().equals("column")
                || inner.getValue().stream()
                    .allMatch(one -> one.getValueNode() instanceof ScalarNode))) {
          inner.setFlowStyle(FlowStyle.FLOW);
        }
      }
    }
  }

  private static boolean isInLines(NodeTuple part) {
    return part.getValueNode() instanceof ScalarNode text && text.getValue().contains("\n");
  }

  /** A text of several lines stands in these. */
  private static NodeTuple inLines(NodeTuple part) {
    return isInLines(part) && part.getValueNode() instanceof ScalarNode text
        ? new NodeTuple(
            part.getKeyNode(),
            new ScalarNode(text.getTag(), text.getValue(), null, null, ScalarStyle.LITERAL))
        : part;
  }
}
