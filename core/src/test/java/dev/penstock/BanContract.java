package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Bans: who is denied too much is denied everything for a while. */
interface BanContract extends StoreUnderTest {

  Identity ABUSER = Identity.user("acme", "abuser");
  Duration TEN_MINUTES = Duration.ofMinutes(10);
  Ban AFTER_THREE = Ban.after(3, Duration.ofMinutes(1)).lasting(TEN_MINUTES);
  LimitPolicy ONE = LimitPolicy.perIdentity("ban-one", Limit.perHour(1));
  LimitPolicy MANY = LimitPolicy.perIdentity("ban-many", Limit.perHour(1000));

  private RateLimiter banning() {
    return limiter().banning(AFTER_THREE, Runnable::run);
  }

  /** Denies so often that a ban follows. */
  private void ban(RateLimiter banning) {
    assertThat(banning.tryAcquire(ABUSER, ONE).permitted()).isTrue();
    for (int i = 0; i < 3; i++) {
      Decision denied = banning.tryAcquire(ABUSER, ONE);
      assertThat(denied.permitted()).isFalse();
      assertThat(denied.banned()).isFalse();
      assertThat(denied.buckets()).extracting(BucketState::name).containsExactly("ban-one");
    }
  }

  @Test
  default void tryAcquire_afterSoManyDenials_isDeniedUntilTheBanIsOver() {
    RateLimiter banning = banning();
    ban(banning);
    Decision banned = banning.tryAcquire(ABUSER, MANY);
    assertThat(banned.permitted()).isFalse();
    assertThat(banned.banned()).isTrue();
    assertThat(banned.buckets()).extracting(BucketState::name).containsExactly("ban");
    assertThat(banned.retryAfter()).contains(TEN_MINUTES);
    assertThat(banning.tryAcquire(Identity.user("acme", "other"), MANY).permitted()).isTrue();
    advance(TEN_MINUTES.minus(resolution()));
    assertThat(banning.tryAcquire(ABUSER, MANY).retryAfter()).contains(resolution());
    advance(resolution());
    Decision after = banning.tryAcquire(ABUSER, MANY);
    assertThat(after.permitted()).isTrue();
    assertThat(after.banned()).isFalse();
    assertThat(after.buckets()).extracting(BucketState::remaining).containsExactly(999L);
  }

  @Test
  default void tryAcquire_askedDuringABan_makesItNeitherLongerNorShorter() {
    RateLimiter banning = banning();
    ban(banning);
    for (int minute = 0; minute < 10; minute++) {
      for (int i = 0; i < 5; i++) {
        Decision banned = banning.tryAcquire(ABUSER, ONE.and(MANY), 2000);
        assertThat(banned.retryAfter()).contains(TEN_MINUTES.minusMinutes(minute));
        assertThat(banning.peek(ABUSER, MANY).retryAfter()).isEqualTo(banned.retryAfter());
        assertThat(banning.reserve(ABUSER, MANY).decision().banned()).isTrue();
      }
      banning.reset(ABUSER, ONE.and(MANY));
      advance(Duration.ofMinutes(1));
    }
    assertThat(banning.tryAcquire(ABUSER, MANY, 1000).permitted()).isTrue();
  }

  @Test
  default void tryAcquire_denialsAsSlowAsTheyAreForgotten_bansNobody() {
    RateLimiter banning = banning();
    banning.tryAcquire(ABUSER, ONE);
    for (int i = 0; i < 30; i++) {
      assertThat(banning.tryAcquire(ABUSER, ONE).deniedBy())
          .extracting(BucketState::name)
          .containsExactly("ban-one");
      advance(Duration.ofSeconds(20));
    }
  }

  @Test
  default void tryAcquire_deniedByALimitOfOthersToo_bansNobody() {
    RateLimiter banning = banning();
    LimitPolicy everyone = LimitPolicy.everyone("ban-everyone", Limit.perHour(1));
    LimitPolicy workspace = LimitPolicy.perWorkspace("ban-workspace", Limit.perHour(1));
    for (int i = 0; i < 10; i++) {
      banning.tryAcquire(ABUSER, MANY.and(everyone));
      banning.tryAcquire(ABUSER, MANY.and(workspace));
    }
    assertThat(banning.tryAcquire(ABUSER, MANY).permitted()).isTrue();
    Identity address = Identity.address("192.0.2.1");
    for (int i = 0; i < 4; i++) {
      banning.tryAcquire(address, workspace);
    }
    assertThat(banning.tryAcquire(address, MANY).banned()).as("it shares with nobody").isTrue();
  }

  @Test
  default void lift_banned_isPermittedAndItsDenialsAreForgotten() {
    RateLimiter banning = banning();
    ban(banning);
    assertThat(banning.peek(ABUSER, MANY).banned()).isTrue();
    AFTER_THREE.lift(banning, ABUSER);
    assertThat(banning.tryAcquire(ABUSER, MANY).permitted()).isTrue();
    for (int i = 0; i < 3; i++) {
      assertThat(banning.tryAcquire(ABUSER, ONE).banned()).isFalse();
    }
    assertThat(banning.tryAcquire(ABUSER, MANY).banned()).isTrue();
  }

  @Test
  default void everyMethod_nobodyIsBanned_tellsWhatItWouldWithoutABan() {
    RateLimiter banning = banning();
    LimitPolicy both = MANY.and(LimitPolicy.perIdentity("ban-slots", Limit.inFlight(2)));
    Identity other = Identity.user("acme", "other");
    banning.check(both, Cost.of(1));
    assertThat(banning.peek(ABUSER, both).buckets())
        .isEqualTo(limiter().peek(other, both).buckets());
    assertThat(banning.tryAcquire(ABUSER, MANY, 3).buckets())
        .isEqualTo(limiter().tryAcquire(other, MANY, 3).buckets());
    Reservation run = banning.reserve(ABUSER, both);
    assertThat(run.decision().buckets())
        .isEqualTo(limiter().reserve(other, both).decision().buckets());
    assertThat(run.holdsSlots()).isTrue();
    run.settle(Cost.of(10));
    assertThat(banning.peek(ABUSER, both).buckets())
        .extracting(BucketState::remaining)
        .containsExactly(987L, 1L);
    run.cancel();
    assertThat(banning.peek(ABUSER, both).buckets().get(1).remaining()).isEqualTo(2);
  }

  @Test
  default void reserve_noSlotIsFree_countsAsADenial() {
    RateLimiter banning = banning();
    LimitPolicy slot = LimitPolicy.perIdentity("ban-slot", Limit.inFlight(1));
    Reservation held = banning.reserve(ABUSER, slot);
    List.of(1, 2, 3).forEach(i -> assertThat(banning.reserve(ABUSER, slot).permitted()).isFalse());
    held.close();
    assertThat(banning.reserve(ABUSER, slot).decision().banned()).isTrue();
  }
}
