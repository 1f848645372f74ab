package app.gpra.migrations.tenants;

import static app.gpra.migrations.tenants.Attack.changes;
import static app.gpra.migrations.tenants.Attack.denied;
import static app.gpra.migrations.tenants.Attack.gap;
import static app.gpra.migrations.tenants.Attack.leaks;
import static app.gpra.migrations.tenants.Attack.nothing;
import static app.gpra.migrations.tenants.Attack.own;
import static app.gpra.migrations.tenants.Attack.refused;
import static app.gpra.migrations.tenants.Attack.shows;
import static app.gpra.migrations.tenants.Attack.sql;

import java.util.List;
import java.util.stream.Stream;

/** Views, functions, sequences, roles, users, and what only an owner may do. */
final class ObjectAttacks {

  private ObjectAttacks() {}

  static List<Attack> all() {
    return Stream.of(views(), functions(), sequences(), roles(), users(), definitions(), children())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Attack> views() {
    return List.of(
        sql("view", "of a superuser", "SELECT * FROM superusers_items")
            .is(gap(leaks(), Closing.SECURITY_INVOKER, "view: with security_invoker")),
        sql(
                "view",
                "of a superuser, written through",
                "UPDATE superusers_items SET notes = 'x' WHERE id = 900001")
            .is(
                gap(
                    changes(),
                    Closing.SECURITY_INVOKER,
                    "view: with security_invoker, written through")),
        sql(
                "view",
                "of a superuser with a condition and security_barrier",
                "SELECT * FROM superusers_barrier WHERE leaky(title)")
            .is(own(2)),
        sql("view", "of the owner", "SELECT * FROM owners_items").is(own(2)),
        sql("view", "of the owner, written through", "UPDATE owners_items SET notes = 'x'")
            .is(own(2)),
        sql(
                "view",
                "of the owner, B's row given away through it",
                "UPDATE owners_items SET user_id = 5 WHERE id = 100001")
            .is(denied()),
        sql("view", "with security_invoker", "SELECT * FROM invoker_items").since(15).is(own(2)),
        sql(
                "view",
                "with security_invoker, written through",
                "UPDATE invoker_items SET notes = 'x'")
            .since(15)
            .is(own(2)),
        sql(
                "view",
                "with security_invoker, B's row",
                "UPDATE invoker_items SET notes = 'x' WHERE id = 900001")
            .since(15)
            .is(nothing()),
        sql("view", "materialized", "SELECT * FROM copied_items")
            .is(gap(leaks(), Closing.NO_GRANT, "view: materialized, not granted")),
        sql("view", "materialized, not granted", "SELECT * FROM copied_items_ungranted")
            .is(denied()),
        sql("view", "made by A", "CREATE VIEW mine AS SELECT * FROM items", "SELECT * FROM mine")
            .is(denied())
            .owner(own(2)),
        sql(
                "view",
                "materialized by A",
                "CREATE MATERIALIZED VIEW mine AS SELECT * FROM items",
                "SELECT * FROM mine")
            .is(denied())
            .owner(own(2)),
        sql(
                "view",
                "a table made by A",
                "CREATE TABLE mine AS SELECT * FROM items",
                "SELECT * FROM mine")
            .is(denied())
            .owner(own(2)));
  }

  private static List<Attack> functions() {
    return List.of(
        sql("function", "SECURITY DEFINER of a superuser", "SELECT * FROM superusers_definer()")
            .is(
                gap(
                    leaks(),
                    Closing.NO_GRANT,
                    "function: SECURITY DEFINER of a superuser, not granted")),
        sql(
                "function",
                "SECURITY DEFINER of a superuser, not granted",
                "SELECT * FROM superusers_definer_ungranted()")
            .is(denied()),
        sql("function", "SECURITY DEFINER of the owner", "SELECT * FROM owners_definer()")
            .is(own(2)),
        sql(
                "function",
                "SECURITY DEFINER of the owner that deletes",
                "SELECT owners_definer_delete()")
            .is(own(1)),
        sql("function", "SECURITY INVOKER", "SELECT * FROM invoker()").is(own(2)),
        sql("function", "SECURITY INVOKER in PL/pgSQL", "SELECT * FROM invoker_plpgsql()")
            .is(own(2)),
        sql(
                "function",
                "SECURITY INVOKER, any query",
                "SELECT * FROM invoker_dynamic('SELECT title::text FROM items WHERE user_id = 5')")
            .is(nothing()),
        sql(
                "function",
                "of A's own",
                "CREATE FUNCTION mine() RETURNS SETOF text LANGUAGE sql AS 'SELECT title FROM items'",
                "SELECT * FROM mine()")
            .is(denied())
            .owner(own(2)),
        sql(
                "function",
                "SECURITY DEFINER of A's own",
                "CREATE FUNCTION mine() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT title FROM items'",
                "SELECT * FROM mine()")
            .is(denied())
            .owner(own(2)),
        sql(
                "function",
                "said to be leak-proof",
                "CREATE FUNCTION mine(text) RETURNS boolean LANGUAGE plpgsql LEAKPROOF AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$")
            .is(denied()),
        sql(
                "function",
                "temporary",
                "CREATE FUNCTION pg_temp.mine(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$",
                "SELECT * FROM items WHERE pg_temp.mine(title)")
            .is(denied())
            .owner(own(2)),
        sql(
                "function",
                "a trigger",
                "CREATE TRIGGER mine BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION update_updated_at_column()")
            .is(denied())
            .owner(gap(nothing(), Closing.APPLICATION_ROLE)),
        sql("function", "a rule", "CREATE RULE mine AS ON INSERT TO items DO ALSO NOTHING")
            .is(denied())
            .owner(gap(nothing(), Closing.APPLICATION_ROLE)),
        sql("function", "an extension that connects as somebody", "CREATE EXTENSION dblink")
            .is(refused("42501", "0A000", "58P01", "22023")),
        sql("function", "a file", "SELECT pg_read_file('PG_VERSION')").is(denied()),
        sql("function", "a program", "COPY items TO PROGRAM 'true'").is(denied()));
  }

  private static List<Attack> sequences() {
    return List.of(
        sql("sequence", "how far it is", "SELECT last_value > 0 FROM items_id_seq")
            .is(denied())
            .owner(gap(shows("t"), Closing.APPLICATION_ROLE)),
        sql("sequence", "set back", "SELECT setval('items_id_seq', 500)")
            .is(denied())
            .owner(gap(shows("500"), Closing.APPLICATION_ROLE)),
        sql("sequence", "used up", "SELECT nextval('items_id_seq') > 0")
            .is(denied())
            .owner(gap(shows("t"), Closing.APPLICATION_ROLE)),
        sql("sequence", "restarted", "ALTER SEQUENCE items_id_seq RESTART")
            .is(denied())
            .owner(gap(nothing(), Closing.APPLICATION_ROLE)),
        sql("sequence", "of users, set back", "SELECT setval('ab_user_id_seq', 1000)")
            .is(denied())
            .owner(gap(shows("1000"), Closing.APPLICATION_ROLE)),
        sql(
                "sequence",
                "of users, used up as Flask-AppBuilder asks",
                "SELECT nextval('ab_user_id_seq') > 0")
            .is(
                gap(
                    shows("t"),
                    Closing.LOGIN_ROLE,
                    "ApplicationRoleIT#keepsPasswordsFromTheApplication")));
  }

  private static List<Attack> roles() {
    return List.of(
        sql("role", "SET ROLE to a superuser", "SET ROLE postgres").is(refused("42501", "22023")),
        sql("role", "SET SESSION AUTHORIZATION", "SET SESSION AUTHORIZATION postgres")
            .is(refused("42501", "22023")),
        sql("role", "SET ROLE to who reads everything", "SET ROLE pg_read_all_data").is(denied()),
        sql("role", "RESET ROLE", "RESET ROLE", "SELECT * FROM items").is(own(2)),
        sql(
                "role",
                "SET ROLE to oneself",
                "DO $$ BEGIN EXECUTE format('SET ROLE %I', session_user); END $$",
                "SELECT * FROM items")
            .is(own(2)),
        sql(
                "role",
                "BYPASSRLS for oneself",
                "DO $$ BEGIN EXECUTE format('ALTER ROLE %I BYPASSRLS', current_user); END $$")
            .is(denied()),
        sql("role", "a new one", "CREATE ROLE mine BYPASSRLS").is(denied()),
        sql(
                "role",
                "joins who reads everything",
                "DO $$ BEGIN EXECUTE format('GRANT pg_read_all_data TO %I', current_user); END $$")
            .is(denied()),
        sql(
                "role",
                "takes a table",
                "DO $$ BEGIN EXECUTE format('ALTER TABLE ab_user OWNER TO %I', current_user); END $$")
            .is(denied())
            .owner(nothing()),
        sql(
                "role",
                "gives itself everything",
                "GRANT ALL ON items TO CURRENT_USER",
                "SELECT * FROM items")
            .is(own(2)),
        sql("role", "what the migrations remember", "SELECT * FROM gpra_admin_assignment.filled")
            .is(denied()),
        sql("role", "Liquibase's table", "DELETE FROM databasechangelog").is(denied()));
  }

  private static List<Attack> users() {
    return List.of(
        sql(
                "cascade",
                "deletes a user with everything they have",
                "DELETE FROM ab_user WHERE id = 900006")
            .is(denied())
            .owner(gap(changes(), Closing.APPLICATION_ROLE)),
        sql("cascade", "deletes B", "DELETE FROM ab_user WHERE id = 5")
            .is(denied())
            .owner(refused("23503")),
        sql("cascade", "deletes every user", "TRUNCATE ab_user CASCADE")
            .is(denied())
            .owner(gap(changes(), Closing.APPLICATION_ROLE)),
        sql(
                "cascade",
                "deletes A's routines",
                "DELETE FROM routine_items",
                "DELETE FROM active_routine",
                "DELETE FROM routines")
            .is(own(2)),
        sql("users", "password hashes", "SELECT password FROM ab_user WHERE id = 5")
            .is(
                gap(
                    leaks(),
                    Closing.LOGIN_ROLE,
                    "ApplicationRoleIT#keepsPasswordsFromTheApplication")),
        sql("users", "B's password", "UPDATE ab_user SET password = 'x' WHERE id = 5")
            .is(
                gap(
                    changes(),
                    Closing.LOGIN_ROLE,
                    "ApplicationRoleIT#keepsPasswordsFromTheApplication")),
        sql(
                "users",
                "whether a name is taken",
                "INSERT INTO ab_user (id, first_name, last_name, username, active, email) VALUES (4321, 'x', 'x', 'student2', true, 'x')")
            .is(gap(refused("23505"), Closing.NOTHING)),
        sql(
                "users",
                "makes itself an admin",
                "INSERT INTO ab_user_role (id, user_id, role_id) VALUES (4321, 4, 1)")
            .is(denied())
            .owner(gap(own(1), Closing.APPLICATION_ROLE)),
        sql("users", "makes B nobody", "DELETE FROM ab_user_role WHERE user_id = 5")
            .is(denied())
            .owner(gap(changes(), Closing.APPLICATION_ROLE)),
        sql(
                "read only",
                "an unlimited subscription for A",
                "UPDATE subscriptions SET tier = 'unlimited'")
            .is(denied())
            .owner(gap(own(1), Closing.READ_ONLY)),
        sql("read only", "a chord for everybody", "UPDATE common_chords SET name = 'x'")
            .is(denied())
            .owner(gap(changes(), Closing.READ_ONLY)),
        sql(
                "read only",
                "a new chord for everybody",
                "INSERT INTO common_chords (id, type, name) VALUES (4321, 'x', 'x')")
            .is(denied())
            .owner(gap(changes(), Closing.READ_ONLY)),
        sql("read only", "no chords for anybody", "DELETE FROM common_chords")
            .is(denied())
            .owner(gap(changes(), Closing.READ_ONLY)),
        sql("read only", "the chords of all", "SELECT * FROM common_chords").is(own(15)),
        sql(
                "unique oracle",
                "Stripe's number of B",
                "INSERT INTO subscriptions (user_id, stripe_subscription_id) VALUES (4, 'sub_b')")
            .is(denied())
            .owner(gap(refused("23505"), Closing.COLUMN_GRANTS)),
        sql(
                "unique oracle",
                "Stripe's number of B for A's",
                "UPDATE subscriptions SET stripe_subscription_id = 'sub_b'")
            .is(denied())
            .owner(gap(refused("23505"), Closing.COLUMN_GRANTS)));
  }

  private static List<Attack> definitions() {
    return List.of(
        owners(
            "row-level security switched off",
            leaks(),
            "ALTER TABLE items DISABLE ROW LEVEL SECURITY",
            "SELECT * FROM items"),
        owners(
            "not forced",
            leaks(),
            "ALTER TABLE items NO FORCE ROW LEVEL SECURITY",
            "SELECT * FROM items"),
        owners(
            "a policy that is open",
            leaks(),
            "ALTER POLICY tenant_isolation ON items USING (true)",
            "SELECT * FROM items"),
        owners(
            "another policy beside it",
            leaks(),
            "CREATE POLICY mine ON items USING (true)",
            "SELECT * FROM items"),
        owners(
            "no policy", nothing(), "DROP POLICY tenant_isolation ON items", "SELECT * FROM items"),
        owners("no table", changes(), "DROP TABLE active_routine"),
        owners("no column", changes(), "ALTER TABLE routines DROP COLUMN name"),
        owners(
            "another type, by a function that tells",
            leaks(),
            "ALTER TABLE routines ALTER COLUMN name TYPE text USING leaky(name)::text"),
        owners(
            "a check by a function that tells",
            leaks(),
            "ALTER TABLE items ADD CHECK (leaky(title))"),
        owners(
            "an index by a function that tells", leaks(), "CREATE INDEX ON items (leaky(title))"),
        sql(
                "definition",
                "a user for every session",
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET app.current_user_id = 5', current_database()); END $$")
            .is(denied()),
        sql(
                "definition",
                "a user for every session of one's own",
                "DO $$ BEGIN EXECUTE format('ALTER ROLE %I SET app.current_user_id = 5', current_user); END $$")
            .is(denied()),
        sql(
                "temporary",
                "a table that shadows",
                "CREATE TEMPORARY TABLE items (title text)",
                "SELECT * FROM items")
            .is(denied())
            .owner(gap(nothing(), Closing.NO_TEMPORARY)),
        sql(
                "temporary",
                "a view that shadows",
                "CREATE TEMPORARY VIEW items AS SELECT * FROM public.items",
                "SELECT * FROM items")
            .is(denied())
            .owner(own(2)),
        sql(
                "temporary",
                "a copy",
                "CREATE TEMPORARY TABLE mine AS SELECT * FROM items",
                "SELECT * FROM mine")
            .is(denied())
            .owner(own(2)),
        sql("temporary", "another schema that shadows", "CREATE SCHEMA mine")
            .is(denied())
            .owner(gap(nothing(), Closing.APPLICATION_ROLE)));
  }

  private static Attack owners(String name, Outcome outcome, String... script) {
    return sql("definition", name, script)
        .is(denied())
        .owner(gap(outcome, Closing.APPLICATION_ROLE));
  }

  /** Each child repeats the test of its parents, so that it does not open with them. */
  private static List<Attack> children() {
    String routines = "ALTER TABLE routines DISABLE ROW LEVEL SECURITY";
    String items = "ALTER TABLE items DISABLE ROW LEVEL SECURITY";
    return List.of(
        sql("child", "links, where routines are open", routines, "SELECT * FROM routine_items")
            .is(denied())
            .owner(own(2)),
        sql(
                "child",
                "links, updated where routines are open",
                routines,
                "UPDATE routine_items SET completed = true")
            .is(denied())
            .owner(own(2)),
        sql(
                "child",
                "links, deleted where routines are open",
                routines,
                "DELETE FROM routine_items")
            .is(denied())
            .owner(own(2)),
        sql(
                "child",
                "a link to B's routine, where routines are open",
                routines,
                "INSERT INTO routine_items (routine_id, item_id) VALUES (900001, 100001)")
            .is(denied()),
        sql(
                "child",
                "a link to B's item, where items are open",
                items,
                "INSERT INTO routine_items (routine_id, item_id) VALUES (100001, 900001)")
            .is(denied()),
        sql(
                "child",
                "active routines, where routines are open",
                routines,
                "SELECT * FROM active_routine")
            .is(denied())
            .owner(own(1)),
        sql(
                "child",
                "B's routine is active, where routines are open",
                routines,
                "INSERT INTO active_routine (routine_id) VALUES (900001)")
            .is(denied()));
  }
}
