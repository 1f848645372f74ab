package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import liquibase.Scope;
import liquibase.changelog.StandardChangeLogHistoryService;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import liquibase.executor.ExecutorService;

/**
 * Liquibase's history table, made by one run at a time. Liquibase makes it before it takes the
 * changelog lock, so that of several first runs at once all but one would fail.
 */
public final class SerializedHistoryService extends StandardChangeLogHistoryService {

  /** Any number that nothing else in the database uses; this is "gpra" in ASCII. */
  private static final long LOCK = 0x67707261L;

  private static final long RETRY_MILLIS = 100;

  /** Used through {@code META-INF/services}. */
  public SerializedHistoryService() {}

  /** {@inheritDoc} Higher than Liquibase's own. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /** {@inheritDoc} PostgreSQL with a connection; not offline. */
  @Override
  public boolean supports(Database database) {
    return database instanceof PostgresDatabase
        && database.getConnection() instanceof JdbcConnection;
  }

  /**
   * Makes the history table if it is not there.
   *
   * @throws DatabaseException if a {@code gpra.} property is unknown or malformed, the server's
   *     deadlock_timeout is too short, the session means another schema than the application's, or
   *     the table cannot be made or read
   */
  @Override
  public void init() throws DatabaseException {
    try {
      GpraProperties.check();
    } catch (IllegalArgumentException e) {
      throw new DatabaseException(e.getMessage());
    }
    boolean preview = true;
    if (Scope.getCurrentScope()
            .getSingleton(ExecutorService.class)
            .getExecutor("jdbc", getDatabase())
        instanceof PostgresExecutor executor) {
      executor.begin();
      preview = false;
    }
    Connection connection =
        ((JdbcConnection) getDatabase().getConnection()).getUnderlyingConnection();
    String table = HistoryAccess.tableName(getDatabase());
    try {
      ApplicationSchema.check(getDatabase(), connection);
      Optional<String> obstacle = HistoryAccess.obstacle(getDatabase(), false);
      boolean there =
          obstacle.isEmpty() && ask(connection, "SELECT to_regclass(?) IS NOT NULL", table);
      if (obstacle.isEmpty() && !there && !preview) {
        obstacle = HistoryAccess.obstacle(getDatabase(), true);
      }
      if (obstacle.isPresent()) {
        throw new DatabaseException(obstacle.get());
      }
      if (there) {
        super.init();
        return;
      }
      // Polled: a waiting statement would be cancelled by lock_timeout.
      while (!ask(connection, "SELECT pg_try_advisory_lock(?)", LOCK)) {
        connection.commit();
        Thread.sleep(RETRY_MILLIS);
      }
      try {
        super.init();
      } catch (DatabaseException | RuntimeException e) {
        // Otherwise the next statement hides the cause.
        connection.rollback();
        throw e;
      } finally {
        ask(connection, "SELECT pg_advisory_unlock(?)", LOCK);
      }
    } catch (SQLException e) {
      throw new DatabaseException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("Interrupted while another run creates " + table, e);
    }
  }

  private static boolean ask(Connection connection, String sql, Object argument)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, argument);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }
}
