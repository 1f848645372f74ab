package app.gpra.migrations.benchmark;

/**
 * What a benchmark has to show: a ratio within one run, never an absolute time.
 *
 * @param what in words
 * @param wanted the limit, in words
 * @param reached what was measured, in words
 * @param met false fails the benchmark, after its report is written
 */
record Goal(String what, String wanted, String reached, boolean met) {

  /** A ratio that has to be the limit at least. */
  static Goal atLeast(String what, double limit, double ratio) {
    return new Goal(
        what,
        "at least %s times".formatted(Figures.number(limit)),
        Figures.number(ratio) + " times",
        ratio >= limit);
  }

  /** A ratio that may be the limit at most. */
  static Goal atMost(String what, double limit, double ratio) {
    return new Goal(
        what,
        "at most %s times".formatted(Figures.number(limit)),
        Figures.number(ratio) + " times",
        ratio <= limit);
  }

  /** A share that may be the limit at most, both as fractions of one. */
  static Goal share(String what, double limit, double share) {
    return new Goal(
        what, "at most " + Figures.percent(limit), Figures.percent(share), share <= limit);
  }

  /** A count that has to be zero. */
  static Goal none(String what, long count) {
    return new Goal(what, "none", count == 0 ? "none" : Long.toString(count), count == 0);
  }
}
