package dev.penstock.redis;

import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.InMemoryRateLimiter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Decides while Redis is away, by the mode of each limit, and keeps account of what was spent
 * meanwhile.
 *
 * <p>The share of this process is the limit divided by the number of instances, in burst and in
 * rate. One token takes so many times longer to refill here, so a bucket of the share that starts
 * where Redis's bucket stood is full at the same time as that.
 */
final class Failover {

  /**
   * What one bucket owes.
   *
   * @param owedNanos what was spent, as time of refill of the whole limit
   * @param levelNanos how far from full the bucket of the share is with it
   */
  record Debt(long owedNanos, long levelNanos) {
    static final Debt NONE = new Debt(0, 0);
  }

  private static final int MAX_SHARES = 10_000;

  private final int instances;
  private final FailoverMode mode;
  private final Map<String, FailoverMode> modes;
  private final Duration retryAfter;
  private final InMemoryRateLimiter spent;
  private final LongSupplier nanoClock;
  private final Map<PartitionedLimit, PartitionedLimit> shares = new ConcurrentHashMap<>();

  /** The buckets in Redis that a call under way charges with what they owe. */
  private final Set<String> charging = ConcurrentHashMap.newKeySet();

  /** The time until which something that was spent here may not be charged to Redis yet. */
  private volatile long owingUntil;

  Failover(
      int instances,
      FailoverMode mode,
      Map<String, FailoverMode> modes,
      Duration retryAfter,
      int maxBuckets,
      LongSupplier nanoClock) {
    this.instances = instances;
    this.mode = mode;
    this.modes = Map.copyOf(modes);
    this.retryAfter = retryAfter;
    this.spent = InMemoryRateLimiter.create(maxBuckets, nanoClock);
    this.nanoClock = nanoClock;
    this.owingUntil = nanoClock.getAsLong();
  }

  /**
   * Decides. One limit that turns requests away turns this one away; limits that let pass take no
   * part.
   *
   * @param resetAfterNanos how far from full Redis's bucket is, as far as is known
   */
  Decision decide(
      Identity identity,
      List<PartitionedLimit> limits,
      long cost,
      boolean take,
      ToLongFunction<PartitionedLimit> resetAfterNanos) {
    List<PartitionedLimit> local = new ArrayList<>(limits.size());
    for (PartitionedLimit limit : limits) {
      FailoverMode chosen = modes.getOrDefault(limit.name(), mode);
      if (chosen == FailoverMode.CLOSED) {
        return Decision.closed(retryAfter);
      }
      if (chosen == FailoverMode.LOCAL) {
        PartitionedLimit share = share(limit);
        spent.lower(identity, share, resetAfterNanos.applyAsLong(limit));
        local.add(share);
      }
    }
    if (local.isEmpty()) {
      return Decision.open();
    }
    LimitPolicy policy = who -> local;
    Decision decision =
        take ? spent.tryAcquire(identity, policy, cost) : spent.peek(identity, policy, cost);
    owe(decision);
    return Decision.of(Decision.Source.LOCAL, decision.buckets());
  }

  void refund(Identity identity, List<PartitionedLimit> limits, long tokens) {
    List<PartitionedLimit> local = limits.stream().map(this::share).toList();
    spent.refund(identity, who -> local, tokens);
  }

  void reset(Identity identity, List<PartitionedLimit> limits) {
    List<PartitionedLimit> local = limits.stream().map(this::share).toList();
    spent.reset(identity, who -> local);
  }

  /** Returns whether anything may be owed at all. */
  boolean owesAnything() {
    return owingUntil - nanoClock.getAsLong() > 0;
  }

  /**
   * Returns what was spent here and is not refilled yet, for one caller at a time to charge to
   * Redis: {@link #settled} follows. Until then it stays in the books, as other requests may be
   * decided here meanwhile.
   *
   * @param key the bucket in Redis
   * @param resetAfterNanos how far from full Redis's bucket is, as far as is known
   */
  Debt debt(String key, Identity identity, PartitionedLimit limit, long resetAfterNanos) {
    if (!charging.add(key)) {
      return Debt.NONE;
    }
    long levelNanos = spent.resetAfterNanos(identity, share(limit));
    long spentNanos = levelNanos - resetAfterNanos;
    if (spentNanos <= 0) {
      charging.remove(key);
      return Debt.NONE;
    }
    return new Debt(spentNanos / instances + (spentNanos % instances > 0 ? 1 : 0), levelNanos);
  }

  /** Ends what {@link #debt} began; where Redis was charged, it is out of the books. */
  void settled(String key, Identity identity, PartitionedLimit limit, Debt debt, boolean charged) {
    if (debt.owedNanos == 0) {
      return;
    }
    if (charged) {
      spent.raise(identity, share(limit), debt.levelNanos);
    }
    charging.remove(key);
  }

  private void owe(Decision decision) {
    long longest = 0;
    for (var bucket : decision.buckets()) {
      longest = Math.max(longest, bucket.resetAfterNanos());
    }
    long until = nanoClock.getAsLong() + longest;
    if (until - owingUntil > 0) {
      owingUntil = until;
    }
  }

  private PartitionedLimit share(PartitionedLimit limit) {
    PartitionedLimit known = shares.get(limit);
    if (known != null) {
      return known;
    }
    PartitionedLimit share =
        new PartitionedLimit(limit.name(), share(limit.limit()), limit.partition());
    if (shares.size() < MAX_SHARES) {
      shares.put(limit, share);
    }
    return share;
  }

  private Limit share(Limit limit) {
    return instances == 1
        ? limit
        : Limit.of(
            Math.max(1, limit.capacity() / instances),
            limit.refillTokens(),
            limit.refillPeriod().multipliedBy(instances));
  }
}
