package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.groups.Tuple.tuple;

import java.util.ArrayList;
import java.util.List;
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
          (kind, decision) -> {
            told.add(kind);
            told.add(decision);
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
  void peekRefundReset_areForwardedAndNotTold() {
    assertThat(listened.peek(USER, POLICY)).isSameAs(PERMITTED);
    assertThat(listened.peek(USER, POLICY, 2)).isSameAs(PERMITTED);
    listened.refund(USER, POLICY, 4);
    listened.reset(USER, POLICY);
    assertThat(told).isEmpty();
    assertThat(limiter.calls())
        .containsExactly("peek acme/u1 1", "peek acme/u1 2", "refund acme/u1 4", "reset acme/u1");
  }

  @Test
  void tryAcquire_severalListeners_tellsAll() {
    List<String> names = new ArrayList<>();
    limiter
        .listening((kind, decision) -> names.add("first"))
        .listening((kind, decision) -> names.add("second"))
        .tryAcquire(USER, POLICY);
    assertThat(names).containsExactly("first", "second");
  }

  @Test
  void tryAcquire_failingListener_isLoggedAndDoesNotReachTheCaller() {
    IllegalStateException failure = new IllegalStateException("listener");
    RateLimitListener failing =
        (kind, decision) -> {
          throw failure;
        };
    try (CapturedLog captured = new CapturedLog(RateLimitListener.class)) {
      assertThat(limiter.listening(failing).tryAcquire(USER, POLICY)).isSameAs(PERMITTED);
      assertThat(captured.records())
          .extracting(LogRecord::getLevel, LogRecord::getMessage, LogRecord::getThrown)
          .containsExactly(
              tuple(
                  Level.WARNING, failing.getClass().getName() + " failed on a decision", failure));
    }
  }

  @Test
  void tryAcquire_listenerThatEndsInAnError_isLoggedAndTheNextIsTold() {
    RateLimitListener failing =
        (kind, decision) -> {
          throw new NoClassDefFoundError("com/example/Metrics");
        };
    try (CapturedLog captured = new CapturedLog(RateLimitListener.class)) {
      RateLimiter both = limiter.listening(failing).listening((kind, decision) -> told.add(kind));
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
        .isThrownBy(() -> broken.listening((kind, d) -> told.add(kind)).tryAcquire(USER, POLICY))
        .withMessage("decision");
    assertThat(told).isEmpty();
  }

  @Test
  void tryAcquire_failingLimiter_reachesTheCallerAndTellsNobody() {
    RateLimiter failing =
        new RateLimiter() {
          @Override
          public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
            throw new IllegalArgumentException("cost");
          }

          @Override
          public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
            throw new UnsupportedOperationException();
          }

          @Override
          public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void refund(Identity identity, LimitPolicy policy, long tokens) {
            throw new UnsupportedOperationException();
          }

          @Override
          public void reset(Identity identity, LimitPolicy policy) {
            throw new UnsupportedOperationException();
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> failing.listening((k, d) -> told.add(d)).tryAcquire(USER, POLICY))
        .withMessage("cost");
    assertThat(told).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // null is what is tested
  void listening_null_namesTheParameter() {
    assertThatNullPointerException()
        .isThrownBy(() -> limiter.listening(null))
        .withMessage("listener");
  }
}
