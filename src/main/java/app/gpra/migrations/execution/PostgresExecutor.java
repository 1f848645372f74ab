package app.gpra.migrations.execution;

import java.sql.SQLException;
import java.util.List;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.DatabaseException;
import liquibase.executor.jvm.JdbcExecutor;
import liquibase.sql.visitor.SqlVisitor;
import liquibase.statement.SqlStatement;

/**
 * Runs statements on PostgreSQL and says in one sentence why one failed. Liquibase's own executor
 * repeats the whole statement, which for a {@code DO} block is a page.
 */
public final class PostgresExecutor extends JdbcExecutor {

  /** SQLSTATE of {@code RAISE EXCEPTION} in PL/pgSQL: the message is the changelog's own. */
  private static final String RAISE_EXCEPTION = "P0001";

  /** Class of SQLSTATE whose detail is a row of a user's. */
  private static final String INTEGRITY_VIOLATION = "23";

  private static final int LONGEST_STATEMENT = 160;

  /** Used through {@code META-INF/services}. */
  public PostgresExecutor() {}

  /** {@inheritDoc} Higher than Liquibase's own executor. */
  @Override
  public int getPriority() {
    return PRIORITY_SPECIALIZED;
  }

  /** {@inheritDoc} PostgreSQL only. */
  @Override
  public boolean supports(Database database) {
    return database instanceof PostgresDatabase;
  }

  /**
   * Runs a statement.
   *
   * @throws DatabaseException with the server's message, its detail and hint, and the start of the
   *     statement where the message is not the changelog's own; the cause has the same message and
   *     the SQLSTATE
   */
  @Override
  public void execute(SqlStatement statement, List<SqlVisitor> visitors) throws DatabaseException {
    try {
      super.execute(statement, visitors);
    } catch (DatabaseException e) {
      throw readable(e, applyVisitors(statement, visitors));
    }
  }

  private static DatabaseException readable(DatabaseException failure, String[] statement) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getMessage() != null) {
        String message = message(sql, statement);
        // Maven appends what its causes say, unless the message says it already.
        return new DatabaseException(message, new SQLException(message, sql.getSQLState()));
      }
    }
    return failure;
  }

  private static String message(SQLException failure, String[] statement) {
    String message = failure.getMessage().replaceFirst("(?s)\\n\\s*Where: .*", "").strip();
    if (failure.getSQLState() != null && failure.getSQLState().startsWith(INTEGRITY_VIOLATION)) {
      message = message.replaceFirst("(?s)\\n\\s*Detail: .*", "");
    }
    if (RAISE_EXCEPTION.equals(failure.getSQLState())) {
      return message.replaceFirst("^ERROR: ", "");
    }
    String start = statement.length == 0 ? "" : statement[0].strip().lines().findFirst().orElse("");
    if (start.length() > LONGEST_STATEMENT) {
      start = start.substring(0, LONGEST_STATEMENT) + "…";
    }
    return message + " (SQLSTATE " + failure.getSQLState() + ") in: " + start;
  }
}
