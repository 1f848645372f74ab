package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlDriverTest {

  @TempDir private Path directory;

  private final Map<String, String> environment = new HashMap<>();

  /** What connecting fails with; the password of every test is s3cret. */
  private Throwable failure() {
    return failure(new Properties());
  }

  private Throwable failure(Properties info) {
    var driver = new DatabaseUrlDriver(environment::get);
    // An SQLException is an Iterable, too, which AssertJ prefers.
    Throwable failure =
        catchThrowable(() -> driver.connect("jdbc:gpra:database-url:" + directory, info));
    assertThat(failure).isInstanceOf(SQLException.class).hasNoCause();
    assertThat(failure.getMessage()).doesNotContain("s3cret").doesNotContain("\n");
    return failure;
  }

  private void writeEnvFile(String text) throws IOException {
    Files.writeString(directory.resolve(".env"), text);
  }

  @Test
  void leavesOtherUrlsToOtherDrivers() throws SQLException {
    var driver = new DatabaseUrlDriver(environment::get);

    assertThat(driver.acceptsURL("jdbc:gpra:database-url:/project")).isTrue();
    assertThat(driver.acceptsURL("jdbc:postgresql://h/app")).isFalse();
    assertThat(driver.connect("jdbc:postgresql://h/app", new Properties())).isNull();
  }

  @Test
  void takesWhatComesAfterTheDirectoryForARemark() {
    var driver = new DatabaseUrlDriver(environment::get);

    assertThatThrownBy(
            () -> driver.connect("jdbc:gpra:database-url:" + directory + "? Type this", null))
        .hasMessageContaining("put that line into " + directory.resolve(".env") + ";");
  }

  @Nested
  class Finding {

    @Test
    void saysWhereTheUrlMayBe() {
      assertThat(failure())
          .hasMessageContainingAll("DATABASE_URL", ".env", "-Pembedded", "-Dliquibase.url");
    }

    @Test
    void takesAnEmptyValueForNone() throws IOException {
      environment.put("DATABASE_URL", "");
      writeEnvFile("DATABASE_URL=\n");

      assertThat(failure()).hasMessageContaining("-Pembedded");
    }

    @Test
    void prefersTheEnvironment() throws IOException {
      environment.put("DATABASE_URL", "oracle://u:s3cret@h/app");
      writeEnvFile("DATABASE_URL=mysql://u:s3cret@h/app\n");

      assertThat(failure()).hasMessageContaining("oracle");
    }

    @Test
    void readsTheEnvFile() throws IOException {
      writeEnvFile("# the application's\nSECRET_KEY=x\nDATABASE_URL=\"mysql://u:s3cret@h/app\"\n");

      assertThat(failure()).hasMessageContaining("mysql");
    }

    @Test
    void doesNotMindALineOfTheApplication() throws IOException {
      writeEnvFile("this is no setting\nDATABASE_URL=mysql://u:s3cret@h/app\n");

      assertThat(failure()).hasMessageContaining("mysql");
    }

    @Test
    void takesSingleQuotesOffAsPythonDotenvDoes() throws IOException {
      writeEnvFile("DATABASE_URL='mysql://u:s3cret@h/app'\n");

      assertThat(failure()).hasMessageContaining("mysql");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "export DATABASE_URL=mysql://u:s3cret@h/app",
          "DATABASE_URL=\"mysql://u:s3cret@h/app",
          "DATABASE_URL=postgresql://u:1s3cret#2@h/app",
          "DATABASE_URL=postgresql://u:12#s3cret@h/app",
          "s3cret"
        })
    void namesTheLineThatItCannotRead(String line) throws IOException {
      writeEnvFile("A=1\n\n" + line + "\n");

      assertThat(failure())
          .hasMessageContainingAll("Line 3", ".env")
          .hasMessageNotContaining("u:12");
    }

    @Test
    void saysThatTheEnvFileIsADirectory() throws IOException {
      Files.createDirectory(directory.resolve(".env"));

      assertThat(failure()).hasMessageContainingAll(".env", "cannot be read");
    }

    @Test
    void saysThatTheEnvFileIsNoText() throws IOException {
      Files.write(directory.resolve(".env"), new byte[] {'A', '=', (byte) 0xff, '\n'});

      assertThat(failure()).hasMessageContainingAll(".env", "UTF-8");
    }
  }

  @Nested
  class Connecting {

    @Test
    void saysThatNothingListens() throws IOException {
      int port;
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = socket.getLocalPort();
      }
      environment.put("DATABASE_URL", "postgresql://u:s3cret@127.0.0.1:%d/app".formatted(port));

      assertThat(failure()).hasMessageContainingAll("127.0.0.1:" + port, "mvn liquibase:status");
    }

    /** It accepts, and then says nothing. */
    @Test
    void saysThatNobodyAnswersInTime() throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        environment.put(
            "DATABASE_URL",
            "postgresql://u:s3cret@127.0.0.1:%d/app?loginTimeout=1"
                .formatted(socket.getLocalPort()));

        assertThat(failure())
            .hasMessageContainingAll(
                "timed out", "127.0.0.1:" + socket.getLocalPort(), "mvn liquibase:status");
      }
    }

    @Test
    void saysThatTheHostIsNotKnown() {
      // RFC 2606 keeps .invalid free of hosts.
      environment.put("DATABASE_URL", "postgresql://u:s3cret@database.invalid/app");

      assertThat(failure()).hasMessageContainingAll("database.invalid", "mvn liquibase:status");
    }

    @ParameterizedTest
    @CsvSource({
      "28P01, password authentication failed, password",
      "28000, no pg_hba.conf entry, u",
      "3D000, database does not exist, app",
      "53300, sorry too many clients already, no connection left",
      "42704, unrecognized configuration parameter, 14",
      "08P01, unsupported startup parameter: options, direct address",
      "XX000, something else, something else",
      "XX000, it was s3cret, XX000"
    })
    void explainsARefusal(String state, String message, String expected) throws Exception {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        CompletableFuture<Void> server =
            CompletableFuture.runAsync(() -> refuse(socket, state, message));
        environment.put(
            "DATABASE_URL",
            "postgresql://u:s3cret@127.0.0.1:%d/app?sslmode=disable&gssencmode=disable"
                .formatted(socket.getLocalPort()));

        Throwable failure = failure();

        server.join();
        assertThat(failure)
            .hasMessageContainingAll(expected, "127.0.0.1:" + socket.getLocalPort())
            .hasMessageContaining("mvn liquibase:status");
        assertThat(failure).hasFieldOrPropertyWithValue("SQLState", state);
      }
    }

    @Test
    void sendsTheUserThatLiquibaseWasGiven() throws Exception {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        CompletableFuture<Void> server =
            CompletableFuture.runAsync(() -> refuse(socket, "28P01", "no"));
        environment.put(
            "DATABASE_URL",
            "postgresql://u:s3cret@127.0.0.1:%d/app?sslmode=disable&gssencmode=disable"
                .formatted(socket.getLocalPort()));
        Properties info = new Properties();
        info.setProperty("user", "migrator");

        Throwable failure = failure(info);

        server.join();
        assertThat(failure).hasMessageContaining("\"migrator\"");
      }
    }

    /** Answers one start-up message as a server that refuses it does. */
    private void refuse(ServerSocket server, String state, String message) {
      try (Socket client = server.accept()) {
        DataInputStream in = new DataInputStream(client.getInputStream());
        in.skipNBytes(in.readInt() - Integer.BYTES);
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        for (String field : new String[] {"SFATAL", "VFATAL", "C" + state, "M" + message}) {
          fields.writeBytes((field + '\0').getBytes(StandardCharsets.UTF_8));
        }
        fields.write(0);
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        out.writeByte('E');
        out.writeInt(fields.size() + Integer.BYTES);
        fields.writeTo(out);
        out.flush();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
