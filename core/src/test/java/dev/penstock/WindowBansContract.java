package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** Bans of those whom windows deny: they go by another clock, and end at another time. */
public interface WindowBansContract extends StoreUnderTest {

  Identity DENIED = Identity.user("acme", "window-bans");
  Instant HALF_PAST_TEN = Instant.parse("2026-05-04T10:30:00Z");
  LimitPolicy TWO_AN_HOUR =
      LimitPolicy.perIdentity("two", Limit.fixedWindow(2, CalendarUnit.HOUR, ZoneOffset.UTC));
  LimitPolicy TWO_SLIDING =
      LimitPolicy.perIdentity("two-sliding", Limit.slidingWindow(2, Duration.ofHours(1)));

  /** Sets the time of day, back too. */
  void setWall(Instant time);

  private RateLimiter banning(Duration lasting) {
    return limiter().banning(Ban.after(3, Duration.ofHours(1)).lasting(lasting), Runnable::run);
  }

  /** Spends the window, and is denied so often that a ban follows. */
  static void ban(RateLimiter banning, LimitPolicy policy) {
    assertThat(banning.tryAcquire(DENIED, policy, 2).permitted()).isTrue();
    for (int i = 0; i < 3; i++) {
      Decision denied = banning.tryAcquire(DENIED, policy);
      assertThat(denied.permitted()).isFalse();
      assertThat(denied.banned()).isFalse();
      assertThat(denied.buckets())
          .extracting(BucketState::name)
          .containsExactly(policy.limits(DENIED).get(0).name());
    }
    assertThat(banning.tryAcquire(DENIED, policy).banned()).isTrue();
  }

  @Test
  default void ban_longerThanTheWindow_deniesInTheNextOne() {
    setWall(HALF_PAST_TEN);
    Duration lasting = Duration.ofMinutes(150);
    for (LimitPolicy policy : new LimitPolicy[] {TWO_AN_HOUR, TWO_SLIDING}) {
      RateLimiter banning = banning(lasting);
      ban(banning, policy);
      advance(Duration.ofHours(2));
      assertThat(limiter().peek(DENIED, policy).permitted()).as("a window later").isTrue();
      Decision banned = banning.tryAcquire(DENIED, policy);
      assertThat(banned.banned()).isTrue();
      assertThat(banned.retryAfter()).contains(Duration.ofMinutes(30));
      assertThat(banned.buckets()).extracting(BucketState::name).containsExactly("ban");
      advance(Duration.ofMinutes(30));
      Decision after = banning.tryAcquire(DENIED, policy, 2);
      assertThat(after.permitted()).as("what the ban denied took nothing").isTrue();
      assertThat(after.buckets()).extracting(BucketState::remaining).containsExactly(0L);
      advance(Duration.ofDays(1));
    }
  }

  @Test
  default void ban_shorterThanTheWindow_leavesItsDenial() {
    setWall(HALF_PAST_TEN);
    RateLimiter banning = banning(Duration.ofMinutes(10));
    ban(banning, TWO_AN_HOUR);
    advance(Duration.ofMinutes(10));
    Decision denied = banning.tryAcquire(DENIED, TWO_AN_HOUR);
    assertThat(denied.banned()).isFalse();
    assertThat(denied.retryAfter()).contains(Duration.ofMinutes(20));
    advance(Duration.ofMinutes(20));
    assertThat(banning.tryAcquire(DENIED, TWO_AN_HOUR, 2).permitted()).isTrue();
  }

  @Test
  default void ban_windowOfOthersToo_bansNobody() {
    setWall(HALF_PAST_TEN);
    RateLimiter banning = banning(Duration.ofMinutes(10));
    LimitPolicy workspace =
        LimitPolicy.perWorkspace("all", Limit.fixedWindow(1, CalendarUnit.DAY, ZoneOffset.UTC));
    for (int i = 0; i < 6; i++) {
      banning.tryAcquire(DENIED, workspace);
    }
    assertThat(banning.tryAcquire(DENIED, TWO_AN_HOUR).permitted()).isTrue();
  }

  @Test
  default void ban_nobodyIsBanned_settlesAndTellsAsWithout() {
    setWall(HALF_PAST_TEN);
    RateLimiter banning = banning(Duration.ofMinutes(10));
    for (LimitPolicy policy : new LimitPolicy[] {TWO_AN_HOUR, TWO_SLIDING}) {
      Reservation run = banning.reserve(DENIED, policy, Cost.of(2));
      assertThat(run.decision().buckets())
          .extracting(BucketState::name)
          .containsExactly(policy.limits(DENIED).get(0).name());
      run.settle(Cost.of(1));
      assertThat(banning.peek(DENIED, policy).buckets())
          .isEqualTo(limiter().peek(DENIED, policy).buckets())
          .extracting(BucketState::remaining)
          .containsExactly(1L);
      run.cancel();
      assertThat(banning.tryAcquire(DENIED, policy, 2).permitted()).isTrue();
    }
  }
}
