package dev.penstock;

import dev.penstock.base.Inside;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Objects;

/**
 * The numbers of a token bucket: it holds {@code capacity} tokens when full and gains {@code
 * refillTokens} in every {@code refillPeriod}, continuously, not all at once.
 *
 * <p>{@code 10/minute} is a capacity of 10 refilled at one token every 6 seconds: a client may
 * spend 10 at once, and 10 a minute in the long run. The capacity is the largest burst and the
 * largest cost; the refill is the long-run rate.
 *
 * <p>Time is counted in whole nanoseconds per token, rounded up, so rounding never admits more than
 * was stated; at up to 10,000,000 tokens a minute it admits at most 0.02 % less. A full refill
 * takes at most ten years and a token at least one nanosecond.
 *
 * <p>Made by {@link Limit#of}, {@link Limit#perMinute} and the like. Immutable and thread-safe.
 */
public final class TokenBucketLimit extends Limit {

  private static final Duration MAX_FILL = Duration.ofDays(3_653);

  private final long refillTokens;
  private final Duration refillPeriod;
  private final Duration window;
  private final long overdraft;

  private TokenBucketLimit(
      long capacity,
      long refillTokens,
      Duration refillPeriod,
      Duration window,
      long nanosPerToken,
      String unit,
      long overdraft) {
    super(capacity, unit, nanosPerToken, overdraft * nanosPerToken);
    this.refillTokens = refillTokens;
    this.refillPeriod = refillPeriod;
    this.window = window;
    this.overdraft = overdraft;
  }

  /** Returns what {@link Limit#of} does. */
  static TokenBucketLimit create(long capacity, long refillTokens, Duration refillPeriod) {
    requireTokens("capacity", capacity);
    requireTokens("refillTokens", refillTokens);
    Objects.requireNonNull(refillPeriod, "refillPeriod");
    if (refillPeriod.isNegative() || refillPeriod.isZero()) {
      throw new IllegalArgumentException("refillPeriod must be above zero: " + refillPeriod);
    }
    BigInteger period = nanos(refillPeriod);
    BigInteger tokens = BigInteger.valueOf(refillTokens);
    if (period.compareTo(tokens) < 0) {
      throw new IllegalArgumentException(
          "refillTokens must be at most one per nanosecond of refillPeriod "
              + refillPeriod
              + ": "
              + refillTokens);
    }
    BigInteger interval = ceilDivide(period, tokens);
    if (interval.multiply(BigInteger.valueOf(capacity)).compareTo(nanos(MAX_FILL)) > 0) {
      throw new IllegalArgumentException(
          "capacity must refill within ten years at "
              + refillTokens
              + " per "
              + refillPeriod
              + ": "
              + capacity);
    }
    BigInteger window = ceilDivide(period.multiply(BigInteger.valueOf(capacity)), tokens);
    return new TokenBucketLimit(
        capacity,
        refillTokens,
        refillPeriod,
        Duration.ofNanos(window.longValueExact()),
        interval.longValueExact(),
        Cost.REQUESTS,
        0);
  }

  /**
   * {@return a limit like this one, but with another capacity: a larger or smaller burst at the
   * same long-run rate}
   *
   * @param capacity tokens in a full bucket, 1 to 999,999,999,999,999
   * @throws IllegalArgumentException if it is out of range, or a full refill would take more than
   *     ten years
   */
  public TokenBucketLimit withCapacity(long capacity) {
    return create(capacity, refillTokens, refillPeriod).withUnit(unit()).withOverdraft(overdraft);
  }

  @Override
  public TokenBucketLimit withUnit(String unit) {
    return with(Cost.requireUnit(unit), overdraft);
  }

  /**
   * {@return a limit like this one whose buckets may owe: what is known only after it was spent is
   * charged in full, so far beyond empty at most, and nothing is permitted until that is refilled}
   * No decision takes more than a bucket holds all the same; only settling does.
   *
   * @param overdraft tokens beyond empty, 0 to 999,999,999,999,999
   * @throws IllegalArgumentException if it is out of range, or the capacity and as much would take
   *     more than ten years to refill
   */
  public TokenBucketLimit withOverdraft(long overdraft) {
    if (overdraft < 0 || overdraft > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "overdraft must be from 0 to " + MAX_CAPACITY + ": " + overdraft);
    }
    BigInteger all = BigInteger.valueOf(capacity()).add(BigInteger.valueOf(overdraft));
    if (all.multiply(BigInteger.valueOf(Inside.nanosPerToken(this))).compareTo(nanos(MAX_FILL))
        > 0) {
      throw new IllegalArgumentException(
          "overdraft must refill with the capacity "
              + capacity()
              + " within ten years at "
              + refillTokens
              + " per "
              + refillPeriod
              + ": "
              + overdraft);
    }
    return with(unit(), overdraft);
  }

  private TokenBucketLimit with(String otherUnit, long otherOverdraft) {
    return new TokenBucketLimit(
        capacity(),
        refillTokens,
        refillPeriod,
        window,
        Inside.nanosPerToken(this),
        otherUnit,
        otherOverdraft);
  }

  /** {@return how many tokens a bucket may owe beyond empty: 0 unless it is said} */
  public long overdraft() {
    return overdraft;
  }

  /** {@return the tokens gained in each refill period} */
  public long refillTokens() {
    return refillTokens;
  }

  /** {@return the time in which the refill tokens are gained} */
  public Duration refillPeriod() {
    return refillPeriod;
  }

  /**
   * {@return the time in which the capacity is gained, rounded up to the nanosecond: the refill
   * period where capacity and refill are equal}
   */
  public Duration window() {
    return window;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenBucketLimit that
        && capacity() == that.capacity()
        && refillTokens == that.refillTokens
        && refillPeriod.equals(that.refillPeriod)
        && unit().equals(that.unit())
        && overdraft == that.overdraft;
  }

  @Override
  public int hashCode() {
    return Objects.hash(capacity(), refillTokens, refillPeriod, unit(), overdraft);
  }

  @Override
  public String toString() {
    return "Limit[capacity="
        + capacity()
        + ", refill="
        + refillTokens
        + " per "
        + refillPeriod
        + (countsRequests ? "" : ", unit=" + unit())
        + (overdraft == 0 ? "" : ", overdraft=" + overdraft)
        + "]";
  }

  static long requireTokens(String parameter, long tokens) {
    if (tokens < 1 || tokens > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          parameter + " must be from 1 to " + MAX_CAPACITY + ": " + tokens);
    }
    return tokens;
  }

  private static BigInteger nanos(Duration duration) {
    return BigInteger.valueOf(duration.getSeconds())
        .multiply(BigInteger.valueOf(1_000_000_000L))
        .add(BigInteger.valueOf(duration.getNano()));
  }

  private static BigInteger ceilDivide(BigInteger dividend, BigInteger divisor) {
    return dividend.add(divisor).subtract(BigInteger.ONE).divide(divisor);
  }
}
