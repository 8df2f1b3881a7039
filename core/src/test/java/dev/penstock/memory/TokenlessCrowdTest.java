package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.FakeClock;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.bucket.Room;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever sends from many addresses without a token, against those who have one.
 *
 * <p>The trickles last a simulated hour, or {@code -Dpenstock.trickle.hours}.
 */
class TokenlessCrowdTest {

  private static final int HOURS = Integer.getInteger("penstock.trickle.hours", 1);
  private static final int BOUND = InMemoryRateLimiter.DEFAULT_MAX_BUCKETS;
  private static final int ROOM_OF_ADDRESSES = BOUND / 4 * 3;
  private static final int A_MINUTE_OF_ONE = 100_400;

  private static final LimitPolicy DAILY = LimitPolicy.perIdentity("daily", Limit.perDay(100));

  /** The /64s of two /48s. */
  private static final List<Identity> ADDRESSES =
      IntStream.range(0, 2 << 16)
          .mapToObj(i -> "2001:db8:" + (i >>> 16) + ":" + Integer.toHexString(i & 0xffff))
          .map(prefix -> Identity.address(prefix + "::/64"))
          .toList();

  private final FakeClock clock = new FakeClock(0);
  private final InMemoryRateLimiter limiter = InMemoryRateLimiter.create(BOUND, clock);

  @Test
  void tryAcquire_asManyAddressesAsThereIsRoom_usersAreAllPermitted() {
    assertThat(permitted(DAILY, users("before", 50))).isEqualTo(50);
    permitted(DAILY, ADDRESSES.subList(0, A_MINUTE_OF_ONE));
    assertThat(permitted(DAILY, users("after", 50))).isEqualTo(50);
    assertThat(limiter.size()).isEqualTo(ROOM_OF_ADDRESSES + 50);
  }

  /** Most users have come before the addresses; the last quarter is left to those who have not. */
  @Test
  void tryAcquire_manyUsersBefore_lastQuarterIsLeftToUsers() {
    assertThat(permitted(DAILY, users("before", BOUND / 2))).isEqualTo(BOUND / 2);
    permitted(DAILY, ADDRESSES.subList(0, A_MINUTE_OF_ONE));
    assertThat(limiter.size()).isEqualTo(ROOM_OF_ADDRESSES);
    assertThat(permitted(DAILY, users("after", BOUND / 4))).isEqualTo(BOUND / 4);
    assertThat(limiter.size()).isEqualTo(BOUND);
  }

  @Test
  void tryAcquire_noAddresses_usersMayTakeTheWholeBound() {
    assertThat(permitted(DAILY, users("acme", BOUND))).isEqualTo(BOUND);
    assertThat(limiter.size()).isEqualTo(BOUND);
    assertThat(limiter.hasRoom(Identity.Kind.USER)).isFalse();
  }

  static Stream<LimitPolicy> policies() {
    LimitPolicy workspace = LimitPolicy.perWorkspace("workspace", Limit.perDay(100));
    LimitPolicy everyone = LimitPolicy.everyone("everyone", Limit.perSecond(1_000_000));
    LimitPolicy several =
        LimitPolicy.perIdentity(
            "several", Limit.parseAll("9/minute; 99/day").toArray(Limit[]::new));
    return Stream.of(
        DAILY, workspace, DAILY.and(workspace), DAILY.and(everyone), several.and(workspace));
  }

  /** Under a limit per workspace, an address is charged by itself. */
  @ParameterizedTest
  @MethodSource("policies")
  void tryAcquire_anyPolicy_allWhoAreNoAddressArePermitted(LimitPolicy policy) {
    for (int cost : new int[] {1, 9}) {
      for (Identity address : ADDRESSES) {
        limiter.tryAcquire(address, policy, cost);
      }
    }
    List<Identity> verified = new ArrayList<>(users("acme", 100));
    for (int i = 0; i < 100; i++) {
      verified.add(Identity.user("w" + i, "u"));
      verified.add(Identity.user("u" + i));
      verified.add(Identity.workspace("company" + i));
      verified.add(Identity.named("api-key", "k" + i));
    }
    assertThat(permitted(policy, verified)).isEqualTo(verified.size());
    assertThat(limiter.size()).isBetween(ROOM_OF_ADDRESSES, BOUND);
  }

  /** Where names of limits come from requests, each may make a bucket for everyone. */
  @Test
  void tryAcquire_limitsForEveryoneUnderAnyName_usersAreAllPermitted() {
    int bound = 10_000; // the process keeps something of each name
    InMemoryRateLimiter small = InMemoryRateLimiter.create(bound, clock);
    LimitPolicy perDay = LimitPolicy.everyone("platform", Limit.perDay(1_000));
    for (int i = 0; i < 2 * bound; i++) {
      small.tryAcquire(ADDRESSES.get(0), LimitPolicy.everyone("agent-" + i, Limit.perDay(100)));
    }
    assertThat(small.hasRoom(Identity.Kind.ADDRESS)).isFalse();
    assertThat(permitted(small, DAILY, users("acme", 1_200))).isEqualTo(1_200);
    assertThat(small.size()).isEqualTo(bound / 8 * 7 + 1_200);
    assertThat(small.tryAcquire(ADDRESSES.get(0), perDay).permitted())
        .as("there are only so many overflow buckets")
        .isFalse();
  }

  /** What is charged for many is as exact in the overflow bucket as in one of its own. */
  @Test
  void tryAcquire_limitForEveryoneWithoutRoom_isTheSameLimit() {
    permitted(DAILY, users("acme", BOUND));
    LimitPolicy platform = LimitPolicy.everyone("platform", Limit.perDay(1_000));
    assertThat(permitted(platform, ADDRESSES.subList(0, 600))).isEqualTo(600);
    assertThat(permitted(platform, users("acme", 600))).isEqualTo(400);
  }

  @Test
  void tryAcquire_moreNamesThanOverflowBuckets_usersHaveTheirOwn() {
    permitted(DAILY, users("acme", BOUND));
    for (int i = 0; i < 2 * Room.MAX_OVERFLOW_BUCKETS; i++) {
      limiter.tryAcquire(ADDRESSES.get(i), LimitPolicy.perIdentity("n" + i, Limit.perDay(1)));
    }
    LimitPolicy last = LimitPolicy.perIdentity("last", Limit.perDay(100));
    assertThat(limiter.tryAcquire(ADDRESSES.get(0), last).permitted()).isFalse();
    assertThat(permitted(last, users("late", 101))).isEqualTo(100);
  }

  /** A limiter that is asked by the users alone, and by one address, says what they are due. */
  @ParameterizedTest
  @CsvSource({
    "100/day, 50",
    "100/day, 200",
    "10/minute; 100/day, 50",
    "10/minute; 100/day, 200",
    "100/hour, 50",
    "100/hour, 200",
  })
  void tryAcquire_trickleOfAddresses_usersGetWhatTheyAreDue(String limits, int perSecond) {
    LimitPolicy policy =
        LimitPolicy.perIdentity("runs", Limit.parseAll(limits).toArray(Limit[]::new));
    InMemoryRateLimiter alone = InMemoryRateLimiter.create(BOUND, clock);
    List<Identity> users = users("acme", 1_200);
    Identity spent = Identity.address("192.0.2.1");
    for (int i = 0; i < 10; i++) {
      assertThat(limiter.tryAcquire(spent, policy, 10).permitted())
          .isEqualTo(alone.tryAcquire(spent, policy, 10).permitted());
    }
    permitted(policy, ADDRESSES.subList(0, A_MINUTE_OF_ONE));
    SplittableRandom random = new SplittableRandom(20261129);
    int due = 0;
    int lockedOut = 0;
    int refilled = 0;
    int most = 0;
    for (int second = 0; second < HOURS * 3_600; second++) {
      clock.advance(Duration.ofSeconds(1));
      for (int i = 0; i < perSecond; i++) {
        limiter.tryAcquire(ADDRESSES.get(random.nextInt(ADDRESSES.size())), policy);
      }
      for (int i = 0; i < 20; i++) {
        Identity user = users.get(random.nextInt(users.size()));
        long cost = random.nextInt(10) == 0 ? 10 : 1;
        boolean isDue = alone.tryAcquire(user, policy, cost).permitted();
        boolean permitted = limiter.tryAcquire(user, policy, cost).permitted();
        due += isDue ? 1 : 0;
        lockedOut += isDue && !permitted ? 1 : 0;
        refilled += permitted && !isDue ? 1 : 0;
      }
      if (limiter.tryAcquire(spent, policy).permitted()) {
        refilled += alone.tryAcquire(spent, policy).permitted() ? 0 : 1;
      }
      most = Math.max(most, limiter.size());
    }
    assertThat(due).isGreaterThan(HOURS * users.size());
    assertThat(lockedOut).as("of %s", due).isZero();
    assertThat(refilled).isZero();
    assertThat(most).isLessThanOrEqualTo(ROOM_OF_ADDRESSES + 2 * users.size());
  }

  private int permitted(LimitPolicy policy, List<Identity> identities) {
    return permitted(limiter, policy, identities);
  }

  private static int permitted(
      InMemoryRateLimiter limiter, LimitPolicy policy, List<Identity> identities) {
    int permitted = 0;
    for (Identity identity : identities) {
      permitted += limiter.tryAcquire(identity, policy).permitted() ? 1 : 0;
    }
    return permitted;
  }

  private static List<Identity> users(String workspace, int count) {
    return IntStream.range(0, count).mapToObj(i -> Identity.user(workspace, "u" + i)).toList();
  }
}
