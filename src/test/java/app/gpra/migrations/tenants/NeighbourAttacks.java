package app.gpra.migrations.tenants;

import static app.gpra.migrations.tenants.Attack.denied;
import static app.gpra.migrations.tenants.Attack.gap;
import static app.gpra.migrations.tenants.Attack.leaks;
import static app.gpra.migrations.tenants.Attack.nothing;
import static app.gpra.migrations.tenants.Attack.own;
import static app.gpra.migrations.tenants.Attack.shows;
import static app.gpra.migrations.tenants.Attack.steps;
import static app.gpra.migrations.tenants.TwoTenants.A;
import static app.gpra.migrations.tenants.TwoTenants.B;

import app.gpra.migrations.tenants.Mode.Way;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What stands in B's way while B works, and what the server tells of the work it had. */
final class NeighbourAttacks {

  private static final Predicate<Mode> DIRECT = mode -> mode.way() == Way.DIRECT;

  private static final String INSERT =
      "INSERT INTO items (title, user_id) VALUES ('x', 5) RETURNING title";

  /** B is given up on as soon as there is a lock to wait for. */
  private static final String IMPATIENT = "-c lock_timeout=20ms";

  private static final Pattern REMOVED = Pattern.compile("Rows Removed by Filter: (\\d+)");

  private NeighbourAttacks() {}

  static List<Attack> all() {
    return Stream.of(locks(), sessions(), numbers(), plans())
        .flatMap(List::stream)
        .map(attack -> attack.only(DIRECT))
        .toList();
  }

  private static List<Attack> locks() {
    return List.of(
        steps(
                "row lock",
                "on B's user, whom B's new item refers to",
                scene -> {
                  scene.next().begin(A).run("SELECT id FROM ab_user WHERE id = 5 FOR UPDATE");
                  return comesOf(scene, IMPATIENT);
                })
            .is(
                gap(
                    shows("55P03"),
                    Closing.LOGIN_ROLE,
                    "ApplicationRoleIT#keepsPasswordsFromTheApplication")),
        steps(
                "row lock",
                "on A's own user",
                scene -> {
                  scene.next().begin(A).run("SELECT id FROM ab_user WHERE id = 4 FOR UPDATE");
                  return comesOf(scene, IMPATIENT);
                })
            .is(own(1)));
  }

  /** What B's insert returns, or the SQLSTATE that it fails with; nothing of it stays. */
  private static List<String> comesOf(Scene scene, String options) throws SQLException {
    try (Client neighbour = scene.neighbour(options)) {
      return neighbour.begin(B).rows(INSERT);
    } catch (SQLException e) {
      return List.of(e.getSQLState());
    }
  }

  private static List<Attack> sessions() {
    return List.of(
        steps(
                "setting of the role",
                "every later session is read-only",
                scene -> withReadOnlyRole(scene, ""))
            .is(
                gap(
                    shows("25006"),
                    Closing.CONNECTION_SETTINGS,
                    "setting of the role: every later session that does not say otherwise is read-only")),
        steps(
                "setting of the role",
                "every later session that does not say otherwise is read-only",
                scene -> withReadOnlyRole(scene, "-c default_transaction_read_only=off"))
            .is(own(1)),
        steps("session of the role", "ended", NeighbourAttacks::endsNeighbour)
            .is(
                gap(
                    shows("t"),
                    Closing.NO_SIGNAL,
                    "session of the role: ended, where nobody may signal")),
        steps(
                "session of the role",
                "ended, where nobody may signal",
                scene -> {
                  String signals =
                      " EXECUTE ON FUNCTION pg_terminate_backend(int, bigint), pg_cancel_backend(int) ";
                  try (Client superuser = scene.superuser()) {
                    superuser.run("REVOKE" + signals + "FROM PUBLIC");
                    try {
                      return endsNeighbour(scene);
                    } finally {
                      superuser.run("GRANT" + signals + "TO PUBLIC");
                    }
                  }
                })
            .is(denied()));
  }

  private static List<String> withReadOnlyRole(Scene scene, String options) throws SQLException {
    try (Client superuser = scene.superuser()) {
      scene.next().run("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on");
      try {
        return comesOf(scene, options);
      } finally {
        superuser.run("ALTER ROLE " + scene.role() + " RESET default_transaction_read_only");
      }
    }
  }

  private static List<String> endsNeighbour(Scene scene) throws SQLException {
    try (Client neighbour = scene.neighbour("")) {
      String process = neighbour.begin(B).rows("SELECT pg_backend_pid()").get(0);
      // True when it is gone.
      return scene.next().rows("SELECT pg_terminate_backend(%s, 60000)".formatted(process));
    }
  }

  private static List<Attack> numbers() {
    return List.of(
        steps(
                "until keys are bigint",
                "the last number is used up by an insert that is taken back",
                scene -> {
                  try (Client superuser = scene.superuser()) {
                    String last = superuser.rows("SELECT last_value FROM items_id_seq").get(0);
                    superuser.run(
                        "SELECT setval('items_id_seq', max_value - 1) FROM pg_sequences WHERE sequencename = 'items_id_seq'");
                    try {
                      scene
                          .next()
                          .begin(A)
                          .run("INSERT INTO items (title, user_id) VALUES ('x', 4)", "ROLLBACK");
                      return comesOf(scene, "");
                    } finally {
                      superuser.run("SELECT setval('items_id_seq', %s)".formatted(last));
                    }
                  }
                })
            .is(gap(shows("2200H"), Closing.BIGINT_KEYS)));
  }

  private static List<Attack> plans() {
    return List.of(
        steps(
                "until indexes begin with the owner",
                "the last letter of a title is told by the rows that a plan removes",
                NeighbourAttacks::titlesByLetter)
            .is(
                gap(
                    leaks(),
                    Closing.OWNER_INDEXES,
                    "explain: a title's last letter, where indexes begin with the owner")),
        steps(
                "explain",
                "a title's last letter, where indexes begin with the owner",
                scene -> {
                  try (Client superuser = scene.superuser()) {
                    List<String> indexes =
                        superuser.rows(
                            "SELECT format('DROP INDEX %I|%s', indexname, indexdef) FROM pg_indexes"
                                + " WHERE tablename = 'items' AND indexdef LIKE '%(title%'");
                    for (String index : indexes) {
                      superuser.run(index.split("\\|")[0]);
                    }
                    superuser.run("CREATE INDEX items_of_owner ON items (user_id, title)");
                    try {
                      return titlesByLetter(scene);
                    } finally {
                      superuser.run("DROP INDEX items_of_owner");
                      for (String index : indexes) {
                        superuser.run(index.split("\\|")[1]);
                      }
                    }
                  }
                })
            .is(nothing()));
  }

  /** With all that is before it known, as each letter is found in the same way. */
  private static List<String> titlesByLetter(Scene scene) throws SQLException {
    String known = "B-SECRET item ";
    Client client =
        scene
            .next()
            .begin(A)
            .run(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off");
    String nobodys = removed(client, "~", "~~");
    List<String> titles = new ArrayList<>();
    for (char letter = '0'; letter < '9'; letter++) {
      if (!removed(client, known + letter, known + (char) (letter + 1)).equals(nobodys)) {
        titles.add(known + letter);
      }
    }
    // Or whoever changes the indexes would wait for it.
    client.run("ROLLBACK");
    return titles;
  }

  private static String removed(Client client, String from, String to) throws SQLException {
    Matcher removed =
        REMOVED.matcher(
            String.join(
                "\n",
                client.rows(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM items WHERE title >= '%s' AND title < '%s' ORDER BY title"
                        .formatted(from, to))));
    return removed.find() ? removed.group(1) : "0";
  }
}
