package app.gpra.migrations.benchmark;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Locale;

/** Figures as a report writes them: three digits are enough. */
final class Figures {

  private Figures() {}

  /** A number with three digits. */
  static String number(double value) {
    if (Math.abs(value) >= 1000) {
      return String.format(Locale.ROOT, "%,d", Math.round(value)).replace(',', ' ');
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(3)).stripTrailingZeros();
    return Math.abs(value) < 0.001 ? "0" : rounded.toPlainString();
  }

  /** A time, given in seconds. */
  static String time(double seconds) {
    return seconds < 1
        ? number(Math.round(seconds * 10_000) / 10.0) + " ms"
        : number(seconds) + " s";
  }

  /** A size, given in bytes; powers of 1024, as PostgreSQL counts. */
  static String size(double bytes) {
    if (Math.abs(bytes) >= 1024 * 1024) {
      return number(bytes / 1024 / 1024) + " MB";
    }
    return bytes == 0 ? "0" : number(bytes / 1024) + " kB";
  }

  /** A share, given as a fraction of one. */
  static String percent(double share) {
    return number(share * 100) + " %";
  }

  /** The value in the middle. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
