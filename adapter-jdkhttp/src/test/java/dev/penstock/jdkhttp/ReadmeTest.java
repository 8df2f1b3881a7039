package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The README's Java is this file's, or the servlet adapter's: compiled, run and compared. */
class ReadmeTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final List<String> done = new ArrayList<>();

  @Test
  void examples_standInTheTests() throws IOException {
    Path servlets = Path.of("../adapter-servlet/src/test/java");
    String source =
        stripped(Path.of("src/test/java/dev/penstock/jdkhttp/ReadmeTest.java"))
            + stripped(servlets.resolve("dev/penstock/servlet/ReadmeTest.java"))
            + stripped(servlets.resolve("com/example/Gate.java"));
    Matcher example = JAVA.matcher(Files.readString(Path.of("../README.md")));
    int examples = 0;
    while (example.find()) {
      assertThat(source).contains(stripped(example.group(1)));
      examples++;
    }
    assertThat(examples).isEqualTo(6);
  }

  @Test
  void libraryCall_permitsTheFirstRun() {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy runs =
        LimitPolicy.perIdentity("agent-runs", Limit.parse("10/minute"))
            .and(LimitPolicy.perWorkspace("workspace-day", Limit.parse("5000/day")))
            .and(LimitPolicy.everyone("platform", Limit.parse("2000/second")));

    Decision decision = limiter.tryAcquire(Identity.user("acme", "u1"), runs);
    if (decision.permitted()) {
      startRun();
    } else {
      comeBackIn(decision.retryAfter()); // empty: never
    }

    assertThat(done).containsExactly("run");
  }

  @Test
  void redis_decidesWhetherRedisIsThereOrNot() {
    RedisRateLimiter limiter =
        RedisRateLimiter.builder("redis://127.0.0.1:6379").instances(3).build();

    LimitPolicy runs = LimitPolicy.perIdentity("readme-" + UUID.randomUUID(), Limit.perMinute(9));
    try (limiter) {
      assertThat(limiter.tryAcquire(Identity.user("acme", "u1"), runs).permitted()).isTrue();
    }
  }

  @Test
  void filter_limitsTheRuns() throws IOException {
    byte[] secret = new byte[32];
    HttpHandler handler = exchange -> exchange.sendResponseHeaders(204, -1);
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create())
            .identity(JwtIdentityResolver.hmac(secret).orElse(ClientAddress.trusting("10.0.0.0/8")))
            .rule("POST /agents/*/runs", LimitPolicy.perIdentity("agent-runs", Limit.perMinute(10)))
            .build();

    HttpServer server = HttpServer.create(address, 0);
    server.createContext("/agents", handler).getFilters().add(new RateLimitFilter(gate));
    server.start();

    try (RawHttpClient client = new RawHttpClient(server.getAddress().getPort())) {
      assertThat(client.send("POST /agents/a1/runs").value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=9;t=54");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void rules_limitByPattern() throws IOException {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.perMinute(10));
    LimitPolicy opus = LimitPolicy.perIdentity("opus", Limit.perMinute(2));
    LimitPolicy uploads = LimitPolicy.perIdentity("uploads", Limit.perMinute(20));
    LimitPolicy light = LimitPolicy.perIdentity("light", Limit.perMinute(60));
    LimitPolicy platform = LimitPolicy.everyone("platform", Limit.perSecond(100));

    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .exempt("POST /agents/*/runs/*/cancel")
            .rule("POST /agents/{agent_id}/runs", Map.of("opus", opus), runs)
            .rule("POST /agents/*/runs/*/continue", runs.and(platform))
            .rule("POST /files", uploads, request -> request.headerLines("X-File").size())
            .rule("/**", light)
            .exemptAddresses(ClientAddress.trusting("10.0.0.0/8"), "203.0.113.0/24")
            .exemptIdentities(Identity.Kind.NAMED)
            .build();

    assertThat(charged(gate, "POST /agents/opus/runs")).isEqualTo("\"opus\";r=1;t=30");
    assertThat(charged(gate, "POST /agents/a1/runs")).isEqualTo("\"runs\";r=9;t=54");
    assertThat(charged(gate, "POST /files")).isEqualTo("\"uploads\";r=19;t=57");
    assertThat(charged(gate, "GET /sessions")).isEqualTo("\"light\";r=59;t=59");
  }

  /** Returns how the bucket stands that a request is charged to. */
  private static String charged(HttpRateLimiter gate, String requestLine) throws IOException {
    HttpHandler handler = exchange -> exchange.sendResponseHeaders(204, -1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", RateLimitFilter.wrap(gate, handler));
    server.start();
    try (RawHttpClient client = new RawHttpClient(server.getAddress().getPort())) {
      return client.send(requestLine).value("RateLimit");
    } finally {
      server.stop(0);
    }
  }

  private void startRun() {
    done.add("run");
  }

  private void comeBackIn(Optional<Duration> retryAfter) {
    done.add("come back in " + retryAfter);
  }

  private static String stripped(Path file) throws IOException {
    return stripped(Files.readString(file));
  }

  private static String stripped(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
