package dev.penstock.redis;

import dev.penstock.FixedWindowLimit;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.WindowLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.Gcra;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The share of a limit that each of several instances keeps by itself: the limit divided by their
 * number, in capacity, overdraft and refill, but at least one token or slot. Of a ban it is the
 * whole: each bans whom it denies, and for as long. Thread-safe.
 *
 * <p>One token takes so many times longer to refill here, so a bucket of the share that starts
 * where the whole bucket stood is full at the same time as that.
 */
final class FleetShare {

  private static final int MAX_CACHED = 10_000;

  /** The longest that a limit spans. */
  private static final long MAX_NANOS_PER_TOKEN = Duration.ofDays(3_653).toNanos();

  private final int instances;
  private final Map<PartitionedLimit, PartitionedLimit> cached = new ConcurrentHashMap<>();

  /**
   * @param instances at least 1
   */
  FleetShare(int instances) {
    this.instances = instances;
  }

  /** Returns the limit of one instance. */
  PartitionedLimit of(PartitionedLimit whole) {
    if (instances(whole) == 1) {
      return whole;
    }
    PartitionedLimit known = cached.get(whole);
    if (known != null) {
      return known;
    }
    PartitionedLimit numbers =
        new PartitionedLimit(whole.name(), of(whole.limit()), whole.partition());
    PartitionedLimit share = whole.isShadow() ? numbers.asShadow() : numbers;
    if (cached.size() < MAX_CACHED) {
      cached.put(whole, share);
    }
    return share;
  }

  private int instances(PartitionedLimit whole) {
    return Inside.isBan(whole) ? 1 : instances;
  }

  /**
   * Returns how far from full the bucket of a share is where the whole one is so far: as far in
   * time of refill, and a share of the tokens that are taken of a window.
   */
  long levelOfShare(PartitionedLimit whole, long wholeNanos) {
    return whole.limit() instanceof WindowLimit && wholeNanos > 0
        ? Gcra.scaled(wholeNanos, whole.limit().capacity(), of(whole).limit().capacity())
        : wholeNanos;
  }

  /** Returns what is spent of a share, as time of refill, in time of refill of the whole. */
  long ofWhole(PartitionedLimit whole, long shareNanos) {
    int parts = partsOfNanos(whole);
    return shareNanos / parts + (shareNanos % parts > 0 ? 1 : 0);
  }

  /** Likewise, rounded down. */
  long ofWholeAtMost(PartitionedLimit whole, long shareNanos) {
    return shareNanos / partsOfNanos(whole);
  }

  /** Returns time of refill of the whole in that of a share. */
  long ofShare(PartitionedLimit whole, long wholeNanos) {
    int parts = partsOfNanos(whole);
    return wholeNanos > Long.MAX_VALUE / 4 / parts ? Long.MAX_VALUE / 4 : wholeNanos * parts;
  }

  private Limit of(Limit whole) {
    if (whole instanceof TokenBucketLimit bucket) {
      return of(bucket);
    }
    return whole instanceof InFlightLimit slots ? of(slots) : of((WindowLimit) whole);
  }

  /** A token that is spent of a share of a window is one of the whole. */
  private int partsOfNanos(PartitionedLimit whole) {
    return whole.limit() instanceof WindowLimit ? 1 : instances(whole);
  }

  /** What is spent beyond a share of a window may be as much again, for as long as that lasts. */
  private Limit of(WindowLimit whole) {
    long capacity = Math.max(1, whole.capacity() / instances);
    WindowLimit share =
        whole instanceof FixedWindowLimit fixed
            ? Limit.fixedWindow(capacity, fixed.calendarUnit(), fixed.zone())
            : Limit.slidingWindow(capacity, whole.window());
    return share.withUnit(whole.unit()).withOverdraft(Math.min(capacity, whole.overdraft()));
  }

  private Limit of(InFlightLimit whole) {
    InFlightLimit share =
        Limit.inFlight(Math.max(1, whole.capacity() / instances)).withUnit(whole.unit());
    return whole.heldAtMost().map(share::withHeldAtMost).orElse(share);
  }

  private Limit of(TokenBucketLimit whole) {
    long nanosPerToken =
        Inside.nanosPerToken(whole) > MAX_NANOS_PER_TOKEN / instances
            ? MAX_NANOS_PER_TOKEN
            : Inside.nanosPerToken(whole) * instances;
    long capacity = Math.max(1, whole.capacity() / instances);
    long most = MAX_NANOS_PER_TOKEN / nanosPerToken - capacity;
    return Limit.of(capacity, 1, Duration.ofNanos(nanosPerToken))
        .withUnit(whole.unit())
        .withOverdraft(Math.max(0, Math.min(whole.overdraft() / instances, most)));
  }
}
