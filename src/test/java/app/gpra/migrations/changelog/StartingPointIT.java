package app.gpra.migrations.changelog;

import static app.gpra.migrations.harness.ProjectAssertions.assertSame;
import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.LiquibaseRun;
import app.gpra.migrations.harness.ReliabilityReport;
import app.gpra.migrations.harness.TestDatabase;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.AfterFailureMode;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Wherever a database begins, {@code update} takes it to the target schema with every row owned,
 * and {@code rollback} to exactly what it was.
 */
@Tag("thorough")
@Tag("nightly")
class StartingPointIT {

  private static final String SEED = System.getProperty("starting.points.seed", "2026");

  /** Each is a database, three runs up and two back. */
  private static final int TRIES =
      Integer.getInteger("starting.points", ReliabilityReport.full() ? 300 : 6);

  /** The number of tries is the run's, and its report says what it was. */
  static final class Tries implements AroundPropertyHook {

    @Override
    public PropertyExecutionResult aroundProperty(
        PropertyLifecycleContext context, PropertyExecutor property) {
      context.attributes().setTries(TRIES);
      context.attributes().setSeed(SEED);
      PropertyExecutionResult result = property.execute();
      if (result.status() == PropertyExecutionResult.Status.SUCCESSFUL) {
        ReliabilityReport.tell(
            "starting points",
            "%d starting points tried, generated with seed %s."
                .formatted(result.countTries(), SEED));
      }
      return result;
    }
  }

  private static final class Undisturbed {
    static final SortedSet<String> LEGACY;
    static final SortedSet<String> TARGET;

    static {
      try (TestDatabase database = TestDatabase.legacy()) {
        LEGACY = facts(database, "public", fact -> true);
        new LiquibaseRun(database).enforce().update();
        TARGET = facts(database, "public", fact -> true);
      }
    }
  }

  /** The schema before a name; app.current_user_id is a setting, also where the schema is app. */
  private static final String TABLE_IN = "(?<![\\w.])%s(?!current_user_id)";

  @Provide
  Arbitrary<StartingPoint> startingPoints() {
    return StartingPoint.arbitrary();
  }

  @Property(afterFailure = AfterFailureMode.SAMPLE_FIRST)
  @AddLifecycleHook(Tries.class)
  void endsAtTheTargetAndGoesBackToWhatItWas(@ForAll("startingPoints") StartingPoint point) {
    try (TestDatabase database = point.create()) {
      String schema = schema(point, database);
      String data = data(point, database);
      SortedSet<String> began = facts(point, database);

      point.on(database).update();
      assertIsTarget(point, began, database, "after update");
      assertThat(point.on(database).status()).contains("is up to date");
      assertSame("what is not new", legacyRows(data), legacyRows(data(point, database)));

      if (point.back() > 0) {
        point.on(database).rollbackCount(point.back());
        point.on(database).update();
        assertIsTarget(point, began, database, "after going back a bit and up again");
      }

      point.on(database).rollbackTo("000");
      assertSame("the schema after going back", schema, schema(point, database));
      assertSame("the data after going back", data, data(point, database));
    }
  }

  private static void assertIsTarget(
      StartingPoint point, SortedSet<String> began, TestDatabase database, String when) {
    // What was otherwise than in the single-user application's database stays so.
    SortedSet<String> expected = new TreeSet<>(Undisturbed.TARGET);
    expected.removeIf(fact -> Undisturbed.LEGACY.contains(fact) && !began.contains(fact));
    began.stream().filter(fact -> !Undisturbed.LEGACY.contains(fact)).forEach(expected::add);
    // 004 switched it on, also where the table was there.
    expected.remove("table public.subscriptions: row security disabled");
    assertSame(
        "the schema " + when,
        String.join("\n", expected),
        String.join("\n", facts(point, database)));
    for (String table : new String[] {"items", "routines", "chord_charts"}) {
      assertThat(
              database.value(
                  "SELECT count(*) FROM %s.%s WHERE user_id IS NULL"
                      .formatted(point.home().schema(), table)))
          .as("rows of %s without owner %s", table, when)
          .isEqualTo("0");
    }
  }

  /** The schema, but for whose an object is, and as if the application's were public. */
  private static SortedSet<String> facts(StartingPoint point, TestDatabase database) {
    return facts(database, point.home().schema(), fact -> !point.history().isMentionedIn(fact));
  }

  private static SortedSet<String> facts(
      TestDatabase database, String home, Predicate<String> counts) {
    return database
        .schema()
        .lines()
        .filter(counts)
        .filter(fact -> !fact.matches("(schema|setting) .*") && !fact.contains(": comment "))
        // A count: the foreign keys themselves are facts of their own.
        .filter(fact -> !fact.contains(": internal triggers, "))
        .map(fact -> fact.replaceAll(TABLE_IN.formatted(Pattern.quote(home + ".")), "public."))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String schema(StartingPoint point, TestDatabase database) {
    return without(point.history(), database.schema());
  }

  private static String data(StartingPoint point, TestDatabase database) {
    return without(point.history(), database.data());
  }

  private static String without(StartingPoint.History history, String lines) {
    return lines
        .lines()
        .filter(line -> !history.isMentionedIn(line))
        .collect(Collectors.joining("\n"));
  }

  /** Without the columns and rows that are new. */
  private static String legacyRows(String data) {
    return Arrays.stream(data.split("\n"))
        .filter(row -> !row.matches("[^{]*(subscriptions|gpra_admin_assignment\\.[a-z]+)  .*"))
        .map(
            row ->
                row.replaceAll("\"(user_id|created_via|generation_method)\": [^,}]*,? ?", "")
                    .replaceAll(", ?}$", "}"))
        .sorted()
        .collect(Collectors.joining("\n"));
  }
}
