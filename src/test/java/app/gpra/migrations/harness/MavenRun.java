package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What Maven said, run on a copy of the project.
 *
 * @param exitCode 0 where all went well
 * @param output both streams, as the operator sees them
 */
public record MavenRun(int exitCode, String output) {

  private static final long DEADLINE_MINUTES = 15;

  /**
   * Copies the project, compiled classes included, into an empty directory.
   *
   * @param directory exists and is empty
   */
  public static void copyProject(Path directory, boolean compiled) {
    List<String> parts =
        new ArrayList<>(
            List.of("pom.xml", ".mvn", "liquibase.properties", "changelog", "docs/sql"));
    if (compiled) {
      parts.add("target/classes");
    }
    copy(directory, parts);
  }

  /** Copies files and directories of the project. */
  public static void copy(Path directory, List<String> parts) {
    for (String part : parts) {
      try (Stream<Path> paths = Files.walk(Path.of(part))) {
        for (Path path : paths.toList()) {
          Path target = directory.resolve(path.toString());
          Files.createDirectories(target.getParent());
          if (!Files.isDirectory(path)) {
            Files.copy(path, target, StandardCopyOption.COPY_ATTRIBUTES);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Starts Maven there; {@code databaseUrl} null leaves {@code DATABASE_URL} unset. */
  public static Process start(
      Path directory, String databaseUrl, Path output, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("maven.home"), "bin", "mvn").toString());
    command.addAll(
        List.of(
            "-B",
            "-ntp",
            "-Dmaven.repo.local=" + System.getProperty("test.maven.repo.local"),
            "-Dliquibase.version=" + System.getProperty("test.liquibase.version")));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().remove("DATABASE_URL");
    builder.environment().remove("PGPASSWORD");
    if (databaseUrl != null) {
      builder.environment().put("DATABASE_URL", databaseUrl);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a process of {@link #start}. */
  public static MavenRun end(Process process, Path output) {
    try {
      if (!process.waitFor(DEADLINE_MINUTES, TimeUnit.MINUTES)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IllegalStateException("Maven did not end: " + Files.readString(output));
      }
      return new MavenRun(process.exitValue(), Files.readString(output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs Maven to its end. */
  public static MavenRun run(Path directory, String databaseUrl, String... arguments) {
    try {
      Path output = Files.createTempFile("maven", ".log");
      return end(start(directory, databaseUrl, output, arguments), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
