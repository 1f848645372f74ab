package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource({
    "'?options=-c%20lock_timeout=0&ssl=false', '?ssl=false'",
    "'?ssl=false&options=-c%20lock_timeout=0', '?ssl=false&'",
    "'?options=-c%20lock_timeout=0', '?'",
  })
  void comesAfterTheOptionsOfAUrlWhichWouldWin(String parameters, String left) {
    String url = SessionSettings.apply("jdbc:postgresql://host/gpra" + parameters, properties);

    assertThat(url).isEqualTo("jdbc:postgresql://host/gpra" + left);
    assertThat(properties)
        .containsEntry("options", "-c lock_timeout=0 -c lock_timeout=50 -c row_security=off");
  }
}
