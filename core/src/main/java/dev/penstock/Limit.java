package dev.penstock;

import dev.penstock.base.Inside;
import dev.penstock.base.RefillNanos;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The numbers of one token bucket: it holds {@code capacity} tokens when full and gains {@code
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
 * <p>Immutable and thread-safe. There is no default limit: a limit is always stated.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public final class Limit extends RefillNanos {

  /** The largest capacity: the largest integer of a structured field (RFC 9651 section 3.3.1). */
  static final long MAX_CAPACITY = 999_999_999_999_999L;

  private static final Duration MAX_FILL = Duration.ofDays(3_653);

  private final long capacity;
  private final long refillTokens;
  private final Duration refillPeriod;
  private final Duration window;
  private final String unit;
  private final long overdraft;

  /** Whether the unit is that of requests: asked by every decision. */
  final boolean countsRequests;

  private Limit(
      long capacity,
      long refillTokens,
      Duration refillPeriod,
      Duration window,
      long nanosPerToken,
      String unit,
      long overdraft) {
    super(nanosPerToken, capacity * nanosPerToken, overdraft * nanosPerToken);
    this.capacity = capacity;
    this.refillTokens = refillTokens;
    this.refillPeriod = refillPeriod;
    this.window = window;
    this.unit = unit;
    this.overdraft = overdraft;
    this.countsRequests = unit.equals(Cost.REQUESTS);
  }

  /**
   * Returns the limit of these numbers.
   *
   * @param capacity tokens in a full bucket, 1 to 999,999,999,999,999
   * @param refillTokens tokens gained in each period, 1 to 999,999,999,999,999
   * @param refillPeriod above zero, at least one nanosecond for each token
   * @return the limit
   * @throws IllegalArgumentException if a number is out of range, or a full refill would take more
   *     than ten years
   */
  public static Limit of(long capacity, long refillTokens, Duration refillPeriod) {
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
    return new Limit(
        capacity,
        refillTokens,
        refillPeriod,
        Duration.ofNanos(window.longValueExact()),
        interval.longValueExact(),
        Cost.REQUESTS,
        0);
  }

  /**
   * Returns a limit of this many tokens in every period, with as many in a full bucket.
   *
   * @param tokens 1 to 999,999,999,999,999
   * @param refillPeriod above zero, at least one nanosecond for each token
   * @return the limit
   * @throws IllegalArgumentException if a number is out of range
   */
  public static Limit per(long tokens, Duration refillPeriod) {
    return of(requireTokens("tokens", tokens), tokens, refillPeriod);
  }

  /**
   * Returns a limit of this many tokens a second.
   *
   * @param tokens 1 to 1,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static Limit perSecond(long tokens) {
    return per(tokens, Duration.ofSeconds(1));
  }

  /**
   * Returns a limit of this many tokens a minute.
   *
   * @param tokens 1 to 60,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static Limit perMinute(long tokens) {
    return per(tokens, Duration.ofMinutes(1));
  }

  /**
   * Returns a limit of this many tokens an hour.
   *
   * @param tokens 1 to 3,600,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static Limit perHour(long tokens) {
    return per(tokens, Duration.ofHours(1));
  }

  /**
   * Returns a limit of this many tokens in 24 hours.
   *
   * @param tokens 1 to 86,400,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static Limit perDay(long tokens) {
    return per(tokens, Duration.ofDays(1));
  }

  /**
   * Returns the one limit that a rate string such as {@code "10/minute"} states; see {@link
   * #parseAll} for the grammar.
   *
   * @param rate the rate string, with exactly one limit
   * @return the limit
   * @throws IllegalArgumentException naming the text and the position (from 0), if it is not a rate
   *     string or holds several limits
   */
  public static Limit parse(String rate) {
    List<Limit> limits = parseAll(rate);
    if (limits.size() > 1) {
      throw new IllegalArgumentException(
          "rate must be a single limit, found " + limits.size() + ": \"" + rate + "\"");
    }
    return limits.get(0);
  }

  /**
   * Returns the limits that a rate string states, in its order.
   *
   * <pre>
   * rates = rate *( ( ";" / "," / "|" ) rate )
   * rate  = count ( "/" / "per" ) [ multiple ] unit
   * unit  = ms, s, m, h, d, w, or their long forms: sec, min, hr, second, minute, hour, day, week, with or without "s"
   * </pre>
   *
   * <p>Upper and lower case are the same, and spaces may stand between any two parts: {@code "10
   * per 2 hours; 100/day"}. A count is a whole number from 1. Months and years have no fixed length
   * and are no units.
   *
   * @param rate the rate string
   * @return at least one limit
   * @throws IllegalArgumentException naming the text and the position (from 0), if it is not a rate
   *     string
   */
  public static List<Limit> parseAll(String rate) {
    return new RateString(Objects.requireNonNull(rate, "rate")).limits();
  }

  /**
   * {@return a limit like this one, but with another capacity: a larger or smaller burst at the
   * same long-run rate}
   *
   * @param capacity tokens in a full bucket, 1 to 999,999,999,999,999
   * @throws IllegalArgumentException if it is out of range, or a full refill would take more than
   *     ten years
   */
  public Limit withCapacity(long capacity) {
    return of(capacity, refillTokens, refillPeriod).withUnit(unit).withOverdraft(overdraft);
  }

  /**
   * {@return a limit like this one that counts another unit: one that says what a request costs in
   * it is charged that, see {@link Cost}}
   *
   * @param unit {@value Cost#REQUESTS}, or another name, such as {@code model-tokens}: 1 to 128
   *     printable ASCII characters (0x20 to 0x7E), since it travels as a structured field String
   * @throws IllegalArgumentException if it is empty, too long or not printable ASCII
   */
  public Limit withUnit(String unit) {
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
  public Limit withOverdraft(long overdraft) {
    if (overdraft < 0 || overdraft > MAX_CAPACITY) {
      throw new IllegalArgumentException(
          "overdraft must be from 0 to " + MAX_CAPACITY + ": " + overdraft);
    }
    BigInteger all = BigInteger.valueOf(capacity).add(BigInteger.valueOf(overdraft));
    if (all.multiply(BigInteger.valueOf(Inside.nanosPerToken(this))).compareTo(nanos(MAX_FILL))
        > 0) {
      throw new IllegalArgumentException(
          "overdraft must refill with the capacity "
              + capacity
              + " within ten years at "
              + refillTokens
              + " per "
              + refillPeriod
              + ": "
              + overdraft);
    }
    return with(unit, overdraft);
  }

  private Limit with(String otherUnit, long otherOverdraft) {
    return new Limit(
        capacity,
        refillTokens,
        refillPeriod,
        window,
        Inside.nanosPerToken(this),
        otherUnit,
        otherOverdraft);
  }

  /** {@return what the limit counts: {@value Cost#REQUESTS} unless it is said} */
  public String unit() {
    return unit;
  }

  /** {@return how many tokens a bucket may owe beyond empty: 0 unless it is said} */
  public long overdraft() {
    return overdraft;
  }

  /** {@return the tokens in a full bucket} */
  public long capacity() {
    return capacity;
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
    return other instanceof Limit that
        && capacity == that.capacity
        && refillTokens == that.refillTokens
        && refillPeriod.equals(that.refillPeriod)
        && unit.equals(that.unit)
        && overdraft == that.overdraft;
  }

  @Override
  public int hashCode() {
    return Objects.hash(capacity, refillTokens, refillPeriod, unit, overdraft);
  }

  @Override
  public String toString() {
    return "Limit[capacity="
        + capacity
        + ", refill="
        + refillTokens
        + " per "
        + refillPeriod
        + (countsRequests ? "" : ", unit=" + unit)
        + (overdraft == 0 ? "" : ", overdraft=" + overdraft)
        + "]";
  }

  private static long requireTokens(String parameter, long tokens) {
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
