package app.gpra.migrations.execution;

import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Run;
import app.gpra.migrations.report.Screen;
import com.github.blagerweij.sessionlock.PGLockService;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import liquibase.GlobalConfiguration;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.configuration.ConfiguredValue;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.LockException;
import liquibase.executor.ExecutorService;
import liquibase.lockservice.DatabaseChangeLogLock;

/**
 * The changelog lock, held by the session: a run that is killed frees it. Unlike its parent it
 * holds no transaction open while it waits, because {@code CREATE INDEX CONCURRENTLY} in the run
 * that has the lock waits for every older snapshot, and the two would wait for each other.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createindex.html">CREATE INDEX,
 *     "Building Indexes Concurrently"</a>
 */
public final class PatientLockService extends PGLockService {

  private static final long MINUTES = 60;
  private static final long NANOS_BETWEEN_LINES = TimeUnit.SECONDS.toNanos(30);

  /** When it is given up, by {@link System#nanoTime}; null while nobody waits. */
  private Long deadline;

  private long said;

  /** Used through {@code META-INF/services}. */
  public PatientLockService() {}

  /** {@inheritDoc} One more than the parent's. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /**
   * {@inheritDoc} Ends the transaction of a try that failed.
   *
   * @throws LockException if nothing can be written there; says why. Not for a preview
   */
  @Override
  protected boolean acquireLock(Connection connection) throws SQLException, LockException {
    if (Scope.getCurrentScope().getSingleton(ExecutorService.class).getExecutor("jdbc", database)
        instanceof PostgresExecutor) {
      Optional<String> obstacle = HistoryAccess.obstacle(database, true);
      if (obstacle.isPresent()) {
        throw new LockException(obstacle.get());
      }
    }
    boolean acquired = super.acquireLock(connection);
    if (acquired) {
      // A rollback has read the history before it waited; another run may have changed it since.
      Scope.getCurrentScope()
          .getSingleton(ChangeLogHistoryServiceFactory.class)
          .getChangeLogService(database)
          .reset();
    }
    if (!acquired && !connection.getAutoCommit()) {
      connection.commit();
    }
    if (!acquired && deadline != null && System.nanoTime() - said >= NANOS_BETWEEN_LINES) {
      said = System.nanoTime();
      Screen.current()
          .say(
              "Another session has the changelog lock still: it is waited for, %s more. %s"
                  .formatted(Run.time(Math.max(0, deadline - said)), holders()));
    }
    return acquired;
  }

  /**
   * {@inheritDoc} Waits for {@code liquibase.changelogLockWaitTimeInMinutes}; where that is not
   * set, for an hour, because a run in batches takes its time.
   *
   * @throws LockException if another run has it for longer; says what to do
   */
  @Override
  public void waitForLock() throws LockException {
    if (acquireLock()) {
      return;
    }
    ConfiguredValue<Long> given =
        GlobalConfiguration.CHANGELOGLOCK_WAIT_TIME.getCurrentConfiguredValue();
    long minutes = given.wasDefaultValueUsed() ? MINUTES : given.getValue();
    setChangeLogLockWaitTime(minutes);
    said = System.nanoTime();
    deadline = said + TimeUnit.MINUTES.toNanos(minutes);
    Screen.current()
        .say(
            "Another session has the changelog lock: it is waited for, %d minute(s) at the most. %s"
                .formatted(minutes, holders()));
    try {
      super.waitForLock();
    } catch (LockException e) {
      if (!String.valueOf(e.getMessage()).startsWith("Could not acquire")) {
        Report.failedToBegin(e);
        throw e;
      }
      LockException told =
          new LockException(
              "Another session has the changelog lock, and %d minute(s) were not enough. %s Nothing was done. Let it finish, or end it with that command, then run the same command again."
                  .formatted(minutes, holders()));
      Report.failedToBegin(told);
      throw told;
    }
  }

  /**
   * Who has it, and what ends that: it may be anybody who may connect. Leaves no snapshot behind.
   */
  private String holders() throws LockException {
    int[] key = {
      database.getDatabaseChangeLogLockTableName().hashCode(),
      database.getDefaultSchemaName().hashCode()
    };
    Connection connection = ((JdbcConnection) database.getConnection()).getUnderlyingConnection();
    try {
      List<Holder> holders =
          Watcher.advisoryLock(connection, "", key).map(Watcher.Wait::holders).orElse(List.of());
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
      return holders.isEmpty()
          ? "It was gone before it could be seen."
          : holders.stream()
              .map(
                  holder ->
                      "Held by %s (SELECT pg_terminate_backend(%d))."
                          .formatted(holder.sentence(), holder.pid()))
              .collect(Collectors.joining(" "));
    } catch (SQLException e) {
      throw new LockException(e);
    }
  }

  /** {@inheritDoc} Also where the role may not see more of it than that it is there. */
  @Override
  protected DatabaseChangeLogLock usedLock(Connection connection)
      throws SQLException, LockException {
    try {
      return super.usedLock(connection);
    } catch (NullPointerException e) {
      // Its parent reads when the session began, which may be hidden.
      return new DatabaseChangeLogLock(
          1, new Date(), "a session that this role may not see (GRANT pg_monitor shows it)");
    }
  }

  /** {@inheritDoc} There is none to release by force: it ends with the session that holds it. */
  @Override
  public void forceReleaseLock() {
    Screen.current()
        .log(
            Scope.getCurrentScope().getLog(PatientLockService.class),
            "Nothing to release: the changelog lock ends with the run that holds it, also when that one is killed.");
  }
}
