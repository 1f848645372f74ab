package app.gpra.migrations.execution;

import com.github.blagerweij.sessionlock.PGLockService;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import liquibase.Scope;
import liquibase.changelog.ChangeLogHistoryServiceFactory;
import liquibase.exception.LockException;
import liquibase.executor.ExecutorService;

/**
 * The changelog lock, held by the session: a run that is killed frees it. Unlike its parent it
 * holds no transaction open while it waits, because {@code CREATE INDEX CONCURRENTLY} in the run
 * that has the lock waits for every older snapshot, and the two would wait for each other.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createindex.html">CREATE INDEX,
 *     "Building Indexes Concurrently"</a>
 */
public final class PatientLockService extends PGLockService {

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
    return acquired;
  }

  /** {@inheritDoc} There is none to release by force: it ends with the session that holds it. */
  @Override
  public void forceReleaseLock() {
    Scope.getCurrentScope()
        .getLog(PatientLockService.class)
        .info(
            "Nothing to release: the changelog lock ends with the run that holds it, also when that one is killed.");
  }
}
