package dev.penstock.redis;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** A Redis in a container, where a Docker engine answers. */
final class RedisContainer {

  static final String IMAGE = "redis:7.4-alpine";

  private static final int PORT = 6379;

  /** Enough to pull a small image; Testcontainers goes on for minutes where it cannot be pulled. */
  private static final Duration DEADLINE = Duration.ofSeconds(45);

  private RedisContainer() {}

  /** Returns the address of a new container, or empty where none can be had; ends with the JVM. */
  static Optional<String> start() {
    if (!engineListens()) {
      return Optional.empty();
    }
    CompletableFuture<String> url = new CompletableFuture<>();
    Thread starter = new Thread(() -> start(url), "redis-container");
    starter.setDaemon(true);
    starter.start();
    try {
      return Optional.of(url.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      System.out.println("A Docker engine listens, but starts no " + IMAGE + ": " + e);
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting a container", e);
    }
  }

  @SuppressWarnings("resource") // lives until the shutdown hook
  private static void start(CompletableFuture<String> url) {
    try {
      if (!DockerClientFactory.instance().isDockerAvailable()) {
        throw new IllegalStateException("Testcontainers finds no engine");
      }
      GenericContainer<?> container =
          new GenericContainer<>(DockerImageName.parse(IMAGE)).withExposedPorts(PORT);
      Runtime.getRuntime().addShutdownHook(new Thread(container::stop));
      container.start();
      url.complete("redis://" + container.getHost() + ":" + container.getMappedPort(PORT));
    } catch (RuntimeException e) {
      url.completeExceptionally(e);
    }
  }

  /** Testcontainers itself takes long to find out that there is none. */
  private static boolean engineListens() {
    String host = System.getenv("DOCKER_HOST");
    if (host != null && !host.isBlank()) {
      return !host.startsWith("unix:") || listens(Path.of(URI.create(host).getPath()));
    }
    String home = System.getProperty("user.home");
    Stream<Path> sockets =
        Stream.of(
            Path.of("/var/run/docker.sock"),
            Path.of(home, ".docker", "run", "docker.sock"),
            Path.of(home, ".docker", "desktop", "docker.sock"));
    Stream<Path> rootless =
        Stream.ofNullable(System.getenv("XDG_RUNTIME_DIR"))
            .map(directory -> Path.of(directory, "docker.sock"));
    return Stream.concat(sockets, rootless).anyMatch(RedisContainer::listens);
  }

  private static boolean listens(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
