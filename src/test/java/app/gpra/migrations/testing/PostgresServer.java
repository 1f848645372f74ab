package app.gpra.migrations.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The one PostgreSQL server of the test JVM, started when it is first asked for. The system
 * property {@code postgres} names it: {@code docker}, {@code embedded}, or a url such as {@code
 * jdbc:postgresql://127.0.0.1:5432/postgres?user=postgres&password=…} of a superuser. Without it
 * Docker is used where an engine answers and has the image {@code -Dpostgres.image} ({@code
 * postgres:18}) or can pull it, and the embedded server otherwise.
 */
public final class PostgresServer {

  private static final String DEFAULT_IMAGE = "postgres:18";
  private static final String SUPERUSER = "postgres";
  private static final String PREFIX = "jdbc:postgresql:";
  private static final Duration START = Duration.ofMinutes(1);

  /** Held, because a logger that nobody holds forgets its level. */
  private static final Set<Logger> QUIET =
      Stream.of("org.testcontainers", "tc", "com.github.dockerjava", "io.zonky", "postgres")
          .map(Logger::getLogger)
          .collect(Collectors.toUnmodifiableSet());

  private static PostgresServer shared;
  private static IllegalStateException failure;

  private final String host;
  private final int port;
  private final String username;
  private final String password;
  private final String parameters;
  private final String maintenance;
  private final int version;
  private final Set<String> databases = ConcurrentHashMap.newKeySet();

  private PostgresServer(String url, String username, String password) throws SQLException {
    Properties properties = org.postgresql.Driver.parseURL(url, new Properties());
    if (properties == null) {
      throw new IllegalStateException("-Dpostgres is not a url that the driver understands");
    }
    this.host = properties.getProperty("PGHOST");
    this.port = Integer.parseInt(properties.getProperty("PGPORT"));
    this.maintenance = properties.getProperty("PGDBNAME", SUPERUSER);
    this.username = username == null ? properties.getProperty("user", SUPERUSER) : username;
    this.password = password == null ? properties.getProperty("password", "") : password;
    this.parameters =
        Stream.of(
                url.contains("?") ? url.substring(url.indexOf('?') + 1).split("&") : new String[0])
            .filter(p -> !p.startsWith("user=") && !p.startsWith("password="))
            .collect(Collectors.joining("&"));
    try (Connection connection = connect(maintenance);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SHOW server_version_num")) {
      result.next();
      this.version = result.getInt(1);
    }
  }

  /**
   * The server, started on the first call; it ends with the JVM.
   *
   * @throws IllegalStateException if the server that {@code -Dpostgres} names is not to be had; the
   *     message says why
   */
  public static synchronized PostgresServer shared() {
    if (failure != null) {
      throw new IllegalStateException(failure.getMessage(), failure);
    }
    if (shared == null) {
      try {
        QUIET.forEach(logger -> logger.setLevel(Level.OFF));
        shared = choose(System.getProperty("postgres", "").strip());
      } catch (IllegalStateException e) {
        failure = e;
        throw e;
      }
    }
    return shared;
  }

  private static PostgresServer choose(String choice) {
    if (choice.isEmpty()) {
      return dockerOrEmbedded();
    }
    if (choice.equals("docker")) {
      if (DockerEngine.find().isEmpty() && System.getenv("DOCKER_HOST") == null) {
        throw new IllegalStateException(
            "-Dpostgres=docker: no Docker engine answers. Start one, or use -Dpostgres=embedded.");
      }
      return docker("-Dpostgres=docker");
    }
    if (choice.equals("embedded")) {
      return embedded("-Dpostgres=embedded");
    }
    if (choice.startsWith(PREFIX)) {
      return external(choice);
    }
    throw new IllegalStateException(
        "-Dpostgres=%s: it is docker, embedded, or a jdbc:postgresql: url.".formatted(choice));
  }

  private static PostgresServer dockerOrEmbedded() {
    Optional<DockerEngine> engine = DockerEngine.find();
    if (engine.isEmpty()) {
      return embedded("no Docker engine answers");
    }
    Optional<String> obstacle = engine.get().prepare(image());
    if (obstacle.isPresent()) {
      return embedded(obstacle.get());
    }
    try {
      return docker("a Docker engine answers and has the image");
    } catch (IllegalStateException e) {
      return embedded(e.getMessage());
    }
  }

  private static String image() {
    return System.getProperty("postgres.image", DEFAULT_IMAGE);
  }

  private static PostgresServer docker(String reason) {
    DockerImageName image = DockerImageName.parse(image()).asCompatibleSubstituteFor("postgres");
    PostgreSQLContainer container = new PostgreSQLContainer(image);
    try {
      container
          .withUsername(SUPERUSER)
          .withDatabaseName(SUPERUSER)
          .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=200")
          .withStartupTimeout(START)
          .start();
      Runtime.getRuntime().addShutdownHook(new Thread(container::stop, "stop container"));
      return announced(
          new PostgresServer(
              container.getJdbcUrl(), container.getUsername(), container.getPassword()),
          "Docker image " + image(),
          reason);
    } catch (RuntimeException | SQLException e) {
      container.stop();
      throw new IllegalStateException(
          "The container of %s did not start: %s".formatted(image(), rootMessage(e)));
    }
  }

  private static PostgresServer embedded(String reason) {
    try {
      Path home = Files.createDirectories(ProjectDirectory.path().resolve("target"));
      String clusterName = "gpra-test-" + UUID.randomUUID();
      ProcessBuilder.Redirect log =
          ProcessBuilder.Redirect.to(home.resolve("test-postgres.log").toFile());
      // It stops itself when the JVM ends.
      EmbeddedPostgres server =
          EmbeddedPostgres.builder()
              .setServerConfig("listen_addresses", "127.0.0.1")
              .setServerConfig("cluster_name", clusterName)
              .setServerConfig("max_connections", "200")
              .setServerConfig("fsync", "off")
              .setServerConfig("full_page_writes", "off")
              .setErrorRedirector(log)
              .setOutputRedirector(log)
              .setPGStartupWait(START)
              .start();
      String url = "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(server.getPort());
      PostgresServer started = new PostgresServer(url, SUPERUSER, "");
      started.requireClusterName(clusterName);
      return announced(started, "embedded", reason);
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(
          "The embedded server did not start: %s See target/test-postgres.log."
              .formatted(rootMessage(e)),
          e);
    }
  }

  /** Another server may have taken the port in between; nothing is ever done to it. */
  private void requireClusterName(String expected) throws SQLException {
    try (Connection connection = connect(maintenance);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SHOW cluster_name")) {
      result.next();
      if (!result.getString(1).equals(expected)) {
        throw new SQLException("Another server answers on port " + port + ".");
      }
    }
  }

  private static PostgresServer external(String url) {
    try {
      PostgresServer server = new PostgresServer(url, null, null);
      Runtime.getRuntime().addShutdownHook(new Thread(server::dropDatabases, "drop databases"));
      return announced(server, "external", "-Dpostgres names it");
    } catch (SQLException e) {
      throw new IllegalStateException("-Dpostgres: the server cannot be used: " + e.getMessage());
    }
  }

  private static PostgresServer announced(PostgresServer server, String kind, String reason) {
    System.out.printf(
        Locale.ROOT,
        "Tests run on PostgreSQL %d.%d at %s:%d (%s): %s%n",
        server.version / 10_000,
        server.version % 10_000,
        server.host,
        server.port,
        kind,
        reason);
    return server;
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }

  /** The server's {@code server_version_num}, such as 180006. */
  public int version() {
    return version;
  }

  /** The server's address. */
  public String host() {
    return host;
  }

  /** The server's TCP port. */
  public int port() {
    return port;
  }

  /** A superuser's name. */
  public String username() {
    return username;
  }

  /** The superuser's password; empty if it needs none. */
  public String password() {
    return password;
  }

  /** A database's url, without user and password. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://%s:%d/%s%s"
        .formatted(host, port, database, parameters.isEmpty() ? "" : "?" + parameters);
  }

  /** Connects to a database as a superuser, in autocommit. */
  public Connection connect(String database) throws SQLException {
    return connect(database, new Properties());
  }

  /**
   * Connects to a database as a superuser, in autocommit.
   *
   * @param properties the driver's connection properties; user and password are added
   */
  public Connection connect(String database, Properties properties) throws SQLException {
    Properties all = new Properties();
    all.putAll(properties);
    all.putIfAbsent("user", username);
    all.putIfAbsent("password", password);
    return new org.postgresql.Driver().connect(jdbcUrl(database), all);
  }

  /**
   * Creates a database as a copy of another, to which nobody may be connected.
   *
   * @param template the other's name; {@code template0} for an empty one
   */
  public void createDatabase(String name, String template) {
    execute("CREATE DATABASE \"%s\" TEMPLATE \"%s\"".formatted(name, template));
    databases.add(name);
  }

  /** Drops a database, if it is there, and ends the sessions that are connected to it. */
  public void dropDatabase(String name) {
    execute("DROP DATABASE IF EXISTS \"%s\" WITH (FORCE)".formatted(name));
    databases.remove(name);
  }

  private void dropDatabases() {
    new TreeSet<>(databases).forEach(this::dropDatabase);
  }

  private void execute(String sql) {
    try (Connection connection = connect(maintenance);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql + ": " + e.getMessage(), e);
    }
  }
}
