package app.gpra.migrations.tenants;

import java.util.List;

/**
 * What came of an attempt.
 *
 * @param state the SQLSTATE of the error that ended it; null if there was none
 * @param rows of the last statement, each its columns joined by a bar
 * @param count how many rows the last statement returned or wrote
 * @param leaked what the attacker was shown that is the other tenant's: a row, a notice, an error
 * @param changed what is not as before in rows that are not the attacker's; empty if nothing
 */
record Observation(
    String state, List<String> rows, long count, List<String> leaked, String changed) {

  /** Null if the other tenant was neither seen nor touched. */
  String harm() {
    if (!leaked.isEmpty()) {
      return "it showed what is the other tenant's: " + leaked;
    }
    return changed.isEmpty() ? null : "it changed what is not the attacker's: " + changed;
  }

  /** What happened, in a few words. */
  String summary() {
    return state == null ? count + " row(s) " + rows : "refused with " + state;
  }
}
