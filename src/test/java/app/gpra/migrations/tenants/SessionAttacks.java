package app.gpra.migrations.tenants;

import static app.gpra.migrations.tenants.Attack.denied;
import static app.gpra.migrations.tenants.Attack.gap;
import static app.gpra.migrations.tenants.Attack.leaks;
import static app.gpra.migrations.tenants.Attack.nothing;
import static app.gpra.migrations.tenants.Attack.own;
import static app.gpra.migrations.tenants.Attack.refused;
import static app.gpra.migrations.tenants.Attack.steps;
import static app.gpra.migrations.tenants.Attack.where;
import static app.gpra.migrations.tenants.TwoTenants.A;
import static app.gpra.migrations.tenants.TwoTenants.B;

import app.gpra.migrations.tenants.Mode.Way;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What one client leaves to the next: connections of a pool, plans, cursors, tables. */
final class SessionAttacks {

  private static final Predicate<Mode> DIRECT = mode -> mode.way() == Way.DIRECT;
  private static final Predicate<Mode> CLEANED = mode -> mode.way() == Way.RESET;
  private static final String TITLES = "SELECT title FROM items";

  private SessionAttacks() {}

  static List<Attack> all() {
    return Stream.of(pool(), leftovers(), plans(), roles()).flatMap(List::stream).toList();
  }

  /** With the setting for one transaction only, a client finds nothing of the last one. */
  private static List<Attack> pool() {
    return List.of(
        steps(
                "pool",
                "after a commit",
                scene -> {
                  scene.next().begin(B).run(TITLES, "COMMIT");
                  return scene.next().rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "after a commit, as A",
                scene -> {
                  scene.next().begin(B).run(TITLES, "COMMIT");
                  return scene.next().begin(A).rows(TITLES);
                })
            .is(own(2)),
        steps(
                "pool",
                "after a rollback",
                scene -> {
                  scene.next().begin(B).run(TITLES, "ROLLBACK");
                  return scene.next().rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "after an error",
                scene -> {
                  fails(scene.next().begin(B), "SELECT 1 / 0");
                  return scene.next().rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "after an error in a transaction that was committed all the same",
                scene -> {
                  Client client = scene.next().begin(B);
                  fails(client, "SELECT 1 / 0");
                  client.run("COMMIT");
                  return scene.next().rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "after the client has died",
                scene -> {
                  scene.next().begin(B).run(TITLES);
                  scene.dies();
                  return scene.next().rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "after the client has died, a blind update",
                scene -> {
                  scene.next().begin(B).run("UPDATE items SET notes = 'x'");
                  scene.dies();
                  return scene.next().begin(A).rows("UPDATE items SET notes = 'y' RETURNING title");
                })
            .is(own(2)),
        steps(
                "pool",
                "after a client that left its transaction open",
                scene -> {
                  scene.next().begin(B).run(TITLES);
                  return scene.next().rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "without a transaction the setting is gone before the query",
                scene -> {
                  Client client =
                      scene.next().run("SELECT set_config('app.current_user_id', '5', true)");
                  return client.rows(TITLES);
                })
            .is(nothing()),
        steps(
                "pool",
                "SET LOCAL without a transaction",
                scene -> scene.next().run("SET LOCAL app.current_user_id = '5'").rows(TITLES))
            .is(nothing()),
        steps(
                "pool",
                "an insert by nobody after a commit",
                scene -> {
                  scene.next().begin(B).run(TITLES, "COMMIT");
                  return scene
                      .next()
                      .rows("INSERT INTO items (title, user_id) VALUES ('x', 5) RETURNING title");
                })
            .is(denied()),
        steps(
                "pool",
                "a blind delete by nobody after a commit",
                scene -> {
                  scene.next().begin(B).run(TITLES, "COMMIT");
                  return scene.next().rows("DELETE FROM chord_charts RETURNING title");
                })
            .is(nothing()));
  }

  private static void fails(Client client, String sql) {
    try {
      client.run(sql);
    } catch (SQLException expected) {
      return;
    }
    throw new IllegalStateException("It should fail: " + sql);
  }

  /** What a session keeps longer than a transaction is the next client's. */
  private static List<Attack> leftovers() {
    return List.of(
        steps(
                "leftover",
                "set_config for the session",
                scene -> {
                  scene
                      .next()
                      .run(
                          "BEGIN",
                          "SELECT set_config('app.current_user_id', '5', false)",
                          "COMMIT");
                  return scene.next().rows(TITLES);
                })
            .is(gap(leaks(), Closing.TRANSACTION_SETTING, "pool: after a commit"))
            .in(CLEANED, nothing()),
        steps(
                "leftover",
                "SET",
                scene -> {
                  scene.next().run("SET app.current_user_id = '5'");
                  return scene.next().rows(TITLES);
                })
            .is(gap(leaks(), Closing.RESET_QUERY))
            .in(CLEANED, nothing()),
        steps(
                "leftover",
                "SET by another, and A says who asks",
                scene -> {
                  scene.next().run("SET app.current_user_id = '5'");
                  return scene.next().begin(A).rows(TITLES);
                })
            .is(own(2)),
        steps(
                "leftover",
                "row_security off",
                scene -> {
                  scene.next().run("SET row_security = off");
                  return scene.next().begin(A).rows(TITLES);
                })
            .is(denied())
            .in(CLEANED, own(2)),
        steps(
                "leftover",
                "WITH HOLD cursor",
                scene -> {
                  scene.next().begin(B).run("DECLARE c CURSOR WITH HOLD FOR " + TITLES, "COMMIT");
                  return scene.next().begin(A).rows("FETCH ALL c");
                })
            .is(gap(leaks(), Closing.RESET_QUERY))
            .in(CLEANED, refused("34000")),
        steps(
                "leftover",
                "WITH HOLD cursor of A's",
                scene -> {
                  scene.next().begin(A).run("DECLARE c CURSOR WITH HOLD FOR " + TITLES, "COMMIT");
                  return scene.next().begin(A).rows("FETCH ALL c");
                })
            .is(own(2))
            .in(CLEANED, refused("34000")),
        steps(
                "leftover",
                "cursor of a transaction",
                scene -> {
                  scene.next().begin(B).run("DECLARE c CURSOR FOR " + TITLES, "FETCH c", "COMMIT");
                  return scene.next().begin(A).rows("FETCH ALL c");
                })
            .is(refused("34000")),
        steps(
                "leftover",
                "cursor opened for B, A asks before the first row",
                scene ->
                    scene
                        .next()
                        .begin(B)
                        .run("DECLARE c CURSOR FOR " + TITLES, setting(A))
                        .rows("FETCH ALL c"))
            .is(own(2)),
        steps(
                "leftover",
                "cursor opened for B, A asks after the first row",
                scene ->
                    scene
                        .next()
                        .begin(B)
                        .run("DECLARE c CURSOR FOR " + TITLES, "FETCH c", setting(A))
                        .rows("FETCH ALL c"))
            .is(gap(leaks(), Closing.TRANSACTION_SETTING, "leftover: cursor of a transaction")),
        steps(
                "leftover",
                "temporary table with what B saw",
                scene -> {
                  scene.next().begin(B).run("CREATE TEMPORARY TABLE kept AS " + TITLES, "COMMIT");
                  return scene.next().begin(A).rows("SELECT * FROM kept");
                })
            .is(denied())
            .owner(gap(leaks(), Closing.NO_TEMPORARY))
            .in(mode -> mode.owner() && mode.way() == Way.RESET, refused("42P01")),
        steps(
                "leftover",
                "temporary table of A's that B takes for items",
                scene -> {
                  scene
                      .next()
                      .begin(A)
                      .run(
                          "CREATE TEMPORARY TABLE items (LIKE public.items INCLUDING DEFAULTS)",
                          "COMMIT");
                  scene
                      .next()
                      .begin(B)
                      .run(
                          "INSERT INTO items (id, title, user_id) VALUES (900009, 'B-SECRET draft', 5)",
                          "COMMIT");
                  List<String> rows = scene.next().begin(A).rows(TITLES);
                  try (Client superuser = scene.superuser()) {
                    // Where it went to the table itself, which is as it should be.
                    superuser.run("DELETE FROM items WHERE id = 900009");
                  }
                  return rows;
                })
            .is(denied())
            .owner(gap(leaks(), Closing.NO_TEMPORARY))
            .in(mode -> mode.owner() && mode.way() == Way.RESET, own(2)),
        steps(
                "leftover",
                "what the same role runs in another session",
                scene -> {
                  try (Connection other = scene.direct("simple");
                      Statement statement = other.createStatement()) {
                    statement.execute("SELECT 'B-SECRET'");
                    return scene
                        .next()
                        .begin(A)
                        .rows("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()");
                  }
                })
            .is(
                gap(
                    leaks(),
                    Closing.PARAMETERS,
                    "leftover: what the same role runs with parameters in another session")),
        steps(
                "leftover",
                "what the same role runs with parameters in another session",
                scene -> {
                  try (Connection other = scene.direct("extended");
                      PreparedStatement statement = other.prepareStatement("SELECT ?")) {
                    statement.setString(1, "B-SECRET");
                    statement.execute();
                    return scene
                        .next()
                        .begin(A)
                        .rows(
                            "SELECT query FROM pg_stat_activity WHERE query = 'SELECT $1' AND usename = current_user");
                  }
                })
            .is(own(1)));
  }

  private static String setting(Object user) {
    return "SELECT set_config('app.current_user_id', '" + user + "', true)";
  }

  /** Plans are made for nobody in particular: who asks is looked up when they run. */
  private static List<Attack> plans() {
    List<Attack> attacks = new ArrayList<>();
    for (String plan : List.of("auto", "force_generic_plan", "force_custom_plan")) {
      String mode = "SET LOCAL plan_cache_mode = " + plan;
      attacks.add(
          steps(
                  "plan",
                  plan + " for B, executed by A",
                  scene -> {
                    Client client = scene.next().begin(B).run(mode, "PREPARE p AS " + TITLES);
                    execute(client, "EXECUTE p");
                    List<String> rows = client.run(setting(A)).rows("EXECUTE p");
                    client.run("DEALLOCATE p");
                    return rows;
                  })
              .is(own(2)));
      attacks.add(
          steps(
                  "plan",
                  plan + " with B's key, executed by A",
                  scene -> {
                    Client client =
                        scene
                            .next()
                            .begin(B)
                            .run(
                                mode,
                                "PREPARE p (int) AS SELECT * FROM routine_items WHERE routine_id = $1");
                    execute(client, "EXECUTE p (900001)");
                    List<String> rows = client.run(setting(A)).rows("EXECUTE p (900001)");
                    client.run("DEALLOCATE p");
                    return rows;
                  })
              .is(nothing()));
      attacks.add(
          steps(
                  "plan",
                  plan + " for B that updates, executed by A",
                  scene -> {
                    Client client =
                        scene
                            .next()
                            .begin(B)
                            .run(
                                mode,
                                "SAVEPOINT s",
                                "PREPARE p AS UPDATE items SET notes = 'x' RETURNING title");
                    execute(client, "EXECUTE p");
                    // Prepared statements outlive it, B's update does not.
                    List<String> rows = client.run("ROLLBACK TO s", setting(A)).rows("EXECUTE p");
                    client.run("DEALLOCATE p", "COMMIT");
                    return rows;
                  })
              .is(own(2)));
    }
    attacks.add(
        steps(
                "plan",
                "left by another client",
                scene -> {
                  Client client = scene.next().begin(B).run("PREPARE p AS " + TITLES);
                  execute(client, "EXECUTE p");
                  client.run("COMMIT");
                  return scene.next().begin(A).rows("EXECUTE p");
                })
            .is(own(2))
            .in(CLEANED, refused("26000")));
    attacks.add(
        steps(
                "plan",
                "left by another client, executed by nobody",
                scene -> {
                  Client client = scene.next().begin(B).run("PREPARE p AS " + TITLES);
                  execute(client, "EXECUTE p");
                  client.run("COMMIT");
                  return scene.next().rows("EXECUTE p");
                })
            .is(nothing())
            .in(CLEANED, refused("26000")));
    attacks.add(
        steps(
                "plan",
                "of a PL/pgSQL function that ran for B",
                scene -> {
                  Client client = scene.next().begin(B);
                  execute(client, "SELECT * FROM invoker_plpgsql()");
                  client.run("COMMIT");
                  return scene.next().begin(A).rows("SELECT * FROM invoker_plpgsql()");
                })
            .is(own(2)));
    attacks.add(
        steps(
                "plan",
                "of a SECURITY DEFINER function that ran for B",
                scene -> {
                  Client client = scene.next().begin(B);
                  execute(client, "SELECT * FROM owners_definer()");
                  return client.run(setting(A)).rows("SELECT * FROM owners_definer()");
                })
            .is(own(2)));
    attacks.add(
        steps(
                "plan",
                "of the driver's prepared statement",
                scene -> {
                  try (Connection connection = scene.direct("extended");
                      Statement set = connection.createStatement();
                      PreparedStatement titles =
                          connection.prepareStatement(TITLES + " WHERE id > ?")) {
                    connection.setAutoCommit(false);
                    titles.setInt(1, 0);
                    set.execute(setting(B));
                    for (int i = 0; i < 8; i++) {
                      titles.executeQuery().close();
                    }
                    set.execute(setting(A));
                    List<String> rows = new ArrayList<>();
                    try (ResultSet result = titles.executeQuery()) {
                      while (result.next()) {
                        rows.add(result.getString(1));
                      }
                    }
                    return rows;
                  }
                })
            .only(DIRECT)
            .is(own(2)));
    return attacks;
  }

  /** Often enough for a plan that is kept. */
  private static void execute(Client client, String sql) throws SQLException {
    for (int i = 0; i < 7; i++) {
      client.run(sql);
    }
  }

  private static List<Attack> roles() {
    return List.of(
        steps(
                "changed role",
                "a superuser's plan after SET ROLE",
                scene -> {
                  try (Client superuser = scene.superuser()) {
                    superuser.run("PREPARE p AS " + TITLES);
                    execute(superuser, "EXECUTE p");
                    return superuser.run("SET ROLE " + scene.role()).begin(A).rows("EXECUTE p");
                  }
                })
            .only(DIRECT)
            .is(own(2)),
        steps(
                "changed role",
                "a superuser's plan after SET SESSION AUTHORIZATION",
                scene -> {
                  try (Client superuser = scene.superuser()) {
                    superuser.run("PREPARE p AS " + TITLES);
                    execute(superuser, "EXECUTE p");
                    return superuser
                        .run("SET SESSION AUTHORIZATION " + scene.role())
                        .begin(A)
                        .rows("EXECUTE p");
                  }
                })
            .only(DIRECT)
            .is(own(2)),
        steps(
                "changed role",
                "a superuser's function after SET ROLE",
                scene -> {
                  try (Client superuser = scene.superuser()) {
                    execute(superuser, "SELECT * FROM invoker_plpgsql()");
                    return superuser
                        .run("SET ROLE " + scene.role())
                        .begin(A)
                        .rows("SELECT * FROM invoker_plpgsql()");
                  }
                })
            .only(DIRECT)
            .is(own(2)),
        steps(
                "changed role",
                "a plan of the time when the role had BYPASSRLS",
                scene -> afterBypass(scene, false))
            .only(DIRECT)
            .is(
                where(
                    ServerGap.PLAN_OF_BYPASSRLS,
                    gap(
                        leaks(),
                        Closing.RECONNECT,
                        "changed role: a new connection after the role had BYPASSRLS"),
                    own(2))),
        steps(
                "changed role",
                "a new connection after the role had BYPASSRLS",
                scene -> afterBypass(scene, true))
            .only(DIRECT)
            .is(own(2)),
        steps(
                "changed role",
                "B's number kept with the role, and no user set",
                scene -> withKeptSetting(scene, false))
            .only(DIRECT)
            .is(
                gap(
                    leaks(),
                    Closing.TRANSACTION_SETTING,
                    "changed role: B's number kept with the role, and A set")),
        steps(
                "changed role",
                "B's number kept with the role, and A set",
                scene -> withKeptSetting(scene, true))
            .only(DIRECT)
            .is(own(2)));
  }

  private static List<String> afterBypass(Scene scene, boolean reconnect) throws SQLException {
    try (Client superuser = scene.superuser()) {
      superuser.run("ALTER ROLE " + scene.role() + " BYPASSRLS");
      Client client;
      try {
        client = scene.next().begin(A).run("PREPARE p AS " + TITLES);
        execute(client, "EXECUTE p");
        client.run("COMMIT");
      } finally {
        superuser.run("ALTER ROLE " + scene.role() + " NOBYPASSRLS");
      }
      if (reconnect) {
        scene.dies();
        return scene.next().begin(A).rows(TITLES);
      }
      return client.begin(A).rows("EXECUTE p");
    }
  }

  private static List<String> withKeptSetting(Scene scene, boolean set) throws SQLException {
    try (Client superuser = scene.superuser()) {
      superuser.run("ALTER ROLE " + scene.role() + " SET app.current_user_id = '5'");
      try {
        return (set ? scene.next().begin(A) : scene.next()).rows(TITLES);
      } finally {
        superuser.run("ALTER ROLE " + scene.role() + " RESET app.current_user_id");
      }
    }
  }
}
