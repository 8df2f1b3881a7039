package dev.penstock.redis;

import dev.penstock.Ban;
import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.PartitionedLimit;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.base.OptionalLibrary;
import dev.penstock.bucket.DeniedReservation;
import dev.penstock.redis.SharedSlots.Counted;
import dev.penstock.redis.wire.Greeting.Layout;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.RedisUrl;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.UnifiedJedis;

/**
 * A rate limiter whose buckets live in Redis or Valkey, so that all instances of a service share
 * them.
 *
 * <p>A decision is one round trip, whatever the number of buckets, and concurrent ones share it; a
 * lone one waits for nobody. A caller that is interrupted meanwhile is decided for without Redis,
 * and stays interrupted. The time is the server's. A bucket that Redis has just said to be empty is
 * denied here, without a round trip, until it can pay again and for a second at most, so that what
 * is put back or reset elsewhere is seen.
 *
 * <p>While Redis is away, requests are neither failed nor slowed nor unlimited: each limit is kept
 * by its {@link FailoverMode}, and nobody calls Redis but a probe; of a cluster, those of a node
 * that is away. In {@link FailoverMode#LOCAL} a bucket goes on from what Redis last said of it, and
 * what is spent is charged to Redis at the bucket's next decision. What a reservation puts back,
 * and a reset, is carried out on Redis's return, in order with what was spent; what waits for
 * longer than a whole refill is over, and so is what waits when the process ends.
 *
 * <p>Slots {@linkplain dev.penstock.Limit#inFlight in flight} are known to Redis for a {@linkplain
 * RedisRateLimiterBuilder#slotLife life}, and renewed as long as they are held: those of a process
 * that died are free after it, and what Redis has lost is put back within a third of it. While
 * Redis is away they count against this instance's share.
 *
 * <p>A bucket whose key Redis has lost, by {@code FLUSHALL} or by eviction, goes on from what this
 * instance knows of it. One that is there is believed.
 *
 * <p>Thread-safe. Needs {@code redis.clients:jedis}, and on the module path an application that
 * {@code requires redis.clients.jedis}, or {@code --add-modules}; a client that the caller passes
 * brings its address, credentials, TLS, database and timeouts, and stays the caller's to close.
 *
 * <pre>{@code
 * RateLimiter limiter = RedisRateLimiter.builder("redis://localhost").instances(3).build();
 * }</pre>
 */
public final class RedisRateLimiter implements RateLimiter, Metered, AutoCloseable {

  /** How long a call may take, where the limiter makes the client. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(50);

  private static final OptionalLibrary JEDIS =
      new OptionalLibrary(
          "redis.clients:jedis", "redis.clients.jedis", "redis.clients.jedis.Jedis", true, "4.0.0");

  private static final Identity SAMPLE = Identity.user("workspace", "user");

  private final RedisKeys keys;
  private final RedisStore store;
  private final KnownBuckets known;
  private final Failover failover;
  private final Layout layout;
  private final long cheapDenialNanos;
  private final Settlements settlements;
  private final Leases leases;
  private final SharedBuckets shared;
  private final SharedSlots slots;
  private final ExecutorService counting = BoundedExecutor.ofThread("penstock-redis-bans");
  private final LongAdder leasedDecisions = new LongAdder();
  private final LongAdder cheapDenials = new LongAdder();
  private final LongAdder failoverDecisions = new LongAdder();

  RedisRateLimiter(
      RedisKeys keys,
      RedisStore store,
      KnownBuckets known,
      Leases leases,
      SharedBuckets shared,
      SharedSlots slots,
      Settlements settlements,
      Failover failover,
      Layout layout,
      Duration cheapDenials) {
    this.keys = keys;
    this.store = store;
    this.known = known;
    this.leases = leases;
    this.shared = shared;
    this.slots = slots;
    this.settlements = settlements;
    this.failover = failover;
    this.layout = layout;
    this.cheapDenialNanos = cheapDenials.toNanos();
  }

  /**
   * Starts a limiter on a client of the caller's: standalone, Sentinel, Cluster or failover.
   *
   * <p>A decision is bounded by the timeouts of this client alone, and each of them counts once for
   * every step: waiting for a connection of its pool, connecting, each round trip of a new
   * connection (TLS, a password, a database), the call, the text of the script where the server has
   * forgotten it, and every retry or redirection of its own. Its pool replaces a broken connection
   * in the request that finds it broken, which then takes these steps twice. So give it short
   * timeouts; jedis's own defaults are 2 seconds, and for ever to wait for a connection. A limiter
   * that is to keep one timeout over all is built by {@link #builder(String)}.
   *
   * @param jedis the client, which stays the caller's to close
   * @return a builder
   */
  @SuppressWarnings("exports") // jedis is optional: whoever calls this has it
  public static RedisRateLimiterBuilder builder(UnifiedJedis jedis) {
    return new RedisRateLimiterBuilder(Objects.requireNonNull(jedis, "jedis"), null);
  }

  /**
   * Starts a limiter on connections of its own, at most 64. No request opens one: the first are
   * opened by {@link RedisRateLimiterBuilder#build}, and more in the background as requests wait. A
   * request that finds none free within three fifths of the timeout is decided without Redis, and
   * counted ({@link RedisStatistics#missedDecisions}).
   *
   * <p>A daemon thread keeps idle connections alive, or replaces them. It ends when the limiter is
   * closed, and soon after nobody holds the limiter any more.
   *
   * @param url {@code redis://} or {@code rediss://}, with user, password, port and database where
   *     needed: {@code rediss://user:password@host:6379/2}
   * @return a builder
   * @throws IllegalArgumentException if it is no such URL; the message leaves the password out
   * @throws IllegalStateException if jedis is missing, or too old; the message names the version
   *     that is there and the one that is needed
   */
  public static RedisRateLimiterBuilder builder(String url) {
    JEDIS.require("RedisRateLimiter");
    return new RedisRateLimiterBuilder(null, RedisUrl.parse(url));
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    return decide(
        buckets(identity, requireOneSlot(LimiterArguments.requireNoSlots(identity, policy, cost))),
        cost,
        "",
        true);
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    DecisionBuckets buckets = buckets(identity, limits(identity, policy, cost));
    long now = System.nanoTime();
    boolean mayBeLeased = leases.mayServe(buckets.enforced(), cost, now);
    boolean holdsSlots = buckets.all().stream().anyMatch(SharedBucket::isInFlight);
    String holder = holdsSlots ? slots.nextHolder() : "";
    Decision decision =
        holdsSlots ? decideWithSlots(buckets, cost, holder) : decide(buckets, cost, holder, true);
    if (!decision.permitted()) {
      return new DeniedReservation(decision);
    }
    SharedReservation reservation =
        SharedReservation.of(
            settlements,
            buckets.all().stream()
                .filter(bucket -> !bucket.isInFlight())
                .filter(
                    bucket ->
                        !bucket.limit().isShadow() || DecisionBuckets.tookPart(bucket, decision))
                .toList(),
            cost,
            decision,
            mayBeLeased ? now - Lease.LIFE_NANOS : now);
    hold(buckets.inFlight(), cost, holder, decision, reservation);
    decision
        .shadow()
        .filter(Decision::permitted)
        .ifPresent(
            tried ->
                hold(
                    buckets.shadowInFlight().stream()
                        .filter(bucket -> DecisionBuckets.tookPart(bucket, decision))
                        .toList(),
                    cost,
                    holder,
                    tried,
                    reservation));
    return reservation;
  }

  private void hold(
      List<SharedBucket> inFlight,
      Cost cost,
      String holder,
      Decision decision,
      SharedReservation reservation) {
    boolean known = decision.source() == Decision.Source.REDIS;
    for (SharedBucket bucket : inFlight) {
      if (bucket.amount(cost) > 0) {
        reservation.hold(slots.hold(bucket, bucket.amount(cost), holder, known, reservation));
      }
    }
  }

  /**
   * Decides over slots: what is permitted has been counted here. They are counted before Redis is
   * asked, so that this process alone never holds more than the limit; those that are only tried,
   * once Redis has given them.
   */
  private Decision decideWithSlots(DecisionBuckets buckets, Cost cost, String holder) {
    List<SharedBucket> inFlight = buckets.inFlight();
    if (!store.isAvailable(buckets.first())) {
      return countedWithout(buckets, cost);
    }
    Counted counted = slots.tryCount(inFlight, cost);
    if (!counted.all()) {
      cheapDenials.increment();
      return fullHere(buckets.enforced(), counted.held(), cost);
    }
    Optional<Decision> decision = decideByRedis(buckets, cost, holder, true);
    if (decision.isPresent() && decision.get().permitted()) {
      decision
          .get()
          .shadow()
          .filter(tried -> tried.permitted() && tried.source() == Decision.Source.REDIS)
          .ifPresent(tried -> slots.count(buckets.shadowInFlight(), cost));
      return decision.get();
    }
    slots.uncount(inFlight, cost);
    if (decision.isPresent()) {
      return decision.get();
    }
    Decision without = countedWithout(buckets, cost);
    if (!without.permitted()) {
      slots.giveBackLater(inFlight, cost, holder);
    }
    if (!DecisionBuckets.isTried(without)) {
      slots.giveBackLater(buckets.shadowInFlight(), cost, holder);
    }
    return without;
  }

  /**
   * Decides without Redis; a limit that lets requests proceed meanwhile is counted all the same.
   */
  private Decision countedWithout(DecisionBuckets buckets, Cost cost) {
    Decision decision = decideWithout(buckets, cost, true);
    if (decision.permitted()) {
      slots.count(
          buckets.inFlight().stream()
              .filter(each -> !DecisionBuckets.tookPart(each, decision))
              .toList(),
          cost);
    }
    return decision;
  }

  /** Returns the denial for want of a slot that is held here, whatever becomes of the others. */
  private Decision fullHere(List<SharedBucket> buckets, List<Long> held, Cost cost) {
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

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return decide(buckets(identity, limits(identity, policy, cost)), cost, "", false);
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    List<SharedBucket> filled =
        buckets(identity, limits(identity, policy)).all().stream()
            .filter(bucket -> !bucket.isInFlight())
            .toList();
    if (!filled.isEmpty()) {
      settlements.reset(filled);
    }
  }

  @Override
  public void check(LimitPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    policy.choices().values().forEach(choice -> limits(SAMPLE, choice));
  }

  /**
   * Denials are counted by a thread that lives only meanwhile: what it leaves behind is bounded.
   */
  @Override
  public RateLimiter banning(Ban ban) {
    return banning(ban, counting);
  }

  /** {@return what has been counted so far} */
  public RedisStatistics statistics() {
    RedisStore.Counts counts = store.counts();
    return new RedisStatistics(
        counts.available(),
        counts.calls(),
        counts.roundTrips(),
        counts.failures(),
        counts.timeouts(),
        counts.scriptLoads(),
        leasedDecisions.sum(),
        cheapDenials.sum(),
        failoverDecisions.sum(),
        counts.missedDecisions());
  }

  /**
   * {@return what {@link #statistics} counts, for a monitor; why calls failed, connections, and how
   * many calls travelled together; what buckets are kept here, known of Redis and while it is away;
   * and the slots that are held here}
   */
  @Override
  public List<MetricFamily> metrics() {
    List<MetricFamily> families = new ArrayList<>(store.metrics());
    families.add(
        RedisStore.counter(
            "leased_decisions", "Permitted by tokens taken ahead.", leasedDecisions.sum()));
    families.add(
        RedisStore.counter(
            "cheap_denials", "Denials by what Redis had just said.", cheapDenials.sum()));
    families.add(
        RedisStore.counter(
            "failover_decisions", "Decisions without Redis.", failoverDecisions.sum()));
    families.add(
        MetricFamily.of(
            MetricFamily.Type.GAUGE,
            "penstock_redis_known_buckets",
            "Buckets of which this process knows what Redis last said.",
            MetricFamily.Sample.of(known.size())));
    families.addAll(failover.metrics());
    return families;
  }

  /**
   * Gives leased tokens back, and ends the probe, and the client if the limiter made it. The
   * limiter is not to be used after. Close it after the last reservation: slots that are still held
   * are not renewed any more, and free for others once their life is over.
   */
  @Override
  public void close() {
    counting.shutdown();
    settlements.close();
    leases.close();
    slots.close();
    store.close();
  }

  /**
   * Decides.
   *
   * @param holder the name of whoever is to hold slots
   */
  private Decision decide(DecisionBuckets buckets, Cost cost, String holder, boolean take) {
    return decideByRedis(buckets, cost, holder, take)
        .orElseGet(() -> decideWithout(buckets, cost, take));
  }

  private Optional<Decision> decideByRedis(
      DecisionBuckets buckets, Cost cost, String holder, boolean take) {
    long now = System.nanoTime();
    List<SharedBucket> enforced = buckets.enforced();
    if (leases.mayServe(enforced, cost, now)) {
      if (take && leases.take(enforced, cost, now)) {
        leasedDecisions.increment();
        Decision decision = paidFromLease(enforced, now);
        List<SharedBucket> bans = enforced.stream().filter(SharedBucket::isBan).toList();
        enforced.forEach(bucket -> shared.fillUp(bucket, bans, now));
        return Optional.of(failover.withShadow(decision, buckets.shadow(), cost, true));
      }
      if (!take && leases.hold(enforced, cost, now)) {
        Decision decision = leased(enforced, cost, now);
        return Optional.of(failover.withShadow(decision, buckets.shadow(), cost, false));
      }
    }
    boolean mayTake = take && isWithinCapacity(enforced, cost);
    if (mayTake && isCheapDenial(enforced, cost, now)) {
      cheapDenials.increment();
      return Optional.of(
          Decision.of(
              Decision.Source.REDIS,
              false,
              () -> enforced.stream().map(bucket -> asKnown(bucket, cost, now)).toList()));
    }
    if (store.isAvailable(buckets.first())) {
      Optional<Decision> decision = ask(buckets, cost, holder, mayTake, now);
      if (decision.isEmpty()) {
        store.decidedWithout(buckets.first());
      }
      return decision;
    }
    return Optional.empty();
  }

  private Decision decideWithout(DecisionBuckets buckets, Cost cost, boolean take) {
    failoverDecisions.increment();
    return failover.decide(buckets, cost, take);
  }

  private BucketState asKnown(SharedBucket bucket, Cost cost, long now) {
    return bucket.isInFlight()
        ? slots.state(bucket, slots.held(List.of(bucket)).get(0), cost)
        : bucket.asKnown(cost, now);
  }

  private Optional<Decision> ask(
      DecisionBuckets buckets, Cost cost, String holder, boolean take, long now) {
    if (!settlements.areSettled(buckets.all())) {
      return Optional.empty();
    }
    return take ? shared.take(buckets, cost, holder, now) : shared.look(buckets, cost, now);
  }

  /** Tells how buckets stand together with what is in hand. */
  private Decision leased(List<SharedBucket> buckets, Cost cost, long now) {
    return leased(
        buckets,
        bucket ->
            SharedBucket.state(
                bucket.limit(), leases.levelNanos(bucket, now), bucket.amount(cost)));
  }

  private Decision paidFromLease(List<SharedBucket> buckets, long now) {
    return leased(
        buckets, bucket -> SharedBucket.paid(bucket.limit(), leases.levelNanos(bucket, now)));
  }

  private static Decision leased(
      List<SharedBucket> buckets, Function<SharedBucket, BucketState> state) {
    return Decision.of(Decision.Source.REDIS, buckets.stream().map(state).toList());
  }

  /**
   * Returns whether Redis would say no to a cost within each capacity, as it has said so of one
   * bucket: whatever becomes of the others. After a while one caller asks again, and while it does
   * the others go by what was said.
   */
  private boolean isCheapDenial(List<SharedBucket> buckets, Cost cost, long now) {
    if (cheapDenialNanos == 0) {
      return false;
    }
    boolean denied = false;
    @Nullable SharedBucket due = null;
    for (SharedBucket bucket : buckets) {
      @Nullable KnownLevel last = bucket.known();
      if (last == null || last.epoch() != store.epoch() || bucket.holdsAsKnown(cost, now)) {
        continue;
      }
      boolean late = now - last.askedAt() >= cheapDenialNanos;
      due = late ? bucket : due;
      denied |= !late;
    }
    return denied || (due != null && !known.beginAsking(due, now));
  }

  private static boolean isWithinCapacity(List<SharedBucket> buckets, Cost cost) {
    for (SharedBucket bucket : buckets) {
      long amount = bucket.isInFlight() ? SharedSlots.amount(bucket, cost) : bucket.amount(cost);
      if (amount > bucket.limit().limit().capacity()) {
        return false;
      }
    }
    return true;
  }

  private DecisionBuckets buckets(Identity identity, List<PartitionedLimit> limits) {
    List<SharedBucket> buckets = new ArrayList<>(limits.size());
    for (PartitionedLimit limit : limits) {
      buckets.add(SharedBucket.of(limit, identity, keys, known));
    }
    int enforced = LimiterArguments.enforced(limits);
    return enforced == limits.size()
        ? new DecisionBuckets(buckets, List.of())
        : new DecisionBuckets(
            buckets.subList(0, enforced), buckets.subList(enforced, buckets.size()));
  }

  private List<PartitionedLimit> limits(Identity identity, LimitPolicy policy, Cost cost) {
    return requireOneSlot(LimiterArguments.requireLimits(identity, policy, cost));
  }

  private List<PartitionedLimit> limits(Identity identity, LimitPolicy policy) {
    return requireOneSlot(LimiterArguments.requireLimits(identity, policy));
  }

  private List<PartitionedLimit> requireOneSlot(List<PartitionedLimit> limits) {
    if (layout != Layout.TOGETHER && keys.mayCrossSlots(limits)) {
      throw new IllegalArgumentException(
          "policy must not join a limit for everyone with others "
              + (layout == Layout.CLUSTER ? "on a Redis Cluster" : "behind a proxy that shards")
              + ", where their buckets lie in different slots, unless the limiter is built with"
              + " oneSlot(): "
              + limits.stream().map(PartitionedLimit::name).toList());
    }
    return limits;
  }
}
