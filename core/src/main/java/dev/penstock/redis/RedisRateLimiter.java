package dev.penstock.redis;

import dev.penstock.Ban;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.LimiterArguments;
import dev.penstock.Metered;
import dev.penstock.MetricFamily;
import dev.penstock.RateLimiter;
import dev.penstock.Reservation;
import dev.penstock.base.OptionalLibrary;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.RedisUrl;
import dev.penstock.redis.wire.SharedBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
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

  private final RedisStore store;
  private final KnownBuckets known;
  private final PolicyBuckets buckets;
  private final SharedDecisions decisions;
  private final CheapDenials cheapDenials;
  private final SharedReservations reservations;
  private final Failover failover;
  private final Settlements settlements;
  private final Leases leases;
  private final SharedSlots slots;
  private final AsyncDecisions async;
  private final SharedWaits waits;
  private final AsyncTasks tasks;
  private final ExecutorService counting = BoundedExecutor.ofThread("penstock-redis-bans");

  RedisRateLimiter(
      RedisStore store,
      KnownBuckets known,
      PolicyBuckets buckets,
      SharedDecisions decisions,
      CheapDenials cheapDenials,
      SharedReservations reservations,
      Failover failover,
      Settlements settlements,
      Leases leases,
      SharedSlots slots,
      AsyncDecisions async,
      SharedWaits waits,
      AsyncTasks tasks) {
    this.waits = waits;
    this.async = async;
    this.tasks = tasks;
    this.store = store;
    this.known = known;
    this.buckets = buckets;
    this.decisions = decisions;
    this.cheapDenials = cheapDenials;
    this.reservations = reservations;
    this.failover = failover;
    this.settlements = settlements;
    this.leases = leases;
    this.slots = slots;
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
    return decisions.decide(buckets.withoutSlots(identity, policy, cost), cost, "", true);
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    return reservations.reserve(buckets.of(identity, policy, cost), cost);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The caller's thread never touches the network. So many as {@link
   * RedisRateLimiterBuilder#underWay} may be under way; what comes beyond is decided at once as
   * while Redis is away. Futures are completed by the executor of {@link
   * RedisRateLimiterBuilder#callbacks}.
   */
  @Override
  public CompletableFuture<Decision> tryAcquireAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    return async.reserve(buckets.withoutSlots(identity, policy, cost), cost, Reservation::decision);
  }

  /**
   * {@inheritDoc}
   *
   * <p>As with {@link #tryAcquireAsync}.
   */
  @Override
  public CompletableFuture<Reservation> reserveAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    return async.reserve(buckets.of(identity, policy, cost), cost, Function.identity());
  }

  /**
   * {@inheritDoc}
   *
   * <p>Of tokens it is one call, whoever waits: what is taken ahead of time is known to all
   * instances, and while Redis is away it is waited for here, in this instance's share. With slots
   * or windows it asks again.
   */
  @Override
  public Reservation acquire(Identity identity, LimitPolicy policy, Cost cost, Duration maxWait)
      throws InterruptedException {
    DecisionBuckets all = buckets.of(identity, policy, cost);
    long nanos = LimiterArguments.requireMaxWait(maxWait);
    return SharedWaits.canAwait(all)
        ? waits.acquire(all, cost, nanos)
        : RateLimiter.super.acquire(identity, policy, cost, maxWait);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Of tokens no thread is taken for it, and how many may be under way to Redis is as with
   * {@link #reserveAsync}, which tells of those that wait no more once Redis has said for how long.
   */
  @Override
  public CompletableFuture<Reservation> acquireAsync(
      Identity identity, LimitPolicy policy, Cost cost, Duration maxWait) {
    DecisionBuckets all = buckets.of(identity, policy, cost);
    long nanos = LimiterArguments.requireMaxWait(maxWait);
    return SharedWaits.canAwait(all)
        ? waits.acquireAsync(all, cost, nanos)
        : RateLimiter.super.acquireAsync(identity, policy, cost, maxWait);
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return decisions.decide(buckets.of(identity, policy, cost), cost, "", false);
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    List<SharedBucket> filled =
        buckets.all(identity, policy).stream().filter(bucket -> !bucket.isInFlight()).toList();
    if (!filled.isEmpty()) {
      settlements.reset(filled);
    }
  }

  @Override
  public void check(LimitPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    policy.choices().values().forEach(buckets::check);
  }

  /**
   * Denials are counted by a thread that lives only meanwhile: what it leaves behind is bounded.
   */
  @Override
  public RateLimiter banning(Ban ban) {
    return banning(ban, counting);
  }

  /** Returns how many decisions are under way for which no caller waits. */
  int underWay() {
    return async.underWay();
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
        decisions.leased(),
        cheapDenials.count(),
        decisions.withoutRedis(),
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
            "leased_decisions", "Permitted by tokens taken ahead.", decisions.leased()));
    families.add(
        RedisStore.counter(
            "cheap_denials", "Denials by what Redis had just said.", cheapDenials.count()));
    families.add(
        RedisStore.counter(
            "failover_decisions", "Decisions without Redis.", decisions.withoutRedis()));
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
   * are not renewed any more, and free for others once their life is over. Who waits goes on to,
   * and what they give back after is lost.
   */
  @Override
  public void close() {
    counting.shutdown();
    tasks.close();
    settlements.close();
    leases.close();
    slots.close();
    store.close();
  }
}
