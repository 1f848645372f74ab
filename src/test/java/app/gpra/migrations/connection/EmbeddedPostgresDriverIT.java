package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import app.gpra.migrations.harness.EmbeddedServer;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("thorough")
@Tag("nightly")
class EmbeddedPostgresDriverIT {

  private static final String PREFIX = "jdbc:gpra:embedded:";
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final List<String> SCRIPTS =
      List.of(
          "demo/01-flask-appbuilder.sql", "sql/000-legacy-tables.sql", "demo/02-sample-data.sql");

  /** A project with a database that was stopped, and with unpacked programs. */
  @TempDir private static Path prepared;

  @TempDir private Path temporary;

  private Path project;
  private final List<Process> children = new ArrayList<>();

  /** Another JVM: connects, makes a table, then waits until its input ends. */
  static final class OtherRun {

    private OtherRun() {}

    public static void main(String[] arguments) throws Exception {
      try (Connection connection =
          new EmbeddedPostgresDriver().connect(PREFIX + arguments[0], null)) {
        value(connection, "CREATE TABLE IF NOT EXISTS other_run (); SELECT 1");
        System.out.println("connected");
        int end = System.in.read();
        System.exit(end);
      } catch (SQLException e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
  }

  @BeforeAll
  static void prepareProject() throws Exception {
    copyScripts(prepared);
    Process run = startOtherRun(prepared);
    assertThat(answer(run)).isEqualTo("connected");
    run.getOutputStream().close();
    assertThat(run.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @BeforeEach
  void copyProject() throws IOException {
    project = temporary.resolve("a project");
    copyScripts(project);
  }

  private static void copyScripts(Path project) throws IOException {
    for (String script : SCRIPTS) {
      Path copy = project.resolve("changelog").resolve(script);
      Files.createDirectories(copy.getParent());
      Files.copy(Path.of("changelog").resolve(script), copy);
    }
  }

  /** As after a run of the past: making a database takes some seconds. */
  private void takePreparedDatabase() throws Exception {
    Files.createDirectories(project.resolve("target"));
    assertThat(
            new ProcessBuilder(
                    "cp", "-a", prepared.resolve("target").toString(), project.toString())
                .start()
                .waitFor())
        .isZero();
  }

  @AfterEach
  void stopServers() throws Exception {
    EmbeddedPostgresServer.stop(project);
    for (Process child : children) {
      child.destroyForcibly().waitFor();
    }
    Path home = EmbeddedPostgresDirectory.home(project);
    try (EmbeddedPostgresDirectory directory = EmbeddedPostgresDirectory.claim(home)) {
      directory.stopLeftovers();
    }
  }

  @Test
  void keepsEveryCommitAndListensOnLoopbackOnly() throws Exception {
    takePreparedDatabase();
    try (Connection connection = connect()) {
      assertThat(
              value(
                  connection,
                  "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN"
                      + " ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit')"))
          .isEqualTo("on on 127.0.0.1 on");
    }
  }

  @Test
  void letsInOnlyWhoKnowsThePasswordInAFileThatOnlyItsOwnerReads() throws Exception {
    takePreparedDatabase();
    connect().close();
    String port = port();

    assertThatThrownBy(() -> connect(port, "gpra", null)).hasMessageContaining("no password");
    assertThatThrownBy(() -> connect(port, "gpra", "postgres"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    try (Connection connection = connect(port, "gpra")) {
      assertThat(
              value(
                  connection,
                  "SELECT string_agg(DISTINCT auth_method, ' ') || current_setting('unix_socket_directories') FROM pg_hba_file_rules"))
          .isEqualTo("scram-sha-256");
    }
    assertThat(permissions(password())).isEqualTo("rw-------");
    for (Path folder : List.of(data().getParent(), data(), data().resolveSibling("programs"))) {
      assertThat(permissions(folder)).as(folder.toString()).isEqualTo("rwx------");
    }
  }

  @Test
  void closesADatabaseOfAnOlderVersionAndKeepsItsData() throws Exception {
    takePreparedDatabase();
    try (Connection connection = connect()) {
      value(connection, "DELETE FROM chord_charts; ALTER ROLE postgres PASSWORD NULL; SELECT 1");
    }
    EmbeddedPostgresServer.stop(project);
    Path rules = data().resolve("pg_hba.conf");
    Files.writeString(rules, Files.readString(rules).replace("scram-sha-256", "trust"));
    Files.delete(password());
    Files.setPosixFilePermissions(data().getParent(), PosixFilePermissions.fromString("rwxrwxr-x"));
    Files.move(data().resolveSibling("programs"), data().resolveSibling("server"));

    try (Connection connection = connect()) {
      assertThat(value(connection, "SELECT count(*) FROM chord_charts")).isEqualTo("0");
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
    }
    String port = port();
    assertThatThrownBy(() -> connect(port, "gpra", null)).hasMessageContaining("no password");
    assertThat(rules).content().doesNotContainPattern("(?m)^[^#].*trust");
    assertThat(permissions(data().getParent())).isEqualTo("rwx------");
  }

  /** The library remembers, in a JVM, where it has unpacked. */
  @Test
  void hasProgramsOfItsOwnWhereAnotherFolderHadThemBefore() throws Exception {
    EmbeddedServer.builder().start().close();
    takePreparedDatabase();
    Path programs = data().resolveSibling("programs");
    try (Stream<Path> unpacked = Files.walk(programs)) {
      for (Path one : unpacked.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(one);
      }
    }

    connect().close();

    try (Stream<Path> unpacked = Files.list(programs)) {
      assertThat(unpacked).hasSize(1);
    }
  }

  @Test
  void saysThatThePasswordIsGone() throws Exception {
    takePreparedDatabase();
    Files.delete(password());

    assertThatThrownBy(this::connect)
        .hasMessage(
            "The embedded database's password, target/embedded-postgres/password, is gone: run mvn"
                + " clean, which deletes the database too, then run the command again.");
  }

  /** Before, whoever came first wrote what everybody then ran, or lost files of theirs. */
  @Test
  void runsNothingAndDeletesNothingThatSomebodyPutWhereTheLibraryLooks() throws Exception {
    takePreparedDatabase();
    Path executed = temporary.resolve("executed");
    Path precious = Files.writeString(temporary.resolve("precious"), "kept");
    Path shared = Files.createDirectories(temporary.resolve("tmp/embedded-pg"));
    Path old = Files.createDirectories(shared.resolve("old"));
    Files.createSymbolicLink(old.resolve("epg-lock"), precious);
    Files.setLastModifiedTime(precious, FileTime.from(Instant.EPOCH));
    try (Stream<Path> unpacked = Files.list(data().resolveSibling("programs"))) {
      for (Path version : unpacked.toList()) {
        for (Path folder : List.of(shared, data().resolveSibling("server"))) {
          plant(folder.resolve(version.getFileName()), executed);
        }
      }
    }

    String answer = answer(otherRun("-Djava.io.tmpdir=" + shared.getParent()));

    assertThat(executed).doesNotExist();
    assertThat(precious).hasContent("kept");
    assertThat(old).exists();
    assertThat(answer).isEqualTo("connected");
  }

  private static void plant(Path version, Path executed) throws IOException {
    Path programs = Files.createDirectories(version.resolve("bin"));
    for (String program : List.of("initdb", "pg_ctl", "postgres")) {
      Path planted = programs.resolve(program);
      Files.writeString(planted, "#!/bin/sh\ntouch '" + executed + "'\nexit 1\n");
      assertThat(planted.toFile().setExecutable(true)).isTrue();
    }
    Files.createFile(version.resolve(".exists"));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private String port() throws IOException {
    return Files.readAllLines(data().resolve("postmaster.pid")).get(3);
  }

  @Test
  void keepsItsDataAcrossStopAndStart() throws Exception {
    takePreparedDatabase();
    try (Connection connection = connect()) {
      value(connection, "DELETE FROM chord_charts; SELECT 1");
    }
    EmbeddedPostgresServer.stop(project);
    assertThat(data().resolve("postmaster.pid")).doesNotExist();

    try (Connection connection = connect()) {
      assertThat(value(connection, "SELECT count(*) FROM chord_charts")).isEqualTo("0");
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
    }
  }

  @Test
  void sharesOneServerWithTheOtherGoalsOfARun() throws Exception {
    takePreparedDatabase();
    try (Connection connection = connect();
        URLClassLoader otherGoal =
            new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      Driver other =
          (Driver)
              otherGoal
                  .loadClass(EmbeddedPostgresDriver.class.getName())
                  .getConstructor()
                  .newInstance();
      assertThat(other).isNotInstanceOf(EmbeddedPostgresDriver.class);

      try (Connection second = other.connect(PREFIX + project, new Properties())) {
        String started = "SELECT pg_postmaster_start_time() || ' ' || inet_server_port()";
        assertThat(value(second, started)).isEqualTo(value(connection, started));
      }
    }
  }

  @Test
  void goesOnAfterARunThatWasKilled() throws Exception {
    takePreparedDatabase();
    Process killed = otherRun();
    assertThat(answer(killed)).isEqualTo("connected");
    ProcessHandle server = server(data());
    killed.destroyForcibly().waitFor();
    assertThat(server.info().command()).as("the server outlives its run").isPresent();

    try (Connection connection = connect()) {
      assertThat(server(data()).pid()).isNotEqualTo(server.pid());
      assertThat(server.info().command()).as("the old server").isEmpty();
      assertThat(value(connection, "SELECT to_regclass('other_run')")).isEqualTo("other_run");
    }
  }

  @Test
  void goesOnAfterARunThatWasKilledWhileSomebodyElseIsConnected() throws Exception {
    takePreparedDatabase();
    Process killed = otherRun();
    assertThat(answer(killed)).isEqualTo("connected");
    String port = port();
    killed.destroyForcibly().waitFor();

    try (Connection psql = connect(port, "gpra");
        Connection connection = connect()) {
      assertThat(psql.isValid(5)).isFalse();
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
    }
  }

  /** As after the machine's end. */
  @Test
  void startsAgainWhereTheServerThatWasToStayIsGone() throws Exception {
    takePreparedDatabase();
    Files.writeString(EmbeddedPostgresDirectory.home(project).resolve("kept"), "1\n");
    try (Connection connection = connect()) {
      assertThat(value(connection, "SELECT 1")).isEqualTo("1");
    }
    assertThat(EmbeddedPostgresDirectory.home(project).resolve("kept")).doesNotExist();
  }

  @Test
  void leavesAProcessAloneThatHasTheOldServersNumber() throws Exception {
    takePreparedDatabase();
    connect().close();
    EmbeddedPostgresServer.stop(project);
    Process stranger = new ProcessBuilder("sleep", "600").start();
    children.add(stranger);
    Files.writeString(
        data().resolve("postmaster.pid"), stranger.pid() + "\n" + data() + "\n0\n1\n\n\n");

    connect().close();
    assertThat(stranger.isAlive()).isTrue();
  }

  @Test
  void startsWithTheSampleDataAlsoAfterADirectoryThatWasLeftHalfMade() throws Exception {
    Path unfinished = data().resolveSibling("data.new");
    Files.createDirectories(unfinished.resolve("base/1"));
    Files.writeString(unfinished.resolve("PG_VERSION"), "18\n");
    Files.writeString(unfinished.resolve("postgresql.conf"), "");

    try (Connection connection = connect()) {
      assertThat(value(connection, "SELECT current_database()")).isEqualTo("gpra");
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
      assertThat(value(connection, "SELECT id <> 1 FROM ab_user WHERE username = 'admin'"))
          .isEqualTo("t");
    }
    assertThat(unfinished).doesNotExist();
  }

  @Test
  void unpacksAgainAfterAnUnpackingThatWasKilled() throws Exception {
    takePreparedDatabase();
    Path programs = data().resolveSibling("programs");
    try (Stream<Path> files = Files.walk(programs)) {
      for (Path mark : files.filter(path -> path.endsWith(".exists")).toList()) {
        Files.delete(mark);
      }
    }

    // In a JVM of its own: the library remembers what it has unpacked.
    assertThat(answer(otherRun())).isEqualTo("connected");
  }

  @Test
  void beginsAgainAfterALoadThatWasKilled() throws Exception {
    Path script = project.resolve("changelog/demo/02-sample-data.sql");
    String sampleData = Files.readString(script);
    Files.writeString(script, sampleData + "SELECT pg_sleep(600);");
    Process killed = otherRun();
    Path unfinished = data().resolveSibling("data.new");
    until(
        () -> {
          Path pidFile = unfinished.resolve("postmaster.pid");
          return Files.exists(pidFile)
              && Files.readString(pidFile).contains("ready")
              && isLoading(Files.readAllLines(pidFile).get(3));
        });
    ProcessHandle server = server(unfinished);
    killed.destroyForcibly().waitFor();
    Files.writeString(script, sampleData);

    try (Connection connection = connect()) {
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
    }
    assertThat(unfinished).doesNotExist();
    assertThat(server.info().command()).as("the old server").isEmpty();
  }

  @Test
  void refusesASecondRunAndTheFirstGoesOn() throws Exception {
    takePreparedDatabase();
    try (Connection connection = connect()) {
      // A lock that only garbage refers to is freed.
      System.gc();
      assertThat(answer(otherRun()))
          .isEqualTo(
              "refused: The embedded database in target/embedded-postgres is in use by another"
                  + " Maven run (pid %d); wait until it has ended, then run the command again.",
              ProcessHandle.current().pid());
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
    }
  }

  @Test
  void canBeStartedAgainAfterAFailure() throws Exception {
    Path script = project.resolve("changelog/sql/000-legacy-tables.sql");
    Path aside = Files.move(script, temporary.resolve("aside.sql"));
    assertThatThrownBy(this::connect)
        .isInstanceOf(SQLException.class)
        .hasMessage(
            "The embedded database is made from %s, which is missing: restore it, then run the"
                + " command again.",
            script);
    Files.move(aside, script);

    try (Connection connection = connect()) {
      assertThat(value(connection, "SELECT count(*) FROM items")).isEqualTo("36");
    }
  }

  @Test
  void saysThatTheDataIsAnotherVersions() throws Exception {
    takePreparedDatabase();
    connect().close();
    EmbeddedPostgresServer.stop(project);
    Files.writeString(data().resolve("PG_VERSION"), "13\n");

    assertThatThrownBy(this::connect)
        .hasMessage(
            "The embedded database in target/embedded-postgres was made by PostgreSQL 13, and this"
                + " is another version: run mvn clean, which deletes it, then run the command"
                + " again.");
  }

  @Test
  void saysThatThereIsNoServerForThisPlatform() throws Exception {
    assertThat(answer(otherRun("-Dos.name=Linux", "-Dos.arch=sparc")))
        .isEqualTo(
            "refused: There is no embedded PostgreSQL for Linux on sparc: leave out -Pembedded and"
                + " name a database in DATABASE_URL, then run the command again.");
  }

  private Connection connect() throws SQLException {
    return new EmbeddedPostgresDriver().connect(PREFIX + project, new Properties());
  }

  /** As the command in docs/settings.md does. */
  private Connection connect(String port, String database) throws SQLException, IOException {
    return connect(port, database, Files.readString(password()).strip());
  }

  /** {@code password} null: none. */
  private static Connection connect(String port, String database, String password)
      throws SQLException {
    Properties login = new Properties();
    login.setProperty("user", "postgres");
    if (password != null) {
      login.setProperty("password", password);
    }
    return new org.postgresql.Driver()
        .connect("jdbc:postgresql://127.0.0.1:" + port + "/" + database, login);
  }

  private Path password() {
    return data().resolveSibling("password");
  }

  private Path data() {
    return project.resolve("target/embedded-postgres/data");
  }

  private Process otherRun(String... options) throws IOException {
    Process child = startOtherRun(project, options);
    children.add(child);
    return child;
  }

  private static Process startOtherRun(Path project, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(OtherRun.class.getName(), project.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static String answer(Process child) throws IOException {
    return child.inputReader().readLine();
  }

  private static ProcessHandle server(Path data) throws IOException {
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).get(0);
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  private boolean isLoading(String port) throws Exception {
    try (Connection connection = connect(port, "postgres")) {
      return value(connection, "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
          .equals("1");
    }
  }

  /** The last statement's first value. */
  private static String value(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean hasRows = statement.execute(sql);
      while (!hasRows) {
        hasRows = statement.getMoreResults();
      }
      try (ResultSet result = statement.getResultSet()) {
        result.next();
        return result.getString(1);
      }
    }
  }

  private static URL[] classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(EmbeddedPostgresDriverIT::url)
        .toArray(URL[]::new);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }

  private static void until(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        fail("Not within " + DEADLINE);
      }
      Thread.sleep(20);
    }
  }
}
