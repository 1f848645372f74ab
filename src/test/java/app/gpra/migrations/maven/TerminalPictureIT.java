package app.gpra.migrations.maven;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.MavenRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The picture of the first command in the README, drawn from a run of it: {@code mvn -Pnightly
 * verify -Dit.test=TerminalPictureIT -Dgolden.refresh=true} draws it anew.
 */
@Tag("maven")
@Tag("thorough")
@Tag("nightly")
class TerminalPictureIT {

  private static final Path PICTURE = Path.of("docs/update.svg");
  private static final String COMMAND = "mvn -Pembedded compile liquibase:update";

  /** Wider, its letters would be too small to read where a page is 800 pixels wide. */
  private static final int COLUMNS = 96;

  private static final int LINE = 18;

  private static final Pattern STYLE = Pattern.compile("\033\\[([\\d;]*)m|[^\033]+");

  /** Maven's beginning and end, and progress that another run may not show. */
  private static final Pattern NOT_SHOWN =
      Pattern.compile(
          "\\[INFO\\] (?:---.*|Total time.*|Finished at.*|gpra_building.*| *)|.*Parsing.*");

  private static final String PAGE =
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 %1$d" role="img" aria-label="What %2$s prints" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13" fill="#d6dde3">
      <style>.b{font-weight:bold}.y{fill:#e5c07b}.l{fill:#7fb2f0}</style>
      <rect width="800" height="%1$d" rx="6" fill="#14181c"/>
      %3$s
      </svg>
      """;

  @TempDir Path project;

  @Test
  void isWhatTheFirstCommandPrints() throws IOException {
    MavenRun.copyProject(project, true);
    MavenRun run =
        MavenRun.run(project, null, "-Dstyle.color=always", "-Pembedded", "liquibase:update");
    assertThat(run.exitCode()).as(run.output()).isZero();
    List<String> lines =
        run.output()
            .lines()
            .dropWhile(line -> !line.contains("Embedded PostgreSQL"))
            .filter(line -> !NOT_SHOWN.matcher(line.replaceAll("\033\\[[\\d;]*m", "")).matches())
            .toList();
    String picture = picture(lines);
    if (Boolean.getBoolean("golden.refresh") && !same(picture).equals(same(old()))) {
      Files.writeString(PICTURE, picture);
    }
    assertThat(same(old()))
        .as("mvn -Pnightly verify -Dit.test=TerminalPictureIT -Dgolden.refresh=true draws it anew")
        .isEqualTo(same(picture));
  }

  private static String old() throws IOException {
    return Files.exists(PICTURE) ? Files.readString(PICTURE) : "";
  }

  /** But for times, the server's version and its port. */
  private static String same(String picture) {
    return picture
        .replaceAll("[\\d.]+ +m?s\\b|\\d+\\.\\d+(?= |,)|127.0.0.1:\\d+", "…")
        .replaceAll(" +", " ");
  }

  private static String picture(List<String> lines) {
    return PAGE.formatted(
        (lines.size() + 2) * LINE,
        COMMAND,
        IntStream.range(-1, lines.size())
            .mapToObj(
                line ->
                    "<text x=\"12\" y=\"%d\" xml:space=\"preserve\">%s</text>"
                        .formatted(
                            (line + 2) * LINE,
                            line < 0
                                ? "$ <tspan class=\"b\">" + COMMAND + "</tspan>"
                                : text(lines.get(line))))
            .collect(Collectors.joining("\n")));
  }

  /** A line as far as it fits, in its colours. */
  private static String text(String line) {
    StringBuilder text = new StringBuilder();
    String style = "";
    int column = 0;
    Matcher part = STYLE.matcher(line);
    while (part.find() && column < COLUMNS) {
      if (part.group(1) != null) {
        style = style(part.group(1));
        continue;
      }
      String words = part.group();
      boolean fits = column + words.length() <= COLUMNS;
      words = fits ? words : words.substring(0, COLUMNS - column - 1) + "…";
      column += words.length();
      words = words.replace("&", "&amp;").replace("<", "&lt;");
      text.append(
          style.isEmpty() ? words : "<tspan class=\"%s\">%s</tspan>".formatted(style, words));
    }
    return text.toString();
  }

  private static String style(String codes) {
    return codes.contains("33")
        ? "y"
        : codes.contains("34") ? "l" : codes.startsWith("1") ? "b" : "";
  }
}
