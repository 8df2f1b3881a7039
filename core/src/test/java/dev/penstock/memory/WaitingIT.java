package dev.penstock.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.ChildJvm;
import dev.penstock.Cost;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.RateLimiter;
import dev.penstock.WaitingContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class WaitingIT extends WaitingContract {

  private static final Identity USER = Identity.user("acme", "u1");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Override
  protected RateLimiter limiter() {
    return InMemoryRateLimiter.create();
  }

  /** Ten a second, and thirty who wait; says how many passed before their time. */
  static final class Stopped {

    public static void main(String[] args) {
      LimitPolicy ten = LimitPolicy.perIdentity("ten", Limit.of(1, 10, Duration.ofSeconds(1)));
      InMemoryRateLimiter limiter = InMemoryRateLimiter.create();
      long before = System.nanoTime();
      limiter.tryAcquire(USER, ten);
      List<CompletableFuture<Boolean>> early = new ArrayList<>();
      for (int i = 1; i <= 30; i++) {
        long due = before + Duration.ofMillis(100).toNanos() * i;
        early.add(
            limiter
                .acquireAsync(USER, ten, Cost.ONE_REQUEST, PATIENCE)
                .thenApply(run -> !run.permitted() || System.nanoTime() < due));
      }
      System.out.println("waiting");
      long count = early.stream().filter(CompletableFuture::join).count();
      System.out.println(count + " early, the next: " + limiter.tryAcquire(USER, ten).permitted());
    }
  }

  @Test
  void acquireAsync_processStoppedForThreeSeconds_admitsNobodyEarly() {
    try (ChildJvm child = ChildJvm.start(Stopped.class)) {
      assertThat(child.hear()).isEqualTo("waiting");
      child.pause();
      long since = System.nanoTime();
      while (System.nanoTime() - since < Duration.ofSeconds(3).toNanos()) {
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
      child.resume();
      assertThat(child.hear()).startsWith("0 early");
    }
  }
}
