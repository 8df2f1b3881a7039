package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.LimitPolicy;
import dev.penstock.PartitionedLimit;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.memory.Rooms;
import dev.penstock.redis.KnownBuckets.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes tokens in memory while Redis does not answer, and keeps account of them until Redis is
 * charged.
 *
 * <p><b>State.</b> A bucket in memory stands in for this process's share of the one in Redis. Its
 * level, the time until it is full, is what is known of Redis's bucket, the base, and on top what
 * was spent here: so {@code owed = level - base}. As time passes both sink, the base to zero first;
 * what sinks then is the debt, as one bucket would have refilled.
 *
 * <p><b>Transitions.</b> What Redis says of its bucket meanwhile moves the base, and the level by
 * as much ({@link #follow}). A token spent here raises the level. What Redis has been charged is
 * taken off the level ({@link #settle}). Each is one step of the bucket, so none is lost when they
 * meet; only one caller at a time moves a base, and only one charges a bucket.
 *
 * <p><b>Ordering.</b> A token is never spent on both sides at once. Who asks Redis first counts
 * what it is about to take as in flight and then reads the debt; who decides here first takes and
 * then reads what is in flight: one of the two sees the other. Who asks Redis while another charges
 * it reserves that debt, since it is not known which call arrives first.
 */
final class Ledger {

  /**
   * What one bucket owes Redis, as time of refill.
   *
   * @param owedNanos what a call has to charge
   * @param reservedNanos what another call is charging at this moment, in whole microseconds
   * @param levelNanos what is off the level here once it is charged
   */
  record Debt(long owedNanos, long reservedNanos, long levelNanos) {
    static final Debt NONE = new Debt(0, 0, 0);
  }

  private final KnownBuckets known;
  private final FleetShare shares;
  private final InMemoryRateLimiter spent;
  private final InFlight inFlight = new InFlight();
  private final LongSupplier nanoClock;

  /** When each bucket in Redis is full, as the level here goes by; absent if full by now. */
  private final LiveEntries<Long> bases;

  /** The buckets in Redis that a call under way charges with what they owe. */
  private final Set<Long> charging = ConcurrentHashMap.newKeySet();

  /** The time until which something that was spent here may not be charged to Redis yet. */
  private final AtomicLong owingUntil;

  Ledger(
      KnownBuckets known, FleetShare shares, int maxBuckets, Rooms rooms, LongSupplier nanoClock) {
    this.known = known;
    this.shares = shares;
    this.spent = InMemoryRateLimiter.standIn(maxBuckets, rooms, nanoClock);
    this.bases = new LiveEntries<>(bucket -> rooms.most(bucket, maxBuckets), Long::longValue);
    this.nanoClock = nanoClock;
    this.owingUntil = new AtomicLong(nanoClock.getAsLong());
  }

  /** Decides here. */
  Decision decide(Identity identity, List<Question> questions, long cost, boolean take) {
    questions.forEach(question -> follow(identity, question));
    List<PartitionedLimit> local = questions.stream().map(q -> shares.of(q.limit())).toList();
    LimitPolicy policy = who -> local;
    Decision decision =
        take ? spent.tryAcquire(identity, policy, cost) : spent.peek(identity, policy, cost);
    if (take && decision.permitted()) {
      owe(decision);
      List<Long> levels = questions.stream().map(q -> levelWithCalls(identity, q)).toList();
      if (anyBeyondEmpty(local, levels)) {
        takeBack(identity, local, cost);
        decision = denied(local, levels, cost);
      }
    }
    return Decision.of(Decision.Source.LOCAL, ofWhole(questions, decision.buckets(), cost));
  }

  /** Of a cost that the share can never pay, but the whole limit can, the time is not known. */
  private static List<BucketState> ofWhole(
      List<Question> questions, List<BucketState> states, long cost) {
    List<BucketState> told = new ArrayList<>(states.size());
    for (int i = 0; i < states.size(); i++) {
      BucketState state = states.get(i);
      boolean mayPayLater = state.never() && cost <= questions.get(i).limit().limit().capacity();
      told.add(mayPayLater ? withoutTime(state) : state);
    }
    return told;
  }

  private static BucketState withoutTime(BucketState state) {
    return new BucketState(
        state.name(),
        state.limit(),
        false,
        state.remaining(),
        BucketState.UNKNOWN,
        state.resetAfterNanos());
  }

  private void takeBack(Identity identity, List<PartitionedLimit> local, long cost) {
    for (PartitionedLimit share : local) {
      spent.follow(identity, share, cost * share.limit().nanosPerToken(), 0);
    }
  }

  /**
   * Puts back what was spent here, at most so much.
   *
   * @param nanos of each bucket, as time of refill of the whole limit
   * @return how much of that was not spent here, and is to be put back in Redis
   */
  List<Long> giveBack(Identity identity, List<Question> questions, List<Long> nanos) {
    List<Long> left = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      long owed = Math.max(0, owedLevelNanos(identity, question));
      spent.follow(identity, shares.of(question.limit()), shares.ofShare(nanos.get(i)), 0);
      left.add(Math.max(0, nanos.get(i) - shares.ofWhole(owed)));
    }
    return left;
  }

  void reset(Identity identity, List<Question> questions) {
    List<PartitionedLimit> local = questions.stream().map(q -> shares.of(q.limit())).toList();
    questions.forEach(question -> bases.remove(question.bucket()));
    spent.reset(identity, who -> local);
  }

  /** Says that Redis is about to be asked to take this from a bucket; {@link #end} follows. */
  void begin(Question question, long cost) {
    inFlight.begin(question.bucket(), cost);
  }

  void end(Question question, long cost) {
    inFlight.end(question.bucket(), cost);
  }

  /**
   * Returns what was spent here and is not refilled yet, for one caller at a time to charge to
   * Redis; {@link #settle} follows. Until then it stays in the books.
   */
  Debt debt(Identity identity, Question question) {
    if (owingUntil.get() - nanoClock.getAsLong() <= 0) {
      return Debt.NONE;
    }
    boolean mine = charging.add(question.bucket());
    long level = owedLevelNanos(identity, question);
    if (level > 0) {
      long owed = shares.ofWhole(level);
      return mine ? new Debt(owed, 0, level) : new Debt(0, Question.wholeMicros(owed), 0);
    }
    if (mine) {
      charging.remove(question.bucket());
    }
    return Debt.NONE;
  }

  /** Ends what {@link #debt} began, after what Redis said has been remembered. */
  void settle(Identity identity, Question question, Debt debt, boolean charged) {
    if (debt.owedNanos == 0) {
      return;
    }
    if (charged) {
      follow(identity, question);
      spent.follow(identity, shares.of(question.limit()), debt.levelNanos, 0);
    }
    charging.remove(question.bucket());
  }

  private long owedLevelNanos(Identity identity, Question question) {
    follow(identity, question);
    long now = nanoClock.getAsLong();
    @Nullable Long base = bases.find(question.bucket());
    long level = spent.resetAfterNanos(identity, shares.of(question.limit()));
    return base == null ? level : level - Math.max(0, base - now);
  }

  /** Moves base and level along with what is known of the bucket in Redis. */
  private void follow(Identity identity, Question question) {
    PartitionedLimit share = shares.of(question.limit());
    long bucket = question.bucket();
    long now = nanoClock.getAsLong();
    boolean hasRoom = bases.compute(bucket, now, base -> follow(identity, share, bucket, base));
    @Nullable Known last = known.find(bucket);
    if (!hasRoom && last != null) {
      long level = last.resetAfterNanosAtMost(now);
      spent.follow(identity, share, level, level);
    }
  }

  private @Nullable Long follow(
      Identity identity, PartitionedLimit share, long bucket, @Nullable Long base) {
    @Nullable Known last = known.find(bucket);
    long now = nanoClock.getAsLong();
    long next = last == null ? now : last.fullAtLatest();
    if (base == null && next <= now) {
      return null;
    }
    long since = last == null ? now : last.saidAt();
    long from = base == null ? since : Math.max(base, since);
    if (base == null || from != next) {
      spent.follow(identity, share, from - now, next - now);
    }
    return next > now ? next : null;
  }

  /** Returns the level here and, on top, what calls under way may take from Redis. */
  private long levelWithCalls(Identity identity, Question question) {
    PartitionedLimit limit = question.limit();
    long calls = inFlight.nanos(question.bucket(), limit.limit().nanosPerToken());
    follow(identity, question);
    return spent.resetAfterNanos(identity, shares.of(limit)) + calls;
  }

  private static boolean anyBeyondEmpty(List<PartitionedLimit> local, List<Long> levels) {
    for (int i = 0; i < levels.size(); i++) {
      if (levels.get(i) > local.get(i).limit().nanosToFill()) {
        return true;
      }
    }
    return false;
  }

  /** Returns the denial at levels that hold the cost already. */
  private static Decision denied(List<PartitionedLimit> local, List<Long> levels, long cost) {
    List<BucketState> states = new ArrayList<>(levels.size());
    for (int i = 0; i < levels.size(); i++) {
      PartitionedLimit limit = local.get(i);
      long before = Math.max(0, levels.get(i) - cost * limit.limit().nanosPerToken());
      states.add(Question.state(limit, before, cost));
    }
    return Decision.of(Decision.Source.LOCAL, states);
  }

  private void owe(Decision decision) {
    long longest = 0;
    for (BucketState bucket : decision.buckets()) {
      longest = Math.max(longest, bucket.resetAfterNanos());
    }
    long until = nanoClock.getAsLong() + longest;
    owingUntil.accumulateAndGet(until, (old, latest) -> latest - old > 0 ? latest : old);
  }
}
