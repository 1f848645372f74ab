package app.gpra.migrations.benchmark;

import java.sql.SQLException;
import java.util.List;

/**
 * Two ways to the same, in turns: what disturbs the machine disturbs both.
 *
 * @param ours seconds, the middle of all rounds
 * @param theirs seconds, likewise
 * @param difference the middle of the rounds' differences, ours less theirs, in seconds
 * @param ratio the middle of the rounds' ratios, ours to theirs
 */
record PairedTimes(double ours, double theirs, double difference, double ratio) {

  /** Not counted: the server settles on a plan after five times, and the JVM compiles. */
  private static final int WARM_UP = 5;

  /**
   * How much is measured.
   *
   * @param tenants who take turns
   * @param rounds that are counted
   * @param block so many statements one after the other, in one transaction
   */
  record Extent(List<Tenant> tenants, int rounds, int block) {}

  /** One of the two ways, a block of it. */
  private interface Way {
    /** Fills in what each statement took, from a place on. */
    void run(Tenant tenant, int firstTurn, double[] seconds, int from) throws SQLException;
  }

  /** A statement of the application, under the policies and with its own condition. */
  static PairedTimes of(TenantQuery query, TenantSession session, Extent extent) {
    Way bound = block(session, TenantLibrary.APPLICATION, query.policy(), extent.block);
    Way unbound = block(session, TenantLibrary.UNBOUND, query.explicit(), extent.block);
    return of(bound, unbound, extent);
  }

  /** Transactions of one query, with and without saying who is asking. */
  static PairedTimes ofAsking(TenantSession session, Extent extent) {
    return of(
        transactions(session, true, extent.block),
        transactions(session, false, extent.block),
        extent);
  }

  private static Way block(TenantSession session, String role, String statement, int size) {
    return (tenant, firstTurn, seconds, from) -> {
      // Both say who is asking, though only one of them is asked.
      session.begin(role, tenant);
      for (int i = 0; i < size; i++) {
        seconds[from + i] = session.run(statement, tenant, firstTurn + i);
      }
      session.connection().rollback();
    };
  }

  private static Way transactions(TenantSession session, boolean asking, int size) {
    return (tenant, firstTurn, seconds, from) -> {
      for (int i = 0; i < size; i++) {
        long begin = System.nanoTime();
        if (asking) {
          session.ask(tenant);
        }
        session.run(TenantQuery.ITEM.explicit(), tenant, firstTurn + i);
        session.connection().commit();
        seconds[from + i] = (System.nanoTime() - begin) / 1e9;
      }
    };
  }

  /** A round is ours, theirs, theirs, ours, the next the other way about; all the same values. */
  private static PairedTimes of(Way ours, Way theirs, Extent extent) {
    int rounds = extent.rounds;
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    double[] differences = new double[rounds];
    double[] ratios = new double[rounds];
    try {
      for (int round = -WARM_UP; round < rounds; round++) {
        Tenant tenant = extent.tenants.get(Math.floorMod(round, extent.tenants.size()));
        int turn = (round + WARM_UP) * extent.block;
        double[] outer = new double[2 * extent.block];
        double[] inner = new double[2 * extent.block];
        boolean oursOutside = round % 2 == 0;
        (oursOutside ? ours : theirs).run(tenant, turn, outer, 0);
        (oursOutside ? theirs : ours).run(tenant, turn, inner, 0);
        (oursOutside ? theirs : ours).run(tenant, turn, inner, extent.block);
        (oursOutside ? ours : theirs).run(tenant, turn, outer, extent.block);
        if (round >= 0) {
          a[round] = Figures.median(oursOutside ? outer : inner);
          b[round] = Figures.median(oursOutside ? inner : outer);
          differences[round] = a[round] - b[round];
          ratios[round] = a[round] / b[round];
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return new PairedTimes(
        Figures.median(a), Figures.median(b), Figures.median(differences), Figures.median(ratios));
  }
}
