package dev.penstock;

import dev.penstock.base.Inside;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
  private static final long MAX_LEASE = 1_000_000_000;

  private final long refillTokens;
  private final Duration refillPeriod;
  private final Duration window;
  private final Options options;

  /**
   * What a limit is besides its numbers.
   *
   * @param overdraft tokens that a bucket may owe
   * @param lease tokens that may be taken ahead, 0 where none
   */
  private record Options(String unit, @Nullable FailoverMode failover, long overdraft, long lease) {

    static final Options NONE = new Options(Cost.REQUESTS, null, 0, 0);
  }

  private TokenBucketLimit(
      long capacity,
      long refillTokens,
      Duration refillPeriod,
      Duration window,
      long nanosPerToken,
      Options options) {
    super(
        capacity, options.unit, options.failover, nanosPerToken, options.overdraft * nanosPerToken);
    this.refillTokens = refillTokens;
    this.refillPeriod = refillPeriod;
    this.window = window;
    this.options = options;
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
        Options.NONE);
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
    return create(capacity, refillTokens, refillPeriod)
        .withOverdraft(options.overdraft)
        .with(options);
  }

  @Override
  public TokenBucketLimit withUnit(String unit) {
    return with(
        new Options(Cost.requireUnit(unit), options.failover, options.overdraft, options.lease));
  }

  @Override
  public TokenBucketLimit withFailover(FailoverMode mode) {
    Objects.requireNonNull(mode, "mode");
    return with(new Options(options.unit, mode, options.overdraft, options.lease));
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
    return with(new Options(options.unit, options.failover, overdraft, options.lease));
  }

  /**
   * {@return a limit like this one of whose busy buckets a process takes tokens ahead, and serves
   * requests from memory with them} Only a request whose every limit is leased is served so, and of
   * a limiter that {@linkplain RateLimiter#banning bans} only if one of them is the identity's own.
   * A bucket is busy if the process has asked for it within the last 100 ms. A limiter that shares
   * nothing takes no notice.
   *
   * <p>Never permits more than the limit, if the limiter knows of no fewer instances than there
   * are: a leased token is paid, and is void as soon as the shared bucket may have refilled it. But
   * a request may be denied early, here or at another instance, by as many tokens as all instances
   * have taken ahead and not spent: at most so many each, and at most half of what the bucket had
   * left. Each instance takes what it is likely to spend within half a second. What lies for a
   * second goes back, and what is left when the limiter is closed, but for what is refilled within
   * a minute and 6 s for each instance anyway; until then, or for 6 s for each instance after a
   * return, the bucket is not leased here again. If a process dies or stalls for more than a
   * second, or the store is away, its tokens are refilled instead. What is put back or reset at
   * another instance is not seen by a lease, for a second at most.
   *
   * <p>The store is asked again when half of the tokens are spent or refilled, so take at least
   * what the limit refills within some round trips.
   *
   * @param tokens taken ahead at most, 2 to 1,000,000,000
   * @throws IllegalArgumentException if they are out of range
   */
  public TokenBucketLimit withLease(long tokens) {
    if (tokens < 2 || tokens > MAX_LEASE) {
      throw new IllegalArgumentException("tokens must be from 2 to " + MAX_LEASE + ": " + tokens);
    }
    return with(new Options(options.unit, options.failover, options.overdraft, tokens));
  }

  private TokenBucketLimit with(Options other) {
    return new TokenBucketLimit(
        capacity(), refillTokens, refillPeriod, window, Inside.nanosPerToken(this), other);
  }

  /** {@return how many tokens a bucket may owe beyond empty: 0 unless it is said} */
  public long overdraft() {
    return options.overdraft;
  }

  /** {@return how many tokens of a bucket are taken ahead at most: 0 unless it is said} */
  public long lease() {
    return options.lease;
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
        && options.equals(that.options);
  }

  @Override
  public int hashCode() {
    return Objects.hash(capacity(), refillTokens, refillPeriod, options);
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
        + (overdraft() == 0 ? "" : ", overdraft=" + overdraft())
        + (lease() == 0 ? "" : ", lease=" + lease())
        + failover().map(mode -> ", failover=" + mode).orElse("")
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
