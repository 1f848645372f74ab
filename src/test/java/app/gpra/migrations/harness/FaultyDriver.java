package app.gpra.migrations.harness;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;

/** PostgreSQL's JDBC driver; the next connection that it opens makes its calls known. */
public final class FaultyDriver implements Driver {

  private static final AtomicReference<Calls> NEXT = new AtomicReference<>();

  private static final Set<String> SENDING =
      Set.of("commit", "rollback", "setAutoCommit", "setSavepoint", "releaseSavepoint");

  private final Driver driver = new org.postgresql.Driver();

  /** Used by its name. */
  public FaultyDriver() {}

  /** The next connection is that one's. */
  static void next(Calls calls) {
    NEXT.set(calls);
  }

  @Override
  public Connection connect(String url, Properties properties) throws SQLException {
    Connection connection = driver.connect(url, properties);
    Calls calls = NEXT.getAndSet(null);
    return calls == null || connection == null ? connection : watched(connection, calls);
  }

  private static Connection watched(Connection connection, Calls calls) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (SENDING.contains(method.getName())) {
            return call(method.getName(), connection, connection, method, arguments, calls);
          }
          Object result = invoke(connection, method, arguments);
          return result instanceof Statement statement
              ? watched(
                  method.getReturnType(),
                  statement,
                  result instanceof PreparedStatement ? (String) arguments[0] : null,
                  connection,
                  calls)
              : result;
        });
  }

  private static Object watched(
      Class<?> type, Statement statement, String prepared, Connection connection, Calls calls) {
    return proxy(
        type,
        (proxy, method, arguments) -> {
          if (!method.getName().startsWith("execute")) {
            return invoke(statement, method, arguments);
          }
          String sql = prepared == null && arguments != null ? (String) arguments[0] : prepared;
          return call(String.valueOf(sql), connection, statement, method, arguments, calls);
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            FaultyDriver.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object call(
      String name,
      Connection connection,
      Object target,
      Method method,
      Object[] arguments,
      Calls calls)
      throws Throwable {
    calls.begin(name, connection);
    Object result = invoke(target, method, arguments);
    calls.end(name, connection);
    return result;
  }

  private static Object invoke(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public boolean acceptsURL(String url) throws SQLException {
    return driver.acceptsURL(url);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties)
      throws SQLException {
    return driver.getPropertyInfo(url, properties);
  }

  @Override
  public int getMajorVersion() {
    return driver.getMajorVersion();
  }

  @Override
  public int getMinorVersion() {
    return driver.getMinorVersion();
  }

  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getGlobal();
  }
}
