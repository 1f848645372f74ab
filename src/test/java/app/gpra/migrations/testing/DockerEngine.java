package app.gpra.migrations.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A Docker engine, asked over its socket. Testcontainers can be asked too, but takes long and logs
 * stack traces where there is none.
 *
 * @see <a href="https://docs.docker.com/reference/api/engine/">Docker Engine API</a>
 */
record DockerEngine(SocketAddress address) {

  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final Duration PULL = Duration.ofMinutes(2);

  /** What Testcontainers 2.0.5 starts next to every container, to remove it afterwards. */
  private static final String REAPER = "testcontainers/ryuk:0.14.0";

  /**
   * The engine that answers at {@code DOCKER_HOST} or, where that is not set, at a usual socket.
   */
  static Optional<DockerEngine> find() {
    return addresses().stream().map(DockerEngine::new).filter(DockerEngine::answers).findFirst();
  }

  /**
   * Sees to it that a container of the image can be started, by pulling what is missing.
   *
   * @return why it cannot, or empty if it can
   */
  Optional<String> prepare(String image) {
    List<String> images = new ArrayList<>(List.of(image));
    if (!Boolean.parseBoolean(System.getenv("TESTCONTAINERS_RYUK_DISABLED"))) {
      images.add(REAPER);
    }
    for (String each : images) {
      if (!has(each) && !pull(each)) {
        return Optional.of("the Docker engine has no image %s and cannot pull it".formatted(each));
      }
    }
    return Optional.empty();
  }

  private static List<SocketAddress> addresses() {
    String host = System.getenv("DOCKER_HOST");
    if (host != null && !host.isBlank()) {
      return address(URI.create(host.strip())).stream().toList();
    }
    List<SocketAddress> addresses = new ArrayList<>();
    for (Path socket : sockets()) {
      if (Files.exists(socket)) {
        addresses.add(UnixDomainSocketAddress.of(socket));
      }
    }
    return addresses;
  }

  private static List<Path> sockets() {
    List<Path> sockets = new ArrayList<>(List.of(Path.of("/var/run/docker.sock")));
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    if (runtime != null) {
      sockets.add(Path.of(runtime, "docker.sock"));
    }
    sockets.add(Path.of(System.getProperty("user.home"), ".docker", "run", "docker.sock"));
    return sockets;
  }

  /** Of {@code unix://} and {@code tcp://} without TLS; others are left to -Dpostgres=docker. */
  private static Optional<SocketAddress> address(URI host) {
    if ("unix".equals(host.getScheme())) {
      return Optional.of(UnixDomainSocketAddress.of(host.getPath()));
    }
    if ("tcp".equals(host.getScheme()) && System.getenv("DOCKER_TLS_VERIFY") == null) {
      return Optional.of(new InetSocketAddress(host.getHost(), host.getPort()));
    }
    return Optional.empty();
  }

  private boolean answers() {
    return request("GET", "/_ping", ANSWER).endsWith("OK");
  }

  private boolean has(String image) {
    String path = "/images/" + image + "/json";
    return request("GET", path, ANSWER).lines().findFirst().orElse("").contains(" 200 ");
  }

  /** The engine says 200 before it begins; a failure is in the text that follows. */
  private boolean pull(String image) {
    String name = URLEncoder.encode(image, StandardCharsets.UTF_8);
    String answer = request("POST", "/images/create?fromImage=" + name, PULL);
    return answer.contains(" 200 ") && !answer.contains("\"error\"") && has(image);
  }

  /**
   * The whole answer; empty if there is none in time. With HTTP/1.0 it ends with the connection.
   */
  private String request(String method, String path, Duration deadline) {
    try (SocketChannel channel = SocketChannel.open(address)) {
      Executor later =
          CompletableFuture.delayedExecutor(deadline.toMillis(), TimeUnit.MILLISECONDS);
      CompletableFuture<Void> giveUp = CompletableFuture.runAsync(() -> close(channel), later);
      String request =
          "%s %s HTTP/1.0\r\nHost: docker\r\nContent-Length: 0\r\n\r\n".formatted(method, path);
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      Channels.newInputStream(channel).transferTo(answer);
      giveUp.cancel(false);
      return answer.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It is given up either way.
    }
  }
}
