package app.gpra.migrations.schema;

import app.gpra.migrations.connection.PrivatePostgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A server for databases that last as long as one command: no database has to be at hand, and none
 * that is somebody's is written to.
 */
final class ShadowServer implements AutoCloseable {

  /** The library's own lines say nothing. A logger that nobody holds forgets. */
  private static final Logger LIBRARY = Logger.getLogger("io.zonky.test");

  private final String url;
  private final String parameters;
  private final AutoCloseable server;
  private final List<String> databases = new ArrayList<>();

  /**
   * On a server that runs already.
   *
   * @param url up to the slash before the database's name
   * @param parameters after it, with credentials
   */
  ShadowServer(String url, String parameters) {
    this(url, parameters, () -> {});
  }

  private ShadowServer(String url, String parameters, AutoCloseable server) {
    this.url = url;
    this.parameters = parameters;
    this.server = server;
  }

  /**
   * Starts one of its own, on loopback, in a temporary directory.
   *
   * @param project below whose {@code target} its programs are unpacked
   * @throws Refusal if there is none for this machine, or that directory is somebody else's
   */
  static ShadowServer start(Path project) {
    LIBRARY.setLevel(Level.OFF);
    // Maven's own logging reads this when a logger is made.
    System.setProperty("org.slf4j.simpleLogger.log." + LIBRARY.getName(), "off");
    Path folder;
    try {
      folder = PrivatePostgres.folder(project.resolve("target/shadow-postgres"));
    } catch (IOException | IllegalStateException e) {
      throw new Refusal(e.getMessage());
    }
    String password = PrivatePostgres.newPassword();
    try {
      EmbeddedPostgres postgres =
          PrivatePostgres.builder(folder, password)
              .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
              .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new ShadowServer(
          "jdbc:postgresql://127.0.0.1:" + postgres.getPort(),
          "?user=%s&password=%s&requireAuth=%s"
              .formatted(PrivatePostgres.USER, password, PrivatePostgres.AUTHENTICATION),
          postgres);
    } catch (IOException | RuntimeException e) {
      throw new Refusal(
          "The embedded PostgreSQL that this command works on did not start (%s): run it on a machine that has one, Linux, macOS or Windows on x86-64 or ARM."
              .formatted(e.getMessage()));
    }
  }

  /** A new, empty database. */
  ShadowDatabase create(String name) throws SQLException {
    String database = "gpra_shadow_%s_%d".formatted(name, System.nanoTime());
    execute("postgres", "CREATE DATABASE " + database + " TEMPLATE template0");
    databases.add(database);
    // Before PostgreSQL 15, another role of that server would be a stranger here.
    execute(database, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    return new ShadowDatabase(url + "/" + database + parameters);
  }

  private void execute(String database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url + "/" + database + parameters);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    try {
      for (String database : databases) {
        execute("postgres", "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
      }
      server.close();
    } catch (Exception e) {
      // It is temporary anyway, and what the command has to say must not be lost.
      LIBRARY.log(Level.FINE, "not closed", e);
    }
  }
}
