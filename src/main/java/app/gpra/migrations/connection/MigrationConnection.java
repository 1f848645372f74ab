package app.gpra.migrations.connection;

import app.gpra.migrations.GpraProperties;
import app.gpra.migrations.report.Report;
import app.gpra.migrations.report.Screen;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import liquibase.database.jvm.JdbcConnection;
import liquibase.exception.DatabaseException;
import org.postgresql.PGProperty;

/**
 * A connection with the settings of {@link SessionSettings}, whatever the url, that can open
 * another to the same server. Liquibase finds it through {@code META-INF/services}.
 */
public final class MigrationConnection extends JdbcConnection {

  private static final String PLAIN = "jdbc:postgresql:";
  private static final String PROJECT = "jdbc:gpra:";

  private static final int WATCHING_SECONDS = 5;

  /**
   * A driver that opens a session beside the run's in its own way: where it fails, nothing else
   * does.
   */
  interface Further {

    /**
     * Opens it.
     *
     * @throws SQLException with one sentence that names cause and next command, and no secret
     */
    Connection another(String url, Properties info) throws SQLException;
  }

  private interface Opener {
    Connection open() throws SQLException;
  }

  private final List<Connection> others = new ArrayList<>();

  private static final Pattern NOT_OF_JDBC =
      Pattern.compile("^postgres(ql)?:|^jdbc:postgresql://[^/?#]*@");

  /** Null if the connection was handed over already open. Knows the password: never printed. */
  private Opener opener;

  private boolean safe;

  /** What it had before, by name; empty where its driver gave it the settings. */
  private Map<String, String> before = Map.of();

  /** Used through {@code META-INF/services}. */
  public MigrationConnection() {}

  private MigrationConnection(Connection given) {
    super(given);
  }

  /**
   * One that somebody else opened, an application's pool for example. What it had before comes back
   * when it is closed.
   *
   * @param given is open, and closed with the one that is returned
   * @return the same connection
   */
  public static MigrationConnection of(JdbcConnection given) {
    Screen.attend();
    return given instanceof MigrationConnection own
        ? own
        : new MigrationConnection(given.getUnderlyingConnection());
  }

  /**
   * Gives the session its settings, unless it has them: only where the changelog wants its changes
   * made safe. This project's drivers gave them when it was opened.
   *
   * @throws DatabaseException if the server is too old or its deadlock_timeout too short, a pooler
   *     is in between, or it does not answer
   */
  public void begin() throws DatabaseException {
    if (safe) {
      return;
    }
    try {
      GpraProperties.check();
      if (opener != null) {
        SessionSettings.refusePooler(getUnderlyingConnection());
      }
      before = SessionSettings.set(getUnderlyingConnection());
      safe = true;
    } catch (SQLException | IllegalArgumentException e) {
      throw new DatabaseException(e.getMessage(), e);
    }
  }

  /**
   * Whether it has them.
   *
   * @return false while nobody knows whether the changelog wants it
   */
  public boolean isSafe() {
    return safe;
  }

  /** {@inheritDoc} Higher than Liquibase's own. */
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /** {@inheritDoc} PostgreSQL's urls and this project's. */
  @Override
  public boolean supports(String url) {
    return url != null && (url.startsWith(PLAIN) || url.startsWith(PROJECT));
  }

  /** {@inheritDoc} */
  @Override
  public void open(String url, Driver driver, Properties given) throws DatabaseException {
    Properties properties = new Properties();
    properties.putAll(given);
    boolean plain = url.startsWith(PLAIN);
    if (plain) {
      Screen.attend(url);
      SessionSettings.noticeSilence(properties);
    }
    try {
      refuseLogin(url);
      GpraProperties.check();
      super.open(url, driver, properties);
      safe = !plain;
      Properties watching = new Properties();
      watching.putAll(properties);
      // It sees nothing that is worth more than a moment.
      for (PGProperty timeout :
          List.of(
              PGProperty.CONNECT_TIMEOUT, PGProperty.LOGIN_TIMEOUT, PGProperty.SOCKET_TIMEOUT)) {
        timeout.set(watching, WATCHING_SECONDS);
      }
      opener =
          () ->
              driver instanceof Further own
                  ? own.another(url, watching)
                  : driver.connect(url, watching);
    } catch (DatabaseException e) {
      Report.failedToBegin(e);
      throw e;
    } catch (IllegalArgumentException e) {
      Report.failedToBegin(e);
      throw new DatabaseException(e.getMessage(), e);
    }
  }

  /**
   * Refuses an address that is libpq's, or has a login before its host: no driver takes it, and the
   * driver's own message would have a part of the password in it.
   */
  static void refuseLogin(String url) {
    if (NOT_OF_JDBC.matcher(url).find()) {
      throw new IllegalArgumentException(
          "liquibase.url is not one of JDBC's. It is not shown, as it may have a password in it. Put it into DATABASE_URL, or write jdbc:postgresql://host/database, then run the same command again.");
    }
  }

  /**
   * Opens another session, as the same user, on the same server; closed with this one.
   *
   * @return empty if this one was handed over already open
   * @throws SQLException if the server does not let it in
   */
  public synchronized Optional<Connection> another() throws SQLException {
    if (opener == null) {
      return Optional.empty();
    }
    Connection other = opener.open();
    others.add(other);
    return Optional.of(other);
  }

  /**
   * Makes the session's lock_timeout the safe one again, after a statement that reset it to what it
   * was when the connection was opened.
   *
   * @throws SQLException if the server does not answer
   */
  public void keepLockTimeout() throws SQLException {
    if (!before.isEmpty()) {
      SessionSettings.setLockTimeout(getUnderlyingConnection());
    }
  }

  /**
   * {@inheritDoc} Closes the others too, and gives back the settings that it was handed over with.
   */
  @Override
  public synchronized void close() throws DatabaseException {
    for (Connection other : others) {
      try {
        other.close();
      } catch (SQLException e) {
        // It only watched.
      }
    }
    others.clear();
    try {
      if (opener == null && !before.isEmpty() && !getUnderlyingConnection().isClosed()) {
        rollback();
        SessionSettings.restore(getUnderlyingConnection(), before);
      }
    } catch (SQLException e) {
      throw new DatabaseException(e);
    } finally {
      super.close();
    }
  }
}
