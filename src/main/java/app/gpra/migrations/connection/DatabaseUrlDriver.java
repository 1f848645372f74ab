package app.gpra.migrations.connection;

import app.gpra.migrations.report.Invocation;
import app.gpra.migrations.report.Screen;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Connects to the database that {@code DATABASE_URL} names: in the environment, else in the file
 * {@code .env} of the project's directory. Its own url, {@code jdbc:gpra:database-url:<directory>},
 * says only where that directory is, because Liquibase logs urls.
 */
public final class DatabaseUrlDriver extends ProjectDriver {

  private static final String VARIABLE = "DATABASE_URL";
  private static final String THEN = " Then run mvn liquibase:status.";

  /** What the Maven plugin passes for a user or password that it was not given; 4.33 the second. */
  private static final Set<String> NOT_GIVEN = Set.of("", "null");

  private final UnaryOperator<String> environment;

  /** Used by Liquibase, which is given the class name. */
  public DatabaseUrlDriver() {
    this(System::getenv);
  }

  DatabaseUrlDriver(UnaryOperator<String> environment) {
    super("jdbc:gpra:database-url:");
    this.environment = environment;
  }

  /**
   * Connects to another database than {@code DATABASE_URL} names.
   *
   * @param address written as there
   * @return to be closed
   * @throws SQLException with one sentence that names cause and next command, and no secret
   */
  public static Connection connectTo(String address) throws SQLException {
    DatabaseUrlDriver driver =
        new DatabaseUrlDriver(name -> name.equals(VARIABLE) ? address : System.getenv(name));
    try {
      Connection connection = driver.open(Path.of(""), new Properties());
      try {
        Strangers.refuse(connection, null, true);
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    } catch (IllegalArgumentException e) {
      throw new SQLException(e.getMessage());
    }
  }

  /**
   * Whether a database is named at all.
   *
   * @param url a driver's
   * @return false where the url says that {@code DATABASE_URL} does, and it is not set
   */
  public static boolean isNamed(String url) {
    DatabaseUrlDriver driver = new DatabaseUrlDriver();
    return !driver.acceptsURL(url) || driver.value(driver.project(url)).isPresent();
  }

  /** {@code user} and {@code password} of {@code info} win over those in {@code DATABASE_URL}. */
  @Override
  Connection open(Path project, Properties info) throws SQLException {
    DatabaseUrl target =
        DatabaseUrl.parse(
            value(project)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "No database is named. Do one of these: set DATABASE_URL=postgresql://… in the environment; put that line into "
                                + project.resolve(".env").normalize()
                                + (Invocation.isMavens()
                                    ? "; or add -Pembedded for a PostgreSQL of its own with sample data."
                                    : ".")
                                + " (-Dliquibase.url=jdbc:postgresql://… works as well.)")));
    Properties properties = new Properties();
    properties.putAll(target.properties());
    info.stringPropertyNames().stream()
        .filter(name -> !NOT_GIVEN.contains(info.getProperty(name)))
        .forEach(name -> properties.setProperty(name, info.getProperty(name)));
    String libpqPassword = environment.apply("PGPASSWORD");
    if (properties.getProperty("password") == null && libpqPassword != null) {
      properties.setProperty("password", libpqPassword);
    }
    SessionSettings.apply(properties);
    return open(target, properties);
  }

  private Optional<String> value(Path directory) {
    String value = environment.apply(VARIABLE);
    return (value != null && !value.isBlank()
            ? Optional.of(value)
            : new EnvFile(directory).get(VARIABLE))
        .map(String::strip);
  }

  private static Connection open(DatabaseUrl target, Properties properties) throws SQLException {
    Connection connection;
    try {
      connection = new org.postgresql.Driver().connect(target.jdbcUrl(), properties);
    } catch (SQLException e) {
      // No cause: it might quote what was sent.
      throw new SQLException(sentence(e, target, properties), e.getSQLState());
    }
    if (connection == null) {
      throw new SQLException("DATABASE_URL is not a PostgreSQL address. Correct it." + THEN);
    }
    return connection;
  }

  private static String sentence(SQLException failure, DatabaseUrl target, Properties properties) {
    String user = properties.getProperty("user", System.getProperty("user.name"));
    String state = String.valueOf(failure.getSQLState());
    String message =
        Screen.printable(String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnknownHostException) {
        return "The host of %s is not known: correct it in DATABASE_URL."
                .formatted(target.address())
            + THEN;
      }
      if (cause instanceof ConnectException) {
        return "Nothing accepts connections at %s: start the server, or correct host and port in DATABASE_URL."
                .formatted(target.address())
            + THEN;
      }
      if (cause instanceof SocketTimeoutException) {
        return "No answer from %s in time: look at network and firewall."
                .formatted(target.address())
            + THEN;
      }
    }
    if (message.contains("unsupported startup parameter")) {
      return "A connection pooler answers at %s: use the server's direct address in DATABASE_URL, a migration needs a session of its own."
              .formatted(target.address())
          + THEN;
    }
    String cause =
        switch (state) {
          case "28P01" -> "The password of user \"%s\" is wrong or missing".formatted(user);
          case "28000" -> "The server does not let user \"%s\" in".formatted(user);
          case "3D000" -> "There is no database \"%s\"".formatted(target.database());
          case "42501" -> "User \"%s\" may not connect to that database".formatted(user);
          case "53300" -> "The server has no connection left for this user and database";
          case "42704" ->
              "The server is too old (the oldest supported is PostgreSQL 14), or does not know a setting in options";
          default ->
              message.contains("no password was provided")
                      || message.contains("password is an empty string")
                  ? "User \"%s\" needs a password".formatted(user)
                  : "Connecting failed with SQLSTATE " + state + ": " + redact(message, properties);
        };
    return cause + " (" + target.address() + "). Correct DATABASE_URL or the server." + THEN;
  }

  private static String redact(String message, Properties properties) {
    String password = properties.getProperty("password");
    return password == null || password.isEmpty() ? message : message.replace(password, "***");
  }
}
