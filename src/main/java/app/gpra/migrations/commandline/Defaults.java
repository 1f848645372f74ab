package app.gpra.migrations.commandline;

import java.util.Map;
import liquibase.configuration.AbstractConfigurationValueProvider;
import liquibase.configuration.ProvidedValue;

/** What the POM gives to a Maven goal. Whatever else says otherwise wins. */
final class Defaults extends AbstractConfigurationValueProvider {

  private static final Map<String, String> VALUES =
      Map.of(
          "liquibase.analytics.enabled", "false",
          "liquibase.command.changelogFile", "app/gpra/changelog/db.changelog-master.yaml",
          "liquibase.command.dropAll.requireForce", "true",
          "liquibase.command.labelFilter", "!enforce",
          "liquibase.command.showSummaryOutput", "LOG",
          // The directory is the one of .env.
          "liquibase.command.url", "jdbc:gpra:database-url:.");

  @Override
  public int getPrecedence() {
    return 1;
  }

  @Override
  public ProvidedValue getProvidedValue(String... keyAndAliases) {
    for (String key : keyAndAliases) {
      String value = VALUES.get(key);
      if (value != null) {
        return new ProvidedValue(keyAndAliases[0], key, value, "The jar's defaults", this);
      }
    }
    return null;
  }
}
