package dev.penstock;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * After how many denials an identity is banned, and for how long: nothing that it asks for is
 * permitted meanwhile. {@link RateLimiter#banning} makes a limiter that does so.
 *
 * <p>What counts is a denial by a limit that the identity has for itself, also of a cost that it
 * can never pay; not one by a limit that it shares with others, nor for want of a store. Denials
 * are a token bucket like any other: with 20 within a minute, the twentieth of as many at once
 * bans; of denials that come at an even pace, up to 40 within a minute do not, and more than 20 a
 * minute in the long run do. What is denied by the ban itself does not count, so a ban becomes
 * neither longer nor shorter by what is asked for during it.
 *
 * <p>It is two buckets of each identity: one of denials, and one that is full unless there is a
 * ban, in the unit {@value #UNIT}, of which every request is charged 0. Nobody else's denials
 * count: an identity for whose buckets there is no room in memory is not banned.
 *
 * <pre>{@code
 * RateLimiter limiter =
 *     InMemoryRateLimiter.create()
 *         .banning(Ban.after(20, Duration.ofMinutes(1)).lasting(Duration.ofMinutes(10)));
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class Ban {

  /** The unit of the bucket that denies whoever is banned. A cost that names it bans. */
  public static final String UNIT = "bans";

  private static final long MAX_DENIALS = 1_000_000;
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofDays(365);

  private final PartitionedLimit denials;
  private final PartitionedLimit bans;
  private final Duration lasting;

  private Ban(Limit denials, Duration lasting) {
    this.denials = PartitionedLimit.ofBan("denials", denials);
    this.bans =
        PartitionedLimit.ofBan(
            "ban", Limit.per(1, lasting).withUnit(UNIT).withFailover(FailoverMode.LOCAL));
    this.lasting = lasting;
  }

  /**
   * Says after how many denials an identity is banned.
   *
   * @param denials 1 to 1,000,000
   * @param period within which they count, 1 ms to 365 days
   * @return what says for how long
   * @throws IllegalArgumentException if one of them is out of range
   */
  public static After after(long denials, Duration period) {
    if (denials < 1 || denials > MAX_DENIALS) {
      throw new IllegalArgumentException(
          "denials must be from 1 to " + MAX_DENIALS + ": " + denials);
    }
    Limit counted = Limit.per(denials, requireBetween("period", period));
    return new After(counted.withFailover(FailoverMode.LOCAL));
  }

  /** What is banned after, until it is said for how long. Immutable and thread-safe. */
  public static final class After {

    private final Limit denials;

    private After(Limit denials) {
      this.denials = denials;
    }

    /**
     * Says for how long an identity is banned.
     *
     * @param time 1 ms to 365 days
     * @return the ban
     * @throws IllegalArgumentException if it is out of range
     */
    public Ban lasting(Duration time) {
      return new Ban(denials, requireBetween("time", time));
    }
  }

  private static Duration requireBetween(String parameter, Duration value) {
    Objects.requireNonNull(value, parameter);
    if (value.compareTo(LEAST) < 0 || value.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(
          parameter + " must be from " + LEAST + " to " + MOST + ": " + value);
    }
    return value;
  }

  /**
   * Lifts the ban of an identity, if there is one, and forgets its denials. Whether there is one
   * says {@link Decision#banned} of what the limiter {@linkplain RateLimiter#peek peeks}.
   *
   * @param limiter one that bans so, or one that listens to it
   * @param identity who is no longer banned
   */
  public void lift(RateLimiter limiter, Identity identity) {
    limiter.reset(identity, policy(bans).and(policy(denials)));
  }

  /** Returns the limit that denies whoever is banned. */
  PartitionedLimit bans() {
    return bans;
  }

  Duration lasting() {
    return lasting;
  }

  /** Counts a denial, and returns whether the identity is banned from now on because of it. */
  boolean count(RateLimiter limiter, Identity identity) {
    Decision counted = limiter.tryAcquire(identity, policy(denials), Cost.ONE_REQUEST);
    boolean isLast =
        counted.permitted()
            && counted.buckets().stream().anyMatch(bucket -> bucket.remaining() == 0);
    return isLast && limiter.tryAcquire(identity, policy(bans), Cost.units(UNIT, 1)).permitted();
  }

  private static LimitPolicy policy(PartitionedLimit limit) {
    return PreparedPolicy.of(limit.name(), List.of(limit));
  }

  @Override
  public String toString() {
    return "Ban[after=" + denials.limit() + ", lasting=" + lasting + "]";
  }
}
