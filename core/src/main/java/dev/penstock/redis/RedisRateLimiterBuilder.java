package dev.penstock.redis;

import dev.penstock.FailoverMode;
import dev.penstock.Identity;
import dev.penstock.base.Awaited;
import dev.penstock.bucket.Rooms;
import dev.penstock.redis.wire.CallersClient;
import dev.penstock.redis.wire.HiddenNames;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.OwnConnections;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.RedisNodes;
import dev.penstock.redis.wire.RedisScript;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.RedisUrl;
import dev.penstock.redis.wire.ScriptWire;
import dev.penstock.redis.wire.UrlConfig;
import dev.penstock.redis.wire.UrlPeer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.UnifiedJedis;

/** Collects the parts of a {@link RedisRateLimiter}. Not thread-safe. */
public final class RedisRateLimiterBuilder {

  private static final int MAX_INSTANCES = 100_000;

  private final @Nullable UnifiedJedis jedis;
  private final @Nullable RedisUrl url;
  private String prefix = "penstock";
  private InstantSource wallClock = InstantSource.system();
  private LongSupplier nanoClock = System::nanoTime;
  private String script = RedisScript.resource();
  private boolean oneSlot;
  private UnaryOperator<String> names = UnaryOperator.identity();
  private int instances = 1;
  private int maxBuckets = 100_000;
  private Rooms rooms = Rooms.standard();
  private FailoverMode mode = FailoverMode.LOCAL;
  private @Nullable SSLContext tls;
  private Duration timeout = RedisRateLimiter.DEFAULT_TIMEOUT;
  private Duration slotLife = Duration.ofSeconds(15);
  private Duration cheapDenials = Duration.ofSeconds(1);
  private Duration keepAlive = OwnConnections.KEEP_ALIVE;
  private int underWay = 10_000;
  private Executor callbacks = Awaited.pool();
  private Consumer<Boolean> availabilityListener = available -> {};

  RedisRateLimiterBuilder(@Nullable UnifiedJedis jedis, @Nullable RedisUrl url) {
    this.jedis = jedis;
    this.url = url;
  }

  /**
   * Sets how all keys begin; {@code penstock} otherwise.
   *
   * @param prefix 1 to 64 printable ASCII characters without spaces and braces
   * @return this builder
   * @throws IllegalArgumentException if it is anything else
   */
  public RedisRateLimiterBuilder prefix(String prefix) {
    this.prefix = RedisKeys.requirePrefix(prefix);
    return this;
  }

  /**
   * Puts all buckets into one hash slot, so that a policy on a Redis Cluster may join a limit for
   * everyone with others. One node of the cluster then does all the work.
   *
   * @return this builder
   */
  public RedisRateLimiterBuilder oneSlot() {
    oneSlot = true;
    return this;
  }

  /**
   * Keeps the names of identities out of Redis: a key bears the first 128 bits of their
   * HMAC-SHA-256 instead, so who reads the keys cannot even check a guess. The names of limits stay
   * readable.
   *
   * <p>All instances need the same secret: with another one, each identity has another bucket,
   * which is full.
   *
   * @param secret at least 16 bytes, better 32 random ones; copied
   * @return this builder
   * @throws IllegalArgumentException if it is shorter; the message tells its length alone
   */
  public RedisRateLimiterBuilder hideNames(byte[] secret) {
    this.names = new HiddenNames(secret);
    return this;
  }

  /**
   * Says how many instances share the limits; 1 otherwise. While Redis is away, each keeps this
   * part of a limit, in {@link FailoverMode#LOCAL}, and at least one token.
   *
   * @param instances 1 to 100,000
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisRateLimiterBuilder instances(int instances) {
    if (instances < 1 || instances > MAX_INSTANCES) {
      throw new IllegalArgumentException(
          "instances must be from 1 to " + MAX_INSTANCES + ": " + instances);
    }
    this.instances = instances;
    return this;
  }

  /**
   * Says what becomes of requests while Redis is away; {@link FailoverMode#LOCAL} otherwise.
   *
   * @param mode of every limit that has none of its own
   * @return this builder
   */
  public RedisRateLimiterBuilder failover(FailoverMode mode) {
    this.mode = Objects.requireNonNull(mode, "mode");
    return this;
  }

  /**
   * Sets how long a call of Redis may take, waiting for a connection included; 50 ms otherwise.
   *
   * @param timeout 5 ms to 10 s
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if the client is the caller's, and with it the timeouts
   */
  public RedisRateLimiterBuilder timeout(Duration timeout) {
    if (jedis != null) {
      throw new IllegalStateException("timeout must be set at the client that was passed");
    }
    requireBetween("timeout", timeout, Duration.ofMillis(5), Duration.ofSeconds(10));
    this.timeout = timeout;
    return this;
  }

  /**
   * Sets whose certificates are trusted, and which one is shown to a server that wants one; those
   * of the JDK's own settings otherwise. The host is compared with the certificate in any case.
   *
   * @param tls for a {@code rediss://} URL
   * @return this builder
   * @throws IllegalStateException if the URL is of the scheme {@code redis}, or the client is the
   *     caller's, and with it TLS
   */
  public RedisRateLimiterBuilder sslContext(SSLContext tls) {
    Objects.requireNonNull(tls, "tls");
    if (url == null) {
      throw new IllegalStateException("sslContext must be set at the client that was passed");
    }
    if (!url.isTls()) {
      throw new IllegalStateException("sslContext must be used with a URL of the scheme rediss");
    }
    this.tls = tls;
    return this;
  }

  /**
   * Sets for how long what Redis said of an empty bucket is taken for true without asking again; a
   * second otherwise. Zero asks for every request.
   *
   * @param cheapDenials 0 to 60 s
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisRateLimiterBuilder cheapDenials(Duration cheapDenials) {
    requireBetween("cheapDenials", cheapDenials, Duration.ZERO, Duration.ofSeconds(60));
    this.cheapDenials = cheapDenials;
    return this;
  }

  /**
   * Sets of how many buckets this process remembers what Redis last said, and how many it keeps
   * while Redis is away; 100,000 otherwise.
   *
   * @param maxBuckets 1 to 10,000,000
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisRateLimiterBuilder maxBuckets(int maxBuckets) {
    if (maxBuckets < 1 || maxBuckets > 10_000_000) {
      throw new IllegalArgumentException("maxBuckets must be from 1 to 10000000: " + maxBuckets);
    }
    this.maxBuckets = maxBuckets;
    return this;
  }

  /**
   * Sets how much of {@link #maxBuckets} may be in use for another bucket of this kind to find
   * room; 0.75 for {@link Identity.Kind#ADDRESS} and 1 for the others otherwise. So whoever sends
   * from many addresses without a token cannot make this process forget what it knows of those who
   * have one, nor lock them out while Redis is away.
   *
   * @param kind the kind of the key that a limit charges
   * @param share 0 to 1, of {@link #maxBuckets}
   * @return this builder
   * @throws IllegalArgumentException if the share is out of range
   */
  public RedisRateLimiterBuilder share(Identity.Kind kind, double share) {
    rooms = rooms.with(kind, share);
    return this;
  }

  /**
   * Sets who is told, by {@code false} and {@code true}, when Redis goes and when it is back; of a
   * cluster, when the first node goes and when all are back.
   *
   * @param listener returns at once; a failure of it is logged
   * @return this builder
   */
  public RedisRateLimiterBuilder onAvailability(Consumer<Boolean> listener) {
    this.availabilityListener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Sets for how long Redis knows that a slot of an {@linkplain dev.penstock.Limit#inFlight
   * in-flight} limit is held, without hearing of it again; 15 s otherwise. Every third of it the
   * slots that are held are renewed. So long after a process has died its slots are free, and a
   * process that stalls for longer may find others in its place: then more than the limit are held
   * until enough have ended.
   *
   * @param slotLife 1 s to 10 min
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisRateLimiterBuilder slotLife(Duration slotLife) {
    requireBetween("slotLife", slotLife, Duration.ofSeconds(1), Duration.ofMinutes(10));
    this.slotLife = slotLife;
    return this;
  }

  /**
   * Sets how many decisions for which no caller waits ({@link RedisRateLimiter#tryAcquireAsync},
   * {@code reserveAsync}) may be under way; 10,000 otherwise. What comes beyond is decided at once
   * as while Redis is away, so that neither a queue nor the time that a decision takes can grow.
   *
   * @param underWay 1 to 1,000,000
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   */
  public RedisRateLimiterBuilder underWay(int underWay) {
    if (underWay < 1 || underWay > 1_000_000) {
      throw new IllegalArgumentException("underWay must be from 1 to 1000000: " + underWay);
    }
    this.underWay = underWay;
    return this;
  }

  /**
   * Sets what completes the futures of decisions for which no caller waits, and runs whatever is
   * attached to them; the common pool otherwise, or where that has no threads one for each. With
   * {@code Runnable::run} that is the thread which reads replies: for what returns at once, as all
   * others wait for it.
   *
   * @param callbacks runs each completion, in any order
   * @return this builder
   */
  public RedisRateLimiterBuilder callbacks(Executor callbacks) {
    this.callbacks = Objects.requireNonNull(callbacks, "callbacks");
    return this;
  }

  /** Sets how often idle connections are looked after, which tests shorten. */
  RedisRateLimiterBuilder keepAlive(Duration interval) {
    this.keepAlive = interval;
    return this;
  }

  /** Sets the script, which tests run on a clock of their own. */
  RedisRateLimiterBuilder script(String script) {
    this.script = script;
    return this;
  }

  /** Has token buckets go by another clock while Redis is away. */
  RedisRateLimiterBuilder nanoClock(LongSupplier clock) {
    this.nanoClock = clock;
    return this;
  }

  /** Has another time of day count until Redis has told its own. */
  RedisRateLimiterBuilder wallClock(InstantSource clock) {
    this.wallClock = clock;
    return this;
  }

  /**
   * Returns the limiter, after the first calls of Redis. Where Redis cannot be reached, or says
   * that it is loading, full or busy, the limiter starts in failover and finds it when it is there.
   *
   * @return the limiter
   * @throws IllegalArgumentException if what answers is of no use as it is, and waiting does not
   *     mend that: it refuses the user, a command or TLS, it is one node of a cluster, a replica, a
   *     Sentinel, a proxy that spreads buckets that belong together, or no Redis at all; the
   *     message says which, at what host and port, what it said and what to do, and never a secret
   */
  public RedisRateLimiter build() {
    RedisKeys keys = new RedisKeys(prefix, oneSlot, names);
    KnownBuckets known = new KnownBuckets(maxBuckets, rooms, wallClock);
    FleetShare shares = new FleetShare(instances);
    Ledger ledger = new Ledger(known, shares, maxBuckets, rooms, nanoClock);
    RedisScript loaded = new RedisScript(script);
    RedisNodes nodes = nodes(loaded, keys);
    nodes.greet();
    RedisStore store = new RedisStore(nodes, loaded, new ScriptWire(nodes, loaded, known));
    SharedSlots slots =
        new SharedSlots(store, shares, slotLife, LeaseTimer.ofThread("penstock-redis-slots"));
    store.whenBack(slots::renewNow);
    Leases leases =
        new Leases(
            instances,
            maxBuckets,
            System::nanoTime,
            LeaseTimer.ofThread("penstock-redis-leases"),
            new TokenReturns(store, known));
    AsyncTasks tasks = new AsyncTasks(underWay, callbacks);
    Settlements settlements = new Settlements(store, known, ledger, leases, maxBuckets, tasks);
    Failover failover = new Failover(mode, RedisNodes.PROBE_INTERVAL, ledger, slots);
    CheapDenials denials = new CheapDenials(store, known, slots, cheapDenials);
    SharedBuckets shared = new SharedBuckets(store, known, ledger, leases, slots);
    SharedDecisions decisions =
        new SharedDecisions(store, leases, denials, shared, settlements, failover);
    SharedReservations reservations =
        new SharedReservations(store, leases, denials, decisions, slots, settlements);
    AsyncDecisions async =
        new AsyncDecisions(store, decisions, shared, reservations, tasks, underWay);
    return new RedisRateLimiter(
        store,
        known,
        new PolicyBuckets(keys, known, nodes.layout()),
        decisions,
        denials,
        reservations,
        failover,
        settlements,
        leases,
        slots,
        async,
        new SharedWaits(
            store,
            leases,
            denials,
            decisions,
            shared,
            reservations,
            settlements,
            failover,
            ledger,
            async,
            tasks),
        tasks);
  }

  private RedisNodes nodes(RedisScript script, RedisKeys keys) {
    if (jedis != null) {
      CallersClient client = new CallersClient(jedis);
      return new RedisNodes(client, client, script, keys, availabilityListener);
    }
    RedisUrl known = Objects.requireNonNull(url);
    HostAndPort address = known.address();
    UrlConfig config = known.config(timeout, tls);
    return new RedisNodes(
        new OwnConnections(address, config, timeout, keepAlive),
        new UrlPeer(address, config),
        script,
        keys,
        availabilityListener);
  }

  private static void requireBetween(
      String parameter, Duration value, Duration least, Duration most) {
    Objects.requireNonNull(value, parameter);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          parameter + " must be from " + least + " to " + most + ": " + value);
    }
  }
}
