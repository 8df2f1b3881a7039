package dev.penstock.jdkhttp.demo;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.config.CheckConfig;
import dev.penstock.http.Gate;
import dev.penstock.jdkhttp.RateLimitFilter;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.io.AbstractSerializer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * A server shaped like AgentOS whose {@code POST /agents/{id}/runs} is limited per verified
 * workspace and user, and per client address where there is no valid token: runs a minute, runs at
 * once, and tokens of the model. Listens on the loopback interface.
 */
public final class AgentServer implements AutoCloseable {

  static final int THREADS = 64;

  private static final int BACKLOG = 1024;
  private static final String CHECK = "--check";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  private final Limits limits;
  private final Optional<AdminServer> admin;

  private AgentServer(HttpServer server, Limits limits, Optional<AdminServer> admin) {
    this.server = server;
    this.limits = limits;
    this.admin = admin;
  }

  /**
   * Starts the server that the environment describes; ends with code 2 where it is wrong. With
   * {@code --check FILE} it says what is wrong with a policy file, and starts nothing.
   */
  public static void main(String[] arguments) {
    if (arguments.length > 0 && arguments[0].equals(CHECK)) {
      System.exit(
          CheckConfig.check(
              Arrays.copyOfRange(arguments, 1, arguments.length), System.out, System.err));
    }
    serve(AgentServer::limited);
  }

  /** Likewise, with another handler of {@code /agents}, which is given the gate. */
  static void serve(Function<Gate, HttpHandler> agents) {
    // As RateLimitFilter asks for, and without Nagle's delay, which costs 40 ms on each response
    // but a connection's first; read when the first server is made.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.drainAmount", "0");
    System.setProperty("sun.net.httpserver.maxReqTime", "30");
    System.setProperty("sun.net.httpserver.maxRspTime", "30");
    try {
      Settings settings = Settings.of(System.getenv());
      AgentServer running = start(settings, agents);
      Runtime.getRuntime().addShutdownHook(new Thread(running::close));
      running.greet(settings, System.out);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
    }
  }

  /**
   * Starts the server.
   *
   * @throws IllegalArgumentException if a port cannot be opened, Redis refuses, or the policy file
   *     does
   */
  static AgentServer start(Settings settings) {
    return start(settings, AgentServer::limited);
  }

  private static AgentServer start(Settings settings, Function<Gate, HttpHandler> agents) {
    Limits limits = Limits.of(settings);
    AgentServer running =
        new AgentServer(
            open(settings.port()),
            limits,
            settings
                .admin()
                .map(port -> AdminServer.start(port.address(), limits.admin(port.token()))));
    running.server.setExecutor(running.threads);
    running.server.createContext("/agents", agents.apply(limits.gate()));
    running.server.createContext("/health", new HealthHandler());
    running.server.createContext("/metrics", new MetricsHandler(limits.metrics()));
    running.server.start();
    return running;
  }

  private static HttpHandler limited(Gate gate) {
    return RateLimitFilter.wrap(gate, new AgentHandler());
  }

  /** {@return where its admin page is, if it has one} */
  Optional<String> adminUrl() {
    return admin.map(AdminServer::url);
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    admin.ifPresent(AdminServer::close);
    server.stop(0);
    threads.shutdownNow();
    limits.close();
  }

  private static HttpServer open(int port) {
    try {
      return HttpServer.create(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    } catch (IOException e) {
      throw new IllegalArgumentException("PORT must be free: " + port, e);
    }
  }

  private void greet(Settings settings, PrintStream out) {
    String address = "http://127.0.0.1:" + port();
    Date tomorrow = Date.from(Instant.now().plus(Duration.ofDays(1)));
    String token =
        Jwts.builder()
            .json(new JacksonSerializer())
            .claim("workspace_id", "acme")
            .claim("user_id", "u1")
            .expiration(tomorrow)
            .signWith(settings.secret(), Jwts.SIG.HS256)
            .compact();
    out.println("Penstock demo at " + address + " (metrics: " + address + "/metrics)");
    adminUrl().ifPresent(url -> out.println("Status page at " + url + ", by ADMIN_TOKEN"));
    out.println("Token of user u1 in workspace acme, valid for a day: " + token);
    out.println("Try, more often than the limit allows:");
    out.println(
        "  curl -i -X POST -H 'Authorization: Bearer "
            + token
            + "' "
            + address
            + "/agents/a1/runs");
    String run = address + "/agents/a1/runs";
    out.println("  curl -i -X POST " + run);
    if (settings.policyFile().isPresent()) {
      out.println("Limits by " + settings.policyFile().get() + ": change it, and try again");
      return;
    }
    if (settings.inFlight().isEmpty() || settings.modelTokens().isEmpty()) {
      out.println("Slots and debt: IN_FLIGHT=2 MODEL_TOKENS=1000 mvn -q -Pdemo");
      return;
    }
    long slots = settings.inFlight().get().capacity();
    long tokens = settings.modelTokens().get().capacity();
    out.println("A run that holds one of " + slots + " slots; start one more than that at once:");
    out.println("  curl -i -N -X POST '" + run + "?stream=true&seconds=20' &");
    out.println("A run that uses more than " + tokens + " tokens, and one that meets the debt:");
    out.println("  curl -i -X POST '" + run + "?tokens=" + overspending(tokens) + "'");
    out.println("  curl -i -X POST '" + run + "?seconds=1'");
  }

  private static long overspending(long tokens) {
    return Math.min(RunRequest.MAX_TOKENS, 3 * Math.min(tokens, RunRequest.MAX_TOKENS));
  }

  /** Writes the JSON of a token. */
  private static final class JacksonSerializer extends AbstractSerializer<Map<String, ?>> {

    @Override
    protected void doSerialize(Map<String, ?> members, OutputStream out) throws IOException {
      out.write(Responses.json(members).getBytes(StandardCharsets.UTF_8));
    }
  }
}
