package app.gpra.migrations.benchmark;

import java.util.List;

/**
 * A user, and some of what is theirs: each statement of a benchmark takes the next of them.
 *
 * @param id of the user
 * @param items ids of items
 * @param spares ids of items that are in no routine
 * @param charted what chord charts call their items
 * @param routines ids of routines
 */
record Tenant(
    int id,
    List<Integer> items,
    List<Integer> spares,
    List<String> charted,
    List<Integer> routines) {

  /**
   * What a placeholder of {@link TenantQuery} stands for.
   *
   * @param turn number of the statement
   */
  Object value(String placeholder, int turn) {
    return switch (placeholder) {
      case ":user" -> id;
      case ":item" -> nth(items, turn);
      case ":spare" -> nth(spares, turn);
      case ":charted" -> nth(charted, turn);
      case ":routine" -> nth(routines, turn);
      default -> throw new IllegalArgumentException(placeholder);
    };
  }

  private static <T> T nth(List<T> values, int turn) {
    return values.get(turn % values.size());
  }
}
