package app.gpra.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiquibasePropertiesTest {

  private static final Set<String> KNOWN =
      Set.of(
          "liquibase.databaseChangeLogTableName",
          "liquibase.databaseChangelogTableName",
          "liquibase.labelFilter",
          "liquibase.password",
          "liquibase.rollbackTag",
          "liquibase.tag",
          "liquibase.toTag",
          "liquibase.url");

  @ParameterizedTest
  @CsvSource({
    "liquibase.totag, liquibase.toTag",
    "liquibase.toTags, liquibase.toTag",
    "liquibase.rolbackTag, liquibase.rollbackTag",
    "liquibase.rollbakcTag, liquibase.rollbackTag",
    "liquibase.labelfilter, liquibase.labelFilter",
    "Liquibase.labelFilter, liquibase.labelFilter",
    "liquibase.labelFilte, liquibase.labelFilter",
    "liquibase.pasword, liquibase.password",
  })
  void areMeantBySlipsOfTheFinger(String name, String meant) {
    assertThat(LiquibaseProperties.meant(name, KNOWN)).contains(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "liquibase.toTag",
        "liquibase.databaseChangeLogTableName",
        "liquibase.version",
        "liquibase.user",
        "liquibase.command.dropAll.requireForce",
        "liquibase-sessionlock.version"
      })
  void areLeftAloneWhereTheyAreKnownOrLikeNone(String name) {
    assertThat(LiquibaseProperties.meant(name, KNOWN)).isEmpty();
  }

  /** The plugin's descriptor is not on this class path. */
  @Test
  void areNotLookedForOutsideMaven() {
    assertThat(LiquibaseProperties.meant("liquibase.totag")).isEmpty();
  }
}
