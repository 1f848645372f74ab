package app.gpra.migrations.changelog;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import liquibase.ChecksumVersion;
import liquibase.Scope;
import liquibase.change.CheckSum;
import liquibase.changelog.ChangeLogParameters;
import liquibase.database.core.PostgresDatabase;
import liquibase.parser.ChangeLogParserFactory;
import liquibase.resource.ClassLoaderResourceAccessor;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.resource.ResourceAccessor;

/**
 * The changesets that databases out there may have, by the checksum that Liquibase compares: one
 * that has changed makes every command fail on them.
 *
 * @param checksums of each changeset, named by its file and id; the oldest release's first
 */
record ReleasedChangeSets(Map<String, List<String>> checksums) {

  private static final String SEPARATOR = ",";

  /** A changeset as it is now, and the checksums that it names as valid besides its own. */
  private record Present(String checksum, Set<String> alsoValid) {}

  /** Reads a list: {@code file::id,checksum} a line, or a comment that begins with #. */
  static ReleasedChangeSets read(Path list) {
    try (Stream<String> lines = Files.lines(list)) {
      Map<String, List<String>> checksums = new TreeMap<>();
      lines
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(line -> line.split(SEPARATOR))
          .forEach(fields -> add(fields[0], fields[1], checksums));
      return new ReleasedChangeSets(checksums);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What has changed in a project's changelog since: a sentence each, with what to do. A changeset
   * may change if it names its released checksums as valid, and no other.
   */
  List<String> violations(Path project) {
    // A later Liquibase may compute another kind of checksum; it goes on comparing the old ones.
    Map<Integer, Map<String, Present>> present = new TreeMap<>();
    List<String> violations = new ArrayList<>();
    Set<String> replaced = replaced(project);
    checksums.forEach(
        (name, released) -> {
          Present now =
              present
                  .computeIfAbsent(
                      CheckSum.parse(released.get(0)).getVersion(),
                      version -> compute(project, ChecksumVersion.enumFromChecksumVersion(version)))
                  .get(name);
          String id = name.substring(name.indexOf("::") + 2);
          if (now == null && !replaced.contains(id)) {
            violations.add(
                name
                    + ": was released and is gone, put it back or name it in changelog/replaced.properties");
          } else if (now != null && replaced.contains(id)) {
            violations.add(name + ": is there, take it out of changelog/replaced.properties");
          } else if (now == null) {
            return;
          } else if (!now.alsoValid().equals(others(released, now.checksum()))) {
            violations.add(
                others(released, now.checksum()).isEmpty()
                    ? name + ": has not changed and needs no validCheckSum, take it out"
                    : name
                        + ": was released and has changed, put it back and correct it with another changeset, or name validCheckSum: "
                        + String.join(", ", others(released, now.checksum())));
          }
        });
    return violations;
  }

  /** Those that others stand for now. */
  private static Set<String> replaced(Path project) {
    Path file = project.resolve("changelog/replaced.properties");
    Properties properties = new Properties();
    if (Files.exists(file)) {
      try (Reader text = Files.newBufferedReader(file)) {
        properties.load(text);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return properties.values().stream()
        .flatMap(ids -> Stream.of(ids.toString().split(",")))
        .map(String::strip)
        .collect(Collectors.toSet());
  }

  /** The same, with a project's changesets as they are now; what is in the list stays. */
  ReleasedChangeSets with(Path project) {
    Map<String, List<String>> all = new TreeMap<>();
    checksums.forEach((name, released) -> released.forEach(one -> add(name, one, all)));
    compute(project, ChecksumVersion.latest())
        .forEach((name, present) -> add(name, present.checksum(), all));
    return new ReleasedChangeSets(all);
  }

  private static void add(String name, String checksum, Map<String, List<String>> checksums) {
    List<String> released = checksums.computeIfAbsent(name, one -> new ArrayList<>());
    if (!released.contains(checksum)) {
      released.add(checksum);
    }
  }

  private static Set<String> others(List<String> released, String checksum) {
    return released.stream().filter(one -> !one.equals(checksum)).collect(Collectors.toSet());
  }

  /** Writes the list; the comments at the beginning of the file stay. */
  void write(Path list) {
    try {
      List<String> lines =
          new ArrayList<>(
              Files.readAllLines(list).stream().filter(line -> line.startsWith("#")).toList());
      checksums.forEach(
          (name, released) -> released.forEach(one -> lines.add(name + SEPARATOR + one)));
      Files.write(list, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("try") // close() of Liquibase's accessor may throw anything.
  private static Map<String, Present> compute(Path project, ChecksumVersion version) {
    String master = "changelog/db.changelog-master.yaml";
    Map<String, Present> computed = new TreeMap<>();
    try (ResourceAccessor files =
        new CompositeResourceAccessor(
            new DirectoryResourceAccessor(project.toAbsolutePath()),
            new ClassLoaderResourceAccessor())) {
      Scope.child(
          Map.of(Scope.Attr.resourceAccessor.name(), files),
          () ->
              ChangeLogParserFactory.getInstance()
                  .getParser(master, files)
                  .parse(master, new ChangeLogParameters(new PostgresDatabase()), files)
                  .getChangeSets()
                  .forEach(
                      one ->
                          computed.put(
                              one.getFilePath() + "::" + one.getId(),
                              new Present(
                                  one.generateCheckSum(version).toString(),
                                  one.getValidCheckSums().stream()
                                      .map(CheckSum::toString)
                                      .collect(Collectors.toSet())))));
      return computed;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
