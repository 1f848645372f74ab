package app.gpra.migrations.harness;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The one PostgreSQL of a JVM of the tests: {@code -Dpostgres=docker}, {@code embedded} or JDBC
 * urls, one for each JVM, which may also be in the environment as {@code TEST_POSTGRES}, where
 * nobody else reads their password; by default Docker where its engine answers and has or can pull
 * the image, the embedded one otherwise.
 *
 * @param url of the server, up to the slash before the database's name
 * @param parameters after the database's name, with credentials; may be empty
 */
public record PostgresServer(String url, String parameters) {

  private static final String IMAGE = System.getProperty("postgres.image", "postgres:18");

  private static final long PULL_MINUTES = 3;

  /** Started when first asked for. */
  private static final class Holder {
    static final PostgresServer INSTANCE =
        choose(
            mine(
                System.getProperty(
                    "postgres", Objects.requireNonNullElse(System.getenv("TEST_POSTGRES"), ""))));
  }

  private static final Map<PostgresServer, Integer> VERSIONS = new ConcurrentHashMap<>();

  /** Returns the server, which ends with the JVM. */
  public static PostgresServer get() {
    return Holder.INSTANCE;
  }

  /** The major version. */
  public int version() {
    return VERSIONS.computeIfAbsent(this, PostgresServer::askVersion);
  }

  private int askVersion() {
    try (Connection connection = connect("postgres")) {
      return connection.getMetaData().getDatabaseMajorVersion();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Connects as superuser. */
  public Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(jdbcUrl(database));
  }

  /** Returns the address of a database, credentials included. */
  public String jdbcUrl(String database) {
    return url + "/" + database + parameters;
  }

  /** Of several, separated by spaces, that of this JVM. */
  private static String mine(String wanted) {
    String[] servers = wanted.strip().split(" +");
    return servers[(Integer.getInteger("test.fork", 1) - 1) % servers.length];
  }

  private static PostgresServer choose(String wanted) {
    if (wanted.startsWith("jdbc:")) {
      return say(external(wanted), "as given");
    }
    if (wanted.equals("docker")) {
      return say(docker(), IMAGE + ", -Dpostgres=docker");
    }
    if (wanted.equals("embedded")) {
      return say(embedded(), "embedded, -Dpostgres=embedded");
    }
    if (!wanted.isEmpty()) {
      throw new IllegalArgumentException(
          "-Dpostgres="
              + wanted
              + ": expected docker, embedded or jdbc:postgresql://host:port/database?user=…");
    }
    String obstacle = obstacleToDocker();
    return obstacle == null
        ? say(docker(), IMAGE + " on Docker")
        : say(embedded(), "embedded, because " + obstacle);
  }

  private static PostgresServer say(PostgresServer server, String why) {
    System.out.println("PostgreSQL for the tests: " + server.url() + " (" + why + ")");
    return server;
  }

  private static PostgresServer external(String url) {
    int query = url.indexOf('?');
    String path = query < 0 ? url : url.substring(0, query);
    return new PostgresServer(
        path.substring(0, path.lastIndexOf('/')), query < 0 ? "" : url.substring(query));
  }

  /**
   * Asked with Docker's own command: Testcontainers tries for minutes to pull an image that cannot
   * be had, and logs stack traces.
   *
   * @return null if there is none
   */
  private static String obstacleToDocker() {
    if (runs("docker", "image", "inspect", IMAGE)) {
      return null;
    }
    if (!runs("docker", "version")) {
      return "no Docker engine answers";
    }
    return runs("docker", "pull", "--quiet", IMAGE)
        ? null
        : "Docker has no image " + IMAGE + " and cannot pull it";
  }

  private static boolean runs(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (process.waitFor(PULL_MINUTES, TimeUnit.MINUTES)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @SuppressWarnings("resource") // Stopped by Testcontainers when the JVM ends.
  private static PostgresServer docker() {
    PostgreSQLContainer container =
        new PostgreSQLContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres"));
    container.withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200").start();
    return new PostgresServer(
        "jdbc:postgresql://" + container.getHost() + ":" + container.getMappedPort(5432),
        "?user=" + container.getUsername() + "&password=" + container.getPassword());
  }

  private static PostgresServer embedded() {
    try {
      @SuppressWarnings("resource") // Stopped by its own shutdown hook.
      EmbeddedPostgres server =
          EmbeddedServer.builder().setServerConfig("max_connections", "200").start();
      return EmbeddedServer.on(server);
    } catch (IOException e) {
      throw new IllegalStateException("The embedded PostgreSQL did not start", e);
    }
  }
}
