package app.gpra.migrations.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What no changeset is written for, each with the way to go by hand. */
final class ByHand {

  private static final String ENUM =
      " Write CREATE TYPE in sql, before what needs it, and answer for it (plain.<id>); its rollback is DROP TYPE.";

  private static final String DOMAIN =
      " Write CREATE DOMAIN in sql, and answer for it (plain.<id>). A new column of it would have every row written anew: take its type and an addCheck instead.";

  private static final String PARTITIONED =
      "The partitioned table %s is written by hand: a new one in sql, with its partitions, answered for (plain.<id>). A table that has rows does not become one: make another beside it, and let the application change over.";

  /** By how the sentence begins. */
  private static final Map<Pattern, String> WAYS =
      Map.of(
          Pattern.compile("The type \\S+ is missing \\(enum .*"),
          ENUM,
          Pattern.compile("The type \\S+ is enum .*"),
          " Write ALTER TYPE … ADD VALUE in sql, and answer for it (plain.<id>). It cannot be taken back: leave its rollback empty, and say so.",
          Pattern.compile("The type \\S+ is (missing \\()?domain .*"),
          DOMAIN,
          Pattern.compile("The constraint .* is missing \\(EXCLUDE .*"),
          " It reads every row under a lock, as PostgreSQL cannot add one without: write it in sql, on a small table, and answer for it (plain.<id>).",
          Pattern.compile("The materialized view .*"),
          " Write CREATE MATERIALIZED VIEW … WITH NO DATA in sql, and answer for it (plain.<id>); then REFRESH, later CONCURRENTLY. Its rows know no row-level security.",
          Pattern.compile("The extension .*"),
          " Who owns the database makes it, before the update: CREATE EXTENSION. No rollback drops it.",
          Pattern.compile("The collation .*"),
          " Write CREATE COLLATION in sql, before what needs it, and answer for it (plain.<id>).");

  private ByHand() {}

  /** With the way to go, where there is one to say. */
  static String way(String sentence) {
    return WAYS.entrySet().stream()
        .filter(one -> one.getKey().matcher(sentence).matches())
        .findFirst()
        .map(
            one ->
                sentence.replaceFirst("(?s)(^The materialized view \\S+ is [a-z]+).*", "$1.")
                    + one.getValue())
        .orElse(sentence);
  }

  /** Each once: what a type's own constraints are is said with the type. */
  static Stream<String> ways(List<String> sentences) {
    return sentences.stream()
        .filter(
            sentence ->
                !sentence.startsWith("The constraint ")
                    || sentences.stream()
                        .filter(other -> other.startsWith("The type "))
                        .map(other -> " on " + other.split(" ")[2] + " is ")
                        .noneMatch(sentence::contains))
        .map(ByHand::way);
  }

  /** Tables that are left alone, each with the sentence why, which is empty for a partition. */
  static Map<String, String> tables(SchemaFacts desired) {
    Map<String, String> left = new LinkedHashMap<>();
    desired
        .lines()
        .forEach(
            (label, lines) -> {
              if (label.startsWith("partitioned table ")) {
                String table = label.substring("partitioned table ".length());
                left.put("table " + table, PARTITIONED.formatted(table));
              } else if (lines.stream().anyMatch(line -> line.startsWith("inherits "))) {
                left.put(label, "");
              }
            });
    return left;
  }
}
