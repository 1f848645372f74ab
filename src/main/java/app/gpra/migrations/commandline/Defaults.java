package app.gpra.migrations.commandline;

import java.util.Map;
import liquibase.configuration.AbstractMapConfigurationValueProvider;

/** What the POM gives to a Maven goal. Whatever else says otherwise wins. */
final class Defaults extends AbstractMapConfigurationValueProvider {

  private static final Map<String, String> VALUES =
      Map.of(
          "liquibase.analytics.enabled", "false",
          "liquibase.command.changelogFile", "app/gpra/changelog/db.changelog-master.yaml",
          "liquibase.command.dropAll.requireForce", "true",
          "liquibase.command.labelFilter", "!enforce",
          "liquibase.command.showSummaryOutput", "LOG",
          // The log is shown too.
          "liquibase.mirrorConsoleMessagesToLog", "false",
          // The directory is the one of .env.
          "liquibase.command.url", "jdbc:gpra:database-url:.");

  @Override
  public int getPrecedence() {
    return 1;
  }

  @Override
  protected Map<String, String> getMap() {
    return VALUES;
  }

  @Override
  protected String getSourceDescription() {
    return "The jar's defaults";
  }
}
