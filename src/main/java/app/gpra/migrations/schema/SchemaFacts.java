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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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

  /** A comment that begins with this project's mark, and one that a migration added at its end. */
  private static final Pattern MARK =
      Pattern.compile(" ?\\[gpra \\d{3}\\] was .*(?='$)|\\[gpra \\d{3}[^]]*\\] ?");

  private static final String COMMENT = "comment ";

  private static final Pattern SOMEBODY_ELSES =
      Pattern.compile(
          "(schema|setting|default privileges|publication|event trigger|extension) ?.*"
              + "|.*\\bgpra_admin_assignment\\b.*");

  private static final Pattern NO_CHANGE =
      Pattern.compile("owner .*|granted to .*|internal triggers, .*");

  private static final Pattern SERIAL = Pattern.compile("default nextval\\('[^']*'::regclass\\)");

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
                      : Catalog.reread(line.replaceAll("\\s+", " ")));
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
   * Without what the migrations keep for themselves: marks, comments where the other has none, and
   * a check that a column is not null where the column says so too.
   */
  SchemaFacts withoutBookkeeping(SchemaFacts other) {
    SchemaFacts plain =
        filtered(
            (label, line) ->
                !line.startsWith(COMMENT)
                    || other.lines.getOrDefault(label, new TreeSet<>()).stream()
                        .anyMatch(theirs -> theirs.startsWith(COMMENT)));
    SortedMap<String, SortedSet<String>> kept = new TreeMap<>();
    plain.lines.forEach(
        (label, all) -> {
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
