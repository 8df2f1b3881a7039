package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Many threads at once on a clock that stands still: the capacity and not one more. */
interface ConcurrencyContract extends StoreUnderTest {

  int THREADS = 100;
  int ROUNDS = 200;

  @Test
  default void tryAcquire_hundredThreadsOnFiveTokens_permitsExactlyFive() {
    try (Crowd crowd = new Crowd(THREADS)) {
      for (int round = 0; round < ROUNDS; round++) {
        LimitPolicy policy = LimitPolicy.perIdentity("one-" + round, Limit.perMinute(5));
        Identity user = Identity.user("acme", "u" + round);
        assertThat(crowd.permitted(i -> limiter().tryAcquire(user, policy))).isEqualTo(5);
      }
    }
  }

  @Test
  default void tryAcquire_hundredThreadsOnThreeBuckets_permitsExactlyTheSmallest() {
    try (Crowd crowd = new Crowd(THREADS)) {
      for (int round = 0; round < ROUNDS; round++) {
        LimitPolicy policy = hierarchy("three-" + round, 7, 5, 6);
        Identity user = Identity.user("acme", "u1");
        assertThat(crowd.permitted(i -> limiter().tryAcquire(user, policy))).isEqualTo(5);
        assertThat(limiter().peek(user, policy).buckets())
            .extracting(BucketState::remaining)
            .containsExactly(2L, 0L, 1L);
      }
    }
  }

  @Test
  default void tryAcquire_twentyUsersOfOneWorkspace_permitsExactlyTheWorkspacesTokens() {
    List<Identity> users =
        IntStream.range(0, 20).mapToObj(i -> Identity.user("acme", "u" + i)).toList();
    try (Crowd crowd = new Crowd(THREADS)) {
      for (int round = 0; round < ROUNDS / 4; round++) {
        LimitPolicy policy = hierarchy("twenty-" + round, 3, 30, 1000);
        List<Decision> decisions =
            crowd.ask(i -> limiter().tryAcquire(users.get(i % users.size()), policy));
        assertThat(decisions.stream().filter(Decision::permitted)).hasSize(30);
        long left =
            users.stream()
                .mapToLong(user -> limiter().peek(user, policy).buckets().get(0).remaining())
                .sum();
        assertThat(left).as("tokens of users, less those that were charged").isEqualTo(60 - 30);
        assertThat(limiter().peek(users.get(0), policy).buckets().get(2).remaining())
            .isEqualTo(1000 - 30);
      }
    }
  }

  /** Requests that take the same buckets in opposite order may deny each other, never more. */
  @Test
  default void tryAcquire_bucketsInOppositeOrder_chargesWhatItPermits() {
    try (Crowd crowd = new Crowd(THREADS)) {
      for (int round = 0; round < ROUNDS; round++) {
        Identity user = Identity.user("acme", "u1");
        LimitPolicy a = LimitPolicy.everyone("a-" + round, Limit.perMinute(3));
        LimitPolicy b = LimitPolicy.everyone("b-" + round, Limit.perMinute(3));
        LimitPolicy forth = a.and(b);
        LimitPolicy back = b.and(a);
        int permitted = crowd.permitted(i -> limiter().tryAcquire(user, i % 2 == 0 ? forth : back));
        assertThat(permitted).isLessThanOrEqualTo(3);
        assertThat(limiter().peek(user, forth).buckets())
            .extracting(BucketState::remaining)
            .containsExactly(3L - permitted, 3L - permitted);
      }
    }
  }

  private static LimitPolicy hierarchy(String name, int user, int workspace, int everyone) {
    return LimitPolicy.perIdentity(name + "-user", Limit.perMinute(user))
        .and(LimitPolicy.perWorkspace(name + "-workspace", Limit.perMinute(workspace)))
        .and(LimitPolicy.everyone(name + "-everyone", Limit.perMinute(everyone)));
  }
}
