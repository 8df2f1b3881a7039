package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class ListenedRateLimiterTest {

  private static final Limit FIVE = Limit.perMinute(5);
  private static final LimitPolicy POLICY = LimitPolicy.perIdentity("runs", FIVE);
  private static final Identity USER = Identity.user("acme", "u1");
  private static final Decision PERMITTED =
      Decision.of(Decision.Source.MEMORY, List.of(new BucketState("runs", FIVE, true, 4, 0, 1)));

  private final FixedLimiter limiter = new FixedLimiter(PERMITTED);
  private final List<Object> told = new ArrayList<>();
  private final RateLimiter listened =
      limiter.listening(
          event -> {
            told.add(event.kind());
            told.add(event.decision());
          });

  @Test
  void tryAcquire_anyDecision_tellsKindAndDecisionAndPassesItOn() {
    assertThat(listened.tryAcquire(USER, POLICY)).isSameAs(PERMITTED);
    assertThat(listened.tryAcquire(Identity.address("192.0.2.1"), POLICY, 3)).isSameAs(PERMITTED);
    assertThat(told)
        .containsExactly(Identity.Kind.USER, PERMITTED, Identity.Kind.ADDRESS, PERMITTED);
    assertThat(limiter.calls()).containsExactly("tryAcquire acme/u1 1", "tryAcquire 192.0.2.1 3");
  }

  @Test
  void peekReset_areForwardedAndNotTold() {
    assertThat(listened.peek(USER, POLICY)).isSameAs(PERMITTED);
    assertThat(listened.peek(USER, POLICY, 2)).isSameAs(PERMITTED);
    listened.reset(USER, POLICY);
    assertThat(told).isEmpty();
    assertThat(limiter.calls())
        .containsExactly("peek acme/u1 1", "peek acme/u1 2", "reset acme/u1");
  }

  @Test
  void tryAcquire_anyDecision_tellsWhoThePolicyAndTheCost() {
    List<RateLimitEvent> events = new ArrayList<>();
    RateLimiter memory = InMemoryRateLimiter.create().listening(events::add);
    LimitPolicy both =
        LimitPolicy.perWorkspace("budget", FIVE, Limit.perDay(7)).and(identity -> List.of());
    Cost cost = Cost.of(2).and("model-tokens", 7);
    Decision decision = memory.tryAcquire(USER, POLICY.and(both), cost);
    assertThat(events).hasSize(1);
    RateLimitEvent event = events.get(0);
    assertThat(event)
        .isEqualTo(
            new RateLimitEvent(
                RateLimitEvent.Type.DECIDED,
                USER,
                "runs+budget+custom",
                cost,
                Optional.empty(),
                decision,
                event.took()));
  }

  @Test
  void tryAcquire_manyDecisions_timesSomeByChance() {
    List<Optional<Duration>> times = new ArrayList<>();
    RateLimiter memory = limiter.listening(event -> times.add(event.took()));
    for (int i = 0; i < 640_000; i++) {
      memory.tryAcquire(USER, POLICY);
    }
    assertThat(times.stream().filter(Optional::isPresent).count()).isBetween(4_500L, 5_500L);
    assertThat(times.stream().flatMap(Optional::stream))
        .allSatisfy(took -> assertThat(took).isGreaterThanOrEqualTo(Duration.ZERO));
  }

  @Test
  void reserve_settledAndCancelled_isToldOnceEach() {
    List<RateLimitEvent> events = new ArrayList<>();
    RateLimiter memory = InMemoryRateLimiter.create().listening(events::add);
    Reservation run = memory.reserve(USER, POLICY, Cost.of(2));
    run.settle(Cost.of(3));
    run.cancel();
    run.cancel();
    run.settle(Cost.of(1));
    run.close();
    assertThat(memory.reserve(USER, POLICY, Cost.of(6)).permitted()).isFalse();
    assertThat(events)
        .extracting(RateLimitEvent::type, RateLimitEvent::cost)
        .containsExactly(
            tuple(RateLimitEvent.Type.DECIDED, Cost.of(2)),
            tuple(RateLimitEvent.Type.SETTLED, Cost.of(3)),
            tuple(RateLimitEvent.Type.CANCELLED, Cost.of(3)),
            tuple(RateLimitEvent.Type.DECIDED, Cost.of(6)));
    assertThat(memory.peek(USER, POLICY).buckets().get(0).remaining()).isEqualTo(5);
  }

  @Test
  void reserve_settledAgainAndAgain_tellsWhatWasSaidBefore() {
    List<Optional<Cost>> before = new ArrayList<>();
    RateLimiter memory =
        InMemoryRateLimiter.create().listening(event -> before.add(event.before()));
    try (Reservation run = memory.reserve(USER, POLICY, Cost.of(1).and("model-tokens", 5))) {
      run.settle(Cost.units("model-tokens", 7));
      run.settle(Cost.of(2));
      run.settle(Cost.units("model-tokens", 9));
    }
    assertThat(before)
        .containsExactly(
            Optional.empty(),
            Optional.of(Cost.of(1).and("model-tokens", 5)),
            Optional.of(Cost.of(1).and("model-tokens", 7)),
            Optional.of(Cost.of(2).and("model-tokens", 7)));
  }

  @Test
  void reserve_listenersOfDenialsAlone_areToldOfNothingElse() {
    List<RateLimitEvent> events = new ArrayList<>();
    RateLimiter memory = InMemoryRateLimiter.create().listening(ofDenials(events));
    Reservation run = memory.reserve(USER, POLICY, Cost.of(5));
    run.settle(Cost.of(6));
    run.cancel();
    assertThat(events).isEmpty();
    assertThat(memory.tryAcquire(USER, POLICY, Cost.of(6)).permitted()).isFalse();
    assertThat(events).hasSize(1);
    new FixedLimiter(Decision.open()).listening(ofDenials(events)).tryAcquire(USER, POLICY);
    assertThat(events).as("permitted without a limit").hasSize(2);
  }

  private static RateLimitListener ofDenials(List<RateLimitEvent> events) {
    return new RateLimitListener() {
      @Override
      public void onEvent(RateLimitEvent event) {
        events.add(event);
      }

      @Override
      public boolean hearsPermitted() {
        return false;
      }
    };
  }

  @Test
  void reserve_closed_isToldNoMore() {
    List<RateLimitEvent> events = new ArrayList<>();
    Reservation run = InMemoryRateLimiter.create().listening(events::add).reserve(USER, POLICY);
    run.close();
    run.settle(Cost.of(3));
    run.cancel();
    assertThat(events).hasSize(1);
  }

  /** A name is the application's own code, too. */
  @Test
  void tryAcquire_policyWithoutAName_isDecidedAndLogged() {
    LimitPolicy nameless =
        new LimitPolicy() {
          @Override
          public List<PartitionedLimit> limits(Identity identity) {
            return POLICY.limits(identity);
          }

          @Override
          public String name() {
            throw new IllegalStateException("nameless");
          }
        };
    try (CapturedLog captured = new CapturedLog(RateLimitListener.class)) {
      assertThat(listened.tryAcquire(USER, nameless)).isSameAs(PERMITTED);
      assertThat(captured.records()).hasSize(1);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void tryAcquire_severalListeners_tellsAll() {
    List<String> names = new ArrayList<>();
    limiter
        .listening(event -> names.add("first"))
        .listening(event -> names.add("second"))
        .tryAcquire(USER, POLICY);
    assertThat(names).containsExactly("first", "second");
  }

  @Test
  void tryAcquire_failingListener_isLoggedAndDoesNotReachTheCaller() {
    IllegalStateException failure = new IllegalStateException("listener");
    RateLimitListener failing =
        event -> {
          throw failure;
        };
    try (CapturedLog captured = new CapturedLog(RateLimitListener.class)) {
      assertThat(limiter.listening(failing).tryAcquire(USER, POLICY)).isSameAs(PERMITTED);
      assertThat(captured.records())
          .extracting(LogRecord::getLevel, LogRecord::getMessage, LogRecord::getThrown)
          .containsExactly(
              tuple(Level.WARNING, failing.getClass().getName() + " failed on an event", failure));
    }
  }

  @Test
  void tryAcquire_listenerThatEndsInAnError_isLoggedAndTheNextIsTold() {
    RateLimitListener failing =
        event -> {
          throw new NoClassDefFoundError("com/example/Metrics");
        };
    try (CapturedLog captured = new CapturedLog(RateLimitListener.class)) {
      RateLimiter both = limiter.listening(failing).listening(event -> told.add(event.kind()));
      assertThat(both.tryAcquire(USER, POLICY)).isSameAs(PERMITTED);
      assertThat(told).containsExactly(Identity.Kind.USER);
      assertThat(captured.records()).hasSize(1);
    }
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void tryAcquire_limiterThatReturnsNull_isNamedAndTellsNobody() {
    FixedLimiter broken = new FixedLimiter(null);
    assertThatNullPointerException()
        .isThrownBy(() -> broken.listening(told::add).tryAcquire(USER, POLICY))
        .withMessage("decision");
    assertThat(told).isEmpty();
  }

  @Test
  void failingLimiter_reachesTheCallerAndIsAFailureToListeners() {
    List<String> failures = new ArrayList<>();
    RateLimitListener listener =
        new RateLimitListener() {
          @Override
          public void onEvent(RateLimitEvent event) {
            told.add(event);
          }

          @Override
          public void onFailure(Identity identity, Throwable failure) {
            failures.add(identity.text() + " " + failure.getMessage());
            throw new IllegalStateException("listener");
          }
        };
    RateLimiter failing =
        new RateLimiter() {
          @Override
          public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
            throw new IllegalArgumentException("cost");
          }

          @Override
          public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
            throw new UnsupportedOperationException("reserve");
          }

          @Override
          public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void reset(Identity identity, LimitPolicy policy) {
            throw new UnsupportedOperationException();
          }
        };
    RateLimiter told = failing.listening(listener).listening(listener);
    try (CapturedLog captured = new CapturedLog(RateLimitListener.class)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> told.tryAcquire(USER, POLICY))
          .withMessage("cost");
      assertThatThrownBy(() -> told.reserve(USER, POLICY))
          .isInstanceOf(UnsupportedOperationException.class);
      assertThat(captured.records()).hasSize(4);
    }
    assertThat(failures)
        .containsExactly("acme/u1 cost", "acme/u1 cost", "acme/u1 reserve", "acme/u1 reserve");
    assertThat(this.told).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void listening_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> limiter.listening(null))
        .withMessage("listener");
  }
}
