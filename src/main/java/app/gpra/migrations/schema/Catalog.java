package app.gpra.migrations.schema;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tables of a database's first schema as PostgreSQL itself writes them, by name. Liquibase says
 * what differs; how it is written exactly stands here.
 *
 * @param reserved names that would need quotes
 * @param domains types made from another, by name
 * @param types all that are neither PostgreSQL's nor an extension's, domains too, by name
 */
record Catalog(
    SortedMap<String, Table> tables, Set<String> reserved, Set<String> domains, Set<String> types) {

  /**
   * @param comment null if there is none
   * @param forced whether row-level security binds its owner too
   */
  record Table(
      String name,
      String comment,
      boolean forced,
      Map<String, Column> columns,
      Map<String, Index> indexes,
      Map<String, Constraint> constraints) {

    /** The primary key, null if there is none. */
    Constraint primaryKey() {
      return constraints.values().stream()
          .filter(constraint -> constraint.type().equals("p"))
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * @param value the default; null if there is none
   * @param identity always or by default, or a serial; null if it is neither
   * @param comment null if there is none
   */
  record Column(
      String table,
      String name,
      String type,
      boolean required,
      String value,
      String identity,
      boolean generated,
      String comment) {}

  /**
   * @param definition what follows USING
   */
  record Index(String table, String name, boolean unique, String definition) {}

  /**
   * @param type as in pg_constraint: c, f, p, u, x
   * @param leadsTo the table that a foreign key leads to; null for others
   * @param comment null if there is none
   */
  record Constraint(
      String table,
      String name,
      String type,
      String definition,
      List<String> columns,
      String leadsTo,
      String comment) {}

  private static final Pattern OTHERS =
      Pattern.compile("ab_.*|databasechangelog.*|alembic_version");

  private static final Pattern VALUE = Pattern.compile("'(?:[^']|'')*'::character varying");

  private static final Pattern VALUES =
      Pattern.compile("\\(ARRAY\\[((?:" + VALUE + "(?:, )?)+)\\]\\)::text\\[\\]");

  private static final String HERE =
      " c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')";

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

  /** Reads a database; only looks. */
  static Catalog read(Connection connection) throws SQLException {
    SortedMap<String, Table> tables = new TreeMap<>();
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT c.relname, obj_description(c.oid, 'pg_class'), c.relforcerowsecurity FROM pg_class c WHERE"
                  + HERE)) {
        while (row.next()) {
          tables.put(
              row.getString(1),
              new Table(
                  row.getString(1),
                  row.getString(2),
                  row.getBoolean(3),
                  new LinkedHashMap<>(),
                  new TreeMap<>(),
                  new TreeMap<>()));
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),"
                  + " a.attidentity, a.attgenerated <> '', col_description(c.oid, a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                  + " AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE"
                  + HERE
                  + " ORDER BY c.relname, a.attnum")) {
        while (row.next()) {
          String value = row.getString(5);
          String identity = row.getString(6);
          boolean serial = value != null && value.startsWith("nextval(");
          tables
              .get(row.getString(1))
              .columns()
              .put(
                  row.getString(2),
                  new Column(
                      row.getString(1),
                      row.getString(2),
                      row.getString(3),
                      row.getBoolean(4),
                      serial ? null : value,
                      identity.equals("a")
                          ? "ALWAYS"
                          : identity.equals("d") || serial ? "BY DEFAULT" : null,
                      row.getBoolean(7),
                      row.getString(8)));
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT c.relname, x.relname, i.indisunique, regexp_replace(pg_get_indexdef(x.oid), '^CREATE (UNIQUE )?INDEX \\S+ ON (?:ONLY )?(?:\"[^\"]*\"|[^\\s\"])+ USING ', '')"
                  + " FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid"
                  + " WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.oid AND k.conrelid = c.oid) AND"
                  + HERE)) {
        while (row.next()) {
          tables
              .get(row.getString(1))
              .indexes()
              .put(
                  row.getString(2),
                  new Index(
                      row.getString(1),
                      row.getString(2),
                      row.getBoolean(3),
                      reread(row.getString(4))));
        }
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT c.relname, k.conname, k.contype, regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),"
                  + " (SELECT array_agg(a.attname::text ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY AS n (num, o) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = n.num),"
                  + " (SELECT relname FROM pg_class WHERE oid = k.confrelid), obj_description(k.oid, 'pg_constraint')"
                  + " FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND"
                  + HERE)) {
        while (row.next()) {
          Array columns = row.getArray(5);
          List<String> names = new ArrayList<>();
          if (columns != null) {
            names.addAll(List.of((String[]) columns.getArray()));
          }
          tables
              .get(row.getString(1))
              .constraints()
              .put(
                  row.getString(2),
                  new Constraint(
                      row.getString(1),
                      row.getString(2),
                      row.getString(3),
                      reread(row.getString(4)),
                      names,
                      row.getString(6),
                      row.getString(7)));
        }
      }
    }
    Set<String> reserved = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT word FROM pg_get_keywords() WHERE quote_ident(word) <> word")) {
      while (row.next()) {
        reserved.add(row.getString(1));
      }
    }
    Set<String> domains = new HashSet<>();
    Set<String> types = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT format_type(oid, NULL), typtype = 'd' FROM pg_type t WHERE typtype IN ('d', 'e', 'r')"
                    + " AND typnamespace = current_schema()::regnamespace"
                    + " AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')")) {
      while (row.next()) {
        types.add(row.getString(1));
        if (row.getBoolean(2)) {
          domains.add(row.getString(1));
        }
      }
    }
    return new Catalog(tables, reserved, domains, types);
  }

  Optional<Table> table(String name) {
    return Optional.ofNullable(tables.get(name));
  }

  Optional<Column> column(String table, String name) {
    return table(table).map(found -> found.columns().get(name));
  }

  Optional<Index> index(String table, String name) {
    return table(table).map(found -> found.indexes().get(name));
  }

  Optional<Constraint> constraint(String table, String name) {
    return table(table).map(found -> found.constraints().get(name));
  }
}
