package app.gpra.migrations.tenants;

import static app.gpra.migrations.tenants.Attack.denied;
import static app.gpra.migrations.tenants.Attack.gap;
import static app.gpra.migrations.tenants.Attack.leaks;
import static app.gpra.migrations.tenants.Attack.nothing;
import static app.gpra.migrations.tenants.Attack.own;
import static app.gpra.migrations.tenants.Attack.refused;
import static app.gpra.migrations.tenants.Attack.shows;
import static app.gpra.migrations.tenants.Attack.sql;
import static app.gpra.migrations.tenants.Attack.tells;
import static app.gpra.migrations.tenants.Attack.where;

import java.util.List;
import java.util.stream.Stream;

/** Queries of every form, what they and their errors tell, and who is asking. */
final class QueryAttacks {

  private QueryAttacks() {}

  static List<Attack> all() {
    return Stream.of(
            joins(),
            aggregates(),
            subqueries(),
            ctes(),
            whole(),
            leaky(),
            errors(),
            settings(),
            keys())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Attack> joins() {
    return List.of(
        sql("join", "items with themselves", "SELECT o.title FROM items i CROSS JOIN items o")
            .is(own(4)),
        sql(
                "join",
                "links with items",
                "SELECT * FROM routine_items l JOIN items i ON i.id = l.item_id")
            .is(own(2)),
        sql(
                "join",
                "routines without links",
                "SELECT r.* FROM routine_items l RIGHT JOIN routines r ON r.id = l.routine_id")
            .is(own(3)),
        sql("join", "everything, full", "SELECT * FROM items FULL JOIN routines USING (user_id)")
            .is(own(4)),
        sql(
                "join",
                "users with items",
                "SELECT u.username, i.title FROM ab_user u JOIN items i ON i.user_id = u.id")
            .is(own(2)),
        sql(
                "join",
                "lateral",
                "SELECT x.* FROM ab_user u CROSS JOIN LATERAL (SELECT title FROM items WHERE user_id = u.id) x")
            .is(own(2)),
        sql(
                "join",
                "anti",
                "SELECT i.* FROM items i LEFT JOIN routine_items l ON l.item_id = i.id WHERE l.id IS NULL")
            .is(nothing()),
        sql(
                "join",
                "semi, by B's number",
                "SELECT * FROM items WHERE user_id IN (SELECT id FROM ab_user WHERE id <> 4)")
            .is(nothing()),
        sql(
                "join",
                "guessed keys",
                "SELECT i.* FROM generate_series(900001, 900010) AS k JOIN items i ON i.id = k")
            .is(nothing()),
        sql(
                "join",
                "charts by the text of an item's number",
                "SELECT c.* FROM chord_charts c JOIN items i ON i.id::text = c.item_id")
            .is(own(2)),
        sql(
                "join",
                "update",
                "UPDATE items i SET notes = 'x' FROM items o WHERE o.id <> i.id AND o.id > 100002")
            .is(nothing()),
        sql(
                "join",
                "update by B's routine",
                "UPDATE routine_items l SET completed = true FROM routines r WHERE r.id = l.routine_id AND r.id = 900001")
            .is(nothing()));
  }

  private static List<Attack> aggregates() {
    return List.of(
        sql("aggregate", "greatest key", "SELECT max(id) FROM items").is(shows("100002")),
        sql("aggregate", "greatest title", "SELECT max(title) FROM items").is(shows("A item 2")),
        sql("aggregate", "all titles", "SELECT string_agg(title, ',' ORDER BY title) FROM items")
            .is(shows("A item 1,A item 2")),
        sql("aggregate", "all rows as JSON", "SELECT json_agg(i) FROM items i").is(own(1)),
        sql("aggregate", "by user", "SELECT user_id, count(*) FROM items GROUP BY user_id")
            .is(shows("4|2")),
        sql(
                "aggregate",
                "cube",
                "SELECT user_id, count(*) FROM routines GROUP BY CUBE (user_id) ORDER BY 1")
            .is(shows("4|2", "∅|2")),
        sql("aggregate", "revenue", "SELECT sum(mrr) FROM subscriptions").is(shows("1.00")),
        sql("aggregate", "filter", "SELECT count(*) FILTER (WHERE user_id <> 4) FROM items")
            .is(shows("0")),
        sql(
                "aggregate",
                "window",
                "SELECT lead(title) OVER (ORDER BY id), count(*) OVER () FROM items")
            .is(shows("A item 2|2", "∅|2")),
        sql(
                "aggregate",
                "having",
                "SELECT user_id FROM chord_charts GROUP BY 1 HAVING user_id <> 4")
            .is(nothing()),
        sql("aggregate", "distinct", "SELECT DISTINCT user_id FROM items").is(shows("4")),
        sql("aggregate", "counted by links", "SELECT count(DISTINCT routine_id) FROM routine_items")
            .is(shows("1")));
  }

  private static List<Attack> subqueries() {
    return List.of(
        sql("subquery", "exists", "SELECT EXISTS (SELECT FROM items WHERE id = 900001)")
            .is(shows("f")),
        sql("subquery", "scalar", "SELECT (SELECT title FROM items WHERE id = 900001)")
            .is(shows("∅")),
        sql("subquery", "any", "SELECT 900001 = ANY (SELECT id FROM items)").is(shows("f")),
        sql("subquery", "array", "SELECT ARRAY(SELECT id FROM items ORDER BY id)")
            .is(shows("{100001,100002}")),
        sql(
                "subquery",
                "link to B's routine",
                "SELECT EXISTS (SELECT FROM routine_items WHERE routine_id = 900001)")
            .is(shows("f")),
        sql(
                "subquery",
                "in an insert",
                "INSERT INTO items (title, user_id) SELECT title, 4 FROM items WHERE id > 100002")
            .is(nothing()),
        sql(
                "subquery",
                "in an update",
                "UPDATE items SET notes = (SELECT max(notes) FROM items) RETURNING notes")
            .is(shows("A note", "A note")),
        sql(
                "subquery",
                "in a returning",
                "UPDATE items SET notes = 'x' WHERE id = 100001 RETURNING (SELECT string_agg(title, ',' ORDER BY id) FROM items)")
            .is(shows("A item 1,A item 2")),
        sql(
                "subquery",
                "B's title copied into a chart",
                "INSERT INTO chord_charts (item_id, title, chord_data, user_id) SELECT id, title, '{}', 4 FROM items WHERE user_id = 5")
            .is(nothing()),
        sql(
                "subquery",
                "union",
                "SELECT title FROM items UNION ALL SELECT name FROM routines UNION ALL SELECT title FROM chord_charts UNION ALL SELECT stripe_price_id FROM subscriptions")
            .is(own(7)),
        sql(
                "subquery",
                "except",
                "SELECT id FROM items EXCEPT SELECT unnest(ARRAY[100001, 100002])")
            .is(nothing()));
  }

  private static List<Attack> ctes() {
    return List.of(
        sql("cte", "materialized", "WITH w AS MATERIALIZED (SELECT * FROM items) SELECT * FROM w")
            .is(own(2)),
        sql(
                "cte",
                "not materialized",
                "WITH w AS NOT MATERIALIZED (SELECT * FROM items) SELECT * FROM w WHERE user_id = 5")
            .is(nothing()),
        sql(
                "cte",
                "recursive",
                "WITH RECURSIVE w AS (SELECT id FROM items UNION SELECT i.id FROM items i JOIN w ON i.id > w.id) SELECT * FROM w")
            .is(own(2)),
        sql(
                "cte",
                "that deletes",
                "WITH w AS (DELETE FROM chord_charts WHERE user_id = 5 RETURNING *) SELECT * FROM w")
            .is(nothing()),
        sql(
                "cte",
                "that updates blindly",
                "WITH w AS (UPDATE items SET notes = 'x' RETURNING *) SELECT * FROM w")
            .is(own(2)),
        sql(
                "cte",
                "that inserts for B",
                "WITH w AS (INSERT INTO items (title, user_id) VALUES ('x', 5) RETURNING *) SELECT * FROM w")
            .is(denied()),
        sql(
                "cte",
                "that changes who asks",
                "WITH w AS MATERIALIZED (SELECT set_config('app.current_user_id', '', true)) SELECT i.* FROM w, items i WHERE i.user_id = 5")
            .is(nothing()));
  }

  private static List<Attack> whole() {
    return List.of(
        sql("row forms", "TABLE", "TABLE items").is(own(2)),
        sql("row forms", "ONLY", "SELECT * FROM ONLY items").is(own(2)),
        sql("row forms", "a whole row", "SELECT i FROM items i").is(own(2)),
        sql("row forms", "as JSON", "SELECT to_jsonb(i) FROM items i").is(own(2)),
        sql("row forms", "sample", "SELECT * FROM items TABLESAMPLE SYSTEM (100)").is(own(2)),
        sql("row forms", "by place", "SELECT title FROM items WHERE ctid > '(0,0)'::tid")
            .is(own(2)),
        sql(
                "row forms",
                "a query in a string",
                "SELECT query_to_xml('SELECT title FROM items', true, true, '')")
            .is(own(1)),
        sql(
                "row forms",
                "words of a query in a string",
                "SELECT word FROM ts_stat('SELECT to_tsvector(''simple'', title) FROM items') WHERE word LIKE '%secret%'")
            .is(nothing()),
        sql("row forms", "a cursor", "DECLARE c CURSOR FOR SELECT * FROM items", "FETCH ALL c")
            .is(own(2)),
        sql(
                "row forms",
                "a scrolling cursor",
                "DECLARE c SCROLL CURSOR FOR SELECT * FROM items",
                "MOVE LAST c",
                "FETCH BACKWARD ALL c")
            .is(own(1)),
        sql(
                "row forms",
                "WHERE CURRENT OF",
                "DECLARE c CURSOR FOR SELECT * FROM items WHERE user_id = 5 FOR UPDATE",
                "FETCH c",
                "DELETE FROM items WHERE CURRENT OF c")
            .is(refused("24000")),
        sql(
                "row forms",
                "DO",
                "DO $$ DECLARE r record; BEGIN FOR r IN SELECT title FROM items LOOP RAISE NOTICE '%', r.title; END LOOP; END $$")
            .is(nothing()),
        sql(
                "statistics",
                "most common values",
                "SELECT * FROM pg_stats WHERE tablename IN ('items', 'routines', 'chord_charts', 'subscriptions')")
            .is(nothing()),
        sql("statistics", "the table behind it", "SELECT stavalues1 FROM pg_statistic")
            .is(denied()),
        sql(
                "statistics",
                "how many rows there are",
                "SELECT reltuples >= 40 FROM pg_class WHERE oid = 'items'::regclass")
            .is(gap(shows("t"), Closing.NOTHING)),
        sql("statistics", "how large a table is", "SELECT pg_relation_size('items') > 0")
            .is(gap(shows("t"), Closing.NOTHING)),
        sql(
                "explain", "how many rows were filtered out",
                "SET LOCAL enable_indexscan = off", "SET LOCAL enable_bitmapscan = off",
                "CLOSE ALL",
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM items")
            .is(gap(tells("Rows Removed by Filter: 39"), Closing.NOTHING)));
  }

  /** Functions that tell what they are given are not asked before the policy is. */
  private static List<Attack> leaky() {
    return List.of(
        sql("leaky", "where", "SELECT * FROM items WHERE leaky(title)").is(own(2)),
        sql("leaky", "where, cheaper than the policy", "SELECT * FROM items WHERE leaky_no(title)")
            .is(nothing()),
        sql("leaky", "operator", "SELECT * FROM items WHERE title::text <<<< ''").is(own(2)),
        sql("leaky", "order", "SELECT * FROM items ORDER BY leaky(title)").is(own(2)),
        sql(
                "leaky",
                "join",
                "SELECT * FROM items i JOIN routines r ON leaky(i.title) AND leaky(r.name)")
            .is(own(4)),
        sql("leaky", "child", "SELECT * FROM routine_items WHERE leaky(routine_id::text)")
            .is(own(2)),
        sql("leaky", "active routine", "SELECT * FROM active_routine WHERE leaky(routine_id::text)")
            .is(own(1)),
        sql("leaky", "update", "UPDATE items SET notes = 'x' WHERE leaky(title)").is(own(2)),
        sql("leaky", "delete", "DELETE FROM chord_charts WHERE leaky(title)").is(own(2)),
        sql("leaky", "having", "SELECT title FROM items GROUP BY title HAVING leaky(title)")
            .is(own(2)),
        sql("leaky", "view of the owner", "SELECT * FROM owners_items WHERE leaky(title)")
            .is(own(2)),
        sql("leaky", "returning", "UPDATE items SET notes = 'x' RETURNING leaky(title)").is(own(2)),
        sql(
                "leaky",
                "upsert",
                "INSERT INTO items (id, title, user_id) VALUES (900001, 'x', 4) ON CONFLICT (id) DO UPDATE SET title = 'x' WHERE leaky_no(items.title)")
            .is(denied())
            .owner(
                where(
                    ServerGap.UPSERT_OVER_HIDDEN_ROW,
                    gap(leaks(), Closing.COLUMN_GRANTS),
                    denied())),
        sql(
                "leaky",
                "upsert that is refused",
                "INSERT INTO routines (id, name, user_id) VALUES (900001, 'x', 4) ON CONFLICT (id) DO UPDATE SET name = 'x' WHERE leaky(routines.name)")
            .is(denied())
            .owner(
                where(
                    ServerGap.UPSERT_OVER_HIDDEN_ROW,
                    gap(leaks(), Closing.COLUMN_GRANTS),
                    denied())),
        sql(
                "leaky",
                "upsert by Stripe's number",
                "INSERT INTO subscriptions (user_id, stripe_subscription_id) VALUES (4, 'sub_b') ON CONFLICT (stripe_subscription_id) DO UPDATE SET tier = 'pro' WHERE leaky_no(subscriptions.stripe_price_id)")
            .is(denied())
            .owner(
                where(
                    ServerGap.UPSERT_OVER_HIDDEN_ROW,
                    gap(leaks(), Closing.COLUMN_GRANTS),
                    denied())));
  }

  private static List<Attack> errors() {
    return List.of(
        sql("error", "division by B's key", "SELECT * FROM items WHERE 1 / (id - 900001) > 5")
            .is(nothing()),
        sql("error", "division by A's key", "SELECT * FROM items WHERE 1 / (id - 100001) > 5")
            .is(refused("22012")),
        sql("error", "a title that is no number", "SELECT title::int FROM items")
            .is(refused("22P02")),
        sql(
                "error",
                "B's title that is no number",
                "SELECT * FROM items WHERE user_id = 5 AND title::int = 1")
            .is(nothing()),
        sql(
                "error",
                "a chart that has no such path",
                "SELECT * FROM chord_charts WHERE (chord_data ->> 'b')::int = 1")
            .is(nothing()),
        sql(
                "error",
                "a subscription's price",
                "SELECT * FROM subscriptions WHERE stripe_price_id::int = 1")
            .is(refused("22P02")),
        sql(
                "error",
                "a link's number",
                "SELECT * FROM routine_items WHERE 1 / (routine_id - 900001) > 5")
            .is(nothing()),
        sql("error", "no title, for B", "INSERT INTO items (title, user_id) VALUES (NULL, 5)")
            .is(denied()),
        sql("error", "no owner", "INSERT INTO items (title) VALUES ('x')").is(denied()),
        sql(
                "error",
                "an owner who is not there",
                "INSERT INTO items (title, user_id) VALUES ('x', 77777)")
            .is(denied()),
        sql(
                "error",
                "a bad value, for B",
                "INSERT INTO items (title, user_id, created_via) VALUES ('x', 5, 'bad')")
            .is(denied()),
        sql(
                "error",
                "a bad value of A's",
                "INSERT INTO items (title, user_id, created_via) VALUES ('x', 4, 'bad')")
            .is(refused("23514")),
        sql("error", "A's item that is in use", "DELETE FROM items WHERE id = 100001")
            .is(refused("23503")),
        sql(
                "error",
                "caught, from B's row",
                "DO $$ BEGIN PERFORM title::int FROM items WHERE id = 900001; EXCEPTION WHEN others THEN RAISE NOTICE '%', SQLERRM; END $$")
            .is(nothing()),
        sql(
                "error",
                "caught, then looked again",
                "SAVEPOINT s",
                "DO $$ BEGIN INSERT INTO items (title, user_id) VALUES ('x', 5); EXCEPTION WHEN others THEN NULL; END $$",
                "SELECT * FROM items WHERE title = 'x'")
            .is(nothing()),
        sql("overflow", "a number too large", "UPDATE items SET \"order\" = 2147483647 + 1")
            .is(refused("22003")),
        sql(
                "overflow",
                "a user too large",
                "INSERT INTO items (title, user_id) VALUES ('x', 2147483648)")
            .is(refused("22003")),
        sql(
                "overflow",
                "a user that wraps around to B",
                "SELECT * FROM items WHERE user_id = 4294967301")
            .is(nothing()));
  }

  /** A number that is not written as one is nobody, and no error. */
  private static List<Attack> settings() {
    Stream<String> values =
        Stream.of(
            " ",
            "5 ",
            " 5",
            "5\n",
            "\n5",
            "5\t",
            "+5",
            "-5",
            "5.0",
            "5e0",
            "0x5",
            "0b101",
            "1_0",
            "٥",
            "５",
            "5;",
            "5,4",
            "4,5",
            "5 OR 1=1",
            "{5}",
            "(5)",
            "NULL",
            "five",
            "B",
            "2147483648",
            "4294967301",
            "9999999999",
            "99999999999999999999",
            "0",
            "-1",
            "Infinity",
            "NaN",
            "true");
    Stream<Attack> reads =
        values.map(
            value ->
                sql(
                        "setting",
                        "'" + value.replace("\n", "\\n").replace("\t", "\\t") + "'",
                        "SELECT set_config('app.current_user_id', '" + value + "', true)",
                        "SELECT id FROM items UNION ALL SELECT id FROM routines UNION ALL SELECT chord_id FROM chord_charts UNION ALL"
                            + " SELECT id FROM subscriptions UNION ALL SELECT id FROM routine_items UNION ALL SELECT id FROM active_routine")
                    .is(nothing()));
    Stream<Attack> others =
        Stream.of(
            sql(
                    "setting",
                    "'5 ' and an insert",
                    "SELECT set_config('app.current_user_id', '5 ', true)",
                    "INSERT INTO items (title, user_id) VALUES ('x', 5)")
                .is(denied()),
            sql(
                    "setting",
                    "'2147483648' and an insert",
                    "SELECT set_config('app.current_user_id', '2147483648', true)",
                    "INSERT INTO items (title, user_id) VALUES ('x', 4)")
                .is(denied()),
            sql(
                    "setting",
                    "another name",
                    "SELECT set_config('app.user_id', '5', true), set_config('app.current_user', '5', true)",
                    "SELECT * FROM items")
                .is(own(2)),
            sql("setting", "reset", "RESET app.current_user_id", "SELECT * FROM items")
                .is(nothing()),
            sql("setting", "all reset", "RESET ALL", "SELECT * FROM items").is(nothing()),
            sql(
                    "setting",
                    "taken back with a savepoint",
                    "SAVEPOINT s",
                    "SELECT set_config('app.current_user_id', '5', true)",
                    "ROLLBACK TO s",
                    "SELECT * FROM items")
                .is(own(2)),
            sql(
                    "setting",
                    "in a query that is read already",
                    "SELECT title, set_config('app.current_user_id', '', true) FROM items")
                .is(own(2)),
            sql(
                    "setting",
                    "B's, as whoever can run SQL of their own may",
                    "SELECT set_config('app.current_user_id', '5', true)",
                    "SELECT * FROM items")
                .is(gap(leaks(), Closing.NOTHING)),
            sql(
                    "setting",
                    "B's, with zeros before it",
                    "SELECT set_config('app.current_user_id', '0000000005', true)",
                    "SELECT * FROM items")
                .is(gap(leaks(), Closing.NOTHING)));
    return Stream.concat(reads, others).toList();
  }

  /** A foreign key's check does not ask the policies: the child's own has to. */
  private static List<Attack> keys() {
    return List.of(
        sql(
                "foreign key",
                "A's routine with B's item",
                "INSERT INTO routine_items (routine_id, item_id) VALUES (100001, 900001)")
            .is(denied()),
        sql(
                "foreign key",
                "B's routine with B's item",
                "INSERT INTO routine_items (routine_id, item_id) VALUES (900001, 900001)")
            .is(denied()),
        sql(
                "foreign key",
                "an item that is not there answers as B's does",
                "INSERT INTO routine_items (routine_id, item_id) VALUES (100001, 777777)")
            .is(denied()),
        sql(
                "foreign key",
                "a routine that is not there answers as B's does",
                "INSERT INTO routine_items (routine_id, item_id) VALUES (777777, 100001)")
            .is(denied()),
        sql(
                "foreign key",
                "A's link turned to B's item",
                "UPDATE routine_items SET item_id = 900001 WHERE id = 100001")
            .is(denied()),
        sql(
                "foreign key",
                "A's link turned to an item that is not there",
                "UPDATE routine_items SET item_id = 777777 WHERE id = 100001")
            .is(denied()),
        sql(
                "foreign key",
                "all of A's links turned to B's item",
                "UPDATE routine_items SET item_id = 900001")
            .is(denied()),
        sql(
                "foreign key",
                "all links turned to A's item",
                "UPDATE routine_items SET item_id = 100001")
            .is(own(2)),
        sql(
                "foreign key",
                "an active routine that is not there",
                "UPDATE active_routine SET routine_id = 777777")
            .is(denied()),
        sql(
                "foreign key",
                "an active routine that is nobody's",
                "UPDATE active_routine SET routine_id = NULL")
            .is(denied()),
        sql(
                "foreign key",
                "a new active routine that is nobody's",
                "INSERT INTO active_routine (routine_id) VALUES (NULL)")
            .is(denied()),
        sql(
                "foreign key",
                "a chart for the text of B's item",
                "INSERT INTO chord_charts (item_id, title, chord_data, user_id) VALUES ('900001', 'x', '{}', 4)")
            .is(own(1)));
  }
}
