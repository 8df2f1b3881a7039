package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.PartitionedLimit;
import dev.penstock.bucket.SlotHolder;
import dev.penstock.bucket.SlotHolders;
import dev.penstock.bucket.SlotWord;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The slots in Redis that reservations of this process hold.
 *
 * <p>Redis knows each holder for one life. As long as any is held here, all are renewed in every
 * third of a life, and once Redis is back: what it has lost is put back, even above the limit, as
 * the count must be true. So the slots of a process that ended are free after a life, and those of
 * a reservation that ends at once; where Redis does not take that, after a life, too.
 *
 * <p>While Redis is away, what is held here counts against this instance's share. Thread-safe.
 */
final class SharedSlots implements AutoCloseable {

  /** How many holders of one bucket travel in one call. */
  private static final int HOLDERS_PER_CALL = 100;

  private final RedisStore store;
  private final FleetShare shares;
  private final long lifeMillis;
  private final LeaseTimer timer;
  private final SlotHolders holders;
  private final String instance = Long.toString(UUID.randomUUID().getMostSignificantBits(), 36);
  private final AtomicLong lastHolder = new AtomicLong();
  private final AtomicBoolean renewing = new AtomicBoolean();

  /** How many slots of each bucket are held here. */
  private final Map<Long, Long> held = new ConcurrentHashMap<>();

  /**
   * Holds none yet.
   *
   * @param life for how long Redis knows a holder
   */
  SharedSlots(RedisStore store, FleetShare shares, Duration life, LeaseTimer timer) {
    this.store = store;
    this.shares = shares;
    this.lifeMillis = life.toMillis();
    this.timer = timer;
    long since = System.nanoTime();
    this.holders = new SlotHolders(() -> System.nanoTime() - since);
  }

  /** The slots of one bucket that one reservation holds. */
  private final class Holder extends SlotHolder {

    private final SharedBucket bucket;
    private final long slots;
    private final String name;

    Holder(SharedBucket bucket, long slots, String name, Object reservation) {
      super(holders, bucket.limit(), reservation);
      this.bucket = bucket;
      this.slots = slots;
      this.name = name;
    }

    @Override
    protected void giveBack() {
      count(bucket, -slots);
      if (store.isAvailable(bucket)) {
        store.outcome(call(ScriptCall.Operation.RELEASE, name));
      }
    }

    ScriptCall call(ScriptCall.Operation operation, String names) {
      ScriptCall call = new ScriptCall(operation);
      call.addSlots(bucket, slots, lifeMillis, names);
      return call;
    }
  }

  /** Which holders can travel in one call. */
  private record Same(String key, long slots) {}

  /** Returns a name that no other holder has. */
  String nextHolder() {
    return instance + "-" + Long.toString(lastHolder.incrementAndGet(), 36);
  }

  /** Has a call ask for slots of a bucket. */
  void ask(ScriptCall call, SharedBucket bucket, Cost cost, String holder) {
    long slots = Math.min(bucket.amount(cost), bucket.limit().limit().capacity());
    call.addSlots(bucket, slots, lifeMillis, holder);
  }

  /**
   * Holds what a decision has taken, until it is given back.
   *
   * @param name by which Redis knows the holder, if it was asked
   * @param counted whether {@link #tryCount} has counted it
   * @param reservation becomes unreachable with the reservation
   */
  SlotHolder hold(
      SharedBucket bucket, long slots, String name, boolean counted, Object reservation) {
    if (!counted) {
      count(bucket, slots);
    }
    Holder holder = new Holder(bucket, slots, name, reservation);
    renewLater();
    return holder;
  }

  /** Counts slots of every bucket against this instance's share, or of none if one is too small. */
  boolean tryCount(List<SharedBucket> buckets, Cost cost) {
    for (int i = 0; i < buckets.size(); i++) {
      if (!tryCount(buckets.get(i), buckets.get(i).amount(cost))) {
        uncount(buckets.subList(0, i), cost);
        return false;
      }
    }
    return true;
  }

  /** Takes back what {@link #tryCount} has counted. */
  void uncount(List<SharedBucket> buckets, Cost cost) {
    buckets.forEach(bucket -> count(bucket, -bucket.amount(cost)));
  }

  private boolean tryCount(SharedBucket bucket, long slots) {
    AtomicBoolean fits = new AtomicBoolean();
    held.compute(
        bucket.hash(),
        (hash, before) -> {
          long now = before == null ? 0 : before;
          fits.set(SlotWord.fits(now, slots, shares.of(bucket.limit()).limit()));
          return fits.get() && slots > 0 ? Long.valueOf(now + slots) : before;
        });
    return fits.get();
  }

  private void count(SharedBucket bucket, long slots) {
    held.compute(
        bucket.hash(),
        (hash, before) -> {
          long now = (before == null ? 0 : before) + slots;
          return now <= 0 ? null : Long.valueOf(now);
        });
  }

  /** Returns how a bucket stands by what is held here, against this instance's share. */
  BucketState stateOfShare(SharedBucket bucket, Cost cost, boolean paid) {
    return state(shares.of(bucket.limit()), bucket, cost, paid);
  }

  /** Likewise against the whole limit, of which others may hold more. */
  BucketState state(SharedBucket bucket, Cost cost) {
    return state(bucket.limit(), bucket, cost, false);
  }

  private BucketState state(PartitionedLimit limit, SharedBucket bucket, Cost cost, boolean paid) {
    return SlotWord.state(limit, held.getOrDefault(bucket.hash(), 0L), bucket.amount(cost), paid);
  }

  /** Gives back what nobody does. */
  void sweep() {
    holders.sweep();
  }

  private void renewLater() {
    if (renewing.compareAndSet(false, true)) {
      timer.after(
          Duration.ofMillis(lifeMillis).toNanos() / 3,
          () -> {
            renewing.set(false);
            renew();
          });
    }
  }

  /** Renews all at once: Redis is back, and may have lost them. */
  void renewNow() {
    if (!held.isEmpty()) {
      timer.after(0, this::renew);
    }
  }

  private void renew() {
    sweep();
    Map<Same, List<Holder>> together = new HashMap<>();
    holders.forEach(
        each -> {
          Holder holder = (Holder) each;
          together
              .computeIfAbsent(
                  new Same(holder.bucket.key(), holder.slots), same -> new ArrayList<>())
              .add(holder);
        });
    if (together.isEmpty()) {
      return;
    }
    store.callAll(calls(ScriptCall.Operation.RENEW, together.values()));
    // What was given back meanwhile may have been put back by that.
    List<List<Holder>> released =
        together.values().stream()
            .map(same -> same.stream().filter(SlotHolder::isReleased).toList())
            .filter(same -> !same.isEmpty())
            .toList();
    store.callAll(calls(ScriptCall.Operation.RELEASE, released));
    renewLater();
  }

  private static List<ScriptCall> calls(
      ScriptCall.Operation operation, Iterable<List<Holder>> together) {
    List<ScriptCall> calls = new ArrayList<>();
    for (List<Holder> same : together) {
      for (int from = 0; from < same.size(); from += HOLDERS_PER_CALL) {
        List<Holder> some = same.subList(from, Math.min(same.size(), from + HOLDERS_PER_CALL));
        List<String> names = some.stream().map(holder -> holder.name).toList();
        calls.add(some.get(0).call(operation, String.join(",", names)));
      }
    }
    return calls;
  }

  @Override
  public void close() {
    timer.close();
  }
}
