package dev.penstock.clients;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The time of a guarded server, from its first request on. It stands still while a request is
 * decided: the first one is denied for certain, however slow the machine.
 */
final class ServerClock implements LongSupplier {

  private final boolean told;
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong firstArrival = new AtomicLong();

  private ServerClock(boolean told) {
    this.told = told;
  }

  /** {@return a clock that only {@link #waited} moves} */
  static ServerClock told() {
    return new ServerClock(true);
  }

  /** {@return a clock that shows to each request the time that has really passed} */
  static ServerClock real() {
    return new ServerClock(false);
  }

  /** Moves the clock by what a client would have waited. */
  void waited(Duration time) {
    if (!told) {
      throw new IllegalStateException("told must be true: a client's waits are its own here");
    }
    nanos.addAndGet(time.toNanos());
  }

  /** {@return when a request arrives that is here now} */
  Duration arrival() {
    if (!told) {
      long now = System.nanoTime();
      firstArrival.compareAndSet(0, now);
      nanos.set(now - firstArrival.get());
    }
    return Duration.ofNanos(nanos.get());
  }

  @Override
  public long getAsLong() {
    return nanos.get();
  }
}
