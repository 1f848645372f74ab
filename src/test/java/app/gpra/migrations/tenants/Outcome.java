package app.gpra.migrations.tenants;

import java.util.List;
import java.util.Set;

/** What has to come of an attempt. But for a {@link Gap}, the other tenant is never harmed. */
sealed interface Outcome {

  /** Returns null if it is this, otherwise what it is instead. */
  String differs(Observation observation);

  /** The same, as it is on a server that has these gaps. */
  default Outcome on(Set<ServerGap> open) {
    return this;
  }

  private static String unless(boolean met, String expected, Observation observation) {
    String harm = observation.harm();
    if (harm != null) {
      return harm;
    }
    return met ? null : "expected " + expected + ", but: " + observation.summary();
  }

  /** The statement fails, with one of these SQLSTATEs. */
  record Refused(Set<String> states) implements Outcome {
    @Override
    public String differs(Observation observation) {
      return unless(
          observation.state() != null && states.contains(observation.state()),
          "an error " + states,
          observation);
    }
  }

  /** The statement succeeds and finds nothing. */
  record Nothing() implements Outcome {
    @Override
    public String differs(Observation observation) {
      return unless(
          observation.state() == null && observation.count() == 0, "nothing", observation);
    }
  }

  /** The statement returns or writes so many rows, all of them the attacker's own. */
  record Own(long count) implements Outcome {
    @Override
    public String differs(Observation observation) {
      return unless(
          observation.state() == null && observation.count() == count,
          count + " row(s) of the attacker's own",
          observation);
    }
  }

  /** The statement returns exactly this. */
  record Shows(List<String> rows) implements Outcome {
    @Override
    public String differs(Observation observation) {
      return unless(
          observation.state() == null && observation.rows().equals(rows), "" + rows, observation);
    }
  }

  /** What is returned has this in it, which tells something of others; in a {@link Gap} only. */
  record Tells(String text) implements Outcome {
    @Override
    public String differs(Observation observation) {
      return unless(
          observation.rows().stream().anyMatch(row -> row.contains(text)),
          "'" + text + "'",
          observation);
    }
  }

  /** The attacker sees what is another's; in a {@link Gap} only. */
  record Leaks() implements Outcome {
    @Override
    public String differs(Observation observation) {
      return observation.leaked().isEmpty()
          ? "nothing of the other tenant's was seen: " + observation.summary()
          : null;
    }
  }

  /** Rows of others are not what they were; in a {@link Gap} only. */
  record Changes() implements Outcome {
    @Override
    public String differs(Observation observation) {
      return observation.changed().isEmpty()
          ? "nothing of the other tenant's was changed: " + observation.summary()
          : null;
    }
  }

  /** What comes of it depends on the server. */
  record Asked(ServerGap gap, Outcome open, Outcome otherwise) implements Outcome {
    @Override
    public Outcome on(Set<ServerGap> gaps) {
      return gaps.contains(gap) ? open : otherwise;
    }

    @Override
    public String differs(Observation observation) {
      throw new IllegalStateException("Nobody asked the server for " + gap);
    }
  }

  /**
   * What PostgreSQL or the pool allows, whatever the policies are. It is tested too: a gap that is
   * not there any more has to leave the list.
   *
   * @param open what happens
   * @param closing what closes it
   * @param shownBy the name of the attempt that shows it closed; null if this one does, in a mode
   *     in which it is not a gap
   */
  record Gap(Outcome open, Closing closing, String shownBy) implements Outcome {
    @Override
    public String differs(Observation observation) {
      String difference = open.differs(observation);
      return difference == null ? null : "a known gap is not as it was: " + difference;
    }
  }
}
