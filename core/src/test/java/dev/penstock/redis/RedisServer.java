package dev.penstock.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Redis server of a test's own: a process on a loopback port with a directory of its own, which
 * can be killed, paused and brought back. Ends with {@link #close}, at the latest with the JVM.
 *
 * <p>What it persists survives SIGKILL of the process, as every write has gone to the system before
 * it is answered. For one thread.
 */
public final class RedisServer implements AutoCloseable {

  /** The line that makes a server persist what it is told. */
  public static final String APPEND_ONLY = "appendonly yes";

  private static final Duration READY = Duration.ofSeconds(20);
  private static final int PORT_ATTEMPTS = 5;
  private static final String CONFIG = "redis.conf";
  private static final String LOG = "log";
  private static final String PASSWORD_LINE = "requirepass ";
  private static final Set<RedisServer> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(RedisServer::close)));
  }

  private final RedisBinary binary;
  private final int port;
  private final Path directory;
  private final List<String> lines;
  private final List<String> arguments;
  private @Nullable String password;
  private @Nullable Process process;

  private RedisServer(RedisBinary binary, int port, List<String> lines, List<String> arguments)
      throws IOException {
    this.binary = binary;
    this.port = port;
    this.lines = lines;
    this.arguments = arguments;
    this.directory = Files.createTempDirectory(Watchdog.directory(), "server");
    this.password =
        lines.stream()
            .filter(line -> line.startsWith(PASSWORD_LINE))
            .map(line -> line.substring(PASSWORD_LINE.length()))
            .findFirst()
            .orElse(null);
    writeConfig();
  }

  /**
   * Starts a server and waits until it answers. It persists nothing unless told to.
   *
   * @param lines of {@code redis.conf}, after the harness's own
   */
  public static RedisServer start(String... lines) {
    return start(RedisBinary.found(), lines);
  }

  static RedisServer start(RedisBinary binary, String... lines) {
    return start(binary, List.of(lines), List.of());
  }

  static RedisServer startSentinel(String... lines) {
    return start(RedisBinary.found(), List.of(lines), List.of("--sentinel"));
  }

  private static RedisServer start(RedisBinary binary, List<String> lines, List<String> arguments) {
    for (int attempt = 1; ; attempt++) {
      RedisServer server = create(binary, lines, arguments);
      try {
        server.launch();
        return server;
      } catch (AssertionError e) {
        boolean portTaken = server.log().contains("already in use");
        server.close();
        if (!portTaken || attempt == PORT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static RedisServer create(
      RedisBinary binary, List<String> lines, List<String> arguments) {
    try {
      RedisServer server = new RedisServer(binary, LoopbackPorts.next(), lines, arguments);
      OPEN.add(server);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeConfig() {
    Stream<String> own =
        Stream.of(
            "port " + port,
            "bind " + LoopbackPorts.HOST,
            "dir \"" + directory + "\"",
            "daemonize no",
            "save \"\"",
            "appendfsync no",
            "repl-diskless-sync-delay 0");
    try {
      Files.createDirectories(directory);
      Files.write(directory.resolve(CONFIG), Stream.concat(own, lines.stream()).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void launch() {
    Process started;
    try {
      Stream<String> program =
          Stream.of(binary.path().toString(), directory.resolve(CONFIG).toString());
      ProcessBuilder builder =
          new ProcessBuilder(Stream.concat(program, arguments.stream()).toList());
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve(LOG).toFile()));
      started = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process = started;
    Watchdog.add(started);
    try {
      Await.until("an answer from a Redis server", READY, () -> !started.isAlive() || answers());
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + log(), e);
    }
    if (!started.isAlive()) {
      throw new AssertionError("a Redis server ended at its start:\n" + log());
    }
  }

  /** Its own process, that is: another server may have taken the port. */
  private boolean answers() {
    Process running = process;
    return running != null
        && "PONG".equals(command("PING"))
        && info("server").getOrDefault("process_id", "").equals(Long.toString(running.pid()));
  }

  public int port() {
    return port;
  }

  /** Returns the address, with the password of the default user if it has one. */
  public String url() {
    String user = password == null ? "" : ":" + password + "@";
    return "redis://" + user + LoopbackPorts.HOST + ":" + port;
  }

  /**
   * Sends a command over a connection of its own, as the default user.
   *
   * @return the reply: a {@code String}, a {@code Long}, a list of these, or null
   * @throws redis.clients.jedis.exceptions.JedisException if there is no reply, or an error
   */
  public @Nullable Object command(String... command) {
    return RedisCommand.send(port, password, command);
  }

  /** Returns the fields of a section of INFO. */
  public Map<String, String> info(String section) {
    return RedisCommand.fields(Objects.requireNonNull(command("INFO", section)));
  }

  /** Returns how often a command has been called, in scripts as well. */
  public long calls(String command) {
    String counts = info("commandstats").getOrDefault("cmdstat_" + command, "calls=0,");
    return Long.parseLong(counts.substring("calls=".length(), counts.indexOf(',')));
  }

  /** Makes the default user need this password from now on, instead of another or none. */
  public void requirePassword(String secret) {
    command("CONFIG", "SET", "requirepass", secret);
    password = secret;
  }

  /** Returns whether the process lives; a paused one does. */
  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** Kills the process by SIGKILL and waits until it has ended. */
  public void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly().onExit().join();
      Watchdog.remove(running);
      process = null;
    }
  }

  /**
   * Kills the process if it runs and starts it again on the same port, with its data.
   *
   * @throws IllegalStateException if it does not persist any
   */
  public void restart() {
    if (!lines.contains(APPEND_ONLY)) {
      throw new IllegalStateException("keeps no data without the line: " + APPEND_ONLY);
    }
    kill();
    launch();
  }

  /** Kills the process if it runs and starts it again on the same port, without data. */
  public void restartEmpty() {
    kill();
    delete(directory);
    writeConfig();
    launch();
  }

  /** Stops the process in its tracks by SIGSTOP: connections stay, nothing is answered. */
  public void pause() {
    signal("STOP");
  }

  /** Lets a paused process go on. */
  public void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException("the server does not run");
    }
    try {
      // The shell's own kill: a minimal system has no other.
      int code =
          new ProcessBuilder("sh", "-c", "kill -" + name + " " + running.pid()).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("SIG" + name + " was not sent: exit code " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Returns what the server has logged. */
  public String log() {
    try {
      Path log = directory.resolve(LOG);
      return Files.exists(log) ? Files.readString(log, UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    kill();
    if (OPEN.remove(this)) {
      delete(directory);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
