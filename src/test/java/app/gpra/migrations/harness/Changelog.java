package app.gpra.migrations.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The changelog as it is written, so that tests take their cases from it. */
public final class Changelog {

  /** The one entry point. */
  public static final Path MASTER = Path.of("changelog/db.changelog-master.yaml");

  /** So many are named where there are more. */
  private static final int MOST = 5;

  private Changelog() {}

  /** The files that the master includes, in order. */
  public static List<Path> files() {
    return entries(MASTER).stream()
        .filter(entry -> entry.containsKey("include"))
        .map(entry -> MASTER.resolveSibling(map(entry.get("include")).get("file").toString()))
        .toList();
  }

  /** A file's name without its ending: number and slug. */
  public static String name(Path file) {
    return file.getFileName().toString().replace(".yaml", "");
  }

  /** The defaults of its own parameters, by name, but for those that are empty. */
  public static Map<String, String> defaults() {
    Map<String, String> defaults = new TreeMap<>();
    Properties properties = new Properties();
    try (InputStream file =
        Changelog.class.getResourceAsStream("/type-mvn-compile-before-the-goal/gpra.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith("gpra.") && !properties.getProperty(name).isEmpty()) {
        defaults.put(name, properties.getProperty(name));
      }
    }
    return defaults;
  }

  /** The changesets of all files, in the order in which they run. */
  public static List<Map<String, Object>> changeSets() {
    return files().stream().flatMap(file -> changeSets(file).stream()).toList();
  }

  /** The changesets of a file. */
  public static List<Map<String, Object>> changeSets(Path file) {
    return entries(file).stream()
        .filter(entry -> entry.containsKey("changeSet"))
        .map(entry -> map(entry.get("changeSet")))
        .toList();
  }

  /** The changesets that run without a label filter, in order. */
  public static List<Map<String, Object>> withoutLabel() {
    return changeSets().stream().filter(changeSet -> !changeSet.containsKey("labels")).toList();
  }

  /** What a run without a label filter leaves out, as it says that: how many, and which. */
  public static String leftOut() {
    List<Map<String, Object>> labelled =
        changeSets().stream().filter(changeSet -> changeSet.containsKey("labels")).toList();
    return counted(labelled);
  }

  /** Which migrations they are of, as in {@code 000, 001 and 002}; the first ones of many. */
  public static String migrations(List<Map<String, Object>> changeSets) {
    List<String> numbers =
        changeSets.stream()
            .map(one -> one.get("id").toString().substring(0, 3))
            .distinct()
            .toList();
    int last = numbers.size() - 1;
    if (last >= MOST) {
      return "%s and %d more"
          .formatted(String.join(", ", numbers.subList(0, MOST)), numbers.size() - MOST);
    }
    return last == 0
        ? numbers.get(0)
        : String.join(", ", numbers.subList(0, last)) + " and " + numbers.get(last);
  }

  /** How many, and which: {@code 32 changesets of 000, 001 and 002}. */
  public static String counted(List<Map<String, Object>> changeSets) {
    return "%d changesets of %s".formatted(changeSets.size(), migrations(changeSets));
  }

  /** The tags, one for each migration, in order. */
  public static List<String> tags() {
    return changeSets().stream()
        .flatMap(changeSet -> changes(changeSet).stream())
        .filter(change -> change.containsKey("tagDatabase"))
        .map(change -> (String) map(change.get("tagDatabase")).get("tag"))
        .toList();
  }

  /** The changes of a changeset. */
  public static List<Map<String, Object>> changes(Map<String, Object> changeSet) {
    return list(changeSet.get("changes"));
  }

  /** The tables that they change, by the names that stand in them. */
  public static Set<String> tables(List<Map<String, Object>> changeSets) {
    Set<String> tables = new TreeSet<>();
    changeSets.stream()
        .flatMap(changeSet -> changes(changeSet).stream())
        .flatMap(change -> change.values().stream())
        .filter(Map.class::isInstance)
        .map(Changelog::map)
        .forEach(
            fields ->
                Stream.of("tableName", "baseTableName", "oldTableName")
                    .map(fields::get)
                    .filter(Objects::nonNull)
                    .forEach(name -> tables.add(name.toString())));
    return tables;
  }

  /** The top-level entries of a file. */
  public static List<Map<String, Object>> entries(Path file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      Map<String, Object> document =
          new Yaml(new SafeConstructor(options)).load(Files.readString(file));
      return list(document.get("databaseChangeLog"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Object value) {
    List<Map<String, Object>> list = new ArrayList<>();
    ((List<?>) value).forEach(element -> list.add((Map<String, Object>) element));
    return list;
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }
}
