package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.ReliabilityReport;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The attempts are worth something only if they fail where tenants are not kept apart. */
@Tag("thorough")
class TenantSabotageIT {

  /** Enough to know that it was no accident. */
  private static final int CAUGHT = 3;

  private static TwoTenants tenants;

  @BeforeAll
  static void prepare() {
    tenants = TwoTenants.create();
  }

  @AfterAll
  static void close() {
    tenants.close();
  }

  static Stream<Sabotage> selected() {
    return Stream.of(Sabotage.values())
        .filter(sabotage -> ReliabilityReport.full() || sabotage.ordinal() % 8 == 0);
  }

  @ParameterizedTest
  @MethodSource("selected")
  void isCaught(Sabotage sabotage) throws SQLException {
    TwoTenants sabotaged = tenants.copy();
    try {
      sabotaged.sabotage(sabotage);
      Map<String, String> caught = catches(sabotaged);
      System.out.println(sabotage + " is caught by " + caught.keySet());
      assertThat(caught).as("attempts that catch " + sabotage).isNotEmpty();
    } finally {
      sabotaged.database().close();
    }
  }

  @Test
  void nothingIsCaughtWhereNothingIsWrong() throws SQLException {
    TwoTenants copy = tenants.copy();
    try {
      assertThat(catches(copy)).isEmpty();
    } finally {
      copy.database().close();
    }
  }

  /** Attempts that come out differently, as whom, and how. */
  private static Map<String, String> catches(TwoTenants database) throws SQLException {
    Map<String, String> caught = new LinkedHashMap<>();
    int version = database.version();
    for (Mode mode : List.of(Mode.APPLICATION_DIRECT, Mode.OWNER_DIRECT)) {
      try (Attacker attacker = new Attacker(database, mode, null)) {
        for (Attack attack : TenantAttacks.all()) {
          if (caught.size() < CAUGHT && attack.steps() == null && attack.isMade(mode, version)) {
            String verdict = attacker.verdict(attack);
            if (verdict != null) {
              caught.put(attack + ", " + mode, verdict);
            }
          }
        }
      }
    }
    return caught;
  }
}
