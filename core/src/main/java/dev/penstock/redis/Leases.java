package dev.penstock.redis;

import dev.penstock.Limit;
import dev.penstock.redis.KnownBuckets.Known;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The leases of this process, by bucket. A decision is served from them if each of its buckets is
 * under a limit that may be leased and the tokens in hand suffice; otherwise Redis is asked.
 *
 * <p>What is in hand goes back a second after Redis was last asked for more, and when the limiter
 * is closed. It is given back by a thread that lives only while there are leases.
 */
final class Leases implements AutoCloseable {

  /** Gives tokens back to Redis. */
  interface Returns {
    void giveBack(Question question, long tokens);
  }

  static final Duration LIFE = Duration.ofSeconds(1);

  /** A bucket that was asked for so lately is worth a lease. */
  private static final long HOT_NANOS = Duration.ofMillis(100).toNanos();

  /** The way back: what will be refilled by its end is not given back. */
  private static final long RETURN_NANOS = RedisRateLimiter.DEFAULT_TIMEOUT.toNanos();

  private final Map<String, Long> blocks;
  private final int maxLeases;
  private final LongSupplier nanoClock;
  private final Returns returns;
  private final Map<Long, Lease> leases = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor ends =
      new ScheduledThreadPoolExecutor(1, Leases::thread);

  /** Refunds and resets that are under way, and how many have been. */
  private final AtomicInteger refunding = new AtomicInteger();

  private final AtomicInteger refunds = new AtomicInteger();

  /**
   * Makes none yet.
   *
   * @param blocks how many tokens are taken ahead at most, by the names of limits
   */
  Leases(Map<String, Long> blocks, int maxLeases, LongSupplier nanoClock, Returns returns) {
    this.blocks = Map.copyOf(blocks);
    this.maxLeases = maxLeases;
    this.nanoClock = nanoClock;
    this.returns = returns;
    ends.setKeepAliveTime(LIFE.toNanos(), TimeUnit.NANOSECONDS);
    ends.allowCoreThreadTimeOut(true);
    ends.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    ends.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
  }

  /** Returns whether all these buckets may be leased. */
  boolean mayLease(List<Question> questions) {
    return !blocks.isEmpty()
        && questions.stream().allMatch(question -> blocks.containsKey(question.limit().name()));
  }

  /** Takes the cost from every lease, or from none if one does not hold it. */
  boolean take(List<Question> questions, long cost, long now) {
    for (int i = 0; i < questions.size(); i++) {
      @Nullable Lease lease = find(questions.get(i));
      if (lease == null || !lease.take(cost, now)) {
        putBack(questions.subList(0, i), cost);
        return false;
      }
    }
    return true;
  }

  private void putBack(List<Question> questions, long cost) {
    for (Question question : questions) {
      @Nullable Lease lease = find(question);
      if (lease != null) {
        lease.putBack(cost);
      }
    }
  }

  /** Returns how long the bucket would take to be full if what is in hand were in it. */
  long resetAfterNanos(Question question, long now) {
    @Nullable Lease lease = find(question);
    return lease == null ? question.resetAfterNanos(now) : lease.resetAfterNanos(now);
  }

  /**
   * Returns how many tokens of each bucket are worth taking ahead; nothing unless of all. It is
   * what is missing to a block, but at most half of what Redis has left, so that the last ones stay
   * for everybody.
   */
  List<Long> missing(List<Question> questions, long now) {
    if (!mayLease(questions)) {
      return List.of();
    }
    List<Long> missing = questions.stream().map(question -> missing(question, now)).toList();
    return missing.contains(0L) ? List.of() : missing;
  }

  private long missing(Question question, long now) {
    @Nullable Known last = question.known();
    boolean asked = last != null && now - last.saidAt() < HOT_NANOS;
    if (!asked && find(question) == null) {
      return 0;
    }
    Limit limit = question.limit().limit();
    long left = (limit.nanosToFill() - question.resetAfterNanos(now)) / limit.nanosPerToken();
    long block = block(question);
    long missing = Math.min(block - inHand(question, now), left / 2);
    return missing > block / 4 ? missing : 0;
  }

  /** Lets one caller at a time fill up a lease of which half is spent; {@link #asked} follows. */
  boolean mayAsk(Question question, long now) {
    @Nullable Lease lease = find(question);
    return lease != null && lease.tokens(now) < block(question) / 2 && lease.mayAsk();
  }

  void asked(Question question) {
    @Nullable Lease lease = leases.get(question.bucket());
    if (lease != null) {
      lease.asked();
    }
  }

  /** Returns what {@link #add} has to know of the time before Redis was asked. */
  int refunds() {
    return refunds.get();
  }

  /**
   * Keeps tokens that Redis has just been charged. They are dropped where tokens were put back into
   * buckets meanwhile: what Redis said of this one may be outdated.
   *
   * @param fullAt when the bucket in Redis is full at the soonest
   * @param saidAt when Redis was asked
   * @param refundsBefore how many there had been before Redis was asked
   */
  void add(Question question, long tokens, long fullAt, long saidAt, int refundsBefore) {
    if (refunding.get() > 0 || refunds.get() != refundsBefore || leases.size() >= maxLeases) {
      return;
    }
    long now = nanoClock.getAsLong();
    Lease lease = leases.computeIfAbsent(question.bucket(), bucket -> begun(question, now));
    if (lease.isFor(question)) {
      lease.add(tokens, fullAt, saidAt, now + LIFE.toNanos(), now);
    }
  }

  /** Says that tokens are about to be put into buckets in Redis; {@link #endRefund} follows. */
  void beginRefund(List<Question> questions, long tokens) {
    refunding.incrementAndGet();
    for (Question question : questions) {
      @Nullable Lease lease = leases.get(question.bucket());
      if (lease != null) {
        Limit limit = lease.question().limit().limit();
        lease.refunded(Math.min(tokens, limit.capacity()) * limit.nanosPerToken());
      }
    }
  }

  void endRefund() {
    refunds.incrementAndGet();
    refunding.decrementAndGet();
  }

  /** Gives all tokens back. */
  @Override
  public void close() {
    ends.shutdown();
    new ArrayList<>(leases.values()).forEach(this::end);
  }

  private long block(Question question) {
    return blocks.getOrDefault(question.limit().name(), 0L);
  }

  private long inHand(Question question, long now) {
    @Nullable Lease lease = find(question);
    return lease == null ? 0 : lease.tokens(now);
  }

  private @Nullable Lease find(Question question) {
    @Nullable Lease lease = leases.get(question.bucket());
    return lease == null || !lease.isFor(question) ? null : lease;
  }

  private Lease begun(Question question, long now) {
    Lease lease = new Lease(question, now);
    endLater(lease, LIFE.toNanos());
    return lease;
  }

  private void endLater(Lease lease, long nanos) {
    var unused = ends.schedule(() -> endInTime(lease), nanos, TimeUnit.NANOSECONDS);
  }

  private void endInTime(Lease lease) {
    long nanosLeft = lease.nanosLeft(nanoClock.getAsLong());
    if (nanosLeft > 0) {
      endLater(lease, nanosLeft);
    } else {
      end(lease);
    }
  }

  private void end(Lease lease) {
    long tokens = lease.end(nanoClock.getAsLong() + RETURN_NANOS);
    leases.remove(lease.question().bucket(), lease);
    if (tokens > 0) {
      returns.giveBack(lease.question(), tokens);
    }
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "penstock-redis-leases");
    thread.setDaemon(true);
    return thread;
  }
}
