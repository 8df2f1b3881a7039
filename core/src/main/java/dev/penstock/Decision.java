package dev.penstock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A rate limiter's answer: whether the request may pass, and how each bucket stands that it
 * concerns.
 *
 * <p>A permitted request has taken its cost from every bucket, a denied one from none. A denial has
 * one of three ends: it says when to come back ({@link #retryAfter}), that waiting does not help
 * ({@link #never}), or neither, where the time is not known. Immutable and thread-safe.
 */
public final class Decision {

  /** Who decided. */
  public enum Source {
    /** The memory of this process, where the buckets live. */
    MEMORY,
    /** Redis, or this process by what Redis said of the buckets shortly before. */
    REDIS,
    /** This process by its share of the limits, while the shared store is away. */
    LOCAL,
    /** Nobody: the shared store is away, and the operator lets requests proceed meanwhile. */
    OPEN,
    /** Nobody: the shared store is away, and the operator rejects requests meanwhile. */
    CLOSED
  }

  /** The details of a decision that no bucket took part in. */
  private record NoBuckets(long retryAfterNanos) implements Supplier<List<BucketState>> {
    @Override
    public List<BucketState> get() {
      return List.of();
    }
  }

  /** The details of a decision beside which others were tried: one object less in all others. */
  private record WithShadow(Supplier<List<BucketState>> buckets, Decision shadow)
      implements Supplier<List<BucketState>> {
    @Override
    public List<BucketState> get() {
      return buckets.get();
    }
  }

  private static final Decision PERMITTED_BY_NOBODY =
      new Decision(Source.OPEN, true, new NoBuckets(0));

  private final Source source;
  private final boolean permitted;
  private final Supplier<List<BucketState>> buckets;

  private Decision(Source source, boolean permitted, Supplier<List<BucketState>> buckets) {
    this.source = source;
    this.permitted = permitted;
    this.buckets = buckets;
  }

  /**
   * Returns the decision that these answers make: permitted exactly if every bucket could pay.
   *
   * @param source who decided, by buckets: not {@link Source#OPEN} or {@link Source#CLOSED}
   * @param buckets one answer for each bucket, at least one, in the policy's order
   * @return the decision
   * @throws IllegalArgumentException if there is no answer, or one is null, or nobody decided
   */
  public static Decision of(Source source, List<BucketState> buckets) {
    requireBuckets(source);
    Objects.requireNonNull(buckets, "buckets");
    if (buckets.isEmpty()) {
      throw new IllegalArgumentException("buckets must not be empty");
    }
    for (BucketState bucket : buckets) {
      if (bucket == null) {
        throw new IllegalArgumentException("buckets must hold no null: " + buckets);
      }
    }
    List<BucketState> answers = List.copyOf(buckets);
    boolean permitted = true;
    for (BucketState bucket : answers) {
      permitted &= bucket.permitted();
    }
    return new Decision(source, permitted, () -> answers);
  }

  /**
   * Returns a decision whose details are worked out when someone asks for them: most callers ask
   * only whether the request may pass.
   *
   * @param source who decided, by buckets: not {@link Source#OPEN} or {@link Source#CLOSED}
   * @param permitted whether the request may pass
   * @param buckets gives one answer for each bucket, at least one, in the policy's order, and the
   *     same each time; thread-safe
   * @return the decision
   * @throws IllegalArgumentException if nobody decided
   */
  public static Decision of(Source source, boolean permitted, Supplier<List<BucketState>> buckets) {
    requireBuckets(source);
    Objects.requireNonNull(buckets, "buckets");
    return new Decision(source, permitted, buckets);
  }

  private static void requireBuckets(Source source) {
    Objects.requireNonNull(source, "source");
    if (source == Source.OPEN || source == Source.CLOSED) {
      throw new IllegalArgumentException("source must be one that has buckets: " + source);
    }
  }

  /**
   * Returns the decision on a request whose limits are all {@linkplain PartitionedLimit#asShadow in
   * shadow}: permitted, by no bucket.
   *
   * @param source who has tried the limits
   * @return the decision
   * @throws IllegalArgumentException if nobody decided
   */
  public static Decision ofNoBucket(Source source) {
    requireBuckets(source);
    return new Decision(source, true, List::of);
  }

  /**
   * Returns this decision, together with what limits in shadow would have decided.
   *
   * @param shadow of the buckets of those limits
   * @return a decision like this one, with another {@link #shadow}
   * @throws IllegalArgumentException if this one is denied: nothing is tried then
   */
  public Decision withShadow(Decision shadow) {
    Objects.requireNonNull(shadow, "shadow");
    if (!permitted) {
      throw new IllegalArgumentException("shadow must be of a permitted request: " + this);
    }
    return new Decision(source, true, new WithShadow(buckets, shadow));
  }

  /** {@return the decision that permits a request while the store is away: of no bucket} */
  public static Decision open() {
    return PERMITTED_BY_NOBODY;
  }

  /**
   * {@return the decision that denies a request while the store is away: of no bucket}
   *
   * @param retryAfter when to ask again, above zero
   * @throws IllegalArgumentException if it is not above zero
   */
  public static Decision closed(Duration retryAfter) {
    Objects.requireNonNull(retryAfter, "retryAfter");
    if (retryAfter.isNegative() || retryAfter.isZero()) {
      throw new IllegalArgumentException("retryAfter must be above zero: " + retryAfter);
    }
    return new Decision(Source.CLOSED, false, new NoBuckets(retryAfter.toNanos()));
  }

  /** {@return whether the request may pass} */
  public boolean permitted() {
    return permitted;
  }

  /** {@return who decided} */
  public Source source() {
    return source;
  }

  /**
   * {@return what the limits of the policy that are only tried would have decided on the request,
   * had they been enforced: all or nothing among themselves, by buckets of their own; empty where
   * there are none, where the request was denied, as they would not have heard of it, and where
   * nobody decides while the store is away}
   *
   * @see PartitionedLimit#asShadow
   */
  public Optional<Decision> shadow() {
    return buckets instanceof WithShadow with ? Optional.of(with.shadow) : Optional.empty();
  }

  /**
   * {@return what each bucket said, in the policy's order, but those of limits that are only tried;
   * empty where there are no others, and where the source is {@link Source#OPEN} or {@link
   * Source#CLOSED}}
   */
  public List<BucketState> buckets() {
    return buckets.get();
  }

  /** {@return the buckets that said no, in the policy's order; empty where permitted} */
  public List<BucketState> deniedBy() {
    if (permitted) {
      return List.of();
    }
    List<BucketState> denied = new ArrayList<>(1);
    for (BucketState bucket : buckets.get()) {
      if (!bucket.permitted()) {
        denied.add(bucket);
      }
    }
    return List.copyOf(denied);
  }

  /**
   * {@return whether the identity is {@linkplain Ban banned}: then that alone has denied the
   * request, and {@link #retryAfter} is the rest of the ban}
   */
  public boolean banned() {
    if (permitted) {
      return false;
    }
    for (BucketState bucket : deniedBy()) {
      if (bucket.limit().unit().equals(Ban.UNIT)) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@return whether the cost is above the capacity of a bucket, so that waiting does not help;
   * false where permitted, and where it may help but for how long is not known}
   */
  public boolean never() {
    return retryAfterNanos() == BucketState.NEVER;
  }

  /**
   * {@return the time until this cost could be permitted if nobody else came, the largest over all
   * buckets that said no: zero where permitted, empty where it {@linkplain #never never} can, and
   * where the time is not known}
   *
   * <p>It is not known of a cost that this process's share of a limit can never pay while the
   * shared store is away, but the whole limit can once it is back.
   */
  public Optional<Duration> retryAfter() {
    long nanos = retryAfterNanos();
    return nanos >= BucketState.UNKNOWN ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /**
   * {@return {@link #retryAfter} in nanoseconds: 0 where permitted, {@link BucketState#NEVER} where
   * it never can, {@link BucketState#UNKNOWN} where the time is not known}
   */
  public long retryAfterNanos() {
    if (buckets instanceof NoBuckets none) {
      return none.retryAfterNanos;
    }
    long longest = 0;
    for (BucketState bucket : buckets.get()) {
      longest = Math.max(longest, bucket.retryAfterNanos());
    }
    return longest;
  }

  @Override
  public String toString() {
    return "Decision[permitted="
        + permitted
        + ", source="
        + source
        + ", buckets="
        + buckets()
        + shadow().map(shadow -> ", shadow=" + shadow).orElse("")
        + "]";
  }
}
