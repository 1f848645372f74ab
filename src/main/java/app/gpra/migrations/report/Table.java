package app.gpra.migrations.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows of words in columns, as a person reads them. */
public final class Table {

  private Table() {}

  /**
   * Puts them below each other.
   *
   * @param rows the heading first; each has as many cells
   * @return a line for each
   */
  public static List<String> lines(List<List<String>> rows) {
    List<Integer> widths =
        IntStream.range(0, rows.get(0).size())
            .mapToObj(place -> rows.stream().mapToInt(row -> row.get(place).length()).max())
            .map(width -> Math.max(1, width.orElse(1)))
            .toList();
    return rows.stream()
        .map(
            row ->
                IntStream.range(0, row.size())
                    .mapToObj(place -> ("%-" + widths.get(place) + "s").formatted(row.get(place)))
                    .collect(Collectors.joining("  "))
                    .stripTrailing())
        .toList();
  }
}
