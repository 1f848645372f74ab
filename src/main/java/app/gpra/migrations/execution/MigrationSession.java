package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.connection.MigrationConnection;
import app.gpra.migrations.report.Run;
import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import liquibase.Scope;
import liquibase.logging.Logger;
import liquibase.sql.SqlConfiguration;

/** The session that a migration runs in, and what a second one has seen of it. */
final class MigrationSession {

  /** The watcher's own statement_timeout: it looks again a little later. */
  private static final String CANCELED = "57014";

  /** connection_does_not_exist, as the driver says it. */
  private static final String CLOSED = "08003";

  /** So many are named in an error. */
  private static final int MOST_HOLDERS = 3;

  private static final long SECOND = 1_000_000_000L;
  private static final long NANOS_BETWEEN_SENTENCES = 30 * SECOND;

  private final MigrationConnection connection;
  private final int pid;
  private final String began;
  private final Set<String> named = new HashSet<>();
  private Watcher watcher;
  private String obstacle;
  private Watcher.Wait seen;
  private long seenFirst;
  private long seenLast;
  private long said;
  private Screen screen;
  private Optional<Run> run = Optional.empty();
  private Logger log;
  private boolean quiet;
  private String end;

  /**
   * Takes over a connection.
   *
   * @throws SQLException if the server does not answer
   */
  MigrationSession(MigrationConnection connection) throws SQLException {
    this.connection = connection;
    try (Statement statement = jdbc().createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT pg_backend_pid(), backend_start::text FROM pg_stat_get_activity(pg_backend_pid())")) {
      row.next();
      pid = row.getInt(1);
      began = row.getString(2);
    }
  }

  MigrationConnection connection() {
    return connection;
  }

  Connection jdbc() {
    return connection.getUnderlyingConnection();
  }

  /** Begins with another statement, in the thread that runs it: the other has another scope. */
  void begin() {
    screen = Screen.current();
    run = Run.current();
    log = Scope.getCurrentScope().getLog(PostgresExecutor.class);
    quiet = !SqlConfiguration.SHOW_SQL_WARNING_MESSAGES.getCurrentValue();
    seen = null;
  }

  /** Whether the server, or the way to it, is gone. */
  boolean hasEnded() {
    try {
      return jdbc().isClosed();
    } catch (SQLException e) {
      return true;
    }
  }

  /**
   * Remembers why it has ended.
   *
   * @param failure of the last statement
   * @param message what it is to say
   * @return what the first one said
   */
  String end(SQLException failure, String message) {
    // That it is closed is no cause: what closed it was no statement, but a commit.
    if (end == null && !CLOSED.equals(failure.getSQLState())) {
      end = message;
      Run.current().ifPresent(current -> current.failed(message));
    }
    return end == null ? message : end;
  }

  /** Shows how far it is. */
  void say(String message) {
    if (!quiet) {
      screen.say(message);
    }
  }

  /** Shows how far it is, in one line that changes; null where nobody looks. */
  Consumer<Progress.Step> bar() {
    Screen on = screen;
    return quiet || !on.isWatched()
        ? null
        : step -> on.status(step.done(), step.total(), step.line());
  }

  /** Shows what the database says. */
  void notice(String message) {
    say(message);
    run.ifPresent(current -> current.notice(message));
  }

  /** The statement is over: remembers how long it was held up. */
  void endWait() {
    Watcher.Wait wait = seen;
    if (wait != null) {
      String holders =
          wait.holders().stream()
              .limit(MOST_HOLDERS)
              .map(Holder::who)
              .collect(Collectors.joining("; "));
      run.ifPresent(current -> current.waited(wait.target(), holders, seenLast - seenFirst));
    }
  }

  /** The second session, opened when it is first needed; empty if there is none. */
  synchronized Optional<Watcher> watcher() {
    if (watcher == null && obstacle == null) {
      try {
        Optional<Connection> other = connection.another();
        if (other.isPresent()) {
          watcher = new Watcher(other.get(), pid, began);
        } else {
          obstacle = "this connection was handed over already open";
        }
      } catch (SQLException e) {
        blind(e);
      }
    }
    return Optional.ofNullable(watcher);
  }

  /** The second session failed. */
  synchronized void blind(SQLException e) {
    if (!CANCELED.equals(e.getSQLState())) {
      watcher = null;
      // What it advises is for who cannot begin.
      obstacle =
          "a second connection failed: "
              + PostgresExecutor.firstLine(e).replaceFirst("\\. .*|\\.$", "");
    }
  }

  /**
   * What the statement waits for: the log names each holder, and again from time to time.
   *
   * @param left for how many nanoseconds it is still tried
   */
  void seen(Watcher.Wait wait, long left) {
    seenLast = System.nanoTime();
    seenFirst = seen == null ? seenLast : seenFirst;
    seen = wait;
    boolean again = !named.isEmpty() && seenLast - said > NANOS_BETWEEN_SENTENCES;
    for (Holder holder : wait.holders()) {
      boolean first = named.add(holder.identity());
      if (first || again) {
        said = seenLast;
        screen.log(
            log,
            "%s for %s, held up by %s. It is tried for %s more.%s"
                .formatted(
                    first ? "Waiting" : "Still waiting",
                    wait.target(),
                    holder.sentence(),
                    Run.time((left + SECOND - 1) / SECOND * SECOND),
                    holder.hidden() && named.add("pg_monitor") ? " " + grant() : ""));
      }
    }
  }

  /** What the statement would have waited for, as the server knows. */
  void seen(String target, int holder, long left) {
    Optional<Watcher> second = watcher();
    try {
      Optional<Watcher.Wait> wait =
          second.isPresent()
              ? second.get().look(target, holder)
              : Watcher.look(jdbc(), target, holder);
      wait.ifPresent(one -> seen(one, left));
    } catch (SQLException e) {
      blind(e);
    }
  }

  /** Whether a transaction of somebody else's, in whose way this one is, is still open. */
  boolean isThere(String transaction, long left) throws SQLException {
    if (seen != null) {
      seen(seen, left);
    }
    return Watcher.isThere(jdbc(), transaction);
  }

  /** Says once why nobody can be named. */
  void sayObstacle() {
    if (watcher().isEmpty() && named.add("obstacle")) {
      screen.log(
          log,
          "Who holds a lock cannot be seen, because %s. A statement is tried again only while its transaction has no strong lock at all."
              .formatted(obstacle));
    }
  }

  /** What the statement waited for, as the beginning of a sentence. */
  String target() {
    return seen == null
        ? "A lock"
        : seen.target().substring(0, 1).toUpperCase(Locale.ROOT) + seen.target().substring(1);
  }

  /** Who held it up and what ends that, in one sentence. */
  String holders() {
    if (seen == null) {
      return watcher().isEmpty()
          ? "Who held it up cannot be seen, because %s: look into pg_locks, then %s."
              .formatted(obstacle, GpraProperties.again())
          : "Who held it up was gone before it could be seen: %s."
              .formatted(GpraProperties.again());
    }
    List<Holder> first = seen.holders().stream().limit(MOST_HOLDERS).toList();
    int more = seen.holders().size() - first.size();
    return "Held up by %s%s: %s, then %s.%s"
        .formatted(
            first.stream().map(Holder::sentence).collect(Collectors.joining("; by ")),
            more > 0 ? "; and by " + more + " more" : "",
            first.stream().map(Holder::remedy).distinct().collect(Collectors.joining("; ")),
            GpraProperties.again(),
            seen.holders().stream().anyMatch(Holder::hidden) ? " " + grant() : "");
  }

  private String grant() {
    return "(GRANT pg_monitor TO \"%s\" shows what others do.)"
        .formatted(connection.getConnectionUserName());
  }

  /** Relations on which this transaction has a lock that others would wait for. */
  List<String> strongLocks() throws SQLException {
    Optional<Watcher> second = watcher();
    if (second.isPresent()) {
      try {
        return second.get().strongLocks();
      } catch (SQLException e) {
        blind(e);
      }
    }
    return Watcher.strongLocksOf(jdbc());
  }
}
