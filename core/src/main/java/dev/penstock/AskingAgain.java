package dev.penstock;

import dev.penstock.base.Awaited;
import dev.penstock.base.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a limiter that does not know waiting: asks again after the decision's retry-after, and
 * after growing gaps at the soonest, so that many who wait do not ask all the time.
 */
final class AskingAgain extends Awaited<Reservation> {

  /** Of all limiters that do not know waiting. */
  static final Timer TIMER = new Timer("penstock-asking-again");

  static final long FIRST_GAP_NANOS = Duration.ofMillis(1).toNanos();
  static final long LONGEST_GAP_NANOS = Duration.ofSeconds(1).toNanos();

  private final RateLimiter limiter;
  private final Identity identity;
  private final LimitPolicy policy;
  private final Cost cost;
  private final LongSupplier nanoClock;
  private final long deadline;

  private long gapNanos = FIRST_GAP_NANOS;
  private @Nullable Reservation reservation;

  private AskingAgain(
      RateLimiter limiter,
      Identity identity,
      LimitPolicy policy,
      Cost cost,
      long maxWaitNanos,
      LongSupplier nanoClock) {
    this.limiter = limiter;
    this.identity = identity;
    this.policy = policy;
    this.cost = cost;
    this.nanoClock = nanoClock;
    this.deadline = nanoClock.getAsLong() + maxWaitNanos;
  }

  /** Checks the arguments. */
  static AskingAgain of(
      RateLimiter limiter, Identity identity, LimitPolicy policy, Cost cost, Duration maxWait) {
    return of(limiter, identity, policy, cost, maxWait, System::nanoTime);
  }

  static AskingAgain of(
      RateLimiter limiter,
      Identity identity,
      LimitPolicy policy,
      Cost cost,
      Duration maxWait,
      LongSupplier nanoClock) {
    LimiterArguments.requireLimits(identity, policy, cost);
    long nanos = LimiterArguments.requireMaxWait(maxWait);
    return new AskingAgain(limiter, identity, policy, cost, nanos, nanoClock);
  }

  @Override
  protected long look() {
    Reservation asked = limiter.reserve(identity, policy, cost);
    long left = deadline - nanoClock.getAsLong();
    long wait = asked.permitted() ? 0 : waitNanos(asked.decision(), left);
    reservation = asked;
    return wait;
  }

  /** Returns 0 where it is of no use. */
  private long waitNanos(Decision denial, long left) {
    long retryAfter = denial.retryAfterNanos();
    boolean isUnknown = retryAfter == BucketState.UNKNOWN;
    if (left <= 0 || denial.banned() || (!isUnknown && retryAfter > left)) {
      return 0;
    }
    long gap = ThreadLocalRandom.current().nextLong(gapNanos / 2, gapNanos + 1);
    gapNanos = Math.min(2 * gapNanos, LONGEST_GAP_NANOS);
    return Math.min(left, isUnknown ? gap : Math.max(gap, retryAfter));
  }

  @Override
  protected Reservation result() {
    return Objects.requireNonNull(reservation, "reservation");
  }

  @Override
  protected void giveUp() {
    Reservation last = reservation;
    if (last != null && last.permitted()) {
      last.cancel();
    }
  }
}
