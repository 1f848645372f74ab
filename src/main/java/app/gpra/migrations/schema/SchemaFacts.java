package app.gpra.migrations.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the catalogs say about the application's schema: for each object, such as {@code column
 * items.title}, what is so, such as {@code type text}. Names come without the application's schema.
 *
 * <p>Left out is what is nobody's change: Flask-AppBuilder's tables, Liquibase's, what 002
 * remembers, owners and grants, and how PostgreSQL stores one and the same thing (an identity or a
 * serial, a column's NOT NULL as a constraint).
 *
 * @param lines what is so, by object
 * @param tables the table that an object belongs to, or that it is; no entry for what has none
 */
record SchemaFacts(SortedMap<String, SortedSet<String>> lines, Map<String, String> tables) {

  private static final String QUERY = query();

  private static final SortedSet<String> NONE = Collections.emptySortedSet();

  /** What a comment of this project's begins with. */
  private static final Pattern MARK = Pattern.compile("\\[gpra [^]]+\\] ?");

  private static final Pattern OTHERS =
      Pattern.compile("ab_.*|databasechangelog.*|alembic_version");

  private static final Pattern VALUE = Pattern.compile("'(?:[^']|'')*'::character varying");

  private static final Pattern VALUES =
      Pattern.compile("\\(ARRAY\\[((?:" + VALUE + "(?:, )?)+)\\]\\)::text\\[\\]");

  /** What PostgreSQL writes in one line: spaces in it are somebody's. */
  private static final Pattern IN_ONE_LINE = Pattern.compile("(column|constraint|index) .*");

  private static final String COMMENT = "comment ";

  private static final Pattern SOMEBODY_ELSES =
      Pattern.compile(
          "(schema|setting|default privileges|publication|event trigger|extension) ?.*"
              + "|.*\\bgpra_admin_assignment\\b.*");

  private static final Pattern NO_CHANGE =
      Pattern.compile("owner .*|granted to .*|internal triggers, .*");

  private static final Pattern SERIAL = Pattern.compile("default nextval\\('[^']*'::regclass\\)");

  /** What keeps a column in step with its copy, and which two they are. */
  private static final Pattern STEP = Pattern.compile("(?:trigger|function) zz_gpra_step_.*");

  private static final Pattern IN_STEP =
      Pattern.compile("\\bnew\\.(\"(?:[^\"]|\"\")+\"|\\w+)", Pattern.CASE_INSENSITIVE);

  private static final Pattern BODY_LINE = Pattern.compile("line \\d+: ");

  /**
   * Reads a database. Only looks; leaves the search path of the transaction changed.
   *
   * @param history the name of Liquibase's history table
   */
  static SchemaFacts read(Connection connection, String history) throws SQLException {
    SortedMap<String, SortedSet<String>> lines = new TreeMap<>();
    Map<String, String> tables = new HashMap<>();
    Map<String, List<String>> bodies = new TreeMap<>();
    String home;
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery("SELECT quote_ident(current_schema())")) {
        row.next();
        home = row.getString(1);
      }
      statement.execute("SET search_path = pg_catalog");
    }
    Pattern prefix = Pattern.compile("(?<![\\w.\"])" + Pattern.quote(home + "."));
    try (PreparedStatement query = connection.prepareStatement(QUERY)) {
      query.setArray(
          1,
          connection.createArrayOf(
              "text",
              new String[] {
                "databasechangelog",
                "databasechangeloglock",
                history.toLowerCase(Locale.ROOT),
                "alembic_version"
              }));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          String label = prefix.matcher(rows.getString(2)).replaceAll("");
          String line = prefix.matcher(rows.getString(3)).replaceAll("");
          String table =
              rows.getString(4) == null ? null : prefix.matcher(rows.getString(4)).replaceAll("");
          if (SOMEBODY_ELSES.matcher(label).matches()
              || NO_CHANGE.matcher(line).matches()
              || table != null && table.matches("\"?ab_.*")
              || label.startsWith("constraint ") && line.startsWith("NOT NULL ")
              || label.startsWith("sequence ") && !label.equals("sequence " + table)) {
            continue;
          }
          if (label.startsWith("function ") && BODY_LINE.matcher(line).lookingAt()) {
            bodies.computeIfAbsent(label, missing -> new ArrayList<>()).add(line);
            continue;
          }
          lines
              .computeIfAbsent(label, missing -> new TreeSet<>())
              .add(
                  SERIAL.matcher(line).matches()
                      ? "identity by default"
                      : reread(
                          IN_ONE_LINE.matcher(label).matches()
                              ? line
                              : line.replaceAll("\\s+", " ")));
          if (table != null) {
            tables.put(label, table);
          }
        }
      }
    }
    bodies.forEach(
        (label, body) -> {
          body.sort(null);
          lines
              .computeIfAbsent(label, missing -> new TreeSet<>())
              .add(
                  body.stream()
                      .map(line -> BODY_LINE.matcher(line).replaceFirst(""))
                      .collect(Collectors.joining(" "))
                      .replaceAll("\\s+", " ")
                      .strip());
        });
    // A view's text says them.
    lines
        .keySet()
        .removeIf(
            label ->
                label.startsWith("column ")
                    && Stream.of("view ", "materialized view ")
                        .anyMatch(kind -> lines.containsKey(kind + tables.get(label))));
    // What is left is only "validated".
    lines
        .keySet()
        .removeIf(
            label ->
                label.startsWith("constraint ")
                    && lines.get(label).stream()
                        .noneMatch(line -> line.contains("(") || line.contains("EXCLUDE")));
    return new SchemaFacts(lines, tables);
  }

  private static String query() {
    try (InputStream file = SchemaFacts.class.getResourceAsStream("schema-description.sql")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a table is not Flask-AppBuilder's, Liquibase's or Alembic's. */
  static boolean isCompared(String table) {
    return !OTHERS.matcher(table).matches();
  }

  /**
   * An expression as PostgreSQL writes it once it has read its own writing: the values of an {@code
   * IN} over varchar are cast one by one then, as in every database that pg_restore made.
   */
  static String reread(String expression) {
    return VALUES
        .matcher(expression)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    "ARRAY[" + VALUE.matcher(found.group(1)).replaceAll("($0)::text") + "]"));
  }

  /** A name as it is, without the quotes that it may have to have in SQL. */
  static String unquoted(String name) {
    return name.startsWith("\"")
        ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
        : name;
  }

  /** A column's object, by names that are not quoted. */
  String column(String table, String name) {
    return label("column %s.%s", table, name);
  }

  /** A constraint's object, by names that are not quoted. */
  String constraint(String table, String name) {
    return label("constraint %2$s on %1$s", table, name);
  }

  private String label(String format, String table, String name) {
    return Stream.of(table, quoted(table))
        .flatMap(one -> Stream.of(name, quoted(name)).map(two -> format.formatted(one, two)))
        .filter(lines::containsKey)
        .findFirst()
        .orElse(format.formatted(table, name));
  }

  private static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** Whether a line is so of an object. */
  boolean is(String label, String line) {
    return lines.getOrDefault(label, NONE).contains(line);
  }

  /** What a line of an object says behind its beginning; empty if none begins so. */
  Optional<String> fact(String label, String beginning) {
    return lines.getOrDefault(label, NONE).stream()
        .filter(line -> line.startsWith(beginning))
        .map(line -> line.substring(beginning.length()))
        .findFirst();
  }

  /** What an object's comment says; empty if it has none, and for one with a backslash. */
  Optional<String> remarks(String label) {
    return fact(label, COMMENT)
        .filter(text -> text.startsWith("'"))
        .map(text -> text.substring(1, text.length() - 1).replace("''", "'"));
  }

  /** The definition of a table's CHECK; empty if it is something else. */
  Optional<String> check(String label) {
    return tables.containsKey(label) && label.startsWith("constraint ")
        ? fact(label, "CHECK ").map("CHECK "::concat)
        : Optional.empty();
  }

  /** The names of a table's columns, not quoted. */
  Set<String> columns(String table) {
    String beginning = "column " + table + ".";
    return lines.tailMap(beginning).keySet().stream()
        .takeWhile(label -> label.startsWith(beginning))
        .map(label -> unquoted(label.substring(beginning.length())))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What the foreign keys of a table lead to. */
  Set<String> parents(String table) {
    return lines.keySet().stream()
        .filter(label -> table.equals(tables.get(label)))
        .flatMap(label -> lines.get(label).stream())
        .filter(line -> line.startsWith("FOREIGN KEY "))
        .map(line -> line.replaceFirst("^.*? REFERENCES ([^(]+)\\(.*", "$1"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The names of the tables. */
  Set<String> tableNames() {
    return lines.keySet().stream()
        .filter(label -> label.startsWith("table "))
        .map(label -> label.substring("table ".length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Without comments. */
  SchemaFacts withoutComments() {
    return filtered((label, line) -> !line.startsWith(COMMENT));
  }

  /** The objects whose comment says that a migration made them. */
  Set<String> marked() {
    Set<String> marked = new HashSet<>();
    lines.forEach(
        (label, all) -> {
          if (all.stream().anyMatch(line -> line.startsWith(COMMENT + "'[gpra "))) {
            marked.add(label);
          }
        });
    return marked;
  }

  /**
   * Without what the migrations keep for themselves: marks, comments where the other has none, a
   * check that a column is not null where the column says so too, and the copy of a column that is
   * kept in step with it, where the other does not have it.
   */
  SchemaFacts withoutBookkeeping(SchemaFacts other) {
    SchemaFacts plain =
        filtered(
            (label, line) ->
                !line.startsWith(COMMENT)
                    || other.lines.getOrDefault(label, new TreeSet<>()).stream()
                        .anyMatch(theirs -> theirs.startsWith(COMMENT)));
    SortedMap<String, SortedSet<String>> kept = new TreeMap<>();
    Map<String, Set<String>> copies = copies(other);
    plain.lines.forEach(
        (label, all) -> {
          if (STEP.matcher(label).matches()
              || !other.lines.containsKey(label)
                  && copies.getOrDefault(String.valueOf(tables.get(label)), Set.of()).stream()
                      .anyMatch(copy -> isOn(copy, label, all))) {
            return;
          }
          if (marked().contains(label)
              && !other.lines.containsKey(label)
              && all.stream().anyMatch(line -> impliedByColumn(label, line))) {
            return;
          }
          kept.put(
              label,
              all.stream()
                  .map(line -> line.startsWith(COMMENT) ? MARK.matcher(line).replaceAll("") : line)
                  .collect(Collectors.toCollection(TreeSet::new)));
        });
    return new SchemaFacts(kept, tables);
  }

  /** By table, as it is written: columns in step that the other does not have, as written. */
  private Map<String, Set<String>> copies(SchemaFacts other) {
    Map<String, Set<String>> copies = new HashMap<>();
    lines.forEach(
        (label, all) -> {
          if (STEP.matcher(label).matches() && tables.containsKey(label)) {
            IN_STEP
                .matcher(String.join(" ", all))
                .results()
                .map(found -> found.group(1))
                .filter(
                    name ->
                        !other.lines.containsKey("column %s.%s".formatted(tables.get(label), name)))
                .forEach(
                    name ->
                        copies
                            .computeIfAbsent(tables.get(label), table -> new HashSet<>())
                            .add(name));
          }
        });
    return copies;
  }

  private static boolean isOn(String column, String label, Set<String> all) {
    return label.startsWith("column ")
        ? label.endsWith("." + column)
        : label.startsWith("index ")
            && all.stream()
                .anyMatch(
                    line ->
                        Pattern.compile("(?<!\\w)" + Pattern.quote(column) + "(?!\\w)")
                            .matcher(line)
                            .find());
  }

  private boolean impliedByColumn(String label, String line) {
    Matcher check = Pattern.compile("CHECK \\(\\((\\S+) IS NOT NULL\\)\\)").matcher(line);
    return check.matches()
        && lines
            .getOrDefault(
                "column %s.%s".formatted(tables.get(label), check.group(1)), new TreeSet<>())
            .contains("not null");
  }

  private interface Keep {
    boolean test(String label, String line);
  }

  private SchemaFacts filtered(Keep keep) {
    SortedMap<String, SortedSet<String>> kept = new TreeMap<>();
    lines.forEach(
        (label, all) ->
            kept.put(
                label,
                all.stream()
                    .filter(line -> keep.test(label, line))
                    .collect(Collectors.toCollection(TreeSet::new))));
    return new SchemaFacts(kept, tables);
  }
}
