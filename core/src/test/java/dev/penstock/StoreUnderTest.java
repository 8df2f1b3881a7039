package dev.penstock;

import java.time.Duration;

/** What a store brings for its contract: a limiter with nothing in it, and the clock it goes by. */
public interface StoreUnderTest {

  /** Returns the limiter, the same one throughout a test. */
  RateLimiter limiter();

  /** Moves the limiter's clock, which stands still otherwise, by a multiple of the resolution. */
  void advance(Duration time);

  /** Returns the unit in which the store counts time. */
  Duration resolution();

  default void advanceNanos(long nanos) {
    advance(Duration.ofNanos(nanos));
  }
}
