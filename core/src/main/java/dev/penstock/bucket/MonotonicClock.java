package dev.penstock.bucket;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still where another goes back, until that has caught up. */
final class MonotonicClock implements LongSupplier {

  private final LongSupplier nanoClock;
  private final AtomicLong latest;

  private MonotonicClock(LongSupplier nanoClock, long first) {
    this.nanoClock = nanoClock;
    this.latest = new AtomicLong(first);
  }

  static MonotonicClock of(LongSupplier nanoClock) {
    Objects.requireNonNull(nanoClock, "nanoClock");
    return new MonotonicClock(nanoClock, nanoClock.getAsLong());
  }

  @Override
  public long getAsLong() {
    long nanos = nanoClock.getAsLong();
    return latest.accumulateAndGet(nanos, (seen, next) -> next - seen > 0 ? next : seen);
  }
}
