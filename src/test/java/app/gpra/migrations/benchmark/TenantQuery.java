package app.gpra.migrations.benchmark;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What the application asks, in two ways: the policies add whose rows they are, or the statement
 * says it itself. A name after a colon stands for a value of the {@link Tenant}.
 *
 * @param name in the report
 * @param kind of the table that it is about
 * @param policy the statement of a role that is bound by the policies
 * @param explicit the equal statement of a role that is not
 */
record TenantQuery(String name, Kind kind, String policy, String explicit) {

  /** What is allowed to the policies. */
  enum Kind {
    /** The table has user_id. */
    OWN(0.02e-3),
    /** Its owner is that of another row. */
    CHILD(0.05e-3),
    /** Reported, without a goal. */
    ASIDE(Double.POSITIVE_INFINITY);

    private final double seconds;

    Kind(double seconds) {
      this.seconds = seconds;
    }

    /** So much longer is no matter. */
    double seconds() {
      return seconds;
    }
  }

  /** Neither asks for a row: the way there and back, and how well two equal things agree. */
  static final TenantQuery NOTHING =
      new TenantQuery("no table: `SELECT 1`", Kind.ASIDE, "SELECT 1", "SELECT 1");

  static final TenantQuery ITEM =
      own("items: one by id", "SELECT %s FROM items WHERE id = :item".formatted(Columns.ITEM));

  static final TenantQuery LIST =
      new TenantQuery(
          "items: list, the first 50 in order",
          Kind.OWN,
          "SELECT %s FROM items ORDER BY \"order\", id LIMIT 50".formatted(Columns.ITEM),
          "SELECT %s FROM items WHERE user_id = :user ORDER BY \"order\", id LIMIT 50"
              .formatted(Columns.ITEM));

  static final TenantQuery COUNT =
      new TenantQuery(
          "items: count",
          Kind.OWN,
          "SELECT count(*) FROM items",
          "SELECT count(*) FROM items WHERE user_id = :user");

  static final TenantQuery ROUTINE =
      new TenantQuery(
          "routine_items: one routine's, with the items",
          Kind.CHILD,
          "SELECT l.id, l.\"order\", l.completed, i.id, i.title, i.duration, i.tuning FROM routine_items l"
              + " JOIN items i ON i.id = l.item_id WHERE l.routine_id = :routine ORDER BY l.\"order\"",
          "SELECT l.id, l.\"order\", l.completed, i.id, i.title, i.duration, i.tuning FROM routine_items l"
              + " JOIN routines r ON r.id = l.routine_id JOIN items i ON i.id = l.item_id"
              + " WHERE l.routine_id = :routine AND r.user_id = :user AND i.user_id = :user ORDER BY l.\"order\"");

  /** By id, routine or user: no plan of these may read what is somebody else's. */
  static final List<TenantQuery> ALL =
      List.of(
          LIST,
          COUNT,
          ITEM,
          new TenantQuery(
              "routines: list",
              Kind.OWN,
              "SELECT id, name, created_at, \"order\" FROM routines ORDER BY \"order\", id",
              "SELECT id, name, created_at, \"order\" FROM routines WHERE user_id = :user ORDER BY \"order\", id"),
          own(
              "routines: one by id",
              "SELECT id, name, \"order\" FROM routines WHERE id = :routine"),
          new TenantQuery(
              "charts: those of an item",
              Kind.OWN,
              "SELECT chord_id, title, chord_data FROM chord_charts WHERE item_id = :charted ORDER BY order_col",
              "SELECT chord_id, title, chord_data FROM chord_charts WHERE item_id = :charted AND user_id = :user"
                  + " ORDER BY order_col"),
          ROUTINE,
          new TenantQuery(
              "active_routine: the user's, from their routines",
              Kind.CHILD,
              "SELECT a.routine_id, r.name FROM routines r JOIN active_routine a ON a.routine_id = r.id",
              "SELECT a.routine_id, r.name FROM routines r JOIN active_routine a ON a.routine_id = r.id"
                  + " WHERE r.user_id = :user"),
          new TenantQuery("items: insert", Kind.OWN, Columns.INSERT, Columns.INSERT),
          own("items: update", "UPDATE items SET notes = 'Evenly' WHERE id = :item"),
          own("items: delete", "DELETE FROM items WHERE id = :spare"),
          new TenantQuery(
              "routine_items: insert",
              Kind.CHILD,
              "INSERT INTO routine_items (routine_id, item_id, \"order\") VALUES (:routine, :item, 3)",
              "INSERT INTO routine_items (routine_id, item_id, \"order\") SELECT r.id, i.id, 3 FROM routines r, items i"
                  + " WHERE r.id = :routine AND r.user_id = :user AND i.id = :item AND i.user_id = :user"));

  /** Names nothing of the user's: only the policy knows, and looks at everybody's rows. */
  static final TenantQuery ACTIVE_ALONE =
      new TenantQuery(
          "active_routine: without naming a routine",
          Kind.ASIDE,
          "SELECT id, routine_id, updated_at FROM active_routine",
          "SELECT id, routine_id, updated_at FROM active_routine a"
              + " WHERE EXISTS (SELECT FROM routines r WHERE r.id = a.routine_id AND r.user_id = :user)");

  private static final Pattern PLACEHOLDER = Pattern.compile("(?<!:):[a-z]+");

  /** Apart, so that they are there before the queries are. */
  private static final class Columns {
    static final String ITEM =
        "id, item_id, title, notes, duration, description, \"order\", tuning, songbook, created_at, updated_at";
    static final String INSERT =
        "INSERT INTO items (item_id, title, duration, \"order\", tuning, user_id)"
            + " VALUES ('2000000', 'A new one', '5 min', 3, 'EADGBE', :user)";
  }

  private static TenantQuery own(String name, String policy) {
    return new TenantQuery(name, Kind.OWN, policy, policy + " AND user_id = :user");
  }

  /** The same under another name, as for another tenant. */
  TenantQuery named(String other) {
    return new TenantQuery(other, kind, policy, explicit);
  }

  /** With question marks, as JDBC has it. */
  static String parameters(String statement) {
    return PLACEHOLDER.matcher(statement).replaceAll("?");
  }

  /** With numbers, as PREPARE has it: each place is a parameter of its own. */
  static String numbered(String statement) {
    int[] number = {0};
    return PLACEHOLDER.matcher(statement).replaceAll(place -> "\\$" + ++number[0]);
  }

  /** With the values in it. */
  static String literal(String statement, Tenant tenant) {
    return PLACEHOLDER
        .matcher(statement)
        .replaceAll(place -> quoted(tenant.value(place.group(), 0)));
  }

  /** The values, quoted, in the order of their places. */
  static List<String> literals(String statement, Tenant tenant) {
    return placeholders(statement).stream().map(name -> quoted(tenant.value(name, 0))).toList();
  }

  /** The places of a statement, in order. */
  static List<String> placeholders(String statement) {
    return PLACEHOLDER.matcher(statement).results().map(MatchResult::group).toList();
  }

  private static String quoted(Object value) {
    return value instanceof String text ? "'" + text + "'" : value.toString();
  }
}
