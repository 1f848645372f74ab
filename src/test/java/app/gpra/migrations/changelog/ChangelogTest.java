package app.gpra.migrations.changelog;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.Changelog;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ChangelogTest {

  @Test
  void followsTheRules() {
    assertThat(ChangelogRules.violations(Path.of(""))).isEmpty();
    assertThat(Changelog.tags()).startsWith("000", "001", "002").isSorted();
    assertThat(Changelog.changeSets()).hasSizeGreaterThan(40);
  }
}
