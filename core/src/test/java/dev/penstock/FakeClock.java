package dev.penstock;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A nanosecond clock that stands still until a test moves it. */
public final class FakeClock implements LongSupplier {

  private final AtomicLong nanos;

  public FakeClock(long nanos) {
    this.nanos = new AtomicLong(nanos);
  }

  @Override
  public long getAsLong() {
    return nanos.get();
  }

  /** Moves the clock, backward by a negative time. */
  public void advance(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  public void advanceNanos(long time) {
    nanos.addAndGet(time);
  }
}
