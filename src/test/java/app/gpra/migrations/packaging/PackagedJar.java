package app.gpra.migrations.packaging;

import app.gpra.migrations.harness.MavenRun;
import app.gpra.migrations.harness.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** The jar that {@code mvn package} has made, as other projects get it. */
record PackagedJar(Path file) {

  /** Where the changelog's directory is. */
  static final String CHANGELOG = "app/gpra/";

  private static final String MAVEN = "META-INF/maven/app.gpra/gpra-migrations/";

  /** Changesets as a database remembers them, in the order in which they ran. */
  private static final String IDENTITY =
      "SELECT id, author, filename, md5sum, exectype, tag, labels FROM databasechangelog ORDER BY orderexecuted";

  static PackagedJar get() {
    return new PackagedJar(Path.of(System.getProperty("test.jar")));
  }

  /** The one that makes any project's changes safe. */
  static PackagedJar safe() {
    return classified("safe");
  }

  /** The one that runs without Maven. */
  static PackagedJar runnable() {
    return classified("all");
  }

  private static PackagedJar classified(String classifier) {
    return new PackagedJar(
        Path.of(get().file().toString().replaceFirst("\\.jar$", "-" + classifier + ".jar")));
  }

  /** What the database says of each changeset that it has, who ran it and when aside. */
  static List<String> identities(TestDatabase database) {
    return database.query(IDENTITY);
  }

  /** The files in it, by name. */
  List<String> files() {
    try (JarFile jar = new JarFile(file.toFile());
        Stream<? extends ZipEntry> entries = jar.stream()) {
      return entries.filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String version() {
    try (JarFile jar = new JarFile(file.toFile());
        InputStream text = jar.getInputStream(jar.getEntry(MAVEN + "pom.properties"))) {
      Properties properties = new Properties();
      properties.load(text);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs Maven in a project that has it as a dependency, from a repository of {@link #install}. */
  MavenRun maven(Path project, Path repository, String databaseUrl, String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of("-Dmaven.repo.local=" + repository, "-Dgpra-migrations.version=" + version()));
    all.addAll(List.of(arguments));
    return MavenRun.run(project, databaseUrl, all.toArray(String[]::new));
  }

  /**
   * Makes a local repository that has this jar and the safe one, and beyond that what another one
   * has.
   *
   * @param repository an empty directory
   */
  void install(Path repository, Path others) throws IOException {
    try (Stream<Path> groups = Files.list(others)) {
      for (Path group : groups.filter(path -> !path.endsWith("app")).toList()) {
        Files.createSymbolicLink(repository.resolve(group.getFileName()), group);
      }
    }
    Path directory =
        Files.createDirectories(repository.resolve("app/gpra/gpra-migrations/" + version()));
    String name = "gpra-migrations-" + version();
    Files.copy(file, directory.resolve(name + ".jar"));
    Files.copy(safe().file(), directory.resolve(name + "-safe.jar"));
    try (JarFile jar = new JarFile(file.toFile());
        InputStream pom = jar.getInputStream(jar.getEntry(MAVEN + "pom.xml"))) {
      Files.copy(pom, directory.resolve(name + ".pom"));
    }
  }
}
