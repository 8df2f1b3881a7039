package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Denies without asking Redis, by what it has just said or by the slots that are held here. */
final class CheapDenials {

  private final RedisStore store;
  private final KnownBuckets known;
  private final SharedSlots slots;
  private final long freshNanos;
  private final LongAdder count = new LongAdder();

  /**
   * @param fresh for how long it counts what Redis has said; zero for not at all
   */
  CheapDenials(RedisStore store, KnownBuckets known, SharedSlots slots, Duration fresh) {
    this.store = store;
    this.known = known;
    this.slots = slots;
    this.freshNanos = fresh.toNanos();
  }

  /** Returns how many there have been. */
  long count() {
    return count.sum();
  }

  /**
   * Returns the denial of a cost within each capacity that Redis would deny, too.
   *
   * @param patienceNanos for how long somebody is willing to wait for it
   */
  Optional<Decision> asKnown(List<SharedBucket> buckets, Cost cost, long now, long patienceNanos) {
    if (!isKnown(buckets, cost, now, patienceNanos)) {
      return Optional.empty();
    }
    count.increment();
    return Optional.of(
        Decision.of(
            Decision.Source.REDIS,
            false,
            () -> buckets.stream().map(bucket -> state(bucket, cost, now)).toList()));
  }

  private BucketState state(SharedBucket bucket, Cost cost, long now) {
    return bucket.isInFlight()
        ? slots.state(bucket, slots.held(List.of(bucket)).get(0), cost)
        : bucket.asKnown(cost, now);
  }

  /**
   * Returns whether Redis would say no to a cost within each capacity, as it has said so of one
   * bucket: whatever becomes of the others. After a while one caller asks again, and while it does
   * the others go by what was said.
   */
  private boolean isKnown(List<SharedBucket> buckets, Cost cost, long now, long patienceNanos) {
    if (freshNanos == 0) {
      return false;
    }
    boolean denied = false;
    @Nullable SharedBucket due = null;
    for (SharedBucket bucket : buckets) {
      @Nullable KnownLevel last = bucket.known();
      if (last == null
          || last.epoch() != store.epoch()
          || bucket.holdsAsKnown(cost, now, patienceNanos)) {
        continue;
      }
      boolean late = now - last.askedAt() >= freshNanos;
      due = late ? bucket : due;
      denied |= !late;
    }
    return denied || (due != null && !known.beginAsking(due, now));
  }

  /**
   * Returns the denial for want of a slot that is held here, whatever becomes of the others.
   *
   * @param held how many slots are, of each bucket in flight
   */
  Decision fullHere(List<SharedBucket> buckets, List<Long> held, Cost cost) {
    count.increment();
    long now = System.nanoTime();
    Iterator<Long> ofEach = held.iterator();
    List<BucketState> states = new ArrayList<>(buckets.size());
    for (SharedBucket bucket : buckets) {
      states.add(
          bucket.isInFlight()
              ? slots.state(bucket, ofEach.next(), cost)
              : bucket.asKnown(cost, now));
    }
    return Decision.of(Decision.Source.REDIS, states);
  }
}
