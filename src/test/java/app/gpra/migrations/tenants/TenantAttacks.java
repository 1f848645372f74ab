package app.gpra.migrations.tenants;

import java.util.List;
import java.util.stream.Stream;

/** Every attempt, through every door. */
final class TenantAttacks {

  private TenantAttacks() {}

  static List<Attack> all() {
    return Stream.of(
            RowAttacks.all(),
            QueryAttacks.all(),
            ObjectAttacks.all(),
            SessionAttacks.all(),
            NeighbourAttacks.all())
        .flatMap(List::stream)
        .toList();
  }
}
