package app.gpra.migrations.schema;

import app.gpra.migrations.report.Html;
import app.gpra.migrations.report.Screen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code mvn compile exec:java@schema}: a database's schema as one page, {@code
 * target/schema.html}. Only looks.
 *
 * @param database its name
 * @param version the server's
 * @param tables by name
 * @param others what belongs to no table
 */
record SchemaPage(String database, String version, List<Table> tables, List<Group> others) {

  private static final String TEMPLATE = "app/gpra/migrations/schema/schema.html";

  private static final String PAGE = "target/schema.html";

  /** What is so unless something else is said. */
  private static final Set<String> USUAL =
      Set.of("permanent", "valid", "validated", "enabled", "enabled O", "row security disabled");

  private static final Pattern COMMENT =
      Pattern.compile("comment E?'(?:\\[gpra ([^]]+)\\] ?)?(.*)'");

  private static final Pattern REFERENCES = Pattern.compile("REFERENCES ([^(]+)\\(");

  private static final Pattern KEY =
      Pattern.compile("(PRIMARY KEY|FOREIGN KEY|UNIQUE)[^(]*\\(([^)]*)\\)");

  /** In the order in which they are read. */
  private static final Map<String, String> OF_TABLE = new LinkedHashMap<>();

  private static final Map<String, String> OF_NONE = new LinkedHashMap<>();

  static {
    OF_TABLE.put("constraint", "Keys and checks");
    OF_TABLE.put("index", "Indexes");
    OF_TABLE.put("policy", "Policies");
    OF_TABLE.put("trigger", "Triggers");
    OF_TABLE.put("rule", "Rules");
    OF_TABLE.put("statistics", "Statistics");
    OF_NONE.put("view", "Views");
    OF_NONE.put("materialized view", "Materialized views");
    OF_NONE.put("function", "Functions");
    OF_NONE.put("sequence", "Sequences");
    OF_NONE.put("type", "Types");
  }

  /**
   * A table.
   *
   * @param anchor where it is on the page
   * @param facts what is not usual
   * @param referred the tables whose keys lead here
   */
  record Table(
      String name,
      String anchor,
      Said said,
      List<String> facts,
      List<Column> columns,
      List<Group> groups,
      List<Link> referred) {}

  /** A column; {@code value} is its default, {@code keys} what it is part of. */
  record Column(
      String name,
      String type,
      boolean required,
      String value,
      List<String> keys,
      List<String> more,
      Said said) {}

  /** Objects of one kind. */
  record Group(String title, List<Part> parts) {}

  /** An object; {@code leads} is the table that a foreign key leads to, null if none. */
  record Part(String name, String text, Link leads, Said said) {}

  /** A table's name, and where it is on the page; null where it is not. */
  record Link(String name, String anchor) {}

  /** A comment; {@code by} is the changeset that made it, null where none says so. */
  record Said(String text, String by) {

    static Said of(SortedSet<String> lines) {
      return lines.stream()
          .map(COMMENT::matcher)
          .filter(Matcher::matches)
          .map(one -> new Said(one.group(2).replace("''", "'"), one.group(1)))
          .findFirst()
          .orElse(new Said("", null));
    }
  }

  /**
   * Writes the page of the database of {@code DATABASE_URL}.
   *
   * @param args the project's directory, and the address as Liquibase has it
   * @throws SQLException if a server does not answer
   * @throws IOException if the page cannot be written
   */
  public static void main(String[] args) throws SQLException, IOException {
    Quiet.down();
    try (Connection connection = Drift.connect(args[1])) {
      SchemaPage page = read(connection, Drift.historyName());
      Path file = Path.of(args[0], PAGE);
      Files.createDirectories(file.getParent());
      Files.writeString(file, page.html());
      System.out.println(
          "%s has the schema of %s: %d tables."
              .formatted(PAGE, Screen.printable(page.database), page.tables.size()));
    }
  }

  String html() throws IOException {
    return Html.of(TEMPLATE, "page", this);
  }

  /** Looks at a database; leaves the search path of the session changed. */
  static SchemaPage read(Connection connection, String history) throws SQLException {
    List<String> columns = new ArrayList<>();
    String database;
    String version;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery("SELECT current_database(), current_setting('server_version')")) {
        row.next();
        database = row.getString(1);
        version = row.getString(2);
      }
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT format('column %s.%I', a.attrelid::regclass, a.attname) FROM pg_attribute AS a"
                  + " JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f') WHERE a.attnum > 0 ORDER BY a.attnum")) {
        while (rows.next()) {
          columns.add(rows.getString(1));
        }
      }
    }
    SchemaFacts facts = SchemaFacts.read(connection, history);
    return new SchemaPage(database, version, tables(facts, columns), others(facts));
  }

  private static List<Table> tables(SchemaFacts facts, List<String> columns) {
    Map<String, Integer> order = new HashMap<>();
    columns.forEach(column -> order.putIfAbsent(column, order.size()));
    Map<String, List<String>> belonging =
        facts.lines().keySet().stream()
            .filter(label -> facts.tables().get(label) != null)
            .collect(Collectors.groupingBy(facts.tables()::get));
    Map<String, String> anchors = new LinkedHashMap<>();
    facts.lines().keySet().stream()
        .filter(label -> kind(label).endsWith("table"))
        .forEach(label -> anchors.put(name(label), "table-" + (anchors.size() + 1)));
    Map<String, Set<Link>> referred = new LinkedHashMap<>();
    List<Table> tables = new ArrayList<>();
    facts
        .lines()
        .forEach(
            (label, lines) -> {
              Matcher parent = REFERENCES.matcher(String.join(" ", lines));
              String table = facts.tables().get(label);
              if (kind(label).equals("constraint") && anchors.containsKey(table) && parent.find()) {
                referred
                    .computeIfAbsent(parent.group(1), missing -> new LinkedHashSet<>())
                    .add(link(table, anchors));
              }
            });
    facts
        .lines()
        .forEach(
            (label, lines) -> {
              if (kind(label).endsWith("table")) {
                String table = name(label);
                List<String> own = belonging.getOrDefault(table, List.of());
                List<String> keys =
                    own.stream()
                        .filter(one -> kind(one).equals("constraint"))
                        .flatMap(one -> facts.lines().get(one).stream())
                        .toList();
                tables.add(
                    new Table(
                        shown(table),
                        anchors.get(table),
                        Said.of(lines),
                        more(lines),
                        own.stream()
                            .filter(one -> kind(one).equals("column"))
                            .sorted(Comparator.comparing(one -> order.getOrDefault(one, -1)))
                            .map(one -> column(one, table, facts.lines().get(one), keys))
                            .toList(),
                        groups(facts, own, OF_TABLE, table, anchors),
                        List.copyOf(referred.getOrDefault(table, Set.of()))));
              }
            });
    return tables;
  }

  private static List<Group> others(SchemaFacts facts) {
    return groups(facts, facts.lines().keySet(), OF_NONE, null, Map.of());
  }

  /** Of a table, or of what belongs to no table. */
  private static List<Group> groups(
      SchemaFacts facts,
      Collection<String> labels,
      Map<String, String> titles,
      String table,
      Map<String, String> anchors) {
    List<Group> groups = new ArrayList<>();
    titles.forEach(
        (kind, title) -> {
          List<Part> parts =
              labels.stream()
                  .filter(one -> kind(one).equals(kind) && !isOfConstraint(facts, one))
                  .map(one -> part(one, table, facts.lines().get(one), anchors))
                  .toList();
          if (!parts.isEmpty()) {
            groups.add(new Group(title, parts));
          }
        });
    return groups;
  }

  /** An index that a constraint has, and that the constraint says. */
  private static boolean isOfConstraint(SchemaFacts facts, String label) {
    return kind(label).equals("index")
        && facts
            .lines()
            .containsKey("constraint %s on %s".formatted(name(label), facts.tables().get(label)));
  }

  private static Part part(
      String label, String table, SortedSet<String> lines, Map<String, String> anchors) {
    Matcher parent = REFERENCES.matcher(String.join(" ", lines));
    String name = name(label);
    return new Part(
        shown(table == null ? name : name.replaceFirst(" on " + Pattern.quote(table) + "$", "")),
        String.join("\n", more(lines)),
        kind(label).equals("constraint") && parent.find() ? link(parent.group(1), anchors) : null,
        Said.of(lines));
  }

  private static Column column(
      String label, String table, SortedSet<String> lines, List<String> keys) {
    String name = name(label).substring(table.length() + 1);
    String type = "";
    String value = "";
    List<String> more = new ArrayList<>();
    for (String line : more(lines)) {
      if (line.startsWith("type ")) {
        type = line.substring("type ".length());
      } else if (line.startsWith("default ")) {
        value = line.substring("default ".length());
      } else if (line.startsWith("identity ") || line.startsWith("generated ")) {
        value = line;
      } else if (!line.equals("not null")) {
        more.add(line);
      }
    }
    return new Column(
        shown(name),
        type,
        lines.contains("not null"),
        value,
        keys.stream()
            .map(KEY::matcher)
            .filter(Matcher::lookingAt)
            .filter(key -> Arrays.asList(key.group(2).split(", ")).contains(name))
            .map(key -> key.group(1).toLowerCase(Locale.ROOT))
            .distinct()
            .toList(),
        more,
        Said.of(lines));
  }

  /** What is worth a line: not the comment, which has a place of its own. */
  private static List<String> more(SortedSet<String> lines) {
    return lines.stream()
        .filter(line -> !USUAL.contains(line) && !COMMENT.matcher(line).matches())
        .map(line -> Screen.printable(line.replaceFirst("^line \\d+: ", "")))
        .toList();
  }

  private static Link link(String table, Map<String, String> anchors) {
    return new Link(shown(table), anchors.get(table));
  }

  private static String kind(String label) {
    return OF_NONE.keySet().stream()
        .filter(kind -> label.startsWith(kind + " "))
        .findFirst()
        .orElseGet(
            () ->
                label.matches("(partitioned|foreign) table .*") ? "table" : label.split(" ", 2)[0]);
  }

  private static String name(String label) {
    return label.replaceFirst("^(?:materialized view|partitioned table|foreign table|\\w+) ", "");
  }

  private static String shown(String name) {
    return Screen.printable(SchemaFacts.unquoted(name));
  }
}
