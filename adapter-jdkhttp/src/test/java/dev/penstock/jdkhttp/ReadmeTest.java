package dev.penstock.jdkhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.admin.Admin;
import dev.penstock.admin.AdminToken;
import dev.penstock.config.PenstockConfig;
import dev.penstock.config.ReloadingGate;
import dev.penstock.http.ApiKeys;
import dev.penstock.http.ClientAddress;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.HttpRateLimiter;
import dev.penstock.http.RawHttpClient;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.metrics.Metrics;
import dev.penstock.redis.Await;
import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java is this file's, or the servlet adapter's: compiled, run and compared. */
class ReadmeTest {

  private static final Path MODULES = Path.of("..");
  private static final Path README = MODULES.resolve("README.md");
  private static final Path POLICY_FILE = MODULES.resolve("docs/policy-small.yaml");

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<String> done = new ArrayList<>();

  @Test
  void examples_standInTheTests_andImportWhatTheyUse() throws IOException {
    List<ReadmeSource> sources =
        List.of(
            ReadmeSource.of("adapter-jdkhttp", "dev/penstock/jdkhttp/ReadmeTest.java"),
            ReadmeSource.of("adapter-servlet", "dev/penstock/servlet/ReadmeTest.java"),
            ReadmeSource.of("adapter-servlet", "com/example/RunLimits.java"));
    Set<String> imported = new HashSet<>();
    List<ReadmeExample> examples = ReadmeExample.allOf(Files.readString(README));
    for (ReadmeExample example : examples) {
      assertThat(sources).anyMatch(source -> source.contains(example), example.body());
      imported.addAll(example.imports());
      assertThat(sources)
          .filteredOn(source -> source.contains(example))
          .allSatisfy(source -> assertThat(imported).containsAll(source.importsOf(example.body())))
          .allSatisfy(
              source ->
                  assertThat(source.importsOf(example.body())).containsAll(example.imports()));
    }
    assertThat(examples).hasSize(14);
  }

  @Test
  void install_namesTheVersionsOfTheBuild() throws IOException {
    String readme = Files.readString(README);
    String build = Files.readString(MODULES.resolve("pom.xml"));
    String version = first(build, "<artifactId>penstock-parent</artifactId>\\s*<version>(.*?)<");
    assertThat(readme)
        .contains("<version>" + version + "</version>", "penstock-core:" + version + "'")
        .contains("redis.clients:jedis:" + property(build, "jedis"))
        .contains("io.jsonwebtoken:jjwt-api:" + property(build, "jjwt"))
        .contains("io.jsonwebtoken:jjwt-impl:" + property(build, "jjwt"))
        .contains("jackson-databind:" + property(build, "jackson"))
        .contains("jackson-core:" + property(build, "jackson"))
        .contains("org.yaml:snakeyaml:" + property(build, "snakeyaml"));
  }

  private static String property(String build, String name) {
    return first(build, "<" + name + "\\.version>(.*?)<") + "`";
  }

  private static String first(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .findFirst()
        .map(found -> found.group(1))
        .orElseThrow();
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
      comeBackIn(decision.retryAfter()); // empty: never, or nobody knows
    }

    assertThat(done).containsExactly("run");
  }

  @Test
  void policyFile_ofTheReadme_isTheOneThatShips() throws IOException {
    assertThat(Files.readString(README))
        .contains("```yaml\n" + Files.readString(POLICY_FILE) + "```\n");
  }

  @Test
  void policyFile_limitsByWhatItSays() {
    Path file = POLICY_FILE; // which refers to JWT_SECRET; the build sets it

    ReloadingGate gate = PenstockConfig.load(file).reloading(); // made anew when the file changes

    try (gate) {
      assertThat(gate.decide(FakeRequest.of("POST /agents/a1/runs")).policy())
          .contains("agent-runs");
    }
  }

  @Test
  void statusPage_asksForTheToken(@TempDir Path directory) throws IOException {
    Path file = POLICY_FILE; // which refers to JWT_SECRET; the build sets it
    String token = "0123456789abcdef0123456789abcdef";
    String reference = "file:" + Files.writeString(directory.resolve("token"), token);
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    InMemoryRateLimiter store = InMemoryRateLimiter.create();
    Metrics metrics = Metrics.of(store);
    ReloadingGate gate = PenstockConfig.load(file).reloading(store, each -> each.listener(metrics));
    Admin admin = Admin.builder(AdminToken.from(reference), store, metrics).file(gate).build();

    HttpServer status = HttpServer.create(loopback, 0); // a port of its own
    status.createContext("/", new AdminHandler(admin));
    status.start();

    try (gate;
        RawHttpClient client = new RawHttpClient(status.getAddress().getPort())) {
      assertThat(client.send("GET /").status()).isEqualTo(200);
      assertThat(client.send("GET /policies").status()).isEqualTo(401);
      assertThat(client.send("GET /policies", "Authorization: Bearer " + token).body())
          .contains("\"name\":\"runs\",\"line\":3");
    } finally {
      status.stop(0);
    }
  }

  @Test
  void statusPage_ofItsOwnPage_isThatOfTheReadme() throws IOException {
    List<ReadmeExample> own =
        ReadmeExample.allOf(Files.readString(MODULES.resolve("docs/admin.md")));
    assertThat(own).hasSize(1);
    assertThat(ReadmeExample.allOf(Files.readString(README)))
        .extracting(ReadmeExample::body)
        .contains(own.get(0).body());
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
            .identity(JwtIdentityResolver.hmac(secret).orElse(ClientAddress.ofPeer()))
            .rule("POST /agents/*/runs", LimitPolicy.perIdentity("agent-runs", Limit.perMinute(10)))
            .build();

    HttpServer server = HttpServer.create(address, 0);
    server.setExecutor(Executors.newFixedThreadPool(64)); // the server's own is a single thread
    server.createContext("/agents", handler).getFilters().add(new RateLimitFilter(gate));
    server.start();

    try (RawHttpClient client = new RawHttpClient(server.getAddress().getPort())) {
      assertThat(client.send("POST /agents/a1/runs").value("RateLimit"))
          .isEqualTo("\"agent-runs\";r=9;t=54");
    } finally {
      server.stop(0);
      ((ExecutorService) server.getExecutor()).shutdown();
    }
  }

  @Test
  void payAfterwards_chargesTheTotal() {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.perDay(10));
    Identity user = Identity.user("acme", "u1");

    LimitPolicy budget =
        LimitPolicy.perWorkspace(
            "budget", Limit.perMinute(100_000).withUnit("model-tokens").withOverdraft(50_000));
    LimitPolicy metered = runs.and(budget);

    try (Reservation run = limiter.reserve(user, metered, Cost.of(1).and("model-tokens", 500))) {
      if (run.permitted()) {
        run.settle(Cost.units("model-tokens", 4_000)); // so far: 3,500 more than estimated
        run.settle(Cost.units("model-tokens", 6_200)); // in the end
      }
    }

    assertThat(limiter.peek(user, metered).buckets().get(1).remaining())
        .isBetween(93_800L, 99_000L);
  }

  @Test
  void wait_isPermittedAtOnceWhereItMay() throws Exception {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy metered = LimitPolicy.perIdentity("runs", Limit.perDay(1));
    Identity user = Identity.user("acme", "u1");
    Runnable callProvider = () -> done.add("called");

    Duration tenSeconds = Duration.ofSeconds(10);
    try (Reservation run = limiter.acquire(user, metered, Cost.of(1), tenSeconds)) {
      if (run.permitted()) { // if not, it said so at once, and took nothing
        callProvider.run();
      }
    }

    CompletableFuture<Reservation> waiting =
        limiter.acquireAsync(user, metered, Cost.of(1), tenSeconds); // no thread waits
    waiting.cancel(false); // all is given back

    assertThat(done).containsExactly("called");
    assertThat(limiter.peek(user, metered).permitted()).isFalse();
  }

  /** What the README's handler asks for an answer. */
  private static final class Agent {

    private final CountDownLatch cancelled = new CountDownLatch(1);

    /** Answers until it is cancelled, and returns how many tokens that took. */
    long answer(HttpExchange exchange) throws IOException {
      exchange.sendResponseHeaders(200, 0);
      try {
        while (true) {
          exchange.getResponseBody().write(':');
          exchange.getResponseBody().flush();
        }
      } catch (IOException e) {
        return cancelled.getCount() == 0 ? 900 : 0;
      }
    }

    void cancel() {
      cancelled.countDown();
    }
  }

  @Test
  void inFlight_holdsASlotUntilTheClientIsGone() throws IOException {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy metered =
        LimitPolicy.perIdentity("runs", Limit.perDay(10))
            .and(LimitPolicy.everyone("budget", Limit.perDay(1000).withUnit("model-tokens")));
    Agent agent = new Agent();

    LimitPolicy atOnce =
        LimitPolicy.perIdentity(
            "in-flight", Limit.inFlight(2).withHeldAtMost(Duration.ofMinutes(15)));

    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .rule("POST /agents/*/runs", metered.and(atOnce), Cost.of(1).and("model-tokens", 500))
            .build();

    HttpHandler agents =
        RateLimitFilter.wrap(
            gate,
            (exchange, verdict) -> {
              Reservation run = verdict.reservation();
              run.onClientGone(agent::cancel);
              try (exchange) {
                run.settle(Cost.units("model-tokens", agent.answer(exchange)));
              }
            });

    try (RateLimitFilterTest.JdkServer server =
            RateLimitFilterTest.JdkServer.start(http -> http.createContext("/", agents));
        RawHttpClient client = new RawHttpClient(server.port())) {
      client.sendBytes("POST /agents/a1/runs HTTP/1.1\r\nHost: x\r\n\r\n");
      Identity peer = Identity.address("127.0.0.1");
      Await.until("in flight", PATIENCE, () -> left(limiter, peer, atOnce) == 1);
      client.goAway();
      Await.until("free", PATIENCE, () -> left(limiter, peer, atOnce) == 2);
      Await.until("settled", PATIENCE, () -> left(limiter, peer, budgetOf(metered)) == 100);
    }
  }

  private static LimitPolicy budgetOf(LimitPolicy metered) {
    return identity -> metered.limits(identity).subList(1, 2);
  }

  private static long left(RateLimiter limiter, Identity identity, LimitPolicy policy) {
    return limiter.peek(identity, policy).buckets().get(0).remaining();
  }

  @Test
  void lookPayGiveBack_leaveTheBucketsFull() {
    RateLimiter limiter = InMemoryRateLimiter.create();
    LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.perDay(10));

    Identity user = Identity.user("acme", "u1");
    long left = limiter.peek(user, runs).buckets().get(0).remaining(); // takes nothing
    try (Reservation run = limiter.reserve(user, runs, Cost.of(5))) {
      if (run.permitted()) {
        run.settle(Cost.of(2)); // it cost only 2: 3 are put back
      }
    }
    limiter.reset(user, runs); // every bucket of the policy is full, shared ones included

    assertThat(left).isEqualTo(10);
    assertThat(limiter.peek(user, runs).buckets().get(0).remaining()).isEqualTo(10);
  }

  @Test
  void plansAndKeys_chargeTheCustomerByPlan() throws IOException {
    RateLimiter limiter = InMemoryRateLimiter.create();
    Map<String, String> customers = Map.of("k1", "acme", "k2", "globex");
    Map<Identity, String> planOf = Map.of(Identity.named("api-key-owner", "acme"), "pro");

    LimitPolicy free = LimitPolicy.perIdentity("calls", Limit.parse("10/minute"));
    LimitPolicy pro = LimitPolicy.perIdentity("calls", Limit.parse("1000/minute"));
    LimitPolicy byPlan =
        LimitPolicy.byPlan(
            identity -> Optional.ofNullable(planOf.get(identity)),
            Map.of("free", free, "pro", pro),
            "free");

    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .identity(ApiKeys.of("X-Api-Key", customers))
            .rule("/**", byPlan)
            .build();

    assertThat(charged(gate, "GET /", "X-Api-Key: k1")).startsWith("\"calls\";r=999;");
    assertThat(charged(gate, "GET /", "X-Api-Key: k2")).startsWith("\"calls\";r=9;");
    assertThat(charged(gate, "GET /", "X-Api-Key: k3")).startsWith("\"calls\";r=9;");
    assertThat(charged(gate, "GET /")).startsWith("\"calls\";r=8;");
  }

  @Test
  void listeners_hearOfEachDecision() {
    LimitPolicy runs = LimitPolicy.perIdentity("runs", Limit.perMinute(10));

    InMemoryRateLimiter store = InMemoryRateLimiter.create();
    Metrics metrics = Metrics.of(store);
    RateLimiter watched =
        store
            .listening(metrics)
            .listening(event -> record(event.kind(), event.decision().permitted()));

    watched.tryAcquire(Identity.user("acme", "u1"), runs);
    String text = metrics.prometheusText(); // text/plain; version=0.0.4; charset=utf-8

    assertThat(done).containsExactly("USER true");
    assertThat(text).contains("penstock_buckets 1\n", "granted_total{limit=\"runs\"} 1\n");
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
            .rule("POST /files", uploads, 5)
            .rule("/**", light)
            .build();

    assertThat(charged(gate, "POST /agents/opus/runs")).isEqualTo("\"opus\";r=1;t=30");
    assertThat(charged(gate, "POST /agents/a1/runs")).isEqualTo("\"runs\";r=9;t=54");
    assertThat(charged(gate, "POST /files")).isEqualTo("\"uploads\";r=15;t=45");
    assertThat(charged(gate, "GET /sessions")).isEqualTo("\"light\";r=59;t=59");
  }

  /** Returns how the bucket stands that a request is charged to. */
  private static String charged(Gate gate, String requestLine, String... fields)
      throws IOException {
    HttpHandler handler = exchange -> exchange.sendResponseHeaders(204, -1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", RateLimitFilter.wrap(gate, handler));
    server.start();
    try (RawHttpClient client = new RawHttpClient(server.getAddress().getPort())) {
      List<String> lines = new ArrayList<>(List.of(fields));
      lines.add("Authorization: Basic eDp4"); // else a GET says nothing that a cache could hand on
      return client.send(requestLine, lines.toArray(new String[0])).value("RateLimit");
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

  private void record(Identity.Kind kind, boolean permitted) {
    done.add(kind + " " + permitted);
  }
}
