package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.SoftAssertions.assertSoftly;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import liquibase.Scope;
import liquibase.command.CommandFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents name is there: files, headings, commands, properties, tests. */
class DocumentsTest {

  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$|^ {4}.*?$|`[^`]*`");
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");

  /** Bad input, all of it: names of what is not there. */
  private static final Pattern OUTPUT = Pattern.compile("(?s)<details>.*?</details>");

  /** Those of the migration that an example adds are not there. */
  private static final Pattern FILE =
      Pattern.compile(
          "(?<![\\w./-])((?:changelog|docs|src|\\.github)/(?![\\w./-]*005)[\\w./-]+\\.\\w+)");

  private static final Pattern SCRIPT = Pattern.compile("(?<![\\w/])(\\.ci/\\w+)");
  private static final Pattern TEST =
      Pattern.compile("\\b([A-Z]\\w*[a-z](?:IT|Test|Benchmark))\\b");
  private static final Pattern GOAL = Pattern.compile("(?<=[ `])liquibase:([a-zA-Z]+)");
  private static final Pattern EXECUTION = Pattern.compile("exec:java@([\\w-]+)");
  private static final Pattern PROFILE = Pattern.compile("\\s-P([\\w-]+)");
  private static final Pattern PROPERTY = Pattern.compile("-D(\\w[\\w.-]*\\w)(?=[=\\s`\",)])");

  /** Maven's own and its plugins', and a word that stands for any. */
  private static final Set<String> MAVENS =
      Set.of(
          "altDeploymentRepository",
          "groups",
          "it.test",
          "name",
          "nvdApiKeyEnvironmentVariable",
          "skipITs",
          "skipTests",
          "style.color",
          "test");

  static Stream<Path> documents() throws IOException {
    return Stream.concat(
        Stream.of("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md").map(Path::of),
        below("docs").stream().filter(file -> file.toString().endsWith(".md")));
  }

  private static List<Path> below(String directory) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(directory))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Collection<String> all(Pattern pattern, String text) {
    return new TreeSet<>(
        pattern.matcher(text).results().map(found -> found.group(1)).distinct().toList());
  }

  private static Stream<MatchResult> links(Path document) {
    return LINK.matcher(CODE.matcher(read(document)).replaceAll("")).results();
  }

  /** The file that a link in a document leads to. */
  private static Path target(Path document, MatchResult link) {
    return link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1)).normalize();
  }

  /** As GitHub makes it of a heading. */
  private static String anchor(String heading) {
    return heading
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .strip()
        .replace(' ', '-');
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void linksLeadSomewhere(Path document) {
    List<String> broken =
        links(document)
            .filter(
                link -> {
                  Path target = target(document, link);
                  return !Files.exists(target)
                      || link.group(2) != null
                          && all(HEADING, read(target)).stream()
                              .map(DocumentsTest::anchor)
                              .noneMatch(link.group(2)::equals);
                })
            .map(MatchResult::group)
            .toList();
    assertThat(broken).isEmpty();
  }

  @Test
  void everyPageIsFoundByALink() throws IOException {
    Set<Path> linked = new TreeSet<>();
    for (Path document : documents().toList()) {
      links(document).map(link -> target(document, link)).forEach(linked::add);
    }
    assertThat(documents())
        .filteredOn(page -> linked.stream().noneMatch(page::startsWith))
        .isEmpty();
  }

  /** The page with the four doors, from which everything is one step away. */
  @Test
  void everyPageIsOneStepFromTheDoors() throws IOException {
    Path doors = Path.of("docs/README.md");
    Set<Path> linked = new TreeSet<>();
    links(doors).map(link -> target(doors, link)).forEach(linked::add);
    assertThat(documents()).filteredOn(page -> !page.equals(doors)).isSubsetOf(linked);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void whatIsNamedExists(Path document) throws IOException {
    String text = OUTPUT.matcher(read(document)).replaceAll("");
    String pom = Files.readString(Path.of("pom.xml"));
    Set<String> sources = new TreeSet<>();
    for (Path file : below("src")) {
      sources.add(file.getFileName().toString());
    }
    assertSoftly(
        softly -> {
          softly.assertThat(all(FILE, text)).allMatch(file -> Files.exists(Path.of(file)));
          softly.assertThat(all(SCRIPT, text)).allMatch(file -> Files.exists(Path.of(file)));
          softly.assertThat(all(TEST, text)).allMatch(test -> sources.contains(test + ".java"));
          softly.assertThat(all(EXECUTION, text)).isSubsetOf(executions(pom));
          softly.assertThat(all(PROFILE, text)).isSubsetOf(profiles(pom));
        });
  }

  /** Messages and comments say where to read on: a page, and a heading of it. */
  @Test
  void whatTheCodeRefersToExists() throws IOException {
    Pattern section = Pattern.compile("(docs/[\\w/-]+\\.md, [A-Z][\\w -]+)");
    for (String directory : List.of("src/main", "changelog", ".ci", ".github")) {
      for (Path source : below(directory)) {
        String text = read(source);
        assertThat(all(FILE, text)).as("%s", source).allMatch(file -> Files.exists(Path.of(file)));
        assertThat(all(section, text))
            .as("%s", source)
            .allMatch(
                place ->
                    all(HEADING, read(Path.of(place.split(", ")[0])))
                        .contains(place.split(", ")[1]));
      }
    }
  }

  /** Block by block, indented; what is run is the file. */
  @ParameterizedTest
  @ValueSource(strings = {"tenancy.py", "application.py"})
  void thePageShowsTheCodeThatIsRun(String file) {
    String page = "\n" + read(Path.of("docs/tenants.md"));
    assertThat(read(Path.of("docs/tenants", file)).strip().split("\n\n+"))
        .extracting(block -> "\n" + block.indent(4))
        .isNotEmpty()
        .allMatch(page::contains);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void goalsAreLiquibases(Path document) {
    Set<String> commands = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    Scope.getCurrentScope()
        .getSingleton(CommandFactory.class)
        .getCommands(false)
        .forEach(command -> commands.add(String.join("", command.getName())));
    assertThat(all(GOAL, read(document))).allMatch(commands::contains);
  }

  /** Of Liquibase's own, {@code -Dliquibase.…}, only the plugin has a list. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("documents")
  void propertiesAreRead(Path document) throws IOException {
    StringBuilder read = new StringBuilder(Files.readString(Path.of("pom.xml")));
    for (Path file : below("src")) {
      if (file.toString().endsWith(".java")) {
        read.append(Files.readString(file));
      }
    }
    assertThat(all(PROPERTY, OUTPUT.matcher(read(document)).replaceAll("")))
        .allMatch(
            name ->
                MAVENS.contains(name)
                    || name.startsWith("liquibase.")
                    || read.indexOf("\"" + name + "\"") >= 0
                    || read.indexOf("<" + name + ">") >= 0);
  }

  @Test
  void everyCommandOfThisProjectIsInContributing() throws IOException {
    String text = read(Path.of("CONTRIBUTING.md"));
    String pom = Files.readString(Path.of("pom.xml"));
    Set<String> profiles = new TreeSet<>(profiles(pom));
    // Is there where no url is given; nobody names it.
    profiles.removeAll(List.of("database-url", "newer-jdk"));
    assertThat(all(PROFILE, text)).containsAll(profiles);
    assertThat(all(EXECUTION, text)).containsAll(executions(pom));
    assertThat(all(SCRIPT, text)).containsAll(below(".ci").stream().map(Path::toString).toList());
  }

  private static Collection<String> executions(String pom) {
    return all(Pattern.compile("<id>([\\w-]+)</id>\\s*<configuration>\\s*<mainClass>"), pom);
  }

  private static Collection<String> profiles(String pom) {
    return all(Pattern.compile("<profile>\\s*<id>([\\w-]+)</id>"), pom);
  }
}
