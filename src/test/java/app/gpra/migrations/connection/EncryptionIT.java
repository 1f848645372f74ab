package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;

import app.gpra.migrations.harness.OwnServer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that takes encrypted connections and others, under addresses that are not loopback. */
class EncryptionIT {

  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Logger LIQUIBASE = Logger.getLogger("liquibase");
  private static final List<String> LOG = new CopyOnWriteArrayList<>();
  private static final Handler HANDLER =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          if (line.getLevel() == Level.WARNING) {
            LOG.add(line.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private static OwnServer server;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    Path store = directory.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "server",
                "-dname",
                "CN=server",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    Path key = pem(directory, "PRIVATE KEY", keys.getKey("server", PASSWORD).getEncoded());
    Path certificate = pem(directory, "CERTIFICATE", keys.getCertificate("server").getEncoded());
    server =
        OwnServer.start(
            Map.of(
                "ssl",
                "on",
                "ssl_key_file",
                key.toString(),
                "ssl_cert_file",
                certificate.toString()));
    LIQUIBASE.setLevel(Level.WARNING);
    LIQUIBASE.setUseParentHandlers(false);
    LIQUIBASE.addHandler(HANDLER);
  }

  private static Path pem(Path directory, String type, byte[] content) throws Exception {
    Path file =
        Files.createFile(
            directory.resolve(type.replace(' ', '-') + ".pem"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)));
  }

  @AfterAll
  static void stop() {
    LIQUIBASE.removeHandler(HANDLER);
    LIQUIBASE.setUseParentHandlers(true);
    LIQUIBASE.setLevel(Level.OFF);
    server.close();
  }

  private static String address(String host, String sslmode) {
    return server.server().url().replace("jdbc:", "").replace("127.0.0.1", host)
        + "/postgres"
        + server.server().parameters()
        + "&socketFactory="
        + LoopbackSocketFactory.class.getName()
        + (sslmode.isEmpty() ? "" : "&sslmode=" + sslmode);
  }

  private static void byDatabaseUrl(String address) throws Exception {
    DatabaseUrlDriver driver =
        new DatabaseUrlDriver(name -> name.equals("DATABASE_URL") ? address : null);
    driver.connect("jdbc:gpra:database-url:.", new Properties()).close();
  }

  private static List<String> warnings(String host) {
    return LOG.stream().filter(line -> line.startsWith("The connection to " + host)).toList();
  }

  private static void assertOneWarning(String host) {
    assertThat(warnings(host))
        .singleElement()
        .asString()
        .contains("is not encrypted", "sslmode=verify-full")
        .doesNotContain("user=");
  }

  @Test
  void isMissedOnceThroughDatabaseUrl() throws Exception {
    byDatabaseUrl(address("192.0.2.5", "disable"));
    byDatabaseUrl(address("192.0.2.5", "disable"));
    assertOneWarning("192.0.2.5");
  }

  @Test
  void isMissedThroughAPlainUrl() throws Exception {
    MigrationConnection connection = new MigrationConnection();
    connection.open(
        "jdbc:" + address("192.0.2.6", "disable"), new org.postgresql.Driver(), new Properties());
    connection.begin();
    connection.close();
    assertOneWarning("192.0.2.6");
  }

  /** Without sslmode it is what the server offers. */
  @ParameterizedTest
  @CsvSource({"192.0.2.7, ''", "192.0.2.8, require", "127.0.0.1, disable"})
  void isNotMissedWhereItIsThereOrNotNeeded(String host, String sslmode) throws Exception {
    byDatabaseUrl(address(host, sslmode));
    assertThat(warnings(host)).isEmpty();
  }
}
