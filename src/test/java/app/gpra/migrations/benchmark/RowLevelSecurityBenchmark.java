package app.gpra.migrations.benchmark;

import app.gpra.migrations.benchmark.PairedTimes.Extent;
import app.gpra.migrations.benchmark.TenantQuery.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The policies of 004 against statements that say themselves whose rows they want. */
class RowLevelSecurityBenchmark {

  private static final int ITEMS = Integer.getInteger("benchmark.tenants.items", 1_000_000);
  private static final int ROUNDS = Integer.getInteger("benchmark.tenants.rounds", 200);
  private static final int BLOCK = 10;
  private static final double LIMIT = 1.1;

  /** Whose time depends on how much the user has. */
  private static final List<TenantQuery> OF_LARGEST =
      List.of(TenantQuery.LIST, TenantQuery.COUNT, TenantQuery.ROUTINE);

  private final Map<TenantQuery, PairedTimes> prepared = new LinkedHashMap<>();
  private final Map<TenantQuery, PairedTimes> unprepared = new LinkedHashMap<>();
  private final Map<String, PairedTimes> asking = new LinkedHashMap<>();
  private final List<TenantPlan> plans = new ArrayList<>();
  private final Map<String, TenantPlan> shown = new LinkedHashMap<>();

  @BeforeAll
  static void startServer() {
    BenchmarkServer.start();
  }

  @Test
  void costsLittleAndReadsNothingOfOthers() {
    try (TenantLibrary library = TenantLibrary.of(ITEMS)) {
      List<Tenant> some = library.some();
      Tenant largest = library.largest();
      explain(library, some.get(some.size() / 2), largest);
      // What was rolled back is taken away, so that neither series finds more than the other.
      library.vacuum();
      measure(library, some, largest, true);
      library.vacuum();
      measure(library, some, largest, false);
      report(library, some, largest);
    }
  }

  private void explain(TenantLibrary library, Tenant ordinary, Tenant largest) {
    try (TenantSession session = library.connect(true)) {
      for (TenantQuery query : TenantQuery.ALL) {
        for (Tenant tenant : List.of(ordinary, largest)) {
          plans.add(TenantPlan.of(session, query.policy(), tenant, true));
          plans.add(TenantPlan.of(session, query.policy(), tenant, false));
        }
        shown.put(query.name(), TenantPlan.of(session, query.policy(), ordinary, true));
      }
      shown.put(
          TenantQuery.ACTIVE_ALONE.name(),
          TenantPlan.of(session, TenantQuery.ACTIVE_ALONE.policy(), ordinary, true));
    }
  }

  private void measure(
      TenantLibrary library, List<Tenant> some, Tenant largest, boolean whetherPrepared) {
    Map<TenantQuery, PairedTimes> times = whetherPrepared ? prepared : unprepared;
    Extent all = new Extent(some, ROUNDS, BLOCK);
    try (TenantSession session = library.connect(whetherPrepared)) {
      times.put(TenantQuery.NOTHING, PairedTimes.of(TenantQuery.NOTHING, session, all));
      asking.put(whetherPrepared ? "prepared" : "unprepared", PairedTimes.ofAsking(session, all));
      for (TenantQuery query : TenantQuery.ALL) {
        times.put(query, PairedTimes.of(query, session, all));
        if (whetherPrepared && OF_LARGEST.contains(query)) {
          times.put(
              query.named(query.name() + ", the user who has most"),
              PairedTimes.of(query, session, new Extent(List.of(largest), ROUNDS / 20, 2)));
        }
      }
      times.put(TenantQuery.ACTIVE_ALONE, PairedTimes.of(TenantQuery.ACTIVE_ALONE, session, all));
    }
  }

  private void report(TenantLibrary library, List<Tenant> some, Tenant largest) {
    BenchmarkReport report =
        new BenchmarkReport("row-level-security", "Row-level security, policy against WHERE")
            .paragraph(
                """
                %s users with %s items, %s routines, %s items in routines and %s chord charts; the user who has most has %s items,
                the one in the middle %s. Policy: a role that 004 binds, whose statements do not say whose rows they want.
                WHERE: a role with BYPASSRLS and the same grants, whose statements say `user_id = …` themselves; for `routine_items` and
                `active_routine`, which have none, they join the routine (and the item)."""
                    .formatted(
                        Figures.number(TenantLibrary.USERS),
                        library.count("items", "true"),
                        library.count("routines", "true"),
                        library.count("routine_items", "true"),
                        library.count("chord_charts", "true"),
                        library.count("items", "user_id = " + largest.id()),
                        library.count("items", "user_id = " + some.get(some.size() / 2).id())))
            .paragraph(
                """
                One client, over loopback, through one connection, whose transactions take one role or the other; each time is
                from sending a statement to its last row. The two take turns, %d statements each, with the same values: A, B, B, A, and in
                the next round B, A, A, B, for %d users from large to small in turn. %d rounds (a twentieth of
                them, with 2 statements each, for the user who has most), after five that are not counted. What is written is rolled
                back. A round's time is the median of its statements; the columns are medians of the rounds: of the times, of the
                difference within a round, of the ratio within a round. `SELECT 1` shows what one round trip takes, and by how
                much two equal things differ."""
                    .formatted(BLOCK, some.size(), ROUNDS))
            .heading("Prepared")
            .table(header(), rows(prepared))
            .heading("Unprepared")
            .paragraph(
                """
                The simple protocol, the values in the text, as psycopg2 sends it: the server plans each statement anew, and a policy
                is more to plan. There is no goal for this.""")
            .table(header(), rows(unprepared))
            .heading("Saying who is asking")
            .paragraph(
                """
                A transaction of one item by id, with `SELECT set_config('app.current_user_id', …, true)` before it and without: one
                more statement, once in a transaction. A role that no policy binds, so that nothing else differs. There is no goal for this.""")
            .table(
                List.of("transaction", "with", "without", "difference"),
                asking.entrySet().stream()
                    .map(
                        entry ->
                            List.of(
                                entry.getKey(),
                                milliseconds(entry.getValue().ours()),
                                milliseconds(entry.getValue().theirs()),
                                milliseconds(entry.getValue().difference())))
                    .toList())
            .heading("Plans")
            .paragraph(
                """
                Of the role that 004 binds, for the user in the middle: the plan that serves any value. *Read* is what the
                server counted, in all of the tenants' tables; foreign keys read too. *Used* is how many rows the plan's scans returned. *Asked* is how
                often a policy found out who is asking: each InitPlan counts once. The last query has no goal,
                neither here nor above: it names no routine, and its table no user, so everybody's active routine is looked at. The one
                that begins with the user's routines does not.""")
            .table(
                List.of("query", "read", "used", "read in vain", "asked"),
                shown.entrySet().stream()
                    .map(
                        entry ->
                            List.of(
                                entry.getKey(),
                                Figures.number(entry.getValue().read()),
                                Figures.number(entry.getValue().used()),
                                Figures.number(entry.getValue().readInVain()),
                                Figures.number(entry.getValue().asked())))
                    .toList());
    shown.forEach(
        (name, plan) ->
            report.paragraph(
                "<details><summary>"
                    + name
                    + "</summary>\n\n```text\n"
                    + plan.text()
                    + "\n```\n\n</details>"));
    report.heading("Goals").goals(goals()).write();
  }

  private List<Goal> goals() {
    List<Goal> goals = new ArrayList<>();
    prepared.forEach(
        (query, times) -> {
          if (query.kind() != Kind.ASIDE) {
            goals.add(goal(query, times));
          }
        });
    goals.add(
        Goal.none(
            "tables read from end to end, in %d plans".formatted(plans.size()),
            plans.stream().mapToLong(plan -> plan.readWhole().size()).sum()));
    goals.add(
        Goal.none(
            "rows of others that these plans read",
            plans.stream().mapToLong(TenantPlan::readInVain).sum()));
    goals.add(
        Goal.none(
            "InitPlans in them that did not run exactly once, or plans without one",
            plans.stream().mapToLong(plan -> plan.asked() == 0 ? 1 : plan.notAskedOnce()).sum()));
    return goals;
  }

  private static Goal goal(TenantQuery query, PairedTimes times) {
    boolean child = query.kind() == Kind.CHILD;
    double seconds = query.kind().seconds();
    return new Goal(
        query.name(),
        (child ? "" : "%s times, or ".formatted(Figures.number(LIMIT)))
            + "%s more, at most".formatted(milliseconds(seconds)),
        "%s times, %s more"
            .formatted(Figures.number(times.ratio()), milliseconds(times.difference())),
        times.difference() <= seconds || !child && times.ratio() <= LIMIT);
  }

  private static List<String> header() {
    return List.of("query", "policy", "WHERE", "difference", "ratio");
  }

  private static List<List<String>> rows(Map<TenantQuery, PairedTimes> all) {
    return all.entrySet().stream()
        .map(
            entry ->
                List.of(
                    entry.getKey().name(),
                    milliseconds(entry.getValue().ours()),
                    milliseconds(entry.getValue().theirs()),
                    milliseconds(entry.getValue().difference()),
                    Figures.number(entry.getValue().ratio())))
        .toList();
  }

  private static String milliseconds(double seconds) {
    return Figures.number(seconds * 1000) + " ms";
  }
}
