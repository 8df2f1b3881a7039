package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Limit;
import dev.penstock.MetricFamily;
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
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The slots in Redis that reservations of this process hold.
 *
 * <p>Redis knows each holder for one life. As long as any is held here, all are renewed in every
 * third of a life, and once Redis is back: what it has lost is put back, even above the limit, as
 * the count must be true. So the slots of a process that ended are free after a life, and those of
 * a reservation that ends at once. What Redis does not take of that is sent again until a life is
 * over.
 *
 * <p>What is held here is counted before Redis is asked: so this process alone never has more than
 * the limit, whatever Redis has lost; and while Redis is away, no more than its share. Thread-safe.
 */
final class SharedSlots implements AutoCloseable {

  /** How many slots of one bucket travel in one call, at least those of one holder. */
  private static final int SLOTS_PER_CALL = 20;

  /** How many holders that have ended may wait for Redis to hear of it. */
  private static final int MOST_LEFT = 100_000;

  private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

  /** What a request may hold of one bucket in Redis, which keeps every slot by itself. */
  private static final long MOST_SLOTS = 1000;

  private final RedisStore store;
  private final FleetShare shares;
  private final long lifeMillis;
  private final LeaseTimer timer;
  private final SlotHolders holders;
  private final String instance = Long.toString(UUID.randomUUID().getMostSignificantBits(), 36);
  private final AtomicLong lastHolder = new AtomicLong();
  private final AtomicBoolean renewing = new AtomicBoolean();
  private final AtomicBoolean renewingNow = new AtomicBoolean();

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

  /** Slots that Redis does not know to be given back, of those that have ended lately. */
  private final Queue<Left> left = new ConcurrentLinkedQueue<>();

  private final AtomicInteger leftSize = new AtomicInteger();

  /**
   * Slots that are to be given back.
   *
   * @param until when Redis has forgotten them by itself
   */
  private record Left(SharedBucket bucket, long slots, String name, long until) {}

  /** How many slots of each bucket were held when they were counted, and whether all fit. */
  record Counted(boolean all, List<Long> held) {}

  /** The slots of one bucket that one reservation holds. */
  private final class Holder extends SlotHolder {

    private final SharedBucket bucket;
    private final long slots;
    private final String name;

    Holder(SharedBucket bucket, long slots, String name, Object reservation) {
      super(holders, reservation);
      this.bucket = bucket;
      this.slots = slots;
      this.name = name;
    }

    @Override
    public PartitionedLimit limit() {
      return bucket.limit();
    }

    @Override
    protected long slots() {
      return slots;
    }

    @Override
    protected void giveBack() {
      count(bucket, -slots);
      SharedSlots.this.giveBack(bucket, slots, name);
    }

    @Override
    protected void giveBackLater() {
      count(bucket, -slots);
      leave(bucket, slots, name);
    }
  }

  /** Which holders can travel in one call. */
  private record Same(String key, long slots) {
    static Same of(Holder holder) {
      return new Same(holder.bucket.key(), holder.slots);
    }
  }

  /** Returns a name that no other holder has. */
  String nextHolder() {
    return instance + "-" + Long.toString(lastHolder.incrementAndGet(), 36);
  }

  /** Returns how many slots of a bucket a cost asks for; more than there are if it is too many. */
  static long amount(SharedBucket bucket, Cost cost) {
    long slots = bucket.amount(cost);
    return slots > MOST_SLOTS ? bucket.limit().limit().capacity() + 1 : slots;
  }

  /** Has a call ask for slots of a bucket. */
  void ask(ScriptCall call, SharedBucket bucket, Cost cost, String holder) {
    long slots = Math.min(amount(bucket, cost), bucket.limit().limit().capacity() + 1);
    call.addSlots(bucket, slots, lifeMillis, holder);
  }

  /**
   * Holds what a decision has taken and {@link #tryCount} or {@link #count} has counted, until it
   * is given back.
   *
   * @param name by which Redis knows the holder, if it was asked
   * @param known whether it does
   * @param reservation becomes unreachable with the reservation
   */
  SlotHolder hold(SharedBucket bucket, long slots, String name, boolean known, Object reservation) {
    Holder holder = new Holder(bucket, slots, name, reservation);
    holders.begin(holder);
    if (known || !store.isAvailable(bucket)) {
      renewLater();
    } else {
      renewNow();
    }
    return holder;
  }

  /** Counts slots of every bucket against the whole limits, or of none if one does not fit. */
  Counted tryCount(List<SharedBucket> buckets, Cost cost) {
    return tryCount(buckets, cost, SharedBucket::limit);
  }

  /** Likewise against this instance's share. */
  Counted tryCountOfShare(List<SharedBucket> buckets, Cost cost) {
    return tryCount(buckets, cost, bucket -> shares.of(bucket.limit()));
  }

  private Counted tryCount(
      List<SharedBucket> buckets, Cost cost, Function<SharedBucket, PartitionedLimit> limits) {
    List<Long> seen = new ArrayList<>(buckets.size());
    int counted = 0;
    boolean all = true;
    for (SharedBucket bucket : buckets) {
      long amount = amount(bucket, cost);
      long before = count(bucket, all ? amount : 0, limits.apply(bucket).limit());
      boolean fits = SlotWord.fits(before, amount, limits.apply(bucket).limit());
      seen.add(before);
      all &= fits;
      counted += all ? 1 : 0;
    }
    if (!all) {
      uncount(buckets.subList(0, counted), cost);
    }
    return new Counted(all, seen);
  }

  /** Takes back what was counted. */
  void uncount(List<SharedBucket> buckets, Cost cost) {
    buckets.forEach(bucket -> count(bucket, -amount(bucket, cost)));
  }

  /** Counts slots if they fit, and returns how many were held before. */
  private long count(SharedBucket bucket, long slots, Limit limit) {
    long[] seen = new long[1];
    held.compute(
        bucket.hash(),
        (hash, before) -> {
          seen[0] = before == null ? 0 : before;
          boolean counts = slots > 0 && SlotWord.fits(seen[0], slots, limit);
          return counts ? Long.valueOf(seen[0] + slots) : before;
        });
    return seen[0];
  }

  /** Counts slots whatever the limit. */
  void count(List<SharedBucket> buckets, Cost cost) {
    buckets.forEach(bucket -> count(bucket, amount(bucket, cost)));
  }

  private void count(SharedBucket bucket, long slots) {
    held.compute(
        bucket.hash(),
        (hash, before) -> {
          long now = (before == null ? 0 : before) + slots;
          return now <= 0 ? null : Long.valueOf(now);
        });
  }

  /** Returns how many slots of each limit are held here. */
  MetricFamily metrics() {
    return holders.metrics();
  }

  /** Returns how many slots of each bucket are held here. */
  List<Long> held(List<SharedBucket> buckets) {
    return buckets.stream().map(bucket -> held.getOrDefault(bucket.hash(), 0L)).toList();
  }

  /**
   * Returns how a bucket stands against this instance's share. Of what only the whole limit can
   * hold the time is not known.
   */
  BucketState stateOfShare(SharedBucket bucket, long heldHere, Cost cost, boolean paid) {
    long amount = amount(bucket, cost);
    PartitionedLimit share = shares.of(bucket.limit());
    boolean mayHoldLater = amount <= bucket.limit().limit().capacity();
    return SlotWord.state(
        share,
        mayHoldLater && amount > share.limit().capacity() ? share.limit().capacity() : heldHere,
        mayHoldLater ? Math.min(amount, share.limit().capacity()) : amount,
        paid);
  }

  /** Returns how a bucket stands by what is held here, of which others may hold more. */
  BucketState state(SharedBucket bucket, long heldHere, Cost cost) {
    return SlotWord.state(bucket.limit(), heldHere, amount(bucket, cost), false);
  }

  /**
   * Has Redis give slots back; what it does not take is tried again by and by.
   *
   * @param name by which Redis knows the holder, or may know it
   */
  private void giveBack(SharedBucket bucket, long slots, String name) {
    if (!store.isAvailable(bucket)
        || store.outcome(call(ScriptCall.Operation.RELEASE, bucket, slots, name)).failure()
            != null) {
      leave(bucket, slots, name);
    }
  }

  /** Has Redis give back by and by what it may have given to a holder that is none. */
  void giveBackLater(List<SharedBucket> buckets, Cost cost, String name) {
    buckets.forEach(bucket -> leave(bucket, amount(bucket, cost), name));
  }

  private void leave(SharedBucket bucket, long slots, String name) {
    if (slots > 0 && leftSize.incrementAndGet() <= MOST_LEFT) {
      left.add(
          new Left(
              bucket, slots, name, System.nanoTime() + Duration.ofMillis(lifeMillis).toNanos()));
      timer.after(RETRY_NANOS, this::release);
    } else {
      leftSize.decrementAndGet();
    }
  }

  /** Gives back what is left; what Redis does not take stays left for as long as it may live. */
  private void release() {
    Map<ScriptCall, Left> due = new HashMap<>();
    long now = System.nanoTime();
    for (Left next = left.poll(); next != null; next = left.poll()) {
      leftSize.decrementAndGet();
      if (next.until - now > 0) {
        due.put(call(ScriptCall.Operation.RELEASE, next.bucket, next.slots, next.name), next);
      }
    }
    for (ScriptCall failed : store.callAll(List.copyOf(due.keySet()))) {
      Left again = due.get(failed);
      if (again != null) {
        left.add(again);
        leftSize.incrementAndGet();
      }
    }
    if (!left.isEmpty()) {
      timer.after(RETRY_NANOS, this::release);
    }
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

  /** Renews all at once: Redis is back and may have lost them, or has not heard of one. */
  void renewNow() {
    if (!held.isEmpty() && renewingNow.compareAndSet(false, true)) {
      timer.after(
          0,
          () -> {
            renewingNow.set(false);
            renew();
          });
    }
  }

  private void renew() {
    try {
      holders.sweep();
      Map<Same, List<Holder>> together = new HashMap<>();
      holders.forEach(
          each -> {
            Holder holder = (Holder) each;
            together.computeIfAbsent(Same.of(holder), same -> new ArrayList<>()).add(holder);
          });
      store.callAll(calls(ScriptCall.Operation.RENEW, together.values()));
      // What was given back meanwhile may have been put back by that.
      together.values().stream()
          .flatMap(List::stream)
          .filter(SlotHolder::isReleased)
          .forEach(holder -> leave(holder.bucket, holder.slots, holder.name));
    } finally {
      if (!held.isEmpty()) {
        renewLater();
      }
    }
  }

  private List<ScriptCall> calls(ScriptCall.Operation operation, Iterable<List<Holder>> together) {
    List<ScriptCall> calls = new ArrayList<>();
    for (List<Holder> same : together) {
      Holder first = same.get(0);
      int most = (int) Math.max(1, SLOTS_PER_CALL / first.slots);
      for (int from = 0; from < same.size(); from += most) {
        List<Holder> some = same.subList(from, Math.min(same.size(), from + most));
        List<String> names = some.stream().map(holder -> holder.name).toList();
        calls.add(call(operation, first.bucket, first.slots, String.join(",", names)));
      }
    }
    return calls;
  }

  private ScriptCall call(
      ScriptCall.Operation operation, SharedBucket bucket, long slots, String names) {
    ScriptCall call = new ScriptCall(operation);
    call.addSlots(bucket, slots, lifeMillis, names);
    return call;
  }

  /** Gives back what has ended; what is held goes on to be held until its life is over. */
  @Override
  public void close() {
    timer.close();
    release();
  }
}
