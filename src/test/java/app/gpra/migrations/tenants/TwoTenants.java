package app.gpra.migrations.tenants;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/**
 * A migrated database in which A attacks and B is attacked, and the roles by which A comes. Nothing
 * in it belongs to a superuser but what is there to show why it should not.
 *
 * @param database whose tables and itself belong to the owner
 * @param owner an ordinary role
 * @param application what docs/sql/application-role.sql makes of a role
 * @param webhook likewise
 */
record TwoTenants(TestDatabase database, TestRole owner, TestRole application, TestRole webhook)
    implements AutoCloseable {

  /** The attacker's number. */
  static final String A = "4";

  /** The number of the one who is attacked. */
  static final String B = "5";

  /** What is B's, in a text or as the number of a row. */
  static final String SECRET = "(?i)B-SECRET|(?<![\\d.:])9000\\d\\d(?!\\d)";

  static final List<String> TABLES =
      List.of(
          "items",
          "routines",
          "routine_items",
          "chord_charts",
          "subscriptions",
          "active_routine",
          "common_chords",
          "ab_user",
          "ab_user_role");

  private static final Path GRANTS = Path.of("docs/sql/application-role.sql");

  /** C is there to be deleted: nothing refers to what C has. */
  private static final String ROWS =
      """
      UPDATE ab_user SET password = 'A hash' WHERE id = 4;
      UPDATE ab_user SET password = 'B-SECRET hash' WHERE id = 5;
      INSERT INTO ab_user (id, first_name, last_name, username, active, email)
      VALUES (900006, 'C', 'C', 'c', true, 'c@example.org');
      INSERT INTO items (id, title, notes, user_id, created_at, updated_at) VALUES
        (100001, 'A item 1', 'A note', 4, '2026-01-01', '2026-01-01'), (100002, 'A item 2', 'A note', 4, '2026-01-01', '2026-01-01'),
        (900001, 'B-SECRET item 1', 'B-SECRET note', 5, '2026-01-01', '2026-01-01'),
        (900002, 'B-SECRET item 2', 'B-SECRET note', 5, '2026-01-01', '2026-01-01'),
        (900006, 'B-SECRET of C', 'B-SECRET note', 900006, '2026-01-01', '2026-01-01');
      INSERT INTO routines (id, name, user_id, created_at) VALUES
        (100001, 'A routine 1', 4, '2026-01-01'), (100002, 'A routine 2', 4, '2026-01-01'),
        (900001, 'B-SECRET routine 1', 5, '2026-01-01'), (900002, 'B-SECRET routine 2', 5, '2026-01-01');
      INSERT INTO routine_items (id, routine_id, item_id, created_at) VALUES
        (100001, 100001, 100001, '2026-01-01'), (100002, 100001, 100002, '2026-01-01'),
        (900001, 900001, 900001, '2026-01-01'), (900002, 900001, 900002, '2026-01-01');
      INSERT INTO chord_charts (chord_id, item_id, title, chord_data, user_id, created_at) VALUES
        (100001, '100001', 'A chord 1', '{"a": 1}', 4, '2026-01-01'), (100002, '100001', 'A chord 2', '{"a": 2}', 4, '2026-01-01'),
        (900001, '900001', 'B-SECRET chord', '{"b": "B-SECRET"}', 5, '2026-01-01');
      INSERT INTO subscriptions (id, user_id, stripe_subscription_id, stripe_price_id, tier, mrr) VALUES
        (100001, 4, 'sub_a', 'A price', 'free', 1), (900001, 5, 'sub_b', 'B-SECRET price', 'pro', 9);
      INSERT INTO active_routine (id, routine_id, updated_at) VALUES
        (100001, 100001, '2026-01-01'), (900001, 900001, '2026-01-01');
      """;

  /** What is a superuser's and what is the owner's, in each kind; and what everybody may call. */
  private static final String OBJECTS =
      """
      CREATE FUNCTION leaky(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0000001
        AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$;
      CREATE FUNCTION leaky_no(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0000001
        AS $$ BEGIN RAISE NOTICE '%', $1; RETURN false; END $$;
      CREATE FUNCTION leaky_operator(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE COST 0.0000001
        AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$;
      CREATE OPERATOR <<<< (FUNCTION = leaky_operator, LEFTARG = text, RIGHTARG = text);
      CREATE VIEW superusers_items AS SELECT * FROM items;
      CREATE VIEW superusers_barrier WITH (security_barrier) AS SELECT * FROM items WHERE user_id = 4;
      CREATE VIEW owners_items AS SELECT * FROM items;
      CREATE MATERIALIZED VIEW copied_items AS SELECT * FROM items;
      CREATE MATERIALIZED VIEW copied_items_ungranted AS SELECT * FROM items;
      CREATE FUNCTION superusers_definer() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT title FROM items';
      CREATE FUNCTION superusers_definer_ungranted() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = public
        AS 'SELECT title FROM items';
      REVOKE EXECUTE ON FUNCTION superusers_definer_ungranted() FROM PUBLIC;
      CREATE FUNCTION owners_definer() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT title FROM items';
      CREATE FUNCTION owners_definer_delete() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public
        AS 'DELETE FROM items WHERE id = 900001';
      CREATE FUNCTION invoker() RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT title FROM items';
      CREATE FUNCTION invoker_plpgsql() RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT title::text FROM items; END $$;
      CREATE FUNCTION invoker_dynamic(text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE $1; END $$;
      ALTER VIEW owners_items OWNER TO the_owner;
      ALTER FUNCTION owners_definer() OWNER TO the_owner;
      ALTER FUNCTION owners_definer_delete() OWNER TO the_owner;
      """;

  /** What of it the script of the application's role would stop at. */
  static final String OPEN =
      "superusers_items; superusers_barrier; owners_items; copied_items; superusers_definer();"
          + " owners_definer(); owners_definer_delete(); watch.others()";

  /** From PostgreSQL 15 on. */
  private static final String INVOKER_VIEW =
      "CREATE VIEW invoker_items WITH (security_invoker = true) AS SELECT * FROM items;";

  /** Digests of all that is not A's, and what is needed to put everything back. */
  private static final String WATCH =
      """
      CREATE SCHEMA watch;
      GRANT USAGE ON SCHEMA watch TO PUBLIC;
      CREATE FUNCTION watch.others() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
      BEGIN
        RETURN QUERY WITH seen AS (
          SELECT 'items' AS name, to_jsonb(t)::text AS line FROM items t WHERE user_id IS DISTINCT FROM 4
          UNION ALL SELECT 'routines', to_jsonb(t)::text FROM routines t WHERE user_id IS DISTINCT FROM 4
          UNION ALL SELECT 'chord_charts', to_jsonb(t)::text FROM chord_charts t WHERE user_id IS DISTINCT FROM 4
          UNION ALL SELECT 'subscriptions', to_jsonb(t)::text FROM subscriptions t WHERE user_id IS DISTINCT FROM 4
          UNION ALL SELECT 'routine_items', to_jsonb(t)::text FROM routine_items t
            JOIN routines r ON r.id = t.routine_id JOIN items i ON i.id = t.item_id
           WHERE r.user_id IS DISTINCT FROM 4 OR i.user_id IS DISTINCT FROM 4
          UNION ALL SELECT 'active_routine', to_jsonb(t)::text FROM active_routine t LEFT JOIN routines r ON r.id = t.routine_id
           WHERE r.user_id IS DISTINCT FROM 4
          UNION ALL SELECT 'common_chords', to_jsonb(t)::text FROM common_chords t
          UNION ALL SELECT 'ab_user', to_jsonb(t)::text FROM ab_user t WHERE id <> 4
          UNION ALL SELECT 'ab_user_role', to_jsonb(t)::text FROM ab_user_role t WHERE user_id IS DISTINCT FROM 4)
        SELECT format('%s: %s rows, %s', name, count(*), md5(string_agg(line, ' ' ORDER BY line))) FROM seen GROUP BY name ORDER BY name;
      END $$;
      """;

  static TwoTenants create() {
    TwoTenants tenants = new TwoTenants(TestDatabase.legacy(), newRole(), newRole(), newRole());
    TestDatabase database = tenants.database;
    new LiquibaseRun(database).enforce().update();
    database.execute(ROWS);
    for (String table :
        database.query(
            "SELECT oid::regclass FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'databasechangelog%'")) {
      database.execute("ALTER TABLE %s OWNER TO %s".formatted(table, tenants.owner.name()));
    }
    database.execute("ALTER SEQUENCE ab_user_id_seq OWNER TO " + tenants.owner.name());
    database.execute(OBJECTS.replace("the_owner", tenants.owner.name()));
    if (tenants.hasInvokerViews()) {
      database.execute(INVOKER_VIEW);
    }
    StringBuilder watch = new StringBuilder(WATCH);
    TABLES.forEach(t -> watch.append("CREATE TABLE watch.%1$s AS TABLE %1$s;".formatted(t)));
    database.execute(watch + "ANALYZE");
    tenants.grant();
    return tenants;
  }

  private static TestRole newRole() {
    return TestRole.create(UUID.randomUUID().toString());
  }

  private boolean hasInvokerViews() {
    return version() >= 15;
  }

  int version() {
    return Integer.parseInt(database.value("SHOW server_version_num")) / 10_000;
  }

  /**
   * Another one that begins as this is; what was granted on the database itself is not copied. The
   * roles stay this one's.
   */
  TwoTenants copy() {
    TwoTenants copy = new TwoTenants(database.copy(), owner, application, webhook);
    copy.grant();
    return copy;
  }

  private void grant() {
    database.execute(
        "ALTER DATABASE %1$s OWNER TO %2$s; ALTER SCHEMA public OWNER TO %2$s"
            .formatted(database, owner.name()));
    grantAgain();
    for (TestRole role : List.of(application, owner)) {
      database.execute(
          "GRANT SELECT, UPDATE ON superusers_items, superusers_barrier, owners_items TO %1$s; GRANT SELECT ON copied_items TO %1$s"
              .formatted(role.name()));
      if (hasInvokerViews()) {
        database.execute("GRANT SELECT, UPDATE ON invoker_items TO " + role.name());
      }
    }
  }

  /** Runs docs/sql/application-role.sql, as the owner. */
  void grantAgain() {
    grantAgain(Map.of());
  }

  /**
   * The same.
   *
   * @param more variables beside the two that it needs; the same of both counts
   */
  void grantAgain(Map<String, String> more) {
    Map<String, String> variables = new HashMap<>();
    variables.put("app_role", application.name());
    variables.put("webhook_role", webhook.name());
    variables.put("also", OPEN);
    variables.putAll(more);
    database.script(owner, script(GRANTS, variables));
  }

  void sabotage(Sabotage sabotage) {
    database.execute(sabotage.sql(this));
  }

  /** A script for psql with its variables replaced; it makes empty those that are not given. */
  private static String script(Path file, Map<String, String> variables) {
    try {
      return Pattern.compile(":'(\\w+)'")
          .matcher(Files.readString(file).replaceAll("(?m)^ *\\\\(?!ir ).*$", ""))
          .replaceAll(
              variable ->
                  Matcher.quoteReplacement(
                      "'"
                          + variables.getOrDefault(variable.group(1), "").replace("'", "''")
                          + "'"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A direct connection. */
  Connection connect(TestRole role, String queryMode) throws SQLException {
    return connect(role, queryMode, "");
  }

  /**
   * The same.
   *
   * @param options with which the session begins, such as {@code -c jit=off}
   */
  Connection connect(TestRole role, String queryMode, String options) throws SQLException {
    Properties login = new Properties();
    PGProperty.OPTIONS.set(login, options);
    login.setProperty("user", role.name());
    login.setProperty("password", role.password());
    PGProperty.PREFER_QUERY_MODE.set(login, queryMode);
    PGProperty.PREPARE_THRESHOLD.set(login, 1);
    return DriverManager.getConnection(database.bareUrl(), login);
  }

  TestRole role(Mode mode) {
    return mode.owner() ? owner : application;
  }

  @Override
  public void close() {
    database.close();
    List.of(owner, application, webhook).forEach(TestRole::close);
  }
}
