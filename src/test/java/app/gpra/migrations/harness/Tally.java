package app.gpra.migrations.harness;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a run says of numbers of changesets.
 *
 * @param planned what it was to do
 * @param accounted for at its end: finished, passed over, and not
 */
public record Tally(int planned, int accounted) {

  private static final Pattern PLANNED =
      Pattern.compile("To (?:do|undo): (\\d+) changesets? of .*");
  private static final Pattern COUNTED =
      Pattern.compile(
          "  (?:applied|undone|passed over|not applied|not undone): (\\d+) changesets? of .*");
  private static final Pattern NAMED = Pattern.compile("  passed over: (\\d{3}-[^(]+) \\(.*");

  /** Of all lines that an operator was shown. */
  public static Tally of(List<String> screen) {
    int named =
        screen.stream()
            .map(NAMED::matcher)
            .filter(Matcher::matches)
            .mapToInt(line -> line.group(1).split(", ").length)
            .sum();
    return new Tally(sum(PLANNED, screen.stream()), named + sum(COUNTED, screen.stream()));
  }

  private static int sum(Pattern pattern, Stream<String> lines) {
    return lines
        .map(pattern::matcher)
        .filter(Matcher::matches)
        .mapToInt(line -> Integer.parseInt(line.group(1)))
        .sum();
  }
}
