package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionTest {

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]", "0.0.0.0"})
  void isNotNeededWhereNothingLeavesThisMachine(String host) {
    assertThat(Encryption.isThisMachine(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.5", "[2001:db8::5]", "database.invalid"})
  void isNeededElsewhere(String host) {
    assertThat(Encryption.isThisMachine(host)).isFalse();
  }
}
