package app.gpra.migrations.benchmark;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line plots that look alike: naive in vermilion, ours in blue, told apart by dashes too. */
final class Plots {

  private static final Color NAIVE = new Color(0xD55E00);
  private static final Color OURS = new Color(0x0072B2);
  private static final Color ASIDE = new Color(0x666666);

  private Plots() {}

  /** An empty one. */
  static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(880)
            .height(440)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    return dressed(chart);
  }

  /** Two bars for each name, high by powers of ten. */
  static CategoryChart bars(
      String title, String y, List<String> names, List<Double> naive, List<Double> ours) {
    CategoryChart chart =
        new CategoryChartBuilder().width(880).height(440).title(title).yAxisTitle(y).build();
    // Nothing at all has no logarithm.
    chart.addSeries("naive", names, naive.stream().map(one -> Math.max(0.1, one)).toList());
    chart.addSeries("ours", names, ours.stream().map(one -> Math.max(0.1, one)).toList());
    chart.getStyler().setSeriesColors(new Color[] {NAIVE, OURS});
    chart.getStyler().setXAxisLabelRotation(25).setYAxisLogarithmic(true);
    chart.getStyler().setYAxisDecimalPattern("#,##0.####").setYAxisMin(0.1);
    return dressed(chart);
  }

  private static <C extends Chart<? extends AxesChartStyler, ?>> C dressed(C chart) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    chart
        .getStyler()
        .setChartBackgroundColor(Color.WHITE)
        .setChartTitleFont(font.deriveFont(Font.BOLD, 15))
        .setLegendFont(font)
        .setLegendBorderColor(Color.WHITE)
        .setLegendPosition(LegendPosition.OutsideS)
        .setPlotBorderVisible(false);
    chart.getStyler().setLocale(Locale.ROOT);
    chart.getStyler().setAxisTitleFont(font).setAxisTickLabelsFont(font);
    chart.getStyler().setPlotGridLinesColor(new Color(0xDDDDDD));
    chart.getStyler().setPlotGridLinesStroke(new BasicStroke(1));
    return chart;
  }

  /**
   * Both axes by powers of ten, from the one below the least value to the one above the greatest.
   */
  static void logarithmic(XYChart chart) {
    chart.getStyler().setXAxisLogarithmic(true).setXAxisDecimalPattern("#,##0.####");
    logarithmicY(chart);
  }

  /** The vertical axis alone. */
  static void logarithmicY(XYChart chart) {
    double least =
        chart.getSeriesMap().values().stream().mapToDouble(XYSeries::getYMin).min().orElseThrow();
    double greatest =
        chart.getSeriesMap().values().stream().mapToDouble(XYSeries::getYMax).max().orElseThrow();
    chart
        .getStyler()
        .setYAxisLogarithmic(true)
        .setYAxisDecimalPattern("#,##0.####")
        .setYAxisMin(Math.pow(10, Math.floor(Math.log10(least))))
        .setYAxisMax(Math.pow(10, Math.ceil(Math.log10(greatest))));
  }

  /** Adds the line of the naive migration. */
  static XYSeries naive(XYChart chart, String name, List<Double> x, List<Double> y) {
    return line(chart, name, x, y, NAIVE, new BasicStroke(2, 0, 0, 1, new float[] {7, 3}, 0));
  }

  /** Adds the line of ours. */
  static XYSeries ours(XYChart chart, String name, List<Double> x, List<Double> y) {
    return line(chart, name, x, y, OURS, new BasicStroke(2));
  }

  /** Adds a thin line that is neither. */
  static XYSeries aside(XYChart chart, String name, List<Double> x, List<Double> y) {
    return line(chart, name, x, y, ASIDE, new BasicStroke(1, 0, 0, 1, new float[] {2, 3}, 0));
  }

  private static XYSeries line(
      XYChart chart, String name, List<Double> x, List<Double> y, Color color, BasicStroke stroke) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setLineColor(color);
    series.setLineStyle(stroke);
    series.setMarker(SeriesMarkers.NONE);
    return series;
  }
}
