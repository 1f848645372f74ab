package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.RetryPolicy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Runs one statement, and again after a growing pause when it did not get its locks or was the
 * victim of a deadlock, until {@code gpra.wait.limit} is spent.
 *
 * <p>In a transaction, what ran before is kept by a savepoint, and so are its locks. So it is tried
 * again there only while it has no strong lock on a table that it did not make itself: the
 * application would wait as long as the migration does.
 */
final class LockPatience {

  /** lock_not_available. */
  private static final String NO_LOCK = "55P03";

  /** The one above, and deadlock_detected. */
  private static final Set<String> TEMPORARY = Set.of(NO_LOCK, "40P01");

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
  private static final double JITTER = 0.25;

  /** A try that ran for longer than this got something done: the time begins anew. */
  private static final long PROGRESS_NANOS = Duration.ofMinutes(1).toNanos();

  /**
   * What the changelog says where others would have to queue behind a lock that will not come: for
   * what, because of which session, and in which transaction of its.
   */
  private static final Pattern FORESEEN =
      Pattern.compile("lock timeout not waited for: (.+): pid (\\d+)(?: \\((\\S+)\\))?");

  private static final String BEGIN = "\\s*(?:--[^\\n]*\\n\\s*)*";

  /** Statements that end or mark a transaction, or have to be its first; none waits for a lock. */
  private static final Pattern CONTROL =
      pattern(
          "(?:SET|RESET|DISCARD|SHOW|BEGIN|START|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE)\\b.*");

  private static final Pattern RESETS_LOCK_TIMEOUT =
      pattern(
          "(?:RESET\\s+(?:lock_timeout|ALL)|DISCARD\\s+ALL|SET\\s+(?:SESSION\\s+)?lock_timeout\\s*(?:=|TO)\\s*DEFAULT)\\b.*");

  /** Wait for old transactions, and keep nobody waiting. */
  private static final Pattern CONCURRENTLY =
      pattern(
          "(?:CREATE\\s+(?:UNIQUE\\s+)?INDEX|DROP\\s+INDEX|REINDEX\\s.*?)\\s+CONCURRENTLY\\b.*");

  private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[\\w$]+)";
  private static final Pattern CREATE_INDEX =
      pattern(
          "CREATE\\s+(?:UNIQUE\\s+)?INDEX\\s+CONCURRENTLY\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?(?<name>%1$s)\\s+ON\\s+(?:ONLY\\s+)?(?<schema>%1$s\\s*\\.)?.*"
              .formatted(NAME));

  private final MigrationSession session;
  private final Statement statement;
  private final String sql;
  private final Matcher index;
  private final boolean concurrently;
  private final long limit = GpraProperties.waitLimit().toNanos();
  private Savepoint savepoint;
  private boolean failed;
  private long failedFirst;

  /** The transaction that is in the way; null if none is known. */
  private String inTheWay;

  /**
   * For one statement.
   *
   * @param statement the JDBC one that runs it
   * @param sql its text
   */
  LockPatience(MigrationSession session, Statement statement, String sql) {
    this.session = session;
    this.statement = statement;
    this.sql = sql;
    this.index = CREATE_INDEX.matcher(sql);
    this.concurrently = CONCURRENTLY.matcher(sql).matches();
  }

  private static Pattern pattern(String regex) {
    return Pattern.compile(BEGIN + regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  }

  /** It failed for want of a lock, and may be tried again. */
  private static final class TryAgain extends Exception {
    private static final long serialVersionUID = 1L;

    TryAgain(SQLException cause) {
      super(cause);
    }
  }

  /**
   * Runs it, and shows its notices as they come.
   *
   * @param action runs it once
   * @throws SQLException the server's; or, where a lock did not come, with a sentence that says who
   *     holds it
   */
  <T> T run(Callable<T> action) throws SQLException {
    session.begin();
    if (!session.jdbc().getAutoCommit() && !CONTROL.matcher(sql).matches()) {
      savepoint = session.jdbc().setSavepoint();
    }
    String lockTimeout = concurrently ? limitWait() : null;
    RetryPolicy<T> policy =
        RetryPolicy.<T>builder()
            .handle(TryAgain.class)
            .withBackoff(FIRST_PAUSE, LONGEST_PAUSE)
            .withJitter(JITTER)
            .withMaxRetries(-1)
            .build();
    T result;
    try {
      result = Failsafe.with(policy).get(() -> attempt(action));
    } catch (FailsafeException e) {
      if (e.getCause() instanceof SQLException failure) {
        throw failure;
      }
      throw new SQLException("Interrupted before the statement could be tried again", e);
    } finally {
      session.endWait();
    }
    if (savepoint != null && inTransaction()) {
      session.jdbc().releaseSavepoint(savepoint);
    }
    if (lockTimeout != null) {
      execute("SET lock_timeout = '" + lockTimeout + "'");
    }
    if (RESETS_LOCK_TIMEOUT.matcher(sql).matches()) {
      session.connection().keepLockTimeout();
    }
    return result;
  }

  private <T> T attempt(Callable<T> action) throws Exception {
    while (inTheWay != null && left() > 0 && session.isThere(inTheWay, left())) {
      Thread.sleep(FIRST_PAUSE.toMillis());
    }
    inTheWay = null;
    long start = System.nanoTime();
    StatementWatch watch =
        new StatementWatch(statement, session, index.matches(), limit, this::left);
    try {
      if (failed && index.matches()) {
        dropInvalidIndex();
      }
      return action.call();
    } catch (SQLException e) {
      watch.close();
      if (watch.cancelled() || TEMPORARY.contains(String.valueOf(e.getSQLState()))) {
        throw judge(e, watch.cancelled(), start);
      }
      throw e;
    } finally {
      watch.close();
    }
  }

  /** How long it is still tried, in nanoseconds. */
  private long left() {
    return failed ? limit - (System.nanoTime() - failedFirst) : limit;
  }

  /** Returns {@link TryAgain}, or what the operator is to read. */
  private Exception judge(SQLException e, boolean cancelled, long start) throws SQLException {
    long now = System.nanoTime();
    if (!failed || now - start > PROGRESS_NANOS) {
      failed = true;
      failedFirst = now;
    }
    boolean transaction = !session.jdbc().getAutoCommit();
    if (transaction && savepoint == null) {
      return e;
    }
    String reason = cancelled ? "lock timeout" : PostgresExecutor.firstLine(e);
    Matcher foreseen = FORESEEN.matcher(reason);
    if (transaction) {
      session.jdbc().rollback(savepoint);
    }
    if (foreseen.matches()) {
      reason = "lock timeout";
      inTheWay = foreseen.group(3);
      session.seen(foreseen.group(1), Integer.parseInt(foreseen.group(2)), left());
    } else {
      session.sayObstacle();
    }
    if (transaction) {
      List<String> strong = session.strongLocks();
      if (!strong.isEmpty()) {
        return new SQLException(
            "%s did not come (%s), and the statement is not tried again, because its transaction has a strong lock on %s already: the changeset was undone. %s"
                .formatted(session.target(), reason, String.join(", ", strong), session.holders()),
            NO_LOCK);
      }
    }
    boolean endedByTheServer = concurrently && NO_LOCK.equals(e.getSQLState());
    if (cancelled || endedByTheServer || left() <= 0) {
      return new SQLException(
          "%s did not come in %s (%s). %s"
              .formatted(
                  session.target(), GpraProperties.waitLimitText(), reason, session.holders()),
          NO_LOCK);
    }
    return new TryAgain(e);
  }

  /**
   * Lets the server end it, whoever watches or does not, whatever the changelog has set.
   *
   * @return the session's lock_timeout until then
   */
  private String limitWait() throws SQLException {
    long longest =
        Math.max(GpraProperties.waitLimit().toMillis(), GpraProperties.lockTimeout().toMillis());
    try (Statement setting = session.jdbc().createStatement();
        ResultSet row = setting.executeQuery("SHOW lock_timeout")) {
      row.next();
      String before = row.getString(1);
      execute("SET lock_timeout = " + longest);
      return before;
    }
  }

  /** A build that failed leaves an index that nobody uses, and that is in the way of the next. */
  private void dropInvalidIndex() throws SQLException {
    String schema = index.group("schema") == null ? "" : index.group("schema");
    String name = schema + index.group("name");
    try (Statement query = session.jdbc().createStatement();
        ResultSet row =
            query.executeQuery(
                "SELECT FROM pg_index WHERE NOT indisvalid AND indexrelid = to_regclass($gpra_name$%s$gpra_name$)"
                    .formatted(name))) {
      if (!row.next()) {
        return;
      }
    }
    execute("DROP INDEX CONCURRENTLY IF EXISTS " + name);
  }

  private void execute(String command) throws SQLException {
    try (Statement other = session.jdbc().createStatement()) {
      other.execute(command);
    }
  }

  /** Whether the statement did not end it itself. */
  private boolean inTransaction() throws SQLException {
    return session.jdbc().unwrap(BaseConnection.class).getTransactionState()
        == TransactionState.OPEN;
  }
}
