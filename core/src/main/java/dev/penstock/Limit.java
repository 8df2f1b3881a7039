package dev.penstock;

import dev.penstock.base.RefillNanos;
import dev.penstock.base.Windows;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much of something is allowed: so much in a time ({@link TokenBucketLimit}, {@link
 * WindowLimit}), or so much at a time ({@link InFlightLimit}).
 *
 * <p>{@code Limit.perMinute(10)} is a token bucket of 10 that is refilled within a minute; that of
 * {@code Limit.fixedWindow(1000, CalendarUnit.DAY, zone)} is full again at midnight; {@code
 * Limit.inFlight(4)} has 4 slots, each of which a request holds until it ends. All count requests
 * unless another {@linkplain #withUnit unit} is said.
 *
 * <p>Immutable and thread-safe. There is no default limit: a limit is always stated.
 */
@SuppressWarnings("exports") // its superclass is hidden on purpose
public abstract sealed class Limit extends RefillNanos
    permits TokenBucketLimit, WindowLimit, InFlightLimit {

  /** The largest capacity: the largest integer of a structured field (RFC 9651 section 3.3.1). */
  static final long MAX_CAPACITY = 999_999_999_999_999L;

  private final long capacity;
  private final String unit;
  private final @Nullable FailoverMode failover;

  /** Whether the unit is that of requests: asked by every decision. */
  final boolean countsRequests;

  Limit(
      long capacity,
      String unit,
      @Nullable FailoverMode failover,
      long nanosPerToken,
      long nanosOfOverdraft) {
    this(capacity, unit, failover, nanosPerToken, nanosOfOverdraft, null);
  }

  Limit(
      long capacity,
      String unit,
      @Nullable FailoverMode failover,
      long nanosPerToken,
      long nanosOfOverdraft,
      @Nullable Windows windows) {
    super(nanosPerToken, capacity * nanosPerToken, nanosOfOverdraft, windows);
    this.capacity = capacity;
    this.unit = unit;
    this.failover = failover;
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
  public static TokenBucketLimit of(long capacity, long refillTokens, Duration refillPeriod) {
    return TokenBucketLimit.create(capacity, refillTokens, refillPeriod);
  }

  /**
   * Returns a limit of this many tokens in every period, with as many in a full bucket.
   *
   * @param tokens 1 to 999,999,999,999,999
   * @param refillPeriod above zero, at least one nanosecond for each token
   * @return the limit
   * @throws IllegalArgumentException if a number is out of range
   */
  public static TokenBucketLimit per(long tokens, Duration refillPeriod) {
    return of(TokenBucketLimit.requireTokens("tokens", tokens), tokens, refillPeriod);
  }

  /**
   * Returns a limit of this many tokens a second.
   *
   * @param tokens 1 to 1,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static TokenBucketLimit perSecond(long tokens) {
    return per(tokens, Duration.ofSeconds(1));
  }

  /**
   * Returns a limit of this many tokens a minute.
   *
   * @param tokens 1 to 60,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static TokenBucketLimit perMinute(long tokens) {
    return per(tokens, Duration.ofMinutes(1));
  }

  /**
   * Returns a limit of this many tokens an hour.
   *
   * @param tokens 1 to 3,600,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static TokenBucketLimit perHour(long tokens) {
    return per(tokens, Duration.ofHours(1));
  }

  /**
   * Returns a limit of this many tokens in 24 hours.
   *
   * @param tokens 1 to 86,400,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code tokens} is out of range
   */
  public static TokenBucketLimit perDay(long tokens) {
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
    List<Limit> limits = limits(rate);
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
   * rate  = count ( "/" / "per" ) [ multiple ] unit [ "sliding" ]
   *       / count ( "/" / "per" ) ( unit / month / year ) "fixed" [ zone ]
   * unit  = ms, s, m, h, d, w, or their long forms: sec, min, hr, second, minute, hour, day, week, with or without "s"
   * </pre>
   *
   * <p>Upper and lower case are the same, and spaces may stand between any two parts: {@code "10
   * per 2 hours; 100/day"}. A count is a whole number from 1. Months and years have no fixed length
   * and are no units, but of the calendar.
   *
   * <p>{@code "1000/day fixed Europe/Berlin"} is a {@linkplain #fixedWindow fixed window} of the
   * calendar, in UTC where no zone is said; {@code "100/minute sliding"} is a {@linkplain
   * #slidingWindow sliding window}; what says neither is a token bucket.
   *
   * @param rate the rate string
   * @return at least one limit
   * @throws IllegalArgumentException naming the text and the position (from 0), if it is not a rate
   *     string
   */
  public static List<Limit> parseAll(String rate) {
    return limits(rate);
  }

  private static List<Limit> limits(String rate) {
    return new RateString(Objects.requireNonNull(rate, "rate")).limits();
  }

  /**
   * Returns a limit of this many slots: so many requests of those who share it may be under way at
   * once. Its unit is {@value Cost#CONCURRENT_REQUESTS}, of which a request takes one unless its
   * cost says more.
   *
   * @param slots 1 to 1,000,000,000
   * @return the limit
   * @throws IllegalArgumentException if {@code slots} is out of range
   */
  public static InFlightLimit inFlight(long slots) {
    return InFlightLimit.create(slots);
  }

  /**
   * Returns a limit of this many tokens in every minute, hour, day, week, month or year of the
   * calendar, all of which are there again when the next one begins.
   *
   * @param capacity 1 to 2,000,000,000
   * @param unit of the calendar
   * @param zone in which it begins, with daylight saving time if it has that
   * @return the limit
   * @throws IllegalArgumentException if {@code capacity} is out of range
   */
  public static FixedWindowLimit fixedWindow(long capacity, CalendarUnit unit, ZoneId zone) {
    return FixedWindowLimit.create(capacity, unit, zone);
  }

  /**
   * Returns a limit of this many tokens in every window of this length, wherever it begins, as far
   * as two counters can tell: that of the current window, and that of the last one, of which the
   * part counts that is still within reach.
   *
   * @param capacity 1 to 250,000,000, or to 7,500,000 where the window is no whole number of
   *     minutes
   * @param window whole seconds, from one to 366 days
   * @return the limit
   * @throws IllegalArgumentException if one of them is out of range
   */
  public static SlidingWindowLimit slidingWindow(long capacity, Duration window) {
    return SlidingWindowLimit.create(capacity, window);
  }

  /**
   * {@return a limit like this one that counts another unit: one that says what a request costs in
   * it is charged that, see {@link Cost}}
   *
   * @param unit {@value Cost#REQUESTS}, {@value Cost#CONCURRENT_REQUESTS}, or another name, such as
   *     {@code model-tokens}: 1 to 128 printable ASCII characters (0x20 to 0x7E), since it travels
   *     as a structured field String
   * @throws IllegalArgumentException if it is empty, too long or not printable ASCII
   */
  public abstract Limit withUnit(String unit);

  /**
   * {@return a limit like this one that says by itself what becomes of requests while a shared
   * store is away} The limiter says so for all others. A request that is charged to several limits
   * is rejected if one of them is {@link FailoverMode#CLOSED}. A limiter that shares nothing takes
   * no notice.
   *
   * @param mode of this limit
   */
  public abstract Limit withFailover(FailoverMode mode);

  /** {@return what the limit counts: {@value Cost#REQUESTS} unless it is said} */
  public final String unit() {
    return unit;
  }

  /**
   * {@return what becomes of requests while a shared store is away; empty where the limiter says}
   */
  public final Optional<FailoverMode> failover() {
    return Optional.ofNullable(failover);
  }

  /** {@return the tokens in a full bucket, or the slots} */
  public final long capacity() {
    return capacity;
  }
}
