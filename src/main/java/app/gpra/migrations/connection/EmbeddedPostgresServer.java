package app.gpra.migrations.connection;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The embedded server of one project directory, as long as it runs in this JVM. */
final class EmbeddedPostgresServer {

  static final String DATABASE = "gpra";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresServer.class);

  /**
   * Where other goals of the same Maven run find the server: each goal has a class loader, and so
   * static fields, of its own. Strings in the pool are the JVM's, so this is their monitor too.
   */
  private static final String PORT_PROPERTY = "app.gpra.embedded.port:";

  private static final Map<Path, EmbeddedPostgresServer> RUNNING = new HashMap<>();

  /** The library's own lines say nothing to an operator. A logger that nobody holds forgets. */
  private static final java.util.logging.Logger LIBRARY =
      java.util.logging.Logger.getLogger("io.zonky.test");

  static {
    LIBRARY.setLevel(Level.OFF);
    // Maven's own logging reads this when a logger is made.
    System.setProperty("org.slf4j.simpleLogger.log." + LIBRARY.getName(), "off");
  }

  private final EmbeddedPostgresDirectory directory;
  private final EmbeddedPostgres postgres;

  private EmbeddedPostgresServer(EmbeddedPostgresDirectory directory, EmbeddedPostgres postgres) {
    this.directory = directory;
    this.postgres = postgres;
  }

  /**
   * Starts the server unless this JVM has, or one runs that is to stay; it ends with the JVM. The
   * first time it is filled with the legacy schema and the sample data.
   *
   * @param project the project's directory
   * @return the port on 127.0.0.1
   * @throws IOException if it does not start
   * @throws IllegalStateException if another JVM uses the same directory
   * @throws SQLException if the sample data cannot be loaded
   */
  static int start(Path project) throws IOException, SQLException {
    synchronized (PORT_PROPERTY) {
      Path home = EmbeddedPostgresDirectory.home(project);
      Integer port = Integer.getInteger(PORT_PROPERTY + home);
      if (port != null) {
        return port;
      }
      port = EmbeddedPostgresDirectory.keptPort(home);
      if (port != null) {
        return port;
      }
      EmbeddedPostgresDirectory directory = EmbeddedPostgresDirectory.claim(home);
      try {
        port = EmbeddedPostgresDirectory.keptPort(home);
        if (port != null) {
          // Since the look before.
          directory.close();
          return port;
        }
        EmbeddedPostgresServer server =
            new EmbeddedPostgresServer(directory, launch(project, directory, true));
        RUNNING.put(home, server);
        System.setProperty(PORT_PROPERTY + home, Integer.toString(server.postgres.getPort()));
        return server.postgres.getPort();
      } catch (IOException | SQLException | RuntimeException e) {
        directory.close();
        throw e;
      }
    }
  }

  /**
   * Starts a server that stays when the JVM ends, unless one runs already.
   *
   * @return as {@link #start}
   * @throws IOException as {@link #start}
   * @throws IllegalStateException as {@link #start}
   * @throws SQLException as {@link #start}
   */
  static int keep(Path project) throws IOException, SQLException {
    Path home = EmbeddedPostgresDirectory.home(project);
    Integer kept = EmbeddedPostgresDirectory.keptPort(home);
    if (kept != null) {
      return kept;
    }
    try (EmbeddedPostgresDirectory directory = EmbeddedPostgresDirectory.claim(home)) {
      int port = launch(project, directory, false).getPort();
      directory.keep(port);
      return port;
    }
  }

  /**
   * Ends a server that was started to stay, and no other.
   *
   * @return whether there was one
   * @throws IOException if it does not end
   * @throws IllegalStateException if a run has a server of its own on the same directory
   */
  static boolean end(Path project) throws IOException {
    try (EmbeddedPostgresDirectory directory =
        EmbeddedPostgresDirectory.claim(EmbeddedPostgresDirectory.home(project))) {
      return directory.stopLeftovers();
    }
  }

  /** Stops what {@link #start} started; does nothing if there is nothing. */
  static void stop(Path project) throws IOException {
    synchronized (PORT_PROPERTY) {
      Path home = EmbeddedPostgresDirectory.home(project);
      EmbeddedPostgresServer server = RUNNING.remove(home);
      if (server != null) {
        System.clearProperty(PORT_PROPERTY + home);
        server.postgres.close();
        server.directory.close();
      }
    }
  }

  private static EmbeddedPostgres launch(
      Path project, EmbeddedPostgresDirectory directory, boolean endsWithJvm)
      throws IOException, SQLException {
    directory.stopLeftovers();
    directory.deleteUnfinishedPrograms();
    if (!Files.exists(directory.data())) {
      create(project, directory);
    }
    boolean trusted = PrivatePostgres.trusts(directory.data());
    EmbeddedPostgres postgres = launchOn(directory.data(), directory, endsWithJvm);
    if (trusted) {
      LOG.info(
          "This embedded database let in everybody on this machine until now. It asks for the password in {}/{} from now on.",
          EmbeddedPostgresDirectory.HOME,
          EmbeddedPostgresDirectory.PASSWORD);
    }
    LOG.info(
        "Embedded PostgreSQL {}, data in {}/{}",
        query(postgres, "SHOW server_version"),
        EmbeddedPostgresDirectory.HOME,
        directory.data().getFileName());
    return postgres;
  }

  private static void create(Path project, EmbeddedPostgresDirectory directory)
      throws IOException, SQLException {
    directory.deleteUnfinishedData();
    List<String> scripts = sampleData(project.resolve("changelog"));
    try (EmbeddedPostgres postgres = launchOn(directory.unfinishedData(), directory, true)) {
      execute(postgres, PrivatePostgres.USER, "CREATE DATABASE " + DATABASE);
      for (String script : scripts) {
        execute(postgres, DATABASE, script);
      }
    }
    // The library waits for the server's end, but not for long.
    directory.stopLeftovers();
    directory.publishData();
  }

  private static List<String> sampleData(Path changelog) throws IOException {
    try {
      return List.of(
          Files.readString(changelog.resolve("demo/01-flask-appbuilder.sql")),
          Files.readString(changelog.resolve("sql/000-legacy-tables.sql")),
          Files.readString(changelog.resolve("demo/02-sample-data.sql")));
    } catch (NoSuchFileException e) {
      throw new IOException(
          "The embedded database is made from %s, which is missing: restore it, then run the command again."
              .formatted(e.getFile()),
          e);
    }
  }

  private static EmbeddedPostgres launchOn(
      Path data, EmbeddedPostgresDirectory directory, boolean endsWithJvm)
      throws IOException, SQLException {
    var log = ProcessBuilder.Redirect.appendTo(directory.log().toFile());
    String password = directory.password();
    EmbeddedPostgres postgres;
    try {
      postgres =
          PrivatePostgres.builder(directory.home(), password)
              .setDataDirectory(data)
              .setCleanDataDirectory(false)
              .setRegisterShutdownHook(endsWithJvm)
              // The library turns these off; this data is kept.
              .setServerConfig("fsync", "on")
              .setServerConfig("full_page_writes", "on")
              .setServerConfig("synchronous_commit", "on")
              .setErrorRedirector(log)
              .setOutputRedirector(log)
              .start();
    } catch (IOException | RuntimeException e) {
      directory.stopLeftovers();
      throw new IOException(reason(e, data, directory), e);
    }
    String served = query(postgres, "SHOW data_directory");
    if (!Path.of(served).toRealPath().equals(data.toRealPath())) {
      // Another server took the port in between; nothing is ever done to it.
      postgres.close();
      throw new IOException(
          "Another PostgreSQL answers on port %d: run the command again."
              .formatted(postgres.getPort()));
    }
    return postgres;
  }

  private static String reason(Exception e, Path data, EmbeddedPostgresDirectory directory)
      throws IOException {
    if (String.valueOf(e.getMessage()).contains("Missing embedded postgres binaries")
        || e instanceof UnsupportedOperationException) {
      return "There is no embedded PostgreSQL for %s on %s: leave out -Pembedded and name a database in DATABASE_URL, then run the command again."
          .formatted(System.getProperty("os.name"), System.getProperty("os.arch"));
    }
    if (String.valueOf(e.getMessage()).startsWith(PrivatePostgres.OTHER_VERSION)) {
      return "The embedded database in %s was made by PostgreSQL %s, and this is another version: run mvn clean, which deletes it, then run the command again."
          .formatted(
              EmbeddedPostgresDirectory.HOME, Files.readString(data.resolve("PG_VERSION")).strip());
    }
    return "The embedded PostgreSQL did not start on %s (%s): see %s, or run mvn clean, which deletes it, then run the command again."
        .formatted(data, e.getMessage(), directory.log());
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private static void execute(EmbeddedPostgres postgres, String database, String sql)
      throws SQLException {
    try (Connection connection =
            postgres.getDatabase(PrivatePostgres.USER, database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
