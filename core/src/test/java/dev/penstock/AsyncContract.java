package dev.penstock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every limiter owes a caller that does not wait: the decisions of those that do. */
interface AsyncContract extends StoreUnderTest {

  Identity ASYNC_USER = Identity.user("acme", "async");
  LimitPolicy ASYNC_TEN =
      LimitPolicy.perIdentity("async-ten", Limit.per(10, Duration.ofMinutes(1)).withUnit("tokens"))
          .and(LimitPolicy.perWorkspace("async-all", Limit.per(100, Duration.ofMinutes(1))));

  private static <T> T result(CompletableFuture<T> future) {
    return future.orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** What is put back has refilled for as long as the test took; that is over in a second. */
  private long tokensSoon() {
    advance(Duration.ofSeconds(1));
    return limiter().peek(ASYNC_USER, ASYNC_TEN, Cost.ONE_REQUEST).buckets().get(0).remaining();
  }

  @Test
  default void tryAcquireAsync_manyAtOnce_permitsAsManyAsTheBucketHolds() {
    Cost one = Cost.of(1).and("tokens", 1);
    List<CompletableFuture<Decision>> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(limiter().tryAcquireAsync(ASYNC_USER, ASYNC_TEN, one));
    }
    assertThat(all.stream().map(AsyncContract::result).filter(Decision::permitted)).hasSize(10);
    Decision denied = result(limiter().tryAcquireAsync(ASYNC_USER, ASYNC_TEN, one));
    assertThat(denied).hasToString(limiter().tryAcquire(ASYNC_USER, ASYNC_TEN, one).toString());
    Decision never =
        result(limiter().tryAcquireAsync(ASYNC_USER, ASYNC_TEN, Cost.of(1).and("tokens", 11)));
    assertThat(never.never()).isTrue();
  }

  @Test
  default void reserveAsync_settledLater_chargesWhatItHasCost() {
    Reservation run =
        result(limiter().reserveAsync(ASYNC_USER, ASYNC_TEN, Cost.of(1).and("tokens", 4)));
    assertThat(run.permitted()).isTrue();
    assertThat(tokensSoon()).isEqualTo(6);
    CompletableFuture<Void> less = run.settleAsync(Cost.units("tokens", 1));
    CompletableFuture<Void> more = run.settleAsync(Cost.units("tokens", 8));
    run.close();
    result(CompletableFuture.allOf(less, more));
    assertThat(tokensSoon()).isEqualTo(2);
    result(run.settleAsync(Cost.units("tokens", 3)));
    assertThat(tokensSoon()).as("after it was closed").isEqualTo(2);
  }

  @Test
  default void reserveAsync_slots_areHeldUntilItIsClosed() {
    LimitPolicy two = LimitPolicy.perIdentity("async-slots", Limit.inFlight(2));
    List<Reservation> runs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      runs.add(result(limiter().reserveAsync(ASYNC_USER, two, Cost.ONE_REQUEST)));
    }
    assertThat(runs).extracting(Reservation::permitted).containsExactly(true, true, false);
    runs.forEach(Reservation::close);
    assertThat(limiter().peek(ASYNC_USER, two).permitted()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> limiter().tryAcquireAsync(ASYNC_USER, two));
  }
}
