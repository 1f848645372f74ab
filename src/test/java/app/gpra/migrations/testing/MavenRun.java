package app.gpra.migrations.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs Maven as a user does, in a copy of the project in a directory of its own, which goes when
 * this is closed. With the local repository of the Maven run that runs the tests, and without the
 * network as long as everything is in it.
 */
public final class MavenRun implements AutoCloseable {

  private static final Duration DEADLINE = Duration.ofMinutes(5);

  /** What Maven says when it would have needed the network. */
  private static final Pattern NEEDS_NETWORK =
      Pattern.compile("in offline mode|\\(offline\\)|system is offline", Pattern.CASE_INSENSITIVE);

  private final Path directory;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<Process> started = new ArrayList<>();
  private Duration deadline = DEADLINE;

  private MavenRun(Path directory) {
    this.directory = directory;
  }

  /** Copies the project, with the classes that are compiled already. */
  public static MavenRun onCopyOfProject() {
    return copy("pom.xml", "liquibase.properties", "changelog", "src/main", "target/classes");
  }

  /** Copies the project as a clone is that was never compiled. */
  public static MavenRun onCleanCopyOfProject() {
    return copy("pom.xml", "liquibase.properties", "changelog", "src/main");
  }

  private static MavenRun copy(String... names) {
    try {
      MavenRun run = new MavenRun(Files.createTempDirectory("gpra-maven").toRealPath());
      for (String name : names) {
        Path source = ProjectDirectory.path().resolve(name);
        if (Files.exists(source)) {
          copy(source, run.directory.resolve(name));
        }
      }
      return run;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(target.resolve(source.relativize(path)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            Path to = path.equals(source) ? target : target.resolve(source.relativize(path));
            Files.copy(path, to, StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The copy's directory. */
  public Path directory() {
    return directory;
  }

  /** Sets an environment variable; null removes it. {@code DATABASE_URL} is removed by default. */
  public MavenRun environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Sets how long a run may take; without this it is 5 minutes. */
  public MavenRun deadline(Duration duration) {
    this.deadline = duration;
    return this;
  }

  /** Writes a file into the copy. */
  public MavenRun write(String name, String content) {
    try {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a file of the copy. */
  public String read(String name) {
    try {
      return Files.readString(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs goals and waits for the end.
   *
   * @param arguments such as {@code liquibase:update -Dliquibase.toTag=001}
   * @throws AssertionError if it has not ended by the deadline; it is killed then
   */
  public Result run(String... arguments) {
    Result result = start(true, arguments).await();
    if (result.exitCode() != 0 && !isOffline() && NEEDS_NETWORK.matcher(result.output()).find()) {
      return start(false, arguments).await();
    }
    return result;
  }

  /** Runs the goals of the plugin on a database, which is named by {@code -Dliquibase.url}. */
  public Result runOn(TestDatabase database, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("-Dliquibase.url=" + database.jdbcUrl());
    all.add("-Dliquibase.username=" + database.username());
    all.add("-Dliquibase.password=" + database.password());
    return run(all.toArray(String[]::new));
  }

  /** Starts goals and does not wait; without the network. */
  public Running start(String... arguments) {
    return start(true, arguments);
  }

  private Running start(boolean offline, String... arguments) {
    List<String> command = new ArrayList<>(List.of(maven().toString(), "-B", "-ntp"));
    if (offline) {
      command.add("-o");
    }
    String repository = System.getProperty("maven.repo.local", "");
    if (!repository.isBlank()) {
      command.add("-Dmaven.repo.local=" + repository);
    }
    command.addAll(Arrays.asList(arguments));
    try {
      Path output = Files.createTempFile(directory, "maven-", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      prepare(builder.environment());
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      started.add(process);
      return new Running(process, output, deadline);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Nothing of the Maven run that runs the tests, and nothing that names a database. */
  private void prepare(Map<String, String> variables) {
    variables.keySet().removeIf(name -> name.startsWith("LIQUIBASE_") || name.startsWith("PG"));
    List.of("DATABASE_URL", "MAVEN_BASEDIR", "MAVEN_PROJECTBASEDIR", "MAVEN_CMD_LINE_ARGS")
        .forEach(variables::remove);
    variables.put("JAVA_HOME", System.getProperty("java.home"));
    environment.forEach(
        (name, value) -> {
          if (value == null) {
            variables.remove(name);
          } else {
            variables.put(name, value);
          }
        });
  }

  /** Whether the Maven run that runs the tests was told to be; settings.xml counts in both. */
  private static boolean isOffline() {
    String arguments = Optional.ofNullable(System.getenv("MAVEN_CMD_LINE_ARGS")).orElse("");
    return List.of(arguments.strip().split("\\s+")).stream()
        .anyMatch(argument -> argument.equals("-o") || argument.equals("--offline"));
  }

  private static Path maven() {
    String name =
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows")
            ? "mvn.cmd"
            : "mvn";
    String home = System.getProperty("maven.home", "");
    Stream<Path> homes = home.isBlank() ? Stream.empty() : Stream.of(Path.of(home, "bin"));
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(
            homes, Stream.of(path.split(Pattern.quote(File.pathSeparator))).map(Path::of))
        .map(bin -> bin.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("There is no " + name + " on the PATH"));
  }

  /** Kills what still runs of this object's own, and deletes the copy. */
  @Override
  public void close() {
    started.forEach(MavenRun::kill);
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }

  /**
   * The end of a run.
   *
   * @param exitCode 0 for success
   * @param output what Maven printed, both streams
   */
  public record Result(int exitCode, String output) {}

  /** A run that was started. */
  public static final class Running {

    private final Process process;
    private final Path log;
    private final Duration deadline;

    private Running(Process process, Path log, Duration deadline) {
      this.process = process;
      this.log = log;
      this.deadline = deadline;
    }

    /** What was printed so far. */
    public String output() {
      try {
        return Files.readString(log);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Kills it as {@code kill -9} does. */
    public void kill() {
      MavenRun.kill(process);
    }

    /**
     * Waits for the end.
     *
     * @throws AssertionError if it has not ended by the deadline; it is killed then
     */
    public Result await() {
      try {
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
          kill();
          throw new AssertionError("Maven has not ended within " + deadline + ":\n" + output());
        }
        return new Result(process.exitValue(), output());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
