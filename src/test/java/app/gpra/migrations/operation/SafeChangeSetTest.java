package app.gpra.migrations.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SafeChangeSetTest {

  @Test
  void aWorkingNameIsOneThatPostgresqlDoesNotCutOff() {
    assertThat(SafeChangeSet.workingName("idx_items_user_id"))
        .isEqualTo("gpra_building_idx_items_user_id");
    for (String letter : new String[] {"a", "é", "弦"}) {
      String one = letter.repeat(60) + "1";
      String other = letter.repeat(60) + "2";
      assertThat(SafeChangeSet.workingName(one))
          .startsWith("gpra_building_" + letter)
          .isNotEqualTo(SafeChangeSet.workingName(other))
          .satisfies(
              name ->
                  assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(63));
    }
  }

  @Test
  void aNameIsTooLongWherePostgresqlWouldCutItOff() {
    assertThat(SafeChangeSet.isTooLong("i".repeat(63))).isFalse();
    assertThat(SafeChangeSet.isTooLong("i".repeat(62) + "é")).isTrue();
  }

  @Test
  void whatIsQuotedStaysData() {
    assertThat(Procedures.literal("o'brien")).isEqualTo("'o''brien'");
    assertThat(Procedures.literal("\\x'; DROP TABLE items; --"))
        .isEqualTo("'\\x''; DROP TABLE items; --'");
  }
}
