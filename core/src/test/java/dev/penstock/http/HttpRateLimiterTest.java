package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.Ban;
import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.FakeClock;
import dev.penstock.FixedLimiter;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.UnverifiedIdentityException;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HttpRateLimiterTest {

  private static final LimitPolicy ONE = LimitPolicy.perIdentity("one", Limit.perMinute(1));
  private static final LimitPolicy TWO = LimitPolicy.perIdentity("two", Limit.perMinute(2));

  @Test
  void decide_firstRuleThatMatchesCounts() {
    HttpRateLimiter gate =
        builder().rule("POST /agents/a1/runs", TWO).rule("POST /agents/*/runs", ONE).build();
    assertThat(policy(gate.decide(post("/agents/a1/runs")))).isEqualTo("\"two\";q=2;w=60");
    assertThat(policy(gate.decide(post("/agents/a2/runs")))).isEqualTo("\"one\";q=1;w=60");
  }

  @Test
  void point03_clientThatObeysRetryAfter_proceeds() {
    FakeClock clock = new FakeClock(0);
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create(10, clock)).rule("/runs", TWO).build();
    gate.decide(post("/runs"));
    gate.decide(post("/runs"));
    Verdict rejected = gate.decide(post("/runs"));
    assertThat(rejected.fields()).contains(new HeaderField("Retry-After", "30"));
    clock.advance(Duration.ofSeconds(30).minusNanos(1));
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Reject.class);
    clock.advanceNanos(1);
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void decide_banned_isRejectedAsAbnormalUsageForTheRestOfTheBan() {
    FakeClock clock = new FakeClock(0);
    Ban ban = Ban.after(2, Duration.ofMinutes(1)).lasting(Duration.ofMinutes(10));
    HttpRateLimiter gate =
        HttpRateLimiter.builder(InMemoryRateLimiter.create(10, clock).banning(ban))
            .rule("/runs", ONE)
            .rule("/other", TWO)
            .build();
    Verdict proceeds = gate.decide(post("/runs"));
    assertThat(policy(proceeds)).isEqualTo("\"one\";q=1;w=60");
    gate.decide(post("/runs"));
    Verdict.Reject denied = (Verdict.Reject) gate.decide(post("/runs"));
    assertThat(denied.fields()).contains(new HeaderField("RateLimit-Policy", "\"one\";q=1;w=60"));
    assertThat(denied.body()).contains("#quota-exceeded");
    clock.advance(Duration.ofSeconds(200));
    Verdict.Reject banned = (Verdict.Reject) gate.decide(post("/other"));
    assertThat(banned.status()).isEqualTo(429);
    assertThat(banned.fields())
        .contains(
            new HeaderField("Retry-After", "400"),
            new HeaderField("RateLimit-Policy", "\"ban\";q=1;qu=\"bans\";w=600"),
            new HeaderField("RateLimit", "\"ban\";r=0;t=400"));
    assertThat(banned.body())
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types#abnormal-usage-detected\""
                + ",\"title\":\"Abnormal Usage Detected\",\"status\":429"
                + ",\"detail\":\"Too many requests were denied before this one."
                + " Retry in 400 seconds.\""
                + ",\"violated-policies\":[\"ban\"],\"retry_after_ms\":400000}");
    clock.advance(Duration.ofSeconds(400));
    assertThat(gate.decide(post("/other"))).isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void decide_shadow_nothingOfItReachesTheClient() {
    LimitPolicy tried = TWO.and(ONE.asShadow());
    RequestView request = FakeRequest.of("POST /runs").with("Authorization", "Bearer t");
    HttpRateLimiter gate = builder().rule("/runs", tried).rule("/more", tried).build();
    HttpRateLimiter without = builder().rule("/runs", TWO).build();
    for (int i = 0; i < 4; i++) {
      Verdict verdict = gate.decide(request);
      assertThat(verdict.fields()).isNotEmpty().isEqualTo(without.decide(request).fields());
      assertThat(verdict.decision().orElseThrow().shadow().map(Decision::permitted))
          .isEqualTo(i > 1 ? Optional.empty() : Optional.of(i == 0));
    }
  }

  @Test
  void decide_nothingButShadow_proceedsWithoutFields() {
    HttpRateLimiter gate = builder().rule("/{a}/x", ONE.asShadow()).rule("/b/x", TWO).build();
    for (int i = 0; i < 4; i++) {
      Verdict verdict = gate.decide(FakeRequest.of("POST /a/x").with("Authorization", "t"));
      assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
      assertThat(verdict.fields()).isEmpty();
    }
  }

  /** An odd path is charged under every rule that may be meant, in one decision. */
  @Test
  void decide_oddPath_triesTheShadowOfEachRuleBesideTheLimits() {
    LimitPolicy next = LimitPolicy.perIdentity("next", Limit.perMinute(1)).asShadow();
    HttpRateLimiter gate =
        builder()
            .rule("/a/{x}", TWO.and(ONE.asShadow()))
            .rule("/b", ONE.and(TWO.asShadow()))
            .rule("/{x}/c", next, request -> 7, 1)
            .build();
    Decision decision = gate.decide(post("/a/..%2Fb")).decision().orElseThrow();
    assertThat(decision.buckets()).extracting(BucketState::name).containsExactly("two", "one");
    assertThat(decision.shadow().orElseThrow().buckets())
        .extracting(BucketState::name)
        .containsExactly("one", "two");
    assertThat(gate.decide(post("/x/..%2Fc"))).isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void decide_cost_isTakenAtOnce() {
    HttpRateLimiter gate = builder().rule("/runs", TWO, 2).build();
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Proceed.class);
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void decide_saysWhoWasCharged() {
    HttpRateLimiter gate = builder().rule("/runs", ONE).build();
    Optional<Identity> peer = Optional.of(Identity.address("192.0.2.1"));
    assertThat(gate.decide(post("/runs")).identity()).isEqualTo(peer);
    assertThat(gate.decide(post("/runs")).identity()).isEqualTo(peer);
    assertThat(gate.decide(post("/other")).identity()).isEmpty();
  }

  @Test
  void decide_resolverRejectsTheRequest_is401AndChargesNobody() {
    InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
    HttpRateLimiter gate =
        HttpRateLimiter.builder(limiter)
            .identity(
                request -> {
                  throw new UnverifiedIdentityException("The token is expired.");
                })
            .rule("/runs", ONE)
            .responses(ResponseStyle.builder().allowOrigins("https://app.example").build())
            .build();

    for (int i = 0; i < 3; i++) {
      assertThat(gate.decide(FakeRequest.of("POST /runs").with("Origin", "https://app.example")))
          .isEqualTo(
              new Verdict.Reject(
                  401,
                  List.of(
                      new HeaderField("Content-Type", "application/problem+json"),
                      new HeaderField("Cache-Control", "no-store"),
                      new HeaderField(
                          "WWW-Authenticate",
                          "Bearer error=\"invalid_token\","
                              + " error_description=\"The token is expired.\""),
                      new HeaderField("Access-Control-Expose-Headers", "WWW-Authenticate"),
                      new HeaderField("Access-Control-Allow-Origin", "https://app.example"),
                      new HeaderField("Vary", "Origin")),
                  "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
                      + "\"detail\":\"The token is expired.\"}",
                  Patience.standard(),
                  Optional.empty(),
                  Optional.of("one"),
                  Optional.empty()));
    }
    assertThat(limiter.size()).isZero();
    assertThat(gate.decide(post("/other"))).isInstanceOf(Verdict.Proceed.class);
  }

  @Test
  void decide_requestThatNoRuleMatches_isNotAskedWhoseItIs() {
    AtomicInteger asked = new AtomicInteger();
    HttpRateLimiter gate =
        builder()
            .identity(
                request -> {
                  asked.incrementAndGet();
                  return Optional.empty();
                })
            .rule("POST /runs", ONE)
            .build();
    gate.decide(FakeRequest.of("POST /elsewhere"));
    gate.decide(FakeRequest.of("GET /runs"));
    gate.decide(FakeRequest.of("POST /%2felsewhere/../else"));
    assertThat(asked).hasValue(0);
    gate.decide(FakeRequest.of("POST /runs"));
    assertThat(asked).hasValue(1);
  }

  @Test
  void decide_resolverThatKnowsNobody_chargesThePeer() {
    HttpRateLimiter gate =
        builder().identity(request -> Optional.empty()).rule("/runs", ONE).build();
    assertThat(gate.decide(post("/runs")).identity()).contains(Identity.address("192.0.2.1"));
  }

  @Test
  void decide_resolverThatFails_chargesThePeer() {
    HttpRateLimiter gate =
        builder()
            .identity(
                request -> {
                  throw new IllegalStateException("lookup failed");
                })
            .rule("/runs", ONE)
            .build();
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Proceed.class);
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void decide_listenerThatFails_changesNothing() {
    HttpRateLimiter gate =
        builder()
            .listener(
                event -> {
                  throw new IllegalStateException("listener failed");
                })
            .rule("/runs", ONE)
            .build();
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Proceed.class);
    assertThat(gate.decide(post("/runs"))).isInstanceOf(Verdict.Reject.class);
  }

  @Test
  void point02_rejection_namesNobody() {
    HttpRateLimiter gate =
        builder()
            .identity(request -> Optional.of(Identity.user("acme-secret", "user-secret")))
            .rule("/runs", ONE)
            .build();
    gate.decide(post("/runs"));
    Verdict.Reject reject = (Verdict.Reject) gate.decide(post("/runs"));
    assertThat(reject.body() + reject.fields()).doesNotContain("secret").doesNotContain("192.0.2");
  }

  @Test
  void point07_storeAwayAndClosed_is503WithoutRateLimitFields() {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(new FixedLimiter(Decision.closed(Duration.ofMillis(1250))))
            .rule("/runs", ONE)
            .build();
    Verdict.Reject reject = (Verdict.Reject) gate.decide(post("/runs"));
    assertThat(reject.status()).isEqualTo(503);
    assertThat(reject.fields())
        .containsExactly(
            new HeaderField("Content-Type", "application/problem+json"),
            new HeaderField("Cache-Control", "no-store"),
            new HeaderField("Retry-After", "2"));
    assertThat(reject.body())
        .isEqualTo(
            "{\"type\":\"https://iana.org/assignments/http-problem-types"
                + "#temporary-reduced-capacity\",\"title\":\"Temporary Reduced Capacity\","
                + "\"status\":503,\"detail\":\"The service takes no such requests at the moment."
                + " Retry in 2 seconds.\",\"retry_after_ms\":1250}");
  }

  @Test
  void point07_storeAwayAndOpen_proceedsWithoutFields() {
    HttpRateLimiter gate =
        HttpRateLimiter.builder(new FixedLimiter(Decision.open())).rule("/runs", ONE).build();
    Verdict verdict = gate.decide(post("/runs"));
    assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
    assertThat(verdict.fields()).isEmpty();
    assertThat(verdict.identity()).isPresent();
  }

  @Test
  void rule_noPattern_isRefused() {
    assertThatThrownBy(() -> builder().rule("runs", ONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern must have a path that begins with /: \"runs\"");
    assertThatThrownBy(() -> builder().rule("runs", ONE, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pattern must have a path that begins with /: \"runs\"");
  }

  @Test
  void rule_costBelowOne_isRefused() {
    assertThatThrownBy(() -> builder().rule("/runs", ONE, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cost must be at least 1: 0");
  }

  @Test
  void build_withoutARule_isRefused() {
    assertThatThrownBy(() -> builder().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("rules must not be empty: add one with rule(pattern, policy)");
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> HttpRateLimiter.builder(null))
        .withMessage("limiter");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().identity(null))
        .withMessage("resolver");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule(null, ONE))
        .withMessage("pattern");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule(null, ONE, 1))
        .withMessage("pattern");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/runs", null))
        .withMessage("policy");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/runs", null, 1))
        .withMessage("policy");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/runs", ONE, null, 1))
        .withMessage("cost");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/{a}", null, ONE))
        .withMessage("policies");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/{a}", Map.of(), null))
        .withMessage("otherwise");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().listener(null))
        .withMessage("listener");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().responses(null))
        .withMessage("style");
    assertThatNullPointerException()
        .isThrownBy(() -> builder().rule("/runs", ONE).build().decide(null))
        .withMessage("request");
  }

  private static HttpRateLimiterBuilder builder() {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create());
  }

  private static String policy(Verdict verdict) {
    return verdict.fields().get(0).value();
  }

  private static RequestView post(String target) {
    return FakeRequest.of("POST " + target);
  }
}
