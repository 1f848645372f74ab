package app.gpra.migrations.changelog;

import app.gpra.migrations.harness.Changelog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The rules of CONTRIBUTING.md, checked on a changelog as it is written. */
public final class ChangelogRules {

  private static final String MASTER = Changelog.MASTER.toString().replace('\\', '/');

  private static final String IGNORED = "${enforce.ignored}";

  private final Path project;
  private final List<String> violations = new ArrayList<>();

  private ChangelogRules(Path project) {
    this.project = project;
  }

  /**
   * Checks a project's changelog.
   *
   * @param project the directory that has the directory {@code changelog}
   * @return a sentence for each violation: the file, the changeset, what is wrong and what to do
   */
  public static List<String> violations(Path project) {
    ChangelogRules rules = new ChangelogRules(project);
    List<String> files = rules.migrations();
    rules.checkIncludes(rules.includes(), files);
    rules.checkPaths(MASTER);
    files.forEach(rules::checkPaths);
    files.forEach(rules::checkFile);
    rules.checkIds(files);
    rules.checkLabels(files);
    return rules.violations;
  }

  /** What the master includes, from the project's directory. */
  private List<String> includes() {
    return Yaml.of(Changelog.entries(project.resolve(MASTER)))
        .under("include")
        .texts("file")
        .stream()
        .map(file -> Path.of("changelog").resolve(file.replaceFirst("^changelog/", "")).toString())
        .toList();
  }

  private void checkPaths(String file) {
    Yaml text = Yaml.of(Changelog.entries(project.resolve(file)));
    Stream.of(text.under("include"), text.under("sqlFile"))
        .flatMap(named -> named.values().stream())
        .map(named -> (Map<?, ?>) named)
        .filter(named -> !Boolean.TRUE.equals(named.get("relativeToChangelogFile")))
        .forEach(
            named ->
                violates(
                    file,
                    "names %s from the root, and lies elsewhere in the jar: write the path from here, and relativeToChangelogFile: true"
                        .formatted(
                            named.containsKey("file") ? named.get("file") : named.get("path"))));
  }

  private void violates(String file, String sentence) {
    violations.add(file + ": " + sentence);
  }

  private void checkIncludes(List<String> included, List<String> migrations) {
    migrations.stream()
        .filter(file -> !included.contains(file))
        .forEach(file -> violates(MASTER, "does not include " + file + ", add it at its place"));
    included.stream()
        .filter(file -> !migrations.contains(file))
        .forEach(
            file ->
                violates(
                    MASTER, "includes " + file + ", which is no migration NNN-….yaml, rename it"));
    if (!included.equals(included.stream().sorted().toList())) {
      violates(MASTER, "includes the migrations out of order, sort them by number");
    }
    Map<String, String> byNumber = new HashMap<>();
    for (String file : migrations) {
      String other = byNumber.put(number(file), file);
      if (other != null) {
        violates(
            file,
            "has the number of "
                + other
                + ", give it the next free one: mvn compile exec:java@renumber");
      }
    }
  }

  private List<String> migrations() {
    try (Stream<Path> paths = Files.list(project.resolve("changelog"))) {
      return paths
          .map(path -> "changelog/" + path.getFileName())
          .filter(name -> name.matches("changelog/\\d{3}-[a-z0-9-]+\\.yaml"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String number(String file) {
    return file.replaceFirst("^changelog/", "").substring(0, 3);
  }

  private void checkFile(String file) {
    Path path = project.resolve(file);
    String number = number(file);
    if (!file.equals(Changelog.entries(path).get(0).get("logicalFilePath"))) {
      violates(file, "does not begin with its logicalFilePath, write logicalFilePath: " + file);
    }
    List<String> todo = linesThatSayTodo(path);
    if (!todo.isEmpty()) {
      violates(
          file,
          "says TODO in line %s, write what only a person knows"
              .formatted(String.join(", ", todo)));
    }
    List<Map<String, Object>> changeSets = Changelog.changeSets(path);
    List<String> sources = sources(path);
    for (int i = 0; i < changeSets.size(); i++) {
      Map<String, Object> changeSet = changeSets.get(i);
      new ChangeSetRules(project, number, changeSet, sources.get(i))
          .violations()
          .forEach(sentence -> violates(file, changeSet.get("id") + ": " + sentence));
    }
    Map<String, Object> tag = Map.of("tag", number, "keepTagOnRollback", true);
    if (changeSets.isEmpty()
        || !changeSets
            .get(changeSets.size() - 1)
            .getOrDefault("changes", "")
            .equals(List.of(Map.of("tagDatabase", tag)))) {
      violates(
          file,
          "does not end with its tag, add the changeset %1$s-tag with tagDatabase: {tag: \"%1$s\", keepTagOnRollback: true}"
              .formatted(number));
    }
  }

  /** What a command could not know when it wrote the file. */
  private static List<String> linesThatSayTodo(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      return IntStream.range(0, lines.size())
          .filter(i -> lines.get(i).contains("TODO"))
          .mapToObj(i -> Integer.toString(i + 1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The text of each changeset: comments of YAML are not in what a parser returns. */
  private static List<String> sources(Path file) {
    try {
      String[] parts = Files.readString(file).split("(?m)^ *- changeSet:");
      return List.of(parts).subList(1, parts.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkIds(List<String> files) {
    Map<Object, String> seen = new HashMap<>();
    for (String file : files) {
      for (Map<String, Object> changeSet : Changelog.changeSets(project.resolve(file))) {
        String other = seen.put(changeSet.get("id"), file);
        if (other != null) {
          violates(file, changeSet.get("id") + ": this id is used in " + other + ", take another");
        }
      }
    }
  }

  /** Without a label filter Liquibase runs everything: what has a label has to be ignored then. */
  private void checkLabels(List<String> files) {
    List<Object> includes =
        Yaml.of(Changelog.entries(project.resolve(MASTER))).under("include").values();
    for (String file : files) {
      boolean labelled =
          Changelog.changeSets(project.resolve(file)).stream()
              .anyMatch(changeSet -> changeSet.containsKey("labels"));
      boolean ignored =
          includes.contains(
              Map.of(
                  "file",
                  file.replaceFirst("^changelog/", ""),
                  "relativeToChangelogFile",
                  true,
                  "ignore",
                  IGNORED));
      if (labelled && !ignored) {
        violates(
            MASTER,
            "runs %s without a label filter too, and it has labels: include it with ignore: \"%s\""
                .formatted(file, IGNORED));
      }
      if (ignored && !labelled) {
        violates(MASTER, "ignores %s, which has no label: take ignore out".formatted(file));
      }
    }
  }
}
