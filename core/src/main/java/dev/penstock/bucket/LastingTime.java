package dev.penstock.bucket;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * The time of a wall clock, without what it is ahead for less than an hour: what is forgotten by it
 * is not forgotten because the clock was wrong for a moment. Back it goes at once.
 *
 * <p>It is held against a clock that only goes on: as far ahead of that as it was at least, of all
 * times that it was read in this hour and in the last one. An hour ends at the first reading after
 * it, so where nobody reads, the one before stays.
 */
final class LastingTime implements LongSupplier {

  private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();

  /**
   * How far the wall clock is ahead.
   *
   * @param since when this hour began
   * @param last the least of the hour before
   * @param least of this hour
   */
  private record Lead(long since, long last, long least) {

    Lead seen(long now, long lead) {
      if (now - since >= HOUR_NANOS) {
        return new Lead(now, least, lead);
      }
      return lead < least ? new Lead(since, last, lead) : this;
    }
  }

  private final LongSupplier clock;
  private final LongSupplier wallClock;
  private final AtomicReference<Lead> lead;

  /**
   * @param clock nanoseconds, above 0
   * @param wallClock nanoseconds since 1970
   */
  LastingTime(LongSupplier clock, LongSupplier wallClock) {
    this.clock = clock;
    this.wallClock = wallClock;
    long now = clock.getAsLong();
    long first = wallClock.getAsLong() - now;
    this.lead = new AtomicReference<>(new Lead(now, first, first));
  }

  @Override
  public long getAsLong() {
    long now = clock.getAsLong();
    long seen = wallClock.getAsLong() - now;
    Lead kept = Objects.requireNonNull(lead.updateAndGet(before -> before.seen(now, seen)));
    return now + Math.min(kept.last, kept.least);
  }
}
