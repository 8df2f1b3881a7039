package dev.penstock;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be under way at once: each holds a slot, or as many as its cost says, from
 * the moment it is permitted until its {@link Reservation} is closed.
 *
 * <p>A slot is taken by {@link RateLimiter#reserve} alone, as nobody could give back what {@code
 * tryAcquire} takes. When one will be free is not known, so a denial for want of a slot has no
 * {@linkplain Decision#retryAfter retry-after}.
 *
 * <p>A reservation that nobody closes holds its slots until it is garbage collected, which may be
 * long after, or for as long as {@link #withHeldAtMost} says.
 *
 * <p>In Redis one request holds at most 1,000 slots of a bucket; a cost of more is denied for ever.
 *
 * <p>Made by {@link Limit#inFlight}. Immutable and thread-safe.
 */
public final class InFlightLimit extends Limit {

  private static final long MAX_SLOTS = 1_000_000_000;
  private static final Duration MAX_HELD = Duration.ofDays(3_653);

  private final @Nullable Duration heldAtMost;

  private InFlightLimit(
      long slots, String unit, @Nullable FailoverMode failover, @Nullable Duration heldAtMost) {
    super(slots, unit, failover, 1, 0);
    this.heldAtMost = heldAtMost;
  }

  static InFlightLimit create(long slots) {
    if (slots < 1 || slots > MAX_SLOTS) {
      throw new IllegalArgumentException("slots must be from 1 to " + MAX_SLOTS + ": " + slots);
    }
    return new InFlightLimit(slots, Cost.CONCURRENT_REQUESTS, null, null);
  }

  @Override
  public InFlightLimit withUnit(String unit) {
    return new InFlightLimit(
        capacity(), Cost.requireUnit(unit), failover().orElse(null), heldAtMost);
  }

  @Override
  public InFlightLimit withFailover(FailoverMode mode) {
    Objects.requireNonNull(mode, "mode");
    return new InFlightLimit(capacity(), unit(), mode, heldAtMost);
  }

  /**
   * {@return a limit like this one whose slots are given back after so long, whether the request
   * has ended or not} That is the net below everything else: for what nobody closes, and no
   * collection finds. It is looked for by whoever reserves or peeks next, at most every half
   * second, and in Redis every third of a slot's life; a line of the log says when it bites. Choose
   * it longer than the longest request.
   *
   * @param heldAtMost above zero, at most ten years
   * @throws IllegalArgumentException if it is out of range
   */
  public InFlightLimit withHeldAtMost(Duration heldAtMost) {
    Objects.requireNonNull(heldAtMost, "heldAtMost");
    if (heldAtMost.isNegative() || heldAtMost.isZero() || heldAtMost.compareTo(MAX_HELD) > 0) {
      throw new IllegalArgumentException(
          "heldAtMost must be above zero and at most ten years: " + heldAtMost);
    }
    return new InFlightLimit(capacity(), unit(), failover().orElse(null), heldAtMost);
  }

  /**
   * {@return after how long a slot is given back at the latest; empty where only its end counts}
   */
  public Optional<Duration> heldAtMost() {
    return Optional.ofNullable(heldAtMost);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InFlightLimit that
        && capacity() == that.capacity()
        && unit().equals(that.unit())
        && failover().equals(that.failover())
        && Objects.equals(heldAtMost, that.heldAtMost);
  }

  @Override
  public int hashCode() {
    return Objects.hash(capacity(), unit(), failover(), heldAtMost);
  }

  @Override
  public String toString() {
    return "Limit[slots="
        + capacity()
        + (unit().equals(Cost.CONCURRENT_REQUESTS) ? "" : ", unit=" + unit())
        + (heldAtMost == null ? "" : ", heldAtMost=" + heldAtMost)
        + failover().map(mode -> ", failover=" + mode).orElse("")
        + "]";
  }
}
