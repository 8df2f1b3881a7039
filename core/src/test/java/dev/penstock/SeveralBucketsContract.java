package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Decisions over several buckets, and which identities share one. */
interface SeveralBucketsContract extends StoreUnderTest {

  Limit TWO = Limit.perMinute(2);
  Limit FIVE = Limit.perMinute(5);

  @Test
  default void tryAcquire_lastBucketSaysNo_takesFromNone() {
    Identity user = Identity.user("acme", "u1");
    LimitPolicy policy =
        LimitPolicy.perIdentity("user", FIVE)
            .and(LimitPolicy.perWorkspace("workspace", FIVE))
            .and(LimitPolicy.everyone("platform", TWO));
    limiter().tryAcquire(user, policy, 2);
    for (int i = 0; i < 5; i++) {
      Decision decision = limiter().tryAcquire(user, policy);
      assertThat(decision.permitted()).isFalse();
      assertThat(decision.deniedBy()).extracting(BucketState::name).containsExactly("platform");
      assertThat(decision.buckets())
          .extracting(BucketState::name, BucketState::permitted, BucketState::remaining)
          .containsExactly(
              tuple("user", true, 3L), tuple("workspace", true, 3L), tuple("platform", false, 0L));
    }
  }

  @Test
  default void tryAcquire_firstBucketSaysNo_takesFromNone() {
    Identity user = Identity.user("acme", "u1");
    LimitPolicy platform = LimitPolicy.everyone("platform", FIVE);
    LimitPolicy policy = LimitPolicy.perIdentity("user", TWO).and(platform);
    limiter().tryAcquire(user, policy, 2);
    assertThat(limiter().tryAcquire(user, policy).deniedBy())
        .extracting(BucketState::name)
        .containsExactly("user");
    assertThat(limiter().tryAcquire(Identity.user("u2"), platform, 3).permitted()).isTrue();
  }

  @Test
  default void tryAcquire_severalSayNo_waitsForTheSlowest() {
    Identity user = Identity.user("acme", "u1");
    LimitPolicy policy = LimitPolicy.perIdentity("user", Limit.perMinute(1), Limit.perHour(1));
    limiter().tryAcquire(user, policy);
    advance(Duration.ofSeconds(10));
    Decision decision = limiter().tryAcquire(user, policy);
    assertThat(decision.deniedBy())
        .extracting(BucketState::name, BucketState::retryAfter)
        .containsExactly(
            tuple("user", Optional.of(Duration.ofSeconds(50))),
            tuple("user-2", Optional.of(Duration.ofSeconds(3590))));
    assertThat(decision.retryAfter()).contains(Duration.ofSeconds(3590));
    advance(Duration.ofSeconds(50));
    assertThat(limiter().tryAcquire(user, policy).deniedBy())
        .extracting(BucketState::name)
        .containsExactly("user-2");
    advance(Duration.ofMinutes(59));
    assertThat(limiter().tryAcquire(user, policy).permitted()).isTrue();
  }

  @Test
  default void tryAcquire_costAboveOneCapacity_isNeverPermittedAndTakesFromNone() {
    Identity user = Identity.user("acme", "u1");
    LimitPolicy policy =
        LimitPolicy.perIdentity("user", FIVE).and(LimitPolicy.everyone("platform", TWO));
    limiter().tryAcquire(user, policy);
    Decision decision = limiter().tryAcquire(user, policy, 5);
    assertThat(decision.never()).isTrue();
    assertThat(decision.deniedBy())
        .extracting(BucketState::name, BucketState::never)
        .containsExactly(tuple("user", false), tuple("platform", true));
    assertThat(decision.buckets()).extracting(BucketState::remaining).containsExactly(4L, 1L);
  }

  @Test
  default void tryAcquire_randomPolicies_takesFromAllOrFromNone() {
    Random random = new Random(20260105);
    for (int round = 0; round < 40; round++) {
      Identity identity = Identity.user("w" + round, "u");
      LimitPolicy policy =
          LimitPolicy.perIdentity("a" + round, Limit.perMinute(1 + random.nextInt(10)))
              .and(LimitPolicy.perWorkspace("b" + round, Limit.perHour(1 + random.nextInt(10))))
              .and(LimitPolicy.everyone("c" + round, Limit.perSecond(1 + random.nextInt(10))));
      for (int i = 0; i < 20; i++) {
        long cost = 1L + random.nextInt(4);
        List<Long> before = remaining(limiter().peek(identity, policy));
        Decision decision = limiter().tryAcquire(identity, policy, cost);
        List<Long> after = remaining(limiter().peek(identity, policy));
        assertThat(after).isEqualTo(remaining(decision));
        assertThat(decision.permitted()).isEqualTo(before.stream().allMatch(r -> r >= cost));
        assertThat(after)
            .isEqualTo(decision.permitted() ? before.stream().map(r -> r - cost).toList() : before);
        advance(Duration.ofMillis(random.nextInt(5000)));
      }
    }
  }

  private static List<Long> remaining(Decision decision) {
    return decision.buckets().stream().map(BucketState::remaining).toList();
  }

  @Test
  default void perWorkspace_usersOfOneWorkspace_shareABucket() {
    LimitPolicy policy = LimitPolicy.perWorkspace("workspace", TWO);
    assertThat(permitted(Identity.user("acme", "u1"), policy)).isTrue();
    assertThat(permitted(Identity.workspace("acme"), policy)).isTrue();
    assertThat(permitted(Identity.user("acme", "u2"), policy)).isFalse();
    assertThat(permitted(Identity.user("other", "u2"), policy)).isTrue();
  }

  @Test
  default void perWorkspace_identitiesWithoutWorkspace_areChargedAlone() {
    LimitPolicy policy = LimitPolicy.perWorkspace("workspace", Limit.perMinute(1));
    List<Identity> alone =
        List.of(
            Identity.user("u1"),
            Identity.user("u2"),
            Identity.address("192.0.2.1"),
            Identity.address("192.0.2.2"),
            Identity.named("api-key", "k1"));
    for (Identity identity : alone) {
      assertThat(permitted(identity, policy)).isTrue();
      assertThat(permitted(identity, policy)).isFalse();
    }
  }

  @Test
  default void perIdentity_identitiesThatLookAlike_doNotShareABucket() {
    LimitPolicy policy = LimitPolicy.perIdentity("alike", Limit.perMinute(1));
    for (Identity identity : LookAlikes.ALL) {
      assertThat(permitted(identity, policy)).as(identity.text()).isTrue();
      assertThat(permitted(identity, policy)).as(identity.text()).isFalse();
    }
  }

  @Test
  default void everyone_differentIdentities_shareABucketOfTheName() {
    LimitPolicy one = LimitPolicy.everyone("one", TWO);
    LimitPolicy other = LimitPolicy.everyone("other", TWO);
    assertThat(permitted(Identity.user("acme", "u1"), one)).isTrue();
    assertThat(permitted(Identity.address("192.0.2.1"), one)).isTrue();
    assertThat(permitted(Identity.user("u2"), one)).isFalse();
    assertThat(permitted(Identity.user("u2"), other)).isTrue();
  }

  private boolean permitted(Identity identity, LimitPolicy policy) {
    return limiter().tryAcquire(identity, policy).permitted();
  }
}
