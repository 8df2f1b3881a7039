package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.penstock.BucketState;
import dev.penstock.CapturedLog;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FixedLimiter;
import dev.penstock.Identity;
import dev.penstock.IdentityResolver;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimitListener;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the application's own code does wrong is logged, and no answer is missing for it. */
class UserCodeTest {

  private static final RequestView RUN = FakeRequest.of("POST /runs");
  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perMinute(2));
  private static final Optional<Identity> PEER = Optional.of(Identity.address(FakeRequest.PEER));

  @ParameterizedTest
  @EnumSource(UserCode.class)
  void policyThatThrows_isRejectedWith503_loggedWithItsCause(UserCode code) {
    UserCode.Policy policy = UserCode.Policy.failing(code);
    HttpRateLimiter gate = inMemory().rule("/runs", policy).build();
    policy.gateIsBuilt();
    assertThat(assertUnavailable(gate).getThrown()).hasSameClassAs(catchThrowable(code::fail));
  }

  @Test
  void policyThatNamesNoLimits_isRejectedWith503_loggedWithWhatItDid() {
    List<String> causes =
        UserCode.Policy.misnaming().stream()
            .map(
                policy -> {
                  HttpRateLimiter gate = inMemory().rule("/runs", policy).build();
                  policy.gateIsBuilt();
                  return String.valueOf(assertUnavailable(gate).getThrown().getMessage());
                })
            .toList();
    assertThat(causes).hasSize(4);
    assertThat(causes.get(0)).startsWith("policy must return limits and not null: ");
    assertThat(causes.get(1)).startsWith("policy must name at least one limit: ");
    assertThat(causes.get(2)).startsWith("policy must name no limit that is null: ");
    assertThat(causes.get(3))
        .isEqualTo("limits of one policy must have different names: agent-runs");
  }

  @Test
  void policyThatThrowsOften_writesTenLinesASecond() {
    UserCode.Policy policy = UserCode.Policy.failing(UserCode.EXCEPTION);
    HttpRateLimiter gate = inMemory().rule("/runs", policy).build();
    policy.gateIsBuilt();
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      for (int i = 0; i < 1000; i++) {
        assertThat(gate.decide(RUN)).isInstanceOf(Verdict.Reject.class);
      }
      assertThat(log.records()).hasSizeBetween(10, 100);
    }
  }

  /** A page has to see that, too: the service never answers such a request. */
  @Test
  void policyThatThrows_isReadableAcrossOrigins() {
    UserCode.Policy policy = UserCode.Policy.failing(UserCode.EXCEPTION);
    HttpRateLimiter gate =
        inMemory()
            .rule("/runs", policy)
            .responses(ResponseStyle.builder().allowOrigins("https://app.example").build())
            .build();
    policy.gateIsBuilt();
    assertThat(gate.decide(FakeRequest.of("GET /runs").with("Origin", "https://app.example")))
        .extracting(Verdict::fields)
        .isEqualTo(
            List.of(
                new HeaderField("Content-Type", "application/problem+json"),
                new HeaderField("Cache-Control", "no-store"),
                new HeaderField("Access-Control-Allow-Origin", "https://app.example"),
                new HeaderField("Vary", "Origin")));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void rule_policyThatFails_isRefusedAtOnce() {
    assertThatThrownBy(
            () ->
                inMemory()
                    .rule(
                        "/runs",
                        identity -> {
                          throw new IllegalStateException("no plan");
                        }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no plan");
    assertThatThrownBy(() -> inMemory().rule("/runs", identity -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("policy must return limits and not null: ");
    LimitPolicy user =
        identity -> identity.kind() == Identity.Kind.USER ? RUNS.limits(identity) : List.of();
    assertThatThrownBy(() -> inMemory().rule("/runs", user))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("policy must name at least one limit: ");
  }

  @ParameterizedTest
  @EnumSource(UserCode.class)
  void limiterThatThrows_isRejectedWith503_loggedWithItsCause(UserCode code) {
    RateLimiter failing =
        limiter(
            () -> {
              code.fail();
              return Decision.open();
            });
    LogRecord line = assertUnavailable(gate(failing));
    assertThat(line.getThrown()).hasSameClassAs(catchThrowable(code::fail));
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void limiterThatReturnsNull_isRejectedWith503_andTellsNobody() {
    try (CapturedLog listeners = new CapturedLog(RateLimitListener.class)) {
      assertUnavailable(gate(limiter(() -> null)));
      assertThat(listeners.records()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(UserCode.class)
  void decisionWithoutDetails_standsWithoutFields(UserCode code) {
    RateLimiter permits = limiter(() -> decision(true, code));
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      assertProceedsWithoutFields(gate(permits).decide(RUN));
      assertThat(log.records())
          .extracting(LogRecord::getMessage)
          .containsExactly("a decision without details, so a request is answered without fields");
    }
    try (CapturedLog listeners = new CapturedLog(RateLimitListener.class)) {
      assertUnavailable(gate(limiter(() -> decision(false, code))));
      assertThat(listeners.records()).hasSizeLessThanOrEqualTo(1); // of the log of denials
    }
  }

  private static Decision decision(boolean permitted, UserCode code) {
    return Decision.of(
        Decision.Source.MEMORY,
        permitted,
        () -> {
          code.fail();
          return List.of();
        });
  }

  /** It would end a field, and begin another. */
  @Test
  void bucketThatNoFieldCanName_isPermittedWithoutFields() {
    for (String name : List.of("runs\r\nX-Injected: 1", "r\u00fcns", "\u0000")) {
      BucketState bucket = new BucketState(name, Limit.perMinute(2), true, 1, 0, 1);
      HttpRateLimiter gate =
          gate(new FixedLimiter(Decision.of(Decision.Source.MEMORY, List.of(bucket))));
      assertProceedsWithoutFields(gate.decide(RUN));
    }
  }

  private static void assertProceedsWithoutFields(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
    assertThat(verdict.fields()).isEmpty();
    assertThat(verdict.identity()).isEqualTo(PEER);
    assertThat(verdict.policy()).contains("runs");
    assertThat(verdict.decision()).isPresent();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void resolverThatFailsHoweverItIsJoined_chargesThePeer() {
    for (UserCode code : UserCode.values()) {
      IdentityResolver<RequestView> failing =
          request -> {
            code.fail();
            return Optional.empty();
          };
      assertChargedToThePeer(failing);
      assertChargedToThePeer(failing.orElse(failing));
      assertChargedToThePeer(withoutFallback(failing));
    }
    assertChargedToThePeer(request -> null);
    assertChargedToThePeer(withoutFallback(request -> null));
    assertChargedToThePeer(withoutFallback(request -> Optional.empty()));
  }

  /** A resolver with an {@code orElse} of its own, which forgets the next one. */
  private static IdentityResolver<RequestView> withoutFallback(
      IdentityResolver<RequestView> asked) {
    return new IdentityResolver<>() {
      @Override
      public Optional<Identity> resolve(RequestView request) {
        return asked.resolve(request);
      }

      @Override
      public IdentityResolver<RequestView> orElse(IdentityResolver<? super RequestView> next) {
        return this;
      }
    };
  }

  private static void assertChargedToThePeer(IdentityResolver<RequestView> resolver) {
    HttpRateLimiter gate = inMemory().identity(resolver).rule("/runs", RUNS).build();
    assertThat(gate.decide(RUN)).isInstanceOf(Verdict.Proceed.class);
    assertThat(gate.decide(RUN).identity()).isEqualTo(PEER);
    assertThat(gate.decide(RUN)).isInstanceOf(Verdict.Reject.class);
  }

  /** Returns the one line that is logged. */
  private static LogRecord assertUnavailable(Gate gate) {
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      Verdict.Reject reject = (Verdict.Reject) gate.decide(RUN);
      assertThat(reject.status()).isEqualTo(503);
      assertThat(reject.fields())
          .containsExactly(
              new HeaderField("Content-Type", "application/problem+json"),
              new HeaderField("Cache-Control", "no-store"));
      assertThat(reject.body()).contains("#temporary-reduced-capacity").doesNotContain("Retry");
      assertThat(reject.identity()).isEqualTo(PEER);
      assertThat(log.records()).hasSize(1);
      LogRecord line = log.records().get(0);
      assertThat(line.getLevel()).isEqualTo(Level.SEVERE);
      assertThat(line.getThrown()).isNotNull();
      return line;
    }
  }

  private interface Decider {
    Decision decide();
  }

  private static RateLimiter limiter(Decider decider) {
    return new RateLimiter() {
      @Override
      public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
        return decider.decide();
      }

      @Override
      public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
        return new FixedLimiter(decider.decide()).reserve(identity, policy, cost);
      }

      @Override
      public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
        return decider.decide();
      }

      @Override
      public void reset(Identity identity, LimitPolicy policy) {}
    };
  }

  private static HttpRateLimiter gate(RateLimiter limiter) {
    return HttpRateLimiter.builder(limiter).rule("/runs", RUNS).build();
  }

  private static HttpRateLimiterBuilder inMemory() {
    return HttpRateLimiter.builder(InMemoryRateLimiter.create());
  }
}
