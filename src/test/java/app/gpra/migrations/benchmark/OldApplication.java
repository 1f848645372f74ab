package app.gpra.migrations.benchmark;

import app.gpra.migrations.harness.TestDatabase;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.postgresql.PGProperty;

/**
 * Clients of the application as it was before the migration: its columns by name, as SQLAlchemy
 * writes them, and no statement prepared on the server, as with psycopg2. Each client has rows of
 * its own to write, and remembers what the server has acknowledged.
 */
final class OldApplication {

  /**
   * What a statement took.
   *
   * @param client that ran it, for example "point read"
   * @param begin by {@link System#nanoTime}
   * @param seconds until its answer
   * @param error null where there was none
   */
  record Sample(String client, long begin, double seconds, String error) {}

  private static final String COLUMNS =
      "id, item_id, title, notes, duration, description, \"order\", tuning, songbook, created_at, updated_at";

  /** Rows that one writing client has for itself. */
  private static final int OWN_ROWS = 1000;

  private static final int READERS_FROM = 10 * OWN_ROWS;

  private interface Request {
    void run(Client client) throws SQLException;
  }

  private final TestDatabase database;
  private final int items;
  private final List<Client> clients = new ArrayList<>();
  private volatile boolean ended;

  /**
   * Starts the clients, and returns when each is connected.
   *
   * @param items number of rows of items, 100,000 at least
   */
  OldApplication(TestDatabase database, int items) throws InterruptedException {
    this.database = database;
    this.items = items;
    start("point read", true, 4, OldApplication::pointRead);
    start("list", true, 25, OldApplication::list);
    start("update", true, 8, OldApplication::update);
    start("insert", true, 12, OldApplication::insert);
    start("transaction on items", false, 10, OldApplication::itemsTransaction);
    start("transaction on routines", false, 15, OldApplication::routinesTransaction);
    for (Client client : clients) {
      client.connected.await();
    }
  }

  private void start(String name, boolean autoCommit, int thinkMillis, Request request) {
    Client client = new Client(name, clients.size() * OWN_ROWS, autoCommit, thinkMillis, request);
    clients.add(client);
    client.start();
  }

  private static void pointRead(Client client) throws SQLException {
    client.run("SELECT " + COLUMNS + " FROM items WHERE id = ?", client.anyItem());
  }

  private static void list(Client client) throws SQLException {
    client.run(
        "SELECT " + COLUMNS + " FROM items WHERE title >= ? ORDER BY title, \"order\" LIMIT 50",
        "Reel in " + "ABCDEFG".charAt(ThreadLocalRandom.current().nextInt(7)));
  }

  private static void update(Client client) throws SQLException {
    client.updateNotes();
    client.acknowledge();
  }

  private static void insert(Client client) throws SQLException {
    client.insertItem();
    client.acknowledge();
  }

  /** Flask-Login reads the user first, in the transaction of the request. */
  private static void itemsTransaction(Client client) throws SQLException {
    client.readUser();
    client.run("SELECT " + COLUMNS + " FROM items WHERE id = ?", client.anyItem());
    client.updateNotes();
    client.insertItem();
    client.commit();
  }

  private static void routinesTransaction(Client client) throws SQLException {
    client.readUser();
    client.run("SELECT id, name, created_at, \"order\" FROM routines ORDER BY \"order\" LIMIT 20");
    client.run(
        "INSERT INTO routine_items (routine_id, item_id, \"order\") VALUES (1, ?, 0)",
        client.anyItem());
    client.run("UPDATE active_routine SET routine_id = 1");
    client.run(
        "INSERT INTO chord_charts (item_id, title, chord_data) VALUES ('1', ?, '{}')",
        client.name + " " + client.next());
    client.commit();
  }

  /** Ends the clients; each finishes what it is at. */
  void end() throws InterruptedException {
    ended = true;
    for (Client client : clients) {
      client.join();
    }
  }

  /** All statements, after {@link #end}. */
  List<Sample> samples() {
    return clients.stream().flatMap(client -> client.samples.stream()).toList();
  }

  /** How many writes the server has acknowledged, after {@link #end}. */
  int acknowledged() {
    return clients.stream().mapToInt(client -> client.notes.size() + client.titles.size()).sum();
  }

  /** Acknowledged writes that the database does not have, after {@link #end}. */
  List<String> lost() {
    Map<String, String> found = new HashMap<>();
    List<String> lost = new ArrayList<>();
    try (Connection connection = database.connect();
        PreparedStatement rows = connection.prepareStatement("SELECT id, title, notes FROM items");
        ResultSet result = rows.executeQuery()) {
      while (result.next()) {
        found.put("notes of " + result.getInt("id"), result.getString("notes"));
        found.put("title " + result.getString("title"), "there");
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    for (Client client : clients) {
      client.notes.forEach(
          (id, notes) -> {
            if (!notes.equals(found.get("notes of " + id))) {
              lost.add("notes of item " + id + ": " + notes);
            }
          });
      client.titles.stream()
          .filter(title -> !found.containsKey("title " + title))
          .forEach(title -> lost.add("item " + title));
    }
    return lost;
  }

  private final class Client extends Thread {

    private final String name;
    private final int firstOwnItem;
    private final boolean autoCommit;
    private final int thinkMillis;
    private final Request request;
    private final CountDownLatch connected = new CountDownLatch(1);
    private final List<Sample> samples = new ArrayList<>();

    /** Acknowledged: notes by id of the item, titles of new items. */
    private final Map<Integer, String> notes = new HashMap<>();

    private final List<String> titles = new ArrayList<>();

    /** Written and not yet acknowledged. */
    private final Map<Integer, String> pendingNotes = new HashMap<>();

    private final List<String> pendingTitles = new ArrayList<>();
    private int counter;
    private Connection connection;

    Client(String name, int firstOwnItem, boolean autoCommit, int thinkMillis, Request request) {
      super(name);
      this.name = name;
      this.firstOwnItem = firstOwnItem + 100;
      this.autoCommit = autoCommit;
      this.thinkMillis = thinkMillis;
      this.request = request;
      setDaemon(true);
    }

    @Override
    public void run() {
      Properties properties = new Properties();
      PGProperty.PREPARE_THRESHOLD.set(properties, 0);
      PGProperty.APPLICATION_NAME.set(properties, name);
      try (Connection opened = DriverManager.getConnection(database.jdbcUrl(), properties)) {
        connection = opened;
        connection.setAutoCommit(autoCommit);
        connected.countDown();
        while (!ended) {
          try {
            request.run(this);
          } catch (SQLException e) {
            // It is among the samples.
            pendingNotes.clear();
            pendingTitles.clear();
            if (!autoCommit) {
              connection.rollback();
            }
          }
          Thread.sleep(ThreadLocalRandom.current().nextInt(thinkMillis * 2) + 1L);
        }
      } catch (SQLException | InterruptedException e) {
        samples.add(new Sample(name, System.nanoTime(), 0, e.getMessage()));
      } finally {
        connected.countDown();
      }
    }

    private int next() {
      return ++counter;
    }

    private int anyItem() {
      return ThreadLocalRandom.current().nextInt(READERS_FROM, items);
    }

    private void readUser() throws SQLException {
      run("SELECT id, username, active FROM ab_user WHERE username = ?", "student1");
    }

    private void updateNotes() throws SQLException {
      int id = firstOwnItem + ThreadLocalRandom.current().nextInt(OWN_ROWS);
      String text = name + " " + next();
      run("UPDATE items SET notes = ? WHERE id = ?", text, id);
      pendingNotes.put(id, text);
    }

    private void insertItem() throws SQLException {
      String title = name + " adds " + next();
      run("INSERT INTO items (item_id, title, tuning) VALUES ('new', ?, 'EADGBE')", title);
      pendingTitles.add(title);
    }

    private void commit() throws SQLException {
      timed(() -> connection.commit());
      acknowledge();
    }

    private void acknowledge() {
      notes.putAll(pendingNotes);
      titles.addAll(pendingTitles);
      pendingNotes.clear();
      pendingTitles.clear();
    }

    private void run(String sql, Object... arguments) throws SQLException {
      timed(
          () -> {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
              for (int i = 0; i < arguments.length; i++) {
                statement.setObject(i + 1, arguments[i]);
              }
              statement.execute();
            }
          });
    }

    private void timed(Call call) throws SQLException {
      long begin = System.nanoTime();
      String error = null;
      try {
        call.run();
      } catch (SQLException e) {
        error = e.getSQLState() + " " + e.getMessage();
        throw e;
      } finally {
        samples.add(new Sample(name, begin, (System.nanoTime() - begin) / 1e9, error));
      }
    }
  }

  private interface Call {
    void run() throws SQLException;
  }
}
