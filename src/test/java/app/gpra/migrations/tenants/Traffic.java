package app.gpra.migrations.tenants;

import app.gpra.migrations.harness.TestDatabase;
import app.gpra.migrations.harness.TestRole;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of an application that is ready for row-level security: in each transaction they say who
 * is asking, and they name the owner in each query too, as they did before. Each is the only one
 * that writes its tenant's rows, so that it knows what it has to see.
 */
final class Traffic implements AutoCloseable {

  private static final Duration LONG_READ = Duration.ofSeconds(4);

  /** Between two transactions of a writer; the long reader pauses for half of its time. */
  private static final long THINK_MILLIS = 10;

  private static final long POLL_NANOS = 10_000_000;

  private interface Transaction {
    void run(Client client) throws SQLException, InterruptedException;
  }

  private final TestDatabase database;
  private final TestRole role;
  private final List<Client> clients = new ArrayList<>();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private volatile boolean relying;
  private volatile boolean ended;

  /**
   * Starts the clients.
   *
   * @param role has SELECT, INSERT, UPDATE and DELETE on items, routines and routine_items
   * @param writers tenants, two clients of one would not know each other's rows
   * @param reader a tenant that only reads, for four seconds in each transaction
   */
  Traffic(TestDatabase database, TestRole role, List<Integer> writers, int reader) {
    this.database = database;
    this.role = role;
    for (int tenant : writers) {
      clients.add(new Client(tenant, Traffic::write));
    }
    clients.add(new Client(reader, Traffic::readLong));
    clients.forEach(Thread::start);
  }

  /** What went wrong so far: errors, rows of others, rows that were missed. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Transactions that were committed so far. */
  long transactions() {
    return clients.stream().mapToLong(client -> client.committed.get()).sum();
  }

  /**
   * From their next transaction on, whether the clients leave out what only policies make needless:
   * the owner, when they look at all that they own.
   */
  void relyOnPolicies(boolean rely) {
    relying = rely;
  }

  /** Returns when each client has done a whole transaction from now on, or something went wrong. */
  void letEachWork() {
    List<Long> before = clients.stream().map(client -> client.committed.get()).toList();
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    for (int i = 0; i < clients.size(); i++) {
      // The first one may have begun before.
      while (clients.get(i).committed.get() < before.get(i) + 2 && faults.isEmpty()) {
        if (Instant.now().isAfter(deadline)) {
          throw new IllegalStateException(clients.get(i).getName() + " does not get on");
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  /** Returns when something of this kind has gone wrong. */
  void untilFault(String pattern) {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(60));
    while (faults.stream().noneMatch(fault -> fault.matches(pattern))) {
      if (Instant.now().isAfter(deadline)) {
        throw new IllegalStateException("Nothing like " + pattern + " among " + faults);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** Ends the clients; each finishes its transaction. */
  @Override
  public void close() {
    ended = true;
    try {
      for (Client client : clients) {
        client.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Adds an item and a routine with it, changes one, deletes the oldest that it has added. */
  private static void write(Client client) throws SQLException, InterruptedException {
    client.begin();
    client.see();
    int item = client.insert("INSERT INTO items (title, user_id) VALUES ('new', ?) RETURNING id");
    int routine =
        client.insert("INSERT INTO routines (name, user_id) VALUES ('new', ?) RETURNING id");
    client.change(
        1,
        "INSERT INTO routine_items (routine_id, item_id) VALUES (%d, %d)".formatted(routine, item));
    client.added.add(new int[] {item, routine});
    client.see();
    client.change(
        1,
        "UPDATE items SET notes = 'changed' WHERE id = %d AND user_id = %d"
            .formatted(item, client.tenant));
    client.change(
        1, "UPDATE routine_items SET completed = true WHERE routine_id = %d".formatted(routine));
    if (client.added.size() > 5) {
      int[] oldest = client.added.remove(0);
      client.change(1, "DELETE FROM routine_items WHERE routine_id = %d".formatted(oldest[1]));
      String own = " WHERE id = %d AND user_id = %d";
      client.change(1, ("DELETE FROM routines" + own).formatted(oldest[1], client.tenant));
      client.change(1, ("DELETE FROM items" + own).formatted(oldest[0], client.tenant));
      client.see();
    }
    client.commit();
    Thread.sleep(THINK_MILLIS);
  }

  private static void readLong(Client client) throws SQLException, InterruptedException {
    client.begin();
    Instant end = Instant.now().plus(LONG_READ);
    while (Instant.now().isBefore(end)) {
      client.see();
      Thread.sleep(THINK_MILLIS);
    }
    client.commit();
    Thread.sleep(LONG_READ.toMillis() / 2);
  }

  private final class Client extends Thread {

    private final int tenant;
    private final Transaction transaction;

    /** Pairs of item and routine, each with one row of routine_items. */
    private final List<int[]> added = new ArrayList<>();

    private final AtomicLong committed = new AtomicLong();
    private Connection connection;
    private List<Long> atFirst;
    private boolean namesOwner;

    Client(int tenant, Transaction transaction) {
      super("tenant " + tenant);
      this.tenant = tenant;
      this.transaction = transaction;
      setDaemon(true);
    }

    @Override
    public void run() {
      Properties login = new Properties();
      login.setProperty("user", role.name());
      login.setProperty("password", role.password());
      try (Connection opened = DriverManager.getConnection(database.bareUrl(), login)) {
        connection = opened;
        connection.setAutoCommit(false);
        while (!ended) {
          transaction.run(this);
        }
      } catch (SQLException e) {
        // What it knows may be wrong from here on.
        fault(e.getSQLState() + " " + e.getMessage());
      } catch (InterruptedException e) {
        fault("interrupted");
      }
    }

    private void fault(String what) {
      faults.add(getName() + ": " + what);
    }

    void begin() throws SQLException {
      namesOwner = !relying;
      query("SELECT set_config('app.current_user_id', '" + tenant + "', true)");
    }

    void commit() throws SQLException {
      connection.commit();
      committed.incrementAndGet();
    }

    /** Looks at all that it owns, by lists and joins. */
    void see() throws SQLException {
      String counts = "SELECT count(*), count(*) FILTER (WHERE r.user_id <> %1$d) FROM ";
      String own = namesOwner ? " WHERE r.user_id = %1$d" : "";
      String join =
          " r JOIN routine_items l ON l.routine_id = r.id JOIN items i ON i.id = l.item_id";
      List<Long> seen = new ArrayList<>();
      seen.addAll(query(counts + "items r" + own));
      seen.addAll(query(counts + "routines r" + own));
      seen.addAll(query(counts + "routines" + join + own));
      if (atFirst == null) {
        atFirst = seen;
      }
      List<Long> expected = new ArrayList<>(atFirst);
      for (int i = 0; i < expected.size(); i += 2) {
        expected.set(i, expected.get(i) + added.size());
      }
      if (!seen.equals(expected)) {
        fault("saw " + seen + ", not " + expected);
      }
    }

    private List<Long> query(String sql) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql.formatted(tenant));
          ResultSet row = statement.executeQuery()) {
        row.next();
        List<Long> values = new ArrayList<>();
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          values.add(row.getLong(i));
        }
        return values;
      }
    }

    int insert(String sql) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setInt(1, tenant);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return row.getInt(1);
        }
      }
    }

    void change(int rows, String sql) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        int changed = statement.executeUpdate();
        if (changed != rows) {
          fault("changed " + changed + " rows by " + sql);
        }
      }
    }
  }
}
