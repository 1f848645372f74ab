package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class SessionSettingsTest {

  private final Properties properties = new Properties();

  @Test
  void givesUpALockAndRefusesToHideRows() {
    SessionSettings.apply(properties);

    assertThat(properties)
        .containsEntry("options", "-c lock_timeout=50 -c row_security=off")
        .containsEntry("ApplicationName", "gpra-migrations");
  }

  @Test
  void comesAfterTheOptionsOfTheCallerBecauseTheLastOneCounts() {
    properties.setProperty("options", "-c lock_timeout=0 -c search_path=app");

    SessionSettings.apply(properties);

    assertThat(properties)
        .containsEntry(
            "options",
            "-c lock_timeout=0 -c search_path=app -c lock_timeout=50 -c row_security=off");
  }

  @Test
  void keepsTheNameThatTheCallerGave() {
    properties.setProperty("ApplicationName", "release-42");

    SessionSettings.apply(properties);

    assertThat(properties).containsEntry("ApplicationName", "release-42");
  }

  @Test
  void waitsForNoServerThatIsGoneWithoutAWord() {
    SessionSettings.apply(properties);

    assertThat(properties)
        .containsEntry("tcpKeepAlive", "true")
        .containsEntry("loginTimeout", "60");

    properties.setProperty("loginTimeout", "5");
    SessionSettings.apply(properties);

    assertThat(properties).containsEntry("loginTimeout", "5");
  }
}
