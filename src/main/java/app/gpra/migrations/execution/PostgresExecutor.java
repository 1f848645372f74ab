package app.gpra.migrations.execution;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.connection.MigrationConnection;
import app.gpra.migrations.report.Invocation;
import app.gpra.migrations.report.Screen;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import liquibase.database.Database;
import liquibase.database.core.PostgresDatabase;
import liquibase.exception.DatabaseException;
import liquibase.exception.UnexpectedLiquibaseException;
import liquibase.executor.jvm.JdbcExecutor;
import liquibase.executor.jvm.RowMapper;
import liquibase.executor.jvm.StatementCallback;
import liquibase.sql.visitor.SqlVisitor;
import liquibase.statement.SqlStatement;
import liquibase.statement.core.RawParameterizedSqlStatement;
import liquibase.statement.core.RawSqlStatement;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Runs statements on PostgreSQL, patiently ({@link LockPatience}), and says in one sentence why one
 * failed. Liquibase's own executor repeats the whole statement, which for a {@code DO} block is a
 * page.
 */
public final class PostgresExecutor extends JdbcExecutor {

  /** SQLSTATE of {@code RAISE EXCEPTION} in PL/pgSQL: the message is the changelog's own. */
  private static final String RAISE_EXCEPTION = "P0001";

  /** Class of SQLSTATE whose detail is a row of a user's. */
  private static final String INTEGRITY_VIOLATION = "23";

  private static final int LONGEST_STATEMENT = 160;

  /** What to do, by SQLSTATE, where the message does not say it. */
  private static final Map<String, String> NEXT =
      Map.of(
          "42501", "Grant what is missing",
          "53100", "Free space on the server's disk",
          "53400", "Raise that limit for this role",
          "57014", "If that was statement_timeout, leave it out of the url's options");

  private static final String ENDED =
      "The session has ended, and what it had not committed is undone. The server's log says why: wait until it accepts connections";

  /** What waits for locks. */
  private static final Set<String> RUNNING = Set.of("execute", "executeUpdate", "executeQuery");

  private static final StackTraceElement[] NOWHERE = {};

  private MigrationSession session;

  /** The one of a statement's several that runs, or ran last; null where nobody watches. */
  private String running;

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
   *     statement and what to do where the message is not the changelog's own; the cause has the
   *     same message and the SQLSTATE
   */
  @Override
  public void execute(SqlStatement statement, List<SqlVisitor> visitors) throws DatabaseException {
    running = null;
    try {
      super.execute(statement, visitors);
    } catch (DatabaseException e) {
      throw readable(e, statement, visitors);
    }
  }

  /** {@inheritDoc} Fails with the same sentence. */
  @Override
  public int update(SqlStatement statement, List<SqlVisitor> visitors) throws DatabaseException {
    running = null;
    try {
      return super.update(statement, visitors);
    } catch (DatabaseException e) {
      throw readable(e, statement, visitors);
    }
  }

  /**
   * {@inheritDoc} Fails with the same sentence. The query of a precondition, which Liquibase would
   * prepare, is sent like the others, and waits for a lock as they do.
   */
  @Override
  // Liquibase's own, and its one statement that is not prepared.
  @SuppressWarnings({"rawtypes", "deprecation"})
  public List query(SqlStatement statement, RowMapper mapper, List<SqlVisitor> visitors)
      throws DatabaseException {
    running = null;
    try {
      SqlStatement sent =
          statement instanceof RawParameterizedSqlStatement raw && raw.getParameters().isEmpty()
              ? new RawSqlStatement(raw.getSql())
              : statement;
      return super.query(sent, mapper, visitors);
    } catch (DatabaseException e) {
      throw readable(e, statement, visitors);
    }
  }

  /**
   * {@inheritDoc} What a precondition's query answers becomes a part of Liquibase's own error. (Not
   * a setting that goes into SQL again, {@code SHOW SEARCH_PATH}.)
   */
  @Override
  public <T> T queryForObject(SqlStatement statement, Class<T> type) throws DatabaseException {
    T answer = super.queryForObject(statement, type);
    return answer instanceof String text
            && statement instanceof RawParameterizedSqlStatement raw
            && !raw.getSql().startsWith("SHOW ")
        ? type.cast(Screen.printable(text))
        : answer;
  }

  /** {@inheritDoc} Each SQL of the statement is tried, watched and tried again on its own. */
  @Override
  public Object execute(StatementCallback action, List<SqlVisitor> visitors)
      throws DatabaseException {
    MigrationSession current = session();
    if (current == null) {
      return super.execute(action, visitors);
    }
    return super.execute(
        new StatementCallback() {
          @Override
          public Object doInStatement(Statement statement) throws SQLException, DatabaseException {
            return action.doInStatement(patient(statement, current));
          }

          @Override
          public SqlStatement getStatement() {
            return action.getStatement();
          }
        },
        visitors);
  }

  /** Null where the changelog does not want it, or nobody knows that yet. */
  private MigrationSession session() throws DatabaseException {
    if (!(database.getConnection() instanceof MigrationConnection own) || !own.isSafe()) {
      return null;
    }
    if (session == null || session.connection() != own) {
      try {
        session = new MigrationSession(own);
      } catch (SQLException e) {
        throw new DatabaseException(e.getMessage(), e);
      }
    }
    return session;
  }

  /** The statement, but patient where it runs one. */
  private Statement patient(Statement statement, MigrationSession current) {
    return (Statement)
        Proxy.newProxyInstance(
            PostgresExecutor.class.getClassLoader(),
            new Class<?>[] {Statement.class},
            (proxy, method, arguments) -> {
              Callable<Object> call = () -> invoke(statement, method, arguments);
              if (RUNNING.contains(method.getName()) && arguments[0] instanceof String sql) {
                running = bare(sql);
                return new LockPatience(current, statement, running).run(call);
              }
              return call.call();
            });
  }

  /** Without the lines above it that say what it locks. */
  private static String bare(String sql) {
    return sql.replaceFirst("^(-- .*\n)+", "");
  }

  private static Object invoke(Statement statement, Method method, Object[] arguments)
      throws Exception {
    try {
      return method.invoke(statement, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception failure) {
        throw failure;
      }
      throw e;
    }
  }

  private DatabaseException readable(
      DatabaseException failure, SqlStatement statement, List<SqlVisitor> visitors)
      throws DatabaseException {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getMessage() != null) {
        // What comes after the end fails because of it, and says less.
        String message =
            Invocation.worded(
                session != null && session.hasEnded()
                    ? session.end(sql, message(sql, ""))
                    : message(sql, text(statement, visitors)));
        // Maven appends what its causes say, unless the message says it already.
        DatabaseException told =
            new DatabaseException(message, new SQLException(message, sql.getSQLState()));
        // Liquibase 4 prints them to the operator.
        told.setStackTrace(NOWHERE);
        told.getCause().setStackTrace(NOWHERE);
        return told;
      }
    }
    return failure;
  }

  /** Its SQL; nothing where making that asks the database, which has just failed. */
  private String text(SqlStatement statement, List<SqlVisitor> visitors) {
    if (running != null) {
      return running;
    }
    try {
      return bare(Stream.of(applyVisitors(statement, visitors)).findFirst().orElse("").strip());
    } catch (DatabaseException | UnexpectedLiquibaseException e) {
      return "";
    }
  }

  /** The message's first line, without its severity, which comes in the server's language. */
  static String firstLine(SQLException failure) {
    return Objects.toString(
            failure instanceof PSQLException server && server.getServerErrorMessage() != null
                ? server.getServerErrorMessage().getMessage()
                : failure.getMessage(),
            "")
        .lines()
        .findFirst()
        .map(Screen::printable)
        .orElse("");
  }

  /** Field by field: the driver joins them with words in the language of this JVM. */
  private static String message(ServerErrorMessage error) {
    StringBuilder message = new StringBuilder(Screen.printable(String.valueOf(error.getMessage())));
    if (error.getDetail() != null
        && !String.valueOf(error.getSQLState()).startsWith(INTEGRITY_VIOLATION)) {
      message.append("\n  Detail: ").append(Screen.printable(error.getDetail()));
    }
    if (error.getHint() != null) {
      message.append("\n  Hint: ").append(Screen.printable(error.getHint()));
    }
    return message.toString();
  }

  private String message(SQLException failure, String statement) {
    String message = Screen.printable(failure.getMessage().strip());
    if (failure instanceof PSQLException server && server.getServerErrorMessage() != null) {
      message = message(server.getServerErrorMessage());
    }
    if (RAISE_EXCEPTION.equals(failure.getSQLState())) {
      return message;
    }
    String start = statement.strip().lines().findFirst().orElse("");
    if (start.length() > LONGEST_STATEMENT) {
      start = start.substring(0, LONGEST_STATEMENT) + "…";
    }
    String next =
        message.endsWith("again.")
            ? ""
            : "\n  %s, then %s: it goes on from what is finished."
                .formatted(
                    session != null && session.hasEnded()
                        ? ENDED
                        : NEXT.getOrDefault(failure.getSQLState(), "Correct that"),
                    GpraProperties.again());
    return "%s (SQLSTATE %s)%s%s"
        .formatted(message, failure.getSQLState(), start.isEmpty() ? "" : " in: " + start, next);
  }
}
