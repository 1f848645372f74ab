package app.gpra.migrations.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/** A page of docs/benchmarks with its plots. A rerun replaces it. */
final class BenchmarkReport {

  private static final Path HOME =
      Path.of(System.getProperty("benchmark.output", "docs/benchmarks"));

  private final String name;
  private final StringBuilder text = new StringBuilder();
  private final List<Goal> goals = new ArrayList<>();

  /**
   * Begins one.
   *
   * @param name of the file, without its ending; begins the names of the plots
   */
  BenchmarkReport(String name, String title) {
    this.name = name;
    text.append("# ").append(title).append("\n\n");
    text.append("Written by `mvn -Pbenchmark verify` ([how to run it](README.md)); ");
    text.append("[what the figures mean](../performance.md).\n");
    paragraph("Measured on: " + BenchmarkServer.machine() + ".");
  }

  BenchmarkReport paragraph(String paragraph) {
    text.append('\n').append(paragraph).append('\n');
    return this;
  }

  BenchmarkReport heading(String heading) {
    return paragraph("## " + heading);
  }

  /** A table; all columns but the first are figures. */
  BenchmarkReport table(List<String> header, List<List<String>> rows) {
    List<String> lines = new ArrayList<>();
    lines.add(line(header));
    lines.add("|---|" + String.join("", Collections.nCopies(header.size() - 1, "---:|")));
    rows.forEach(row -> lines.add(line(row)));
    return paragraph(String.join("\n", lines));
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  /** A plot in a file of its own. */
  BenchmarkReport plot(String suffix, String caption, Chart<?, ?> chart) {
    String file = name + "-" + suffix + ".svg";
    try {
      Files.createDirectories(HOME);
      try (OutputStream svg = Files.newOutputStream(HOME.resolve(file))) {
        VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return paragraph("![" + caption + "](" + file + ")");
  }

  /** The goals, as a table. */
  BenchmarkReport goals(List<Goal> reached) {
    goals.addAll(reached);
    return table(
        List.of("goal", "wanted", "reached", "met"),
        reached.stream()
            .map(
                goal ->
                    List.of(
                        goal.what(), goal.wanted(), goal.reached(), goal.met() ? "yes" : "**no**"))
            .toList());
  }

  /** Writes the page, then fails if a goal is not met. */
  void write() {
    try {
      Files.createDirectories(HOME);
      Files.writeString(HOME.resolve(name + ".md"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.println(text);
    assertThat(goals.stream().filter(goal -> !goal.met())).as("goals that were missed").isEmpty();
  }
}
