package dev.penstock.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.penstock.CapturedLog;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import dev.penstock.UnverifiedIdentityException;
import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a verdict holds for the application, and what becomes of what it has taken. */
class VerdictTest {

  private static final String TOKENS = "model-tokens";
  private static final LimitPolicy RUNS = LimitPolicy.perIdentity("runs", Limit.perMinute(10));
  private static final LimitPolicy OPUS = LimitPolicy.perIdentity("opus", Limit.perMinute(2));
  private static final LimitPolicy BUDGET =
      LimitPolicy.perIdentity("budget", Limit.perMinute(1000).withUnit(TOKENS));
  private static final Identity PEER = Identity.address(FakeRequest.PEER);
  private static final RequestView RUN = FakeRequest.of("POST /agents/a1/runs");
  private static final RequestView ODD = FakeRequest.of("POST /agents/x%2f..%2fopus/runs");

  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(100, new FakeClock(0));

  @Test
  void permittedAndDenied_carryIdentityPolicyAndDecision() {
    HttpRateLimiter gate =
        builder().rule("/**", LimitPolicy.everyone("all", Limit.perDay(1)).and(RUNS)).build();
    Verdict permitted = gate.decide(RUN);
    Verdict denied = gate.decide(RUN);
    assertThat(permitted).isInstanceOf(Verdict.Proceed.class);
    assertThat(denied).isInstanceOf(Verdict.Reject.class);
    for (Verdict verdict : List.of(permitted, denied)) {
      assertThat(verdict.identity()).contains(PEER);
      assertThat(verdict.policy()).contains("all+runs");
    }
    assertThat(permitted.decision().orElseThrow().permitted()).isTrue();
    assertThat(denied.decision().orElseThrow().permitted()).isFalse();
    assertThat(denied.decision().orElseThrow().deniedBy().get(0).name()).isEqualTo("all");
  }

  @Test
  void nothingToPay_carriesNothing() {
    HttpRateLimiter gate =
        builder()
            .exempt("/health")
            .rule("/agents/**", RUNS)
            .exemptAddresses(ClientAddress.ofPeer(), "198.51.100.0/24")
            .build();
    for (RequestView request :
        List.of(
            FakeRequest.of("GET /health"),
            FakeRequest.of("GET /elsewhere"),
            FakeRequest.of("GET /agents/a1").from("198.51.100.1"))) {
      Verdict.Proceed verdict = (Verdict.Proceed) gate.decide(request);
      assertThat(verdict.identity()).isEmpty();
      assertThat(verdict.policy()).isEmpty();
      assertThat(verdict.decision()).isEmpty();
      assertThat(verdict.fields()).isEmpty();
      assertThat(verdict.removedFields()).isEmpty();
      assertThat(verdict.isWatched()).isFalse();
      useUp(verdict.reservation());
      verdict.ended(FakeResponse.of(200));
    }
    assertThat(limiter.size()).isZero();
  }

  private static void useUp(Reservation reservation) {
    try (reservation) {
      assertThat(reservation.permitted()).isTrue();
      assertThat(reservation.decision().buckets()).isEmpty();
      reservation.settle(Cost.of(5));
      reservation.onClientGone(() -> {});
      reservation.clientGone();
      reservation.cancel();
    }
  }

  @Test
  void nobodyVerified_carriesThePolicyAlone() {
    Verdict verdict =
        builder()
            .identity(
                request -> {
                  throw new UnverifiedIdentityException("The token is expired.");
                })
            .rule("/**", RUNS)
            .build()
            .decide(RUN);
    assertThat(verdict.identity()).isEmpty();
    assertThat(verdict.policy()).contains("runs");
    assertThat(verdict.decision()).isEmpty();
  }

  @Test
  void nobodyDecided_carriesIdentityAndPolicy() {
    UserCode.Policy policy = UserCode.Policy.failing(UserCode.EXCEPTION);
    HttpRateLimiter gate = builder().rule("/**", policy).build();
    policy.gateIsBuilt();
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      Verdict verdict = gate.decide(RUN);
      assertThat(verdict.identity()).contains(PEER);
      assertThat(verdict.policy()).contains("custom");
      assertThat(verdict.decision()).isEmpty();
      assertThat(log.records()).hasSize(1);
    }
  }

  /** The name is for the application alone, so the request is decided all the same. */
  @Test
  void policyWithoutAName_isDecidedAndSaid() {
    LimitPolicy nameless =
        new LimitPolicy() {
          @Override
          public List<PartitionedLimit> limits(Identity identity) {
            return RUNS.limits(identity);
          }

          @Override
          public String name() {
            throw new IllegalStateException("no name");
          }
        };
    HttpRateLimiter gate = builder().rule("/**", nameless).build();
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      Verdict verdict = gate.decide(RUN);
      assertThat(verdict).isInstanceOf(Verdict.Proceed.class);
      assertThat(verdict.policy()).isEmpty();
      assertThat(verdict.decision()).isPresent();
      assertThat(log.records().get(0).getMessage()).isEqualTo("a policy without a name");
    }
  }

  @Test
  void reservation_isSettledByTheApplication() {
    Verdict.Proceed verdict =
        proceed(builder().rule("/**", RUNS.and(BUDGET), Cost.of(1).and(TOKENS, 100)).build(), RUN);
    assertThat(verdict.reservation().decision()).isSameAs(verdict.decision().orElseThrow());
    verdict.reservation().settle(Cost.units(TOKENS, 250));
    assertThat(left(BUDGET)).isEqualTo(750);
    verdict.reservation().cancel();
    assertThat(left(BUDGET)).isEqualTo(1000);
    assertThat(left(RUNS)).isEqualTo(10);
  }

  @Test
  void isWatched_whereTheResponseMatters() {
    assertThat(proceed(RUNS, RequestCost.of(Cost.of(1))).isWatched()).isFalse();
    assertThat(proceed(RUNS, RequestCost.of(Cost.of(1)).watched()).isWatched()).isTrue();
    assertThat(proceed(RUNS, RequestCost.of(Cost.of(1)).settledBy(r -> Cost.of(1))).isWatched())
        .isTrue();
    assertThat(
            proceed(RUNS, RequestCost.of(Cost.of(1)).settledByField("X-Runs", "requests"))
                .isWatched())
        .isTrue();
  }

  /** Each of several decisions may hold a slot, also of an application's own unit. */
  @Test
  void isWatched_whereASlotIsHeld() {
    LimitPolicy slots = LimitPolicy.perIdentity("slots", Limit.inFlight(4));
    LimitPolicy gpus = LimitPolicy.perIdentity("gpus", Limit.inFlight(4).withUnit("gpus"));
    assertThat(proceed(builder().rule("/**", slots).build(), RUN).isWatched()).isTrue();
    assertThat(proceed(gpus, RequestCost.of(Cost.units("gpus", 2))).isWatched()).isTrue();
    HttpRateLimiter gate =
        builder().rule("POST /agents/*/runs", slots).rule("POST /**", RUNS, 2).build();
    Verdict.Proceed odd = proceed(gate, ODD);
    assertThat(odd.decision().orElseThrow().buckets().get(0).name()).isEqualTo("runs");
    assertThat(odd.isWatched()).isTrue();
    assertThat(left(slots)).isEqualTo(2);
    odd.ended(FakeResponse.of(200));
    assertThat(left(slots)).isEqualTo(3);
  }

  /** A slot that was taken before the denial is free again, and never closed by an adapter. */
  @Test
  void severalDecisions_theLastDenied_holdNoSlot() {
    LimitPolicy slots = LimitPolicy.perIdentity("slots", Limit.inFlight(4));
    HttpRateLimiter gate =
        builder().rule("POST /agents/*/runs", slots).rule("POST /**", OPUS, 3).build();
    assertThat(gate.decide(ODD)).isInstanceOf(Verdict.Reject.class);
    assertThat(left(slots)).isEqualTo(4);
  }

  @Test
  void removedFields_areThoseThatAreHidden() {
    RequestCost cost = RequestCost.of(Cost.of(1));
    assertThat(proceed(RUNS, cost.settledByField("X-Runs", "requests")).removedFields()).isEmpty();
    assertThat(proceed(RUNS, cost.settledByHiddenField("X-Runs", "requests")).removedFields())
        .containsExactly("X-Runs");
  }

  @Test
  void ended_twice_settlesOnce() {
    AtomicInteger asked = new AtomicInteger();
    Verdict.Proceed verdict =
        proceed(
            BUDGET,
            RequestCost.of(Cost.units(TOKENS, 100))
                .settledBy(response -> Cost.units(TOKENS, 300L * asked.incrementAndGet())));
    verdict.ended(FakeResponse.of(200));
    verdict.ended(FakeResponse.of(200));
    assertThat(asked).hasValue(1);
    assertThat(left(BUDGET)).isEqualTo(700);
  }

  @Test
  void ended_viewThatFails_closesAllTheSame() {
    Verdict.Proceed verdict =
        proceed(BUDGET, RequestCost.of(Cost.units(TOKENS, 100)).settledByField("X-Tokens", TOKENS));
    try (CapturedLog log = new CapturedLog(HttpRateLimiter.class)) {
      verdict.ended(
          new ResponseView() {
            @Override
            public int status() {
              throw new IllegalStateException("recycled");
            }

            @Override
            public List<String> headerLines(String name) {
              throw new IllegalStateException("recycled");
            }
          });
      assertThat(log.records()).hasSize(1);
      assertThat(log.records().get(0).getMessage())
          .startsWith(
              "a request is not settled, and the estimate is charged:"
                  + " java.lang.IllegalStateException at ");
    }
    verdict.reservation().settle(Cost.units(TOKENS, 500));
    assertThat(left(BUDGET)).isEqualTo(900);
  }

  /** Charges of different costs are decisions of their own, and the request is one all the same. */
  @Test
  void severalDecisions_theLastDenied_takesNothing() {
    HttpRateLimiter gate =
        builder().rule("POST /agents/*/runs", RUNS, 2).rule("POST /agents/opus/runs", OPUS).build();
    Verdict.Proceed first = proceed(gate, ODD);
    assertThat(first.policy()).contains("runs+opus");
    proceed(gate, ODD);
    assertThat(left(RUNS)).isEqualTo(6);
    Verdict denied = gate.decide(ODD);
    assertThat(denied).isInstanceOf(Verdict.Reject.class);
    assertThat(denied.decision().orElseThrow().deniedBy().get(0).name()).isEqualTo("opus");
    assertThat(left(RUNS)).isEqualTo(6);
  }

  @Test
  void severalDecisions_areOneReservation() {
    LimitPolicy runs = RUNS.and(BUDGET);
    LimitPolicy opus = OPUS.and(LimitPolicy.perIdentity("own", Limit.perDay(500).withUnit(TOKENS)));
    HttpRateLimiter gate =
        builder()
            .rule("POST /agents/*/runs", runs, Cost.of(2).and(TOKENS, 100))
            .rule("POST /agents/opus/runs", opus, Cost.of(1).and(TOKENS, 50))
            .build();
    Verdict.Proceed verdict = proceed(gate, ODD);
    Reservation reservation = verdict.reservation();
    Decision last = verdict.decision().orElseThrow();
    assertThat(reservation.decision()).isSameAs(last);
    assertThat(last.buckets().get(0).name()).isEqualTo("opus");
    reservation.settle(Cost.units(TOKENS, 300));
    assertThat(left(runs, 1)).isEqualTo(700);
    assertThat(left(opus, 1)).isEqualTo(200);
    AtomicInteger told = new AtomicInteger();
    reservation.onClientGone(told::incrementAndGet);
    reservation.clientGone();
    reservation.clientGone();
    assertThat(told).hasValue(1);
    reservation.cancel();
    assertThat(left(runs, 1)).isEqualTo(1000);
    assertThat(left(opus, 1)).isEqualTo(500);
    assertThat(left(runs, 0)).isEqualTo(10);
  }

  /** A rule's own response says what its own buckets pay, and no other rule's. */
  @Test
  void severalRules_eachIsSettledAsItSays() {
    LimitPolicy own = LimitPolicy.perIdentity("own", Limit.perDay(500).withUnit(TOKENS));
    RequestCost estimate = RequestCost.of(Cost.units(TOKENS, 100));
    HttpRateLimiter gate =
        builder()
            .rule("POST /agents/*/runs", BUDGET, estimate.settledByHiddenField("X-A", TOKENS))
            .rule("POST /agents/opus/runs", own, estimate)
            .rule("POST /**", BUDGET, estimate.settledByHiddenField("x-a", TOKENS))
            .build();
    Verdict.Proceed verdict = proceed(gate, ODD);
    assertThat(verdict.removedFields()).containsExactly("X-A");
    verdict.ended(FakeResponse.of(200).with("X-A", "1"));
    assertThat(left(BUDGET)).isEqualTo(999);
    assertThat(left(own)).isEqualTo(400);
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void nulls_nameTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> new HeaderField(null, "v"))
        .withMessage("name");
    assertThatNullPointerException()
        .isThrownBy(() -> new HeaderField("n", null))
        .withMessage("value");
    assertThatNullPointerException()
        .isThrownBy(() -> Verdict.Proceed.unlimited().ended(null))
        .withMessage("response");
    assertThatNullPointerException()
        .isThrownBy(() -> Verdict.Proceed.unlimited().reservation().settle(null))
        .withMessage("total");
    assertThatNullPointerException()
        .isThrownBy(() -> Verdict.Proceed.unlimited().reservation().onClientGone(null))
        .withMessage("task");
    Patience patience = Patience.standard();
    Optional<Identity> nobody = Optional.empty();
    Optional<String> name = Optional.empty();
    Optional<Decision> none = Optional.empty();
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, null, "", patience, nobody, name, none))
        .withMessage("fields");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), null, patience, nobody, name, none))
        .withMessage("body");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), "", null, nobody, name, none))
        .withMessage("patience");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), "", patience, null, name, none))
        .withMessage("identity");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), "", patience, nobody, null, none))
        .withMessage("policy");
    assertThatNullPointerException()
        .isThrownBy(() -> new Verdict.Reject(429, List.of(), "", patience, nobody, name, null))
        .withMessage("decision");
  }

  private HttpRateLimiterBuilder builder() {
    return HttpRateLimiter.builder(limiter);
  }

  private Verdict.Proceed proceed(LimitPolicy policy, RequestCost cost) {
    return proceed(builder().rule("/**", policy, cost).build(), RUN);
  }

  private static Verdict.Proceed proceed(Gate gate, RequestView request) {
    return (Verdict.Proceed) gate.decide(request);
  }

  private long left(LimitPolicy policy) {
    return left(policy, 0);
  }

  private long left(LimitPolicy policy, int bucket) {
    return limiter.peek(PEER, policy).buckets().get(bucket).remaining();
  }
}
