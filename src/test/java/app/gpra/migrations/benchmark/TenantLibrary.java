package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.TestDatabase;
import java.util.List;

/** The database of a thousand users, with all migrations: few have much and many have little. */
final class TenantLibrary implements AutoCloseable {

  static final int USERS = 1000;

  /** Bound by the policies. */
  static final String APPLICATION = "gpra_app";

  /** May the same, and is not bound. */
  static final String UNBOUND = "gpra_unbound";

  private static final int FIRST = 1001;

  /**
   * Each row's owner follows from its number: the square of what is evenly spread gives the first
   * user 3 % of all, the tenth 0.5 %, the one in the middle 0.07 %. One user's rows lie scattered,
   * as they do where everybody adds some each day. No foreign key is looked at: they are right.
   */
  private static final String ROWS =
      """
      SET session_replication_role = replica;
      CREATE FUNCTION pg_temp.owner(n int) RETURNS int IMMUTABLE LANGUAGE sql
        AS 'SELECT %2$d + floor(%3$d * power((hashint4(n) & 2147483647) / 2147483648.0::float8, 2))::int';
      INSERT INTO ab_user (id, first_name, last_name, username, active, email)
      SELECT n, 'First', 'Last', 'user' || n, true, n || '@example.org' FROM generate_series(%2$d, %2$d + %3$d - 1) AS n;
      INSERT INTO items (id, item_id, title, notes, duration, description, "order", tuning, songbook, created_at, updated_at, user_id)
      SELECT 1000 + n, 1000 + n,
             (ARRAY['Blues', 'Waltz', 'Study', 'Reel', 'Ballad', 'Scale', 'Arpeggio', 'Lament', 'March', 'Air'])[1 + h %% 10]
               || ' in ' || (ARRAY['A', 'B flat', 'C', 'D minor', 'E', 'F sharp', 'G'])[1 + h / 10 %% 7]
               || ', part ' || 1 + h / 70 %% 5000,
             CASE WHEN h %% 3 = 0 THEN 'Slowly at first, ' || 60 + h %% 80 || ' bpm, then a little quicker each day' END,
             5 + h %% 4 * 5 || ' min',
             left('The right hand stays close to the strings and the left hand lifts no finger without need; count aloud, '
               || 'repeat each bar until it is even, and only then go on to the next one.', 30 + h %% 140),
             n %% 1000,
             (ARRAY['EADGBE', 'DADGAD', 'DGDGBD', 'DADGBE', NULL])[1 + h %% 5],
             (ARRAY['Traditional tunes', 'Classical pieces', NULL, NULL])[1 + h / 5 %% 4],
             timestamptz '2020-01-01 12:00+00' + n * interval '50 seconds',
             timestamptz '2025-01-01 12:00+00' + h %% 30000000 * interval '1 second',
             pg_temp.owner(n)
        FROM (SELECT n, hashint4(-n) & 2147483647 AS h FROM generate_series(1, %1$d) AS n) AS practised;
      INSERT INTO routines (id, name, created_at, "order", user_id)
      SELECT 1000 + n, 'Plan ' || n, timestamptz '2024-01-01 12:00+00' + n * interval '1 hour', n %% 30, pg_temp.owner(-n)
        FROM generate_series(1, %1$d / 10) AS n;
      -- Ten of their own items in each routine; every fourth item is in none.
      CREATE TEMP TABLE usable AS
      SELECT user_id, id, row_number() OVER (PARTITION BY user_id ORDER BY id) - 1 AS place FROM items WHERE id >= 1000 AND id %% 4 <> 0;
      CREATE TEMP TABLE usable_count AS SELECT user_id, count(*) AS items FROM usable GROUP BY user_id;
      INSERT INTO routine_items (routine_id, item_id, "order", completed, created_at)
      SELECT p.routine, u.id, p.n, p.n %% 3 = 0, timestamptz '2024-06-01 12:00+00' + p.routine * interval '5 minutes'
        FROM (SELECT r.id AS routine, n, r.user_id, (hashint4(r.id * 10 + n) & 2147483647) %% c.items AS place
                FROM routines r JOIN usable_count c USING (user_id) CROSS JOIN generate_series(0, 9) AS n WHERE r.id >= 1000) AS p
        JOIN usable u USING (user_id, place)
       ORDER BY 1, 3;
      -- Three charts for every tenth item.
      INSERT INTO chord_charts (item_id, title, chord_data, created_at, order_col, user_id)
      SELECT i.item_id, (ARRAY['Am', 'C', 'G'])[n], json_build_object('tuning', i.tuning, 'startingFret', n, 'fingers', '[[2,1],[4,2],[3,2]]'::json),
             i.created_at, n, i.user_id
        FROM items i CROSS JOIN generate_series(1, 3) AS n WHERE i.id >= 1000 AND i.id %% 10 = 0 ORDER BY i.id, n;
      INSERT INTO active_routine (routine_id) SELECT min(id) FROM routines WHERE id >= 1000 GROUP BY user_id;
      SELECT setval(pg_get_serial_sequence('items', 'id'), 1000 + %1$d), setval(pg_get_serial_sequence('routines', 'id'), 1000 + %1$d / 10);
      DROP TABLE usable, usable_count;
      """;

  private static final String ROLES =
      """
      CREATE ROLE %2$s BYPASSRLS;
      GRANT SELECT, INSERT, UPDATE, DELETE ON items, routines, routine_items, chord_charts, active_routine TO %1$s, %2$s;
      """
          .formatted(APPLICATION, UNBOUND);

  private final TestDatabase database;

  private TenantLibrary(TestDatabase database) {
    this.database = database;
  }

  /** Makes one; routines, places in them and chord charts come in proportion. */
  static TenantLibrary of(int items) {
    TestDatabase database = TestDatabase.legacy();
    new LiquibaseRun(database).enforce().update();
    database.execute(ROWS.formatted(items, FIRST, USERS)).execute(ROLES);
    TenantLibrary library = new TenantLibrary(database);
    library.vacuum();
    return library;
  }

  /** Takes away what was rolled back, and looks again at what is there. */
  void vacuum() {
    database.execute("VACUUM (ANALYZE)").execute("CHECKPOINT");
  }

  /** A client that takes either role. */
  TenantSession connect(boolean prepared) {
    return new TenantSession(database.jdbcUrl(), prepared);
  }

  /** The one that has most. */
  Tenant largest() {
    return tenant(FIRST);
  }

  /** Others, from those that have much to those that have least. */
  List<Tenant> some() {
    return List.of(3, 25, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, USERS - 1).stream()
        .map(rank -> tenant(FIRST + rank))
        .toList();
  }

  private Tenant tenant(int user) {
    String own = "FROM items i WHERE user_id = " + user;
    return new Tenant(
        user,
        integers("SELECT id " + own),
        integers(
            "SELECT id "
                + own
                + " AND NOT EXISTS (SELECT FROM routine_items WHERE item_id = i.id)"),
        database.query(
            "SELECT DISTINCT item_id FROM chord_charts WHERE user_id = " + user + " LIMIT 1000"),
        integers("SELECT id FROM routines WHERE user_id = " + user));
  }

  private List<Integer> integers(String query) {
    return database.query(query + " LIMIT 1000").stream().map(Integer::valueOf).toList();
  }

  /** How many rows somebody has, or all together. */
  String count(String table, String condition) {
    return Figures.number(
        Long.parseLong(database.value("SELECT count(*) FROM " + table + " WHERE " + condition)));
  }

  @Override
  public void close() {
    // The role goes with the server.
    database.close();
  }
}
