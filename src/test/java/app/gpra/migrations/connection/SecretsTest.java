package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import app.gpra.migrations.harness.EveryLog;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Addresses that are made up, well-formed and not, each with a password of its own: no part of one
 * is in any error or log line.
 *
 * <p>Left out is what reads like a password but is none: {@code user:1234/secret} without an @ is a
 * host, a port and a database.
 */
class SecretsTest {

  private static final int ADDRESSES = 400;

  private static final String LETTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

  private static final List<String> BETWEEN =
      List.of(
          "@",
          "/",
          ":",
          "?",
          "#",
          "%",
          "&",
          "=",
          "+",
          " ",
          "'",
          "\"",
          "\\",
          "$",
          "{",
          "}",
          "[",
          "]",
          ",",
          ";",
          "ü",
          "😀",
          "%%",
          "%2",
          "//",
          "@@",
          "://",
          "\t",
          "&password=");

  /** Nothing listens there. */
  private static final String NOBODY = "127.0.0.1:1";

  @TempDir private Path directory;

  private final Random random = new Random(4);

  /** Parts that nothing else has, with something between them that has a meaning in an address. */
  private record Password(List<String> parts, String text) {}

  private Password password() {
    List<String> parts = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 2 + random.nextInt(3); i++) {
      StringBuilder part = new StringBuilder();
      random.ints(8, 0, LETTERS.length()).forEach(at -> part.append(LETTERS.charAt(at)));
      parts.add(part.toString());
      text.append(i == 0 ? "" : BETWEEN.get(random.nextInt(BETWEEN.size()))).append(part);
    }
    return new Password(parts, text.toString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private String address(Password password) {
    String raw = password.text();
    String encoded = encoded(raw);
    return switch (random.nextInt(12)) {
      case 0 -> "postgresql://u:" + encoded + "@" + NOBODY + "/app";
      case 1 -> "postgres://u:" + raw + "@" + NOBODY + "/app";
      case 2 -> "postgresql+psycopg2://u:" + encoded + "@" + NOBODY + "/app?sslmode=nonsense";
      case 3 -> "postgresql://u:" + encoded + "%@" + NOBODY + "/app";
      case 4 -> "postgresql://u:" + encoded + "@" + NOBODY + ":1/app";
      case 5 -> "postgresql://u@" + NOBODY + "/app?password=" + encoded + "&bogus=1";
      case 6 -> "jdbc:postgresql://" + NOBODY + "/app?user=u&password=" + encoded;
      case 7 -> "jdbc:postgresql://" + NOBODY + "/app?user=u&password=" + raw;
      case 8 -> "mysql://u:" + raw + "@" + NOBODY + "/app";
      case 9 -> "postgresql://u:" + raw + "@" + NOBODY + "/app?sslmod=require";
      case 10 -> "u:" + raw + "@" + NOBODY + "/app";
      default -> "postgresql://u:" + damaged(encoded) + "@database.invalid:x/app";
    };
  }

  private String damaged(String encoded) {
    int at = random.nextInt(encoded.length());
    return random.nextBoolean()
        ? encoded.substring(0, at) + encoded.substring(at + 1)
        : encoded.substring(0, at) + "%?&/@".charAt(random.nextInt(5)) + encoded.substring(at);
  }

  @Test
  void areInNoErrorAndNoLogOfAnyLevel() throws Exception {
    try (EveryLog log = EveryLog.listen()) {
      for (int i = 0; i < ADDRESSES; i++) {
        Password password = password();
        String address = address(password);
        boolean file = i % 3 == 0;
        if (file) {
          Files.writeString(directory.resolve(".env"), "DATABASE_URL=" + address + "\n");
        }
        var driver =
            new DatabaseUrlDriver(name -> file || !name.equals("DATABASE_URL") ? null : address);

        Throwable failure =
            catchThrowable(
                () -> driver.connect("jdbc:gpra:database-url:" + directory, new Properties()));

        assertThat(failure).as(address).isNotNull();
        log.add(failure);
        assertThat(log.take())
            .as(address)
            .contains("DatabaseUrlDriver")
            .doesNotContain(password.parts())
            .doesNotContain(password.text(), encoded(password.text()));
      }
    }
  }
}
