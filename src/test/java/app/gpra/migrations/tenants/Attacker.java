package app.gpra.migrations.tenants;

import app.gpra.migrations.harness.PgBouncer;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes attempts in one mode, and looks after each at everything that is not A's. */
final class Attacker implements AutoCloseable {

  private static final Pattern SECRET = Pattern.compile(TwoTenants.SECRET);
  private static final String OTHERS = "SELECT watch.others()";

  private final TwoTenants tenants;
  private final Mode mode;
  private final PgBouncer pool;
  private final Client superuser;
  private final Client client;
  private final List<String> before;
  private final List<String> everything;
  private final Set<ServerGap> open;

  /**
   * Connects.
   *
   * @param pool null where the mode is direct
   */
  Attacker(TwoTenants tenants, Mode mode, PgBouncer pool) throws SQLException {
    this.tenants = tenants;
    this.mode = mode;
    this.pool = pool;
    superuser = new Client(tenants.database().connect());
    client = new Client(new Scene(tenants, mode, pool).connect());
    before = superuser.rows(OTHERS);
    everything = superuser.rows(everything());
    open = ServerGap.open(tenants.database());
  }

  /** Returns null if the attempt came out as expected, otherwise what is different. */
  String verdict(Attack attack) throws SQLException {
    Observation observation = attack.steps() == null ? run(attack.script()) : play(attack.steps());
    List<String> after = superuser.rows(OTHERS);
    return after.equals(before)
        ? attack.expected(mode, open).differs(observation)
        : "others' rows are different after the transaction: " + changes(after);
  }

  private Observation run(List<String> script) throws SQLException {
    client.forget();
    String state = null;
    Client.Answer answer = new Client.Answer(List.of(), 0);
    String changed = "";
    try {
      client.begin(TwoTenants.A);
      for (String statement : script) {
        answer = client.answer(statement);
      }
    } catch (SQLException e) {
      state = e.getSQLState();
    }
    List<String> leaked = leaked(client.shown());
    if (state == null) {
      try {
        changed = changes(client.rows(OTHERS));
      } catch (SQLException e) {
        changed = e.getMessage();
      }
    }
    client.run("ROLLBACK");
    return new Observation(state, answer.rows(), answer.count(), leaked, changed);
  }

  private Observation play(Attack.Steps steps) throws SQLException {
    String state = null;
    List<String> rows = List.of();
    List<String> leaked;
    try (Scene scene = new Scene(tenants, mode, pool)) {
      rows = steps.play(scene);
      leaked = leaked(rows);
    } catch (SQLException e) {
      state = e.getSQLState();
      leaked = leaked(List.of(e.getMessage()));
    }
    String changed = changes(superuser.rows(OTHERS));
    restore();
    return new Observation(state, rows, rows.size(), leaked, changed);
  }

  private void restore() throws SQLException {
    if (superuser.rows(everything()).equals(everything)) {
      return;
    }
    superuser.run("BEGIN; SET LOCAL session_replication_role = replica");
    for (String table : TwoTenants.TABLES) {
      superuser.run("DELETE FROM %1$s; INSERT INTO %1$s SELECT * FROM watch.%1$s".formatted(table));
    }
    superuser.run("COMMIT");
  }

  private static String everything() {
    return TwoTenants.TABLES.stream()
        .map("SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM %s t"::formatted)
        .collect(Collectors.joining(" UNION ALL "));
  }

  private static List<String> leaked(List<String> shown) {
    return shown.stream().filter(SECRET.asPredicate()).distinct().limit(5).toList();
  }

  private String changes(List<String> after) {
    return after.equals(before)
        ? ""
        : before.stream().filter(line -> !after.contains(line)).toList()
            + " → "
            + after.stream().filter(line -> !before.contains(line)).toList();
  }

  @Override
  public void close() throws SQLException {
    client.close();
    superuser.close();
  }
}
