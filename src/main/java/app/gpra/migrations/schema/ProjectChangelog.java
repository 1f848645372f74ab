package app.gpra.migrations.schema;

import app.gpra.migrations.report.Screen;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of a project that know its migrations.
 *
 * @param project the directory that has the directory {@code changelog}
 */
record ProjectChangelog(Path project) {

  private static final Pattern FILE = Pattern.compile("(\\d{3})-[a-z0-9-]+\\.yaml");
  private static final Path MASTER = Path.of("changelog/db.changelog-master.yaml");
  private static final Path RELEASED = Path.of("changelog/released.csv");
  private static final Path REPLACED = Path.of("changelog/replaced.properties");
  private static final Pattern ID = Pattern.compile("\\A *id: (\\S+)\n");
  private static final Pattern LABEL = Pattern.compile("(?m)^ {6}labels: ");

  /** Each migration's number and file name, in order. */
  List<String> migrations() {
    try (Stream<Path> files = Files.list(project.resolve("changelog"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> FILE.matcher(name).matches())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new Refusal(
          "%s has no directory changelog: run the command in the project's directory."
              .formatted(project.toAbsolutePath()));
    }
  }

  String lastNumber() {
    List<String> migrations = migrations();
    return migrations.get(migrations.size() - 1).substring(0, 3);
  }

  String nextNumber() {
    return "%03d".formatted(Integer.parseInt(lastNumber()) + 1);
  }

  /**
   * The name of a new migration, {@code -Dmigration=…}.
   *
   * @throws Refusal if there is none, it is no slug, or there is a migration of that name
   */
  String newName() {
    String name = System.getProperty("migration", "");
    if (!name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*")) {
      throw new Refusal(
          (name.isEmpty() ? "No name was given" : "-Dmigration=%s is no name".formatted(name))
              + ": add -Dmigration=what-it-does, lower-case words and hyphens, to the same command.");
    }
    for (String file : migrations()) {
      if (file.substring(4).equals(name + ".yaml")) {
        throw new Refusal(
            "There is changelog/%s already: take another name, then run the same command again."
                .formatted(file));
      }
    }
    return name;
  }

  /**
   * How far a history has come.
   *
   * @param history ids of changesets
   * @return how many changesets without label, and how many labelled {@code enforce}, run one after
   *     the other, give the same
   * @throws Refusal if one is not known here, or one is missing in between
   */
  int[] follow(List<String> history) {
    List<String> replaced = replaced();
    List<String> applied = history.stream().filter(id -> !replaced.contains(id)).toList();
    List<String> plain = new ArrayList<>();
    List<String> labelled = new ArrayList<>();
    List<String> all = new ArrayList<>();
    for (String file : migrations()) {
      for (String changeSet : read(Path.of("changelog", file)).split("(?m)^  - changeSet:\n")) {
        Matcher id = ID.matcher(changeSet);
        if (id.find()) {
          all.add(id.group(1));
          (LABEL.matcher(changeSet).find() ? labelled : plain).add(id.group(1));
        }
      }
    }
    List<String> unknown = applied.stream().filter(id -> !all.contains(id)).toList();
    if (!unknown.isEmpty()) {
      throw new Refusal(
          "The database has changesets that this changelog does not: %s. Check out the version that it was migrated with, then run the same command again."
              .formatted(String.join(", ", unknown)));
    }
    int count = (int) applied.stream().filter(plain::contains).count();
    List<String> first = plain.subList(0, count);
    List<String> rest = new ArrayList<>(all);
    rest.removeAll(first);
    List<String> then = rest.subList(0, applied.size() - count);
    for (List<String> run : List.of(first, then)) {
      for (String id : run) {
        if (!applied.contains(id)) {
          throw new Refusal(
              "The history has later changesets and not %s: run mvn liquibase:update first, then the same command again."
                  .formatted(id));
        }
      }
    }
    return new int[] {count, then.size()};
  }

  /** Ids of earlier versions, that other changesets stand for now. */
  private List<String> replaced() {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(read(REPLACED)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.values().stream()
        .flatMap(ids -> Stream.of(ids.toString().split(",")))
        .map(String::strip)
        .toList();
  }

  /** Some of it are names of the desired schema's, which may hold a line break. */
  private static String comment(String line) {
    return ("# " + Screen.printable(line)).stripTrailing() + '\n';
  }

  /**
   * Adds a migration: its file, and the master's include.
   *
   * @param name the file's, without number and ending
   * @param header comment lines, without {@code #}
   * @param trailer the same, at the end; may be empty
   * @return what was written, relative to the project
   */
  List<Path> add(String name, List<String> header, List<Draft> changeSets, List<String> trailer) {
    String number = nextNumber();
    Path file = Path.of("changelog/%s-%s.yaml".formatted(number, name));
    Map<Path, String> texts = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    header.forEach(line -> text.append(comment(line)));
    text.append("databaseChangeLog:\n  - logicalFilePath: ").append(file).append('\n');
    changeSets.forEach(changeSet -> text.append('\n').append(changeSet.yaml()));
    if (!trailer.isEmpty()) {
      text.append('\n');
      trailer.forEach(line -> text.append(comment(line)));
    }
    texts.put(file, text.toString());
    texts.put(
        MASTER,
        read(MASTER).stripTrailing()
            + "\n  - include: {file: %s, relativeToChangelogFile: true}\n"
                .formatted(file.getFileName()));
    texts.forEach(this::write);
    return new ArrayList<>(texts.keySet());
  }

  /**
   * Gives a migration the next number, where another one has the same: the one that the master
   * includes later, unless it is released.
   *
   * @return what it was called, and what it is called now, relative to the project
   * @throws Refusal if each number is there once, or those of one number are all released
   */
  List<Path> renumber() {
    String master = read(MASTER);
    String released = read(RELEASED);
    List<String> twice =
        migrations().stream()
            .filter(
                one -> migrations().stream().filter(other -> sameNumber(one, other)).count() > 1)
            .toList();
    if (twice.isEmpty()) {
      throw new Refusal("No two migrations have the same number: there is nothing to renumber.");
    }
    String old =
        twice.stream()
            .filter(one -> sameNumber(one, twice.get(0)) && !released.contains("changelog/" + one))
            .max(Comparator.comparingInt(master::indexOf))
            .orElseThrow(
                () ->
                    new Refusal(
                        "%s are all released (changelog/released.csv): a released migration keeps its number."
                            .formatted(String.join(", ", twice))));
    String next = nextNumber();
    String file = next + old.substring(3);
    String include = "  - include: {file: %s, relativeToChangelogFile: true".formatted(old);
    Matcher line = Pattern.compile("(?m)^" + Pattern.quote(include) + ".*\n?").matcher(master);
    if (!line.find()) {
      throw new Refusal(
          "%s does not include %s: add%n%s}%nto it, then run the same command again."
              .formatted(MASTER, old, include));
    }
    String number = old.substring(0, 3);
    write(
        Path.of("changelog", file),
        read(Path.of("changelog", old))
            .replace("changelog/" + old, "changelog/" + file)
            .replaceAll("(?<![\\w/.-])%s(?!\\w|\\.\\w)".formatted(number), next));
    write(
        MASTER,
        line.replaceFirst("").stripTrailing()
            + "\n"
            + line.group().stripTrailing().replace(old, file)
            + "\n");
    delete(Path.of("changelog", old));
    return List.of(Path.of("changelog", old), Path.of("changelog", file));
  }

  private static boolean sameNumber(String one, String other) {
    return one.substring(0, 3).equals(other.substring(0, 3));
  }

  private void delete(Path file) {
    try {
      Files.delete(project.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String read(Path file) {
    try {
      return Files.readString(project.resolve(file));
    } catch (IOException e) {
      throw new Refusal(
          "%s cannot be read: restore it (git checkout %s), then run the same command again."
              .formatted(project.resolve(file), file));
    }
  }

  private void write(Path file, String text) {
    try {
      Files.writeString(project.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
