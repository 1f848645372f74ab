package app.gpra.migrations.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.tenants.Outcome.Gap;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The list itself: nothing in it twice, and no gap whose closing is not shown. */
class TenantAttacksTest {

  private static final List<Attack> ATTACKS = TenantAttacks.all();
  private static final Set<ServerGap> EVERY_GAP = EnumSet.allOf(ServerGap.class);

  @Test
  void hasManyDifferentAttempts() {
    assertThat(ATTACKS).extracting(Attack::toString).doesNotHaveDuplicates();
    assertThat(ATTACKS)
        .filteredOn(attack -> attack.steps() == null)
        .extracting(Attack::script)
        .doesNotHaveDuplicates();
    assertThat(ATTACKS).hasSizeGreaterThanOrEqualTo(150);
  }

  @Test
  void saysOfEachWhatHasToComeOfItInEachMode() {
    for (Attack attack : ATTACKS) {
      for (Mode mode : Mode.values()) {
        assertThat(attack.expected(mode, EVERY_GAP)).as(attack + ", " + mode).isNotNull();
      }
    }
  }

  /** A gap is closed in another mode, by another attempt, by a test, or by nothing at all. */
  @Test
  void showsOfEachGapThatItCanBeClosed() {
    Map<String, Attack> byName = new HashMap<>();
    ATTACKS.forEach(attack -> byName.put(attack.toString(), attack));
    for (Attack attack : ATTACKS) {
      for (Mode mode : Mode.values()) {
        if (attack.expected(mode, EVERY_GAP) instanceof Gap gap
            && gap.closing() != Closing.NOTHING) {
          assertThat(isShown(attack, gap, byName)).as(attack + ", " + mode + ": " + gap).isTrue();
        }
      }
    }
  }

  private static boolean isShown(Attack attack, Gap gap, Map<String, Attack> byName) {
    if (gap.shownBy() == null) {
      return Arrays.stream(Mode.values()).anyMatch(mode -> !isGap(attack, mode));
    }
    if (gap.shownBy().contains("#")) {
      String[] test = gap.shownBy().split("#");
      return test[0].equals(ApplicationRoleIT.class.getSimpleName())
          && Arrays.stream(ApplicationRoleIT.class.getDeclaredMethods())
              .anyMatch(method -> method.getName().equals(test[1]));
    }
    Attack other = byName.get(gap.shownBy());
    return other != null && Arrays.stream(Mode.values()).noneMatch(mode -> isGap(other, mode));
  }

  private static boolean isGap(Attack attack, Mode mode) {
    return attack.expected(mode, EVERY_GAP) instanceof Gap;
  }
}
