package dev.penstock.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.RecordingLimiter;
import dev.penstock.http.FakeRequest;
import dev.penstock.http.Gate;
import dev.penstock.http.HeaderField;
import dev.penstock.http.Verdict;
import dev.penstock.jwt.JwtIdentityResolver;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.redis.RedisRateLimiter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PenstockConfigTest {

  private static final String RUNS =
      """
      policies: {runs: {runs: 2/minute}}
      rules: [{pattern: /runs, policy: runs}]
      """;

  @TempDir Path directory;

  @Test
  void gate_rateString_limits() throws IOException {
    Gate gate = config(RUNS).gate();
    assertThat(permitted(gate, "GET /runs")).isTrue();
    assertThat(permitted(gate, "GET /runs")).isTrue();
    assertThat(permitted(gate, "GET /runs")).isFalse();
    assertThat(permitted(gate, "GET /other")).isTrue();
  }

  @Test
  void gate_windows_areOfTheirKindAlsoByPlan() throws IOException {
    Gate gate =
        config(
                """
                policies:
                  runs:
                    day: {rate: 2/day fixed Europe/Berlin, overdraft: 1, plans: {pro: 4/minute}}
                    hour: 3/hour sliding
                rules: [{pattern: /runs, policy: runs}]
                plans: {names: [free, pro], otherwise: free, workspaces: {acme: pro}}
                """)
            .gate();
    assertThat(permitted(gate, "GET /runs")).isTrue();
    assertThat(permitted(gate, "GET /runs")).isTrue();
    assertThat(permitted(gate, "GET /runs")).isFalse();
  }

  @Test
  void gate_everyOptionOfLimits_isTheirs() throws IOException {
    Gate gate =
        config(
                """
                policies:
                  all:
                    burst: {rate: 10/minute, capacity: 20, overdraft: 5, failover: open, lease: 4}
                    numbers:
                      capacity: 30
                      refill: 3
                      period: 2 hours
                      unit: model-tokens
                      partition: workspace
                      failover: closed
                    slots: {inFlight: 4, heldAtMost: 15 minutes, partition: everyone, failover: local}
                rules: [{pattern: /runs, policy: all, cost: {model-tokens: 7}}]
                """)
            .gate();
    Decision decision = gate.decide(FakeRequest.of("POST /runs")).decision().orElseThrow();
    assertThat(decision.buckets())
        .extracting(BucketState::name, BucketState::limit)
        .containsExactly(
            tuple(
                "burst",
                Limit.perMinute(10)
                    .withCapacity(20)
                    .withOverdraft(5)
                    .withLease(4)
                    .withFailover(FailoverMode.OPEN)),
            tuple(
                "numbers",
                Limit.of(30, 3, Duration.ofHours(2))
                    .withUnit("model-tokens")
                    .withFailover(FailoverMode.CLOSED)),
            tuple(
                "slots",
                Limit.inFlight(4)
                    .withHeldAtMost(Duration.ofMinutes(15))
                    .withFailover(FailoverMode.LOCAL)));
    assertThat(decision.buckets()).extracting(BucketState::remaining).containsExactly(19L, 23L, 3L);
  }

  @Test
  void gate_partitions_areSharedAsSaid() throws IOException {
    Gate gate =
        config(
                """
                policies:
                  runs:
                    own: 9/minute
                    workspace: {rate: 9/minute, partition: workspace}
                    all: {rate: 9/minute, partition: everyone}
                rules: [{pattern: /runs, policy: runs}]
                jwt: {secret: env:JWT_SECRET}
                """)
            .gate();
    gate.decide(withToken("acme", "u1", "free"));
    gate.decide(withToken("acme", "u2", "free"));
    Decision third = gate.decide(withToken("globex", "u1", "free")).decision().orElseThrow();
    Decision fourth = gate.decide(withToken("acme", "u2", "free")).decision().orElseThrow();
    assertThat(third.buckets()).extracting(BucketState::remaining).containsExactly(8L, 8L, 6L);
    assertThat(fourth.buckets()).extracting(BucketState::remaining).containsExactly(7L, 6L, 5L);
  }

  @Test
  void gate_severalPolicies_areChargedAllOrNothing() throws IOException {
    Gate gate =
        config(
                """
                policies: {runs: {runs: 9/minute}, platform: {platform: {rate: 1/minute, partition: everyone}}}
                rules: [{pattern: /runs, policy: [runs, platform]}, {pattern: /light, policy: runs}]
                """)
            .gate();
    assertThat(gate.decide(FakeRequest.of("GET /runs")).policy()).contains("runs+platform");
    assertThat(permitted(gate, "GET /runs")).isFalse();
    assertThat(remaining(gate, "GET /light")).isEqualTo(7);
  }

  @Test
  void gate_policyForAVariable_isThatOfItsValue() throws IOException {
    Gate gate =
        config(
                """
                policies: {runs: {runs: 10/minute}, opus: {opus: 1/minute}}
                rules:
                  - pattern: "POST /agents/{agent}/runs"
                    policy: runs
                    policyFor: {opus: opus}
                """)
            .gate();
    assertThat(gate.decide(FakeRequest.of("POST /agents/a1/runs")).policy()).contains("runs");
    assertThat(gate.decide(FakeRequest.of("POST /agents/opus/runs")).policy()).contains("opus");
  }

  @Test
  void gate_exemptions_areChargedNothing() throws IOException {
    Gate gate =
        config(
                """
                policies: {runs: {runs: 1/minute}}
                rules: [{exempt: GET /health}, {pattern: /**, policy: runs}]
                exemptions: {addresses: [198.51.100.0/24], kinds: [named]}
                """)
            .gate();
    FakeRequest request = FakeRequest.of("GET /x");
    assertThat(gate.decide(FakeRequest.of("GET /health")).identity()).isEmpty();
    assertThat(gate.decide(request.from("198.51.100.7")).identity()).isEmpty();
    assertThat(gate.decide(request).identity()).contains(Identity.address(FakeRequest.PEER));
  }

  @Test
  void gate_clients_areFoundBehindTheirProxies() throws IOException {
    Gate gate =
        config(
                RUNS
                    + """
                      clients: {trustedProxies: [10.0.0.0/8], field: forwarded, ipv6Prefix: 56}
                      """)
            .gate();
    FakeRequest request = FakeRequest.of("GET /runs").from("10.0.0.1");
    assertThat(gate.decide(request.with("Forwarded", "for=\"[2001:db8:1:2::3]\"")).identity())
        .contains(Identity.address("2001:db8:1::/56"));
  }

  @Test
  void gate_plans_changeNumbersUnderOneName() throws IOException {
    Gate gate =
        config(
                """
                policies: {runs: {runs: {rate: 2/minute, plans: {pro: 20/minute, top: 200/minute}}}}
                rules: [{pattern: /runs, policy: runs}]
                plans: {names: [free, pro, top], otherwise: free, claim: plan, workspaces: {acme: top}}
                jwt: {secret: env:JWT_SECRET}
                """)
            .gate();
    assertThat(remaining(gate, "GET /runs")).isEqualTo(1);
    assertThat(remaining(gate, "globex", "pro")).isEqualTo(19);
    assertThat(remaining(gate, "globex", "pro")).isEqualTo(18);
    assertThat(remaining(gate, "globex", "gold")).isZero(); // 2 of 20 and 1 of 2 are used
    assertThat(remaining(gate, "acme", "pro")).isEqualTo(199);
  }

  @Test
  void gate_limitsInShadow_denyNothing() throws IOException {
    Gate gate =
        config(
                """
                policies:
                  runs: {runs: 9/minute, less: {rate: 1/minute, shadow: true}}
                  stricter: {strict: 2/minute}
                rules: [{pattern: /runs, policy: runs, shadow: stricter}]
                """)
            .gate();
    for (int i = 0; i < 9; i++) {
      assertThat(permitted(gate, "GET /runs")).isTrue();
    }
    assertThat(permitted(gate, "GET /runs")).isFalse();
    Decision decision =
        config(RUNS.replace("2/minute", "{rate: 2/minute, shadow: true}"))
            .gate()
            .decide(FakeRequest.of("GET /runs"))
            .decision()
            .orElseThrow();
    assertThat(decision.shadow()).isPresent();
  }

  @Test
  void gate_bans_denyWhoIsDeniedTooMuch() throws IOException {
    Gate gate =
        config(
                """
                policies: {runs: {runs: 1/day}, light: {light: 100/minute}}
                rules: [{pattern: /runs, policy: runs}, {pattern: /light, policy: light}]
                bans: {denials: 2, period: 1 hour, lasting: 1 hour}
                """)
            .gate();
    assertThat(permitted(gate, "GET /runs")).isTrue();
    assertThat(permitted(gate, "GET /runs")).isFalse();
    assertThat(permitted(gate, "GET /light")).isTrue();
    assertThat(permitted(gate, "GET /runs")).isFalse();
    assertThat(permitted(gate, "GET /light")).isFalse();
  }

  @Test
  void reloading_changedFile_isTakenWithItsFaultsOrItsGate() throws IOException {
    PenstockConfig config = config(RUNS);
    try (ReloadingGate gate = config.reloading()) {
      assertThat(permitted(gate, "GET /runs")).isTrue();
      written(RUNS.replace("2/minute", "4/minute"));
      assertThat(gate.reload()).isEmpty();
      assertThat(remaining(gate, "GET /runs")).isEqualTo(1); // half was used
      Path bad = written(RUNS.replace("2/minute", "4/minuet"));
      assertThat(gate.reload().orElseThrow().toString())
          .contains(bad + ":1:25: policies.runs.runs: ");
      assertThat(remaining(gate, "GET /runs")).isZero();
    }
  }

  @Test
  void gate_responses_areInThisStyle() throws IOException {
    Gate gate =
        config(
                """
                policies: {runs: {runs: 2/minute}}
                rules: [{pattern: /runs, policy: runs, cost: 2}]
                responses: {fieldSyntax: legacy-delta-seconds, retryHints: 1 s, error: slow-api}
                """)
            .gate();
    gate.decide(FakeRequest.of("POST /runs"));
    Verdict verdict = gate.decide(FakeRequest.of("POST /runs"));
    assertThat(verdict.fields())
        .extracting(HeaderField::name)
        .contains("X-RateLimit-Limit", "X-Should-Retry");
    assertThat(verdict).isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void gate_ofAnotherVersionOnTheSameLimiter_goesOnWithItsBuckets() throws IOException {
    RateLimiter limiter = config(RUNS).limiter();
    assertThat(permitted(config(RUNS).gate(limiter), "GET /runs")).isTrue();
    Gate changed = config(RUNS.replace("2/minute", "4/minute")).gate(limiter);
    assertThat(remaining(changed, "GET /runs")).isEqualTo(1); // half was used
  }

  @Test
  void builder_whatNoFileSays_isAdded() throws IOException {
    StringBuilder heard = new StringBuilder();
    Gate gate =
        config(RUNS)
            .builder(InMemoryRateLimiter.create())
            .listener(event -> heard.append(event.decision().permitted()))
            .build();
    gate.decide(FakeRequest.of("GET /runs"));
    assertThat(heard.toString()).isEqualTo("true");
  }

  @Test
  void builder_policyThatTheLimiterCannotKeep_isAFaultOfTheRule() throws IOException {
    PenstockConfig config = config(RUNS);
    assertThatThrownBy(() -> config.builder(refusing()))
        .isInstanceOf(PolicyFileException.class)
        .hasMessage(directory.resolve("policy.yaml") + ":2:9: rules[0]: must be another: runs");
  }

  @Test
  void limiter_withoutRedis_hasRoomAsSaid() throws IOException {
    assertThat(config(RUNS).limiter()).isInstanceOf(InMemoryRateLimiter.class);
    InMemoryRateLimiter small = (InMemoryRateLimiter) config(RUNS + "maxBuckets: 1\n").limiter();
    small.tryAcquire(Identity.user("u1"), LimitPolicy.everyone("all", Limit.perDay(2)));
    assertThat(small.hasRoom(Identity.Kind.USER)).isFalse();
  }

  @Test
  void limiter_onRedisThatIsAway_startsByFailover() throws IOException {
    PenstockConfig config =
        PenstockConfig.load(
            written(RUNS + "redis: {url: env:REDIS_URL, instances: 2, failover: closed}\n"),
            Map.of("REDIS_URL", "redis://127.0.0.1:1"));
    try (RedisRateLimiter limiter = (RedisRateLimiter) config.limiter()) {
      assertThat(permitted(config.gate(limiter), "GET /runs")).isFalse();
    }
  }

  @Test
  void tokens_secretOfAFile_verifies() throws IOException {
    Files.writeString(
        directory.resolve("secret"), PolicyFiles.ENVIRONMENT.get("JWT_SECRET") + "\n");
    Gate gate = config(RUNS + "jwt: {secret: file:secret}\n").gate();
    assertThat(gate.decide(withToken("acme", "free")).identity())
        .contains(Identity.user("acme", "u1"));
  }

  @Test
  void tokens_keySetOfAFile_isReadBesideThePolicy() throws IOException {
    Files.writeString(directory.resolve("keys.json"), "{\"keys\": []}");
    assertThatThrownBy(() -> config(RUNS + "jwt: {jwks: file:keys.json}\n"))
        .hasMessageContaining(":3:13: jwt.jwks: jwks file must have a key to verify signatures");
  }

  @Test
  void tokens_keysAtAUrl_areNotFetchedToCheck() throws IOException {
    assertThat(config(RUNS + "jwt: {jwks: \"https://127.0.0.1:1/keys\"}\n")).isNotNull();
  }

  @Test
  void reusing_fileThatDescribesTheSameTokens_goesOnWithTheirResolver() throws IOException {
    String jwt = "jwt: {secret: env:JWT_SECRET, issuer: me}\n";
    PenstockConfig first = config(RUNS + jwt);
    PenstockConfig same = config(RUNS.replace("2/", "3/") + jwt).reusing(first);
    PenstockConfig other = config(RUNS + jwt.replace("me", "you")).reusing(first);
    PenstockConfig none = config(RUNS).reusing(first);
    PenstockConfig ofOtherSenders =
        config(RUNS + jwt + "clients: {trustedProxies: [192.0.2.0/24]}\n").reusing(first);
    Optional<JwtIdentityResolver> tokens = first.tokens();
    assertThat(tokens).isPresent();
    assertThat(same.tokens().get()).isSameAs(tokens.get());
    assertThat(other.tokens().get()).isNotSameAs(tokens.get());
    assertThat(none.tokens()).isEmpty();
    assertThat(ofOtherSenders.tokens().get()).isNotSameAs(tokens.get());
  }

  @ParameterizedTest
  @ValueSource(strings = {"policy.yaml", "policy.json"})
  void load_shippedExample_isTaken(String name) {
    PenstockConfig config =
        PenstockConfig.load(PolicyFiles.EXAMPLES.resolve(name), PolicyFiles.ENVIRONMENT);
    Gate gate = config.gate(InMemoryRateLimiter.create());
    FakeRequest run = withToken("acme", "free");
    Verdict verdict =
        gate.decide(new FakeRequest("POST", "/agents/a1/runs", run.lines(), run.peer()));
    assertThat(verdict.decision().orElseThrow().buckets())
        .extracting(bucket -> bucket.name() + "=" + bucket.remaining())
        .containsExactly(
            "runs-minute=4999",
            "runs-day=4999",
            "runs-in-flight=3",
            "model-tokens=99500",
            "platform=1999");
  }

  @Test
  void check_goodFile_hasNoFaults() throws IOException {
    assertThat(PenstockConfig.check(written(RUNS))).isEmpty();
  }

  @Test
  void check_badFile_hasThemAll() throws IOException {
    assertThat(PenstockConfig.check(written("a: 1\nb: 2\n")))
        .extracting(PolicyFault::path)
        .containsExactlyInAnyOrder("", "", "a", "b");
  }

  private PenstockConfig config(String text) throws IOException {
    return PenstockConfig.load(written(text), PolicyFiles.ENVIRONMENT);
  }

  private Path written(String text) throws IOException {
    return Files.writeString(directory.resolve("policy.yaml"), text + "...\n");
  }

  private static boolean permitted(Gate gate, String request) {
    return gate.decide(FakeRequest.of(request)) instanceof Verdict.Proceed;
  }

  private static long remaining(Gate gate, String request) {
    return remaining(gate.decide(FakeRequest.of(request)));
  }

  private static long remaining(Gate gate, String workspace, String plan) {
    return remaining(gate.decide(withToken(workspace, plan)));
  }

  private static long remaining(Verdict verdict) {
    List<BucketState> buckets = verdict.decision().orElseThrow().buckets();
    return buckets.get(0).remaining();
  }

  private static FakeRequest withToken(String workspace, String plan) {
    return withToken(workspace, "u1", plan);
  }

  private static FakeRequest withToken(String workspace, String user, String plan) {
    String token =
        JWT.create()
            .withClaim("workspace_id", workspace)
            .withClaim("plan", plan)
            .withSubject(user)
            .withAudience("agent-os")
            .withExpiresAt(Instant.parse("9999-01-01T00:00:00Z"))
            .sign(Algorithm.HMAC256(PolicyFiles.ENVIRONMENT.get("JWT_SECRET")));
    return FakeRequest.of("GET /runs").with("Authorization", "Bearer " + token);
  }

  /** A limiter that keeps no policy at all, as one on a cluster does not keep some. */
  private static RateLimiter refusing() {
    return new RecordingLimiter() {
      @Override
      public void check(LimitPolicy policy) {
        throw new IllegalArgumentException("policy must be another: " + policy.name());
      }
    };
  }
}
