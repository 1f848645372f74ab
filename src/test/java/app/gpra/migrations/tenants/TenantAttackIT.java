package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import app.gpra.migrations.harness.PgBouncer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Tenant A tries everything to see or change what is tenant B's. */
class TenantAttackIT {

  private static TwoTenants tenants;

  private static final Map<Mode.Way, PgBouncer> POOLS = new EnumMap<>(Mode.Way.class);
  private static final Map<Mode, Integer> MADE = new EnumMap<>(Mode.class);

  @BeforeAll
  static void prepare() {
    tenants = TwoTenants.create();
    if (PgBouncer.obstacle().isEmpty()) {
      POOLS.put(Mode.Way.POOLED, pool(false));
      POOLS.put(Mode.Way.RESET, pool(true));
    }
  }

  private static PgBouncer pool(boolean reset) {
    return PgBouncer.start(reset, tenants.database(), tenants.application(), tenants.owner());
  }

  @AfterAll
  static void close() {
    POOLS.values().forEach(PgBouncer::close);
    tenants.close();
    System.out.printf(
        "%d attempts, %d modes, %d made%n",
        TenantAttacks.all().size(),
        MADE.size(),
        MADE.values().stream().mapToInt(Integer::intValue).sum());
  }

  @TestFactory
  Stream<DynamicContainer> keepsTenantsApart() {
    return Arrays.stream(Mode.values()).map(mode -> dynamicContainer("" + mode, attempts(mode)));
  }

  /** Lazy: an attacker connects when the first attempt is made. */
  private static Stream<DynamicNode> attempts(Mode mode) {
    PgBouncer pool = POOLS.get(mode.way());
    if (mode.way() != Mode.Way.DIRECT && pool == null) {
      return Stream.of(
          dynamicTest("skipped", () -> Assumptions.abort(PgBouncer.obstacle().orElseThrow())));
    }
    int version = tenants.version();
    List<Attack> attacks =
        TenantAttacks.all().stream().filter(attack -> attack.isMade(mode, version)).toList();
    List<Attacker> attacker = new ArrayList<>();
    return attacks.stream()
        .<DynamicNode>map(
            attack ->
                dynamicTest(
                    attack.toString(),
                    () -> {
                      if (attacker.isEmpty()) {
                        attacker.add(new Attacker(tenants, mode, pool));
                      }
                      assertThat(attacker.get(0).verdict(attack)).as(attack + ", " + mode).isNull();
                      MADE.merge(mode, 1, Integer::sum);
                    }))
        .onClose(() -> attacker.forEach(TenantAttackIT::closeQuietly));
  }

  private static void closeQuietly(Attacker attacker) {
    try {
      attacker.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
