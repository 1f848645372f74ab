package app.gpra.migrations.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresDriverTest {

  private static final int PROTOCOL_3 = 196608;

  /** Whoever listens on the server's port before the server does may ask for anything. */
  @Test
  void sendsThePasswordToNobodyWhoAsksForItInClearText(@TempDir Path project) throws Exception {
    Path home = EmbeddedPostgresDirectory.home(project);
    Files.writeString(home.resolve("password"), "s3cret\n");
    String property = "app.gpra.embedded.port:" + home;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<String> thief = CompletableFuture.supplyAsync(() -> askInClearText(socket));
      System.setProperty(property, Integer.toString(socket.getLocalPort()));

      assertThatThrownBy(
              () ->
                  new EmbeddedPostgresDriver()
                      .connect("jdbc:gpra:embedded:" + project, new Properties()))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("requireAuth");
      assertThat(thief.get()).doesNotContain("s3cret");
    } finally {
      System.clearProperty(property);
    }
  }

  /** Returns the answer. */
  private static String askInClearText(ServerSocket server) {
    try (Socket client = server.accept();
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
      int length = in.readInt();
      while (in.readInt() != PROTOCOL_3) {
        // Encryption: no.
        in.skipNBytes(length - 8);
        out.write('N');
        length = in.readInt();
      }
      in.skipNBytes(length - 8);
      out.write('R');
      out.writeInt(8);
      out.writeInt(3);
      if (in.read() < 0) {
        return "";
      }
      return new String(in.readNBytes(in.readInt() - 4), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
