package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.PartitionedLimit;
import dev.penstock.base.Inside;
import dev.penstock.bucket.SlotWord;
import dev.penstock.redis.Leases.Ahead;
import dev.penstock.redis.Ledger.Debt;
import dev.penstock.redis.wire.AskingTime;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.KnownLevel;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.SaidWindow;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The buckets in Redis: takes from them, and looks at them. A call carries what is known of its
 * buckets, what was spent without Redis, and what is to be taken ahead; an empty answer says that
 * Redis has not decided.
 */
final class SharedBuckets {

  /**
   * One bucket of a call.
   *
   * @param tokens what is asked of it, or how many slots, with those that are taken ahead
   * @param ahead how many of these are
   * @param debt what was spent without Redis
   */
  private record AskedBucket(SharedBucket bucket, long tokens, long ahead, Debt debt) {

    long nanosPerToken() {
      return Inside.nanosPerToken(bucket.limit().limit());
    }
  }

  /** In the place of a patience: whoever takes does not wait. */
  private static final long NOT_AT_ALL = -1;

  private static final Cost NOTHING = Cost.of(0).and(Cost.CONCURRENT_REQUESTS, 0);

  private final RedisStore store;
  private final KnownBuckets known;
  private final Ledger ledger;
  private final Leases leases;
  private final SharedSlots slots;

  SharedBuckets(
      RedisStore store, KnownBuckets known, Ledger ledger, Leases leases, SharedSlots slots) {
    this.store = store;
    this.known = known;
    this.ledger = ledger;
    this.leases = leases;
    this.slots = slots;
  }

  Optional<Decision> look(DecisionBuckets buckets, Cost cost, long now) {
    AskingTime asked = new AskingTime(now, store.epoch());
    ScriptCall call = new ScriptCall(ScriptCall.Operation.LOOK);
    call.tries(buckets.shadow().size());
    List<AskedBucket> all = new ArrayList<>(buckets.all().size());
    for (SharedBucket bucket : buckets.all()) {
      long amount = amount(bucket, cost);
      AskedBucket one = new AskedBucket(bucket, amount, 0, Debt.NONE);
      if (bucket.isInFlight()) {
        slots.ask(call, bucket, cost, "");
      } else {
        call.add(bucket, amount * one.nanosPerToken());
      }
      all.add(one);
    }
    return store.call(call).map(answer -> decision(all, buckets, false, answer, asked));
  }

  /** Returns a bucket's part of a cost; of too much, one more than it can ever hold. */
  private static long amount(SharedBucket bucket, Cost cost) {
    return bucket.isInFlight()
        ? SharedSlots.amount(bucket, cost)
        : Math.min(bucket.amount(cost), bucket.limit().limit().capacity() + 1);
  }

  /**
   * Takes the cost, and tokens for leases besides if Redis has them.
   *
   * @param holder the name of whoever is to hold slots
   */
  Optional<Decision> take(DecisionBuckets buckets, Cost cost, String holder, long now) {
    List<SharedBucket> enforced = buckets.enforced();
    List<Ahead> ahead = enforced.isEmpty() ? List.of() : leases.beginAsking(enforced, now);
    if (!ahead.isEmpty()) {
      try {
        Optional<Decision> decision = take(buckets, cost, ahead, holder, now);
        if (decision.isEmpty() || decision.get().permitted()) {
          return decision;
        }
      } finally {
        leases.endAsking(enforced);
      }
    }
    return take(buckets, cost, List.of(), holder, now);
  }

  /**
   * Fills up the lease of a bucket once half of it is spent.
   *
   * @param bans asked for with it
   */
  void fillUp(SharedBucket bucket, List<SharedBucket> bans, long now) {
    if (!leases.isHalfSpent(bucket, now) || !store.isAvailable(bucket)) {
      return;
    }
    List<SharedBucket> asked = new ArrayList<>(bans);
    asked.add(bucket);
    List<Ahead> ahead = leases.beginAsking(asked, now);
    if (!ahead.isEmpty()) {
      try {
        take(new DecisionBuckets(asked, List.of()), NOTHING, ahead, "", now);
      } finally {
        leases.endAsking(asked);
      }
    }
  }

  private Optional<Decision> take(
      DecisionBuckets buckets, Cost cost, List<Ahead> ahead, String holder, long now) {
    Take take = new Take(buckets, cost, ahead, holder, now, NOT_AT_ALL);
    return take.end(store.call(take.call));
  }

  /** Begins to take the cost from buckets with tokens that are not leased; asks nobody. */
  Take begin(DecisionBuckets buckets, Cost cost, long now) {
    return new Take(buckets, cost, List.of(), "", now, NOT_AT_ALL);
  }

  /** Likewise for somebody who waits until they hold it, for so long at most. */
  Take beginAhead(List<SharedBucket> buckets, Cost cost, long now, long patienceNanos) {
    DecisionBuckets all = new DecisionBuckets(buckets, List.of());
    return new Take(all, cost, List.of(), "", now, patienceNanos);
  }

  /** What is asked of Redis, from when it counts here as being charged until it is answered. */
  final class Take {

    private final DecisionBuckets buckets;
    private final AskingTime asked;
    private final int resets = leases.resets();
    private final ScriptCall call;
    private final long patienceNanos;
    private final List<AskedBucket> all;

    /**
     * Begins.
     *
     * @param ahead how many tokens are to be taken ahead of each that may deny; empty for none
     */
    private Take(
        DecisionBuckets buckets,
        Cost cost,
        List<Ahead> ahead,
        String holder,
        long now,
        long patienceNanos) {
      this.patienceNanos = patienceNanos;
      this.call =
          new ScriptCall(
              patienceNanos == NOT_AT_ALL ? ScriptCall.Operation.TAKE : ScriptCall.Operation.WAIT);
      this.buckets = buckets;
      this.asked = new AskingTime(now, store.epoch());
      call.tries(buckets.shadow().size());
      List<SharedBucket> charged = buckets.all();
      all = new ArrayList<>(charged.size());
      for (int i = 0; i < charged.size(); i++) {
        all.add(ask(charged.get(i), i < ahead.size() ? ahead.get(i).tokens() : 0, cost, holder));
      }
    }

    private AskedBucket ask(SharedBucket bucket, long ahead, Cost cost, String holder) {
      if (bucket.isInFlight()) {
        slots.ask(call, bucket, cost, holder);
        return new AskedBucket(bucket, SharedSlots.amount(bucket, cost), 0, Debt.NONE);
      }
      long tokens = amount(bucket, cost) + ahead;
      ledger.begin(bucket, tokens);
      AskedBucket one = new AskedBucket(bucket, tokens, ahead, ledger.debt(bucket));
      call.add(
          bucket,
          tokens * one.nanosPerToken(),
          one.debt().owedNanos(),
          one.debt().reservedNanos(),
          patienceNanos == NOT_AT_ALL ? 0 : bucket.patienceNanos(patienceNanos));
      return one;
    }

    /** Returns what the script is to run. */
    ScriptCall call() {
      return call;
    }

    /** Returns what an answer by which they hold the cost, or will, says that was taken. */
    AheadOfTime ahead(Answer answer) {
      long heardAt = System.nanoTime();
      List<AheadOfTime.Part> parts = new ArrayList<>(all.size());
      for (int i = 0; i < all.size(); i++) {
        AskedBucket one = all.get(i);
        long reserved = one.debt().reservedNanos();
        parts.add(
            AheadOfTime.Part.of(
                one.bucket(),
                one.tokens(),
                asked.at(),
                heardAt,
                answer.levelNanos().get(i) + reserved,
                answer.awaitedNanos(i) + reserved,
                answer.place(i, one.bucket().limit().limit())));
      }
      return new AheadOfTime(parts, heardAt);
    }

    /** Returns the decision, if there is an answer; to be called once, answered or not. */
    Optional<Decision> end(Optional<Answer> answer) {
      boolean paid = answer.isPresent() && answer.get().held();
      Optional<Decision> decision = answer.map(said -> decision(all, buckets, true, said, asked));
      for (int i = 0; i < all.size(); i++) {
        AskedBucket one = all.get(i);
        if (one.bucket().isInFlight()) {
          continue;
        }
        ledger.settle(one.bucket(), one.debt(), answer.isPresent());
        ledger.end(one.bucket(), one.tokens());
        if (paid && one.ahead() > 0) {
          long word = asked.at() + answer.get().levelNanos().get(i);
          leases.add(one.bucket(), one.ahead(), word, asked.at(), resets);
        }
      }
      return decision;
    }
  }

  /** Remembers and tells how the buckets stand. */
  private Decision decision(
      List<AskedBucket> all,
      DecisionBuckets buckets,
      boolean take,
      Answer answer,
      AskingTime asked) {
    int enforced = buckets.enforced().size();
    boolean paid = take && answer.held();
    answer
        .windows()
        .forEach((i, said) -> buckets.windowEnds().put(all.get(i).bucket(), said.end()));
    List<BucketState> states = states(all, 0, enforced, paid, answer, asked);
    Decision decision =
        enforced == 0
            ? Decision.ofNoBucket(Decision.Source.REDIS)
            : Decision.of(Decision.Source.REDIS, states);
    if (answer.shadow().isEmpty() || !decision.permitted()) {
      return decision;
    }
    boolean tried = take && answer.shadow().get();
    return decision.withShadow(
        Decision.of(
            Decision.Source.REDIS, states(all, enforced, all.size(), tried, answer, asked)));
  }

  /** Likewise of some of them; what was taken ahead is in hand here. */
  private List<BucketState> states(
      List<AskedBucket> all, int from, int to, boolean paid, Answer answer, AskingTime asked) {
    List<BucketState> states = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      AskedBucket one = all.get(i);
      if (one.bucket().isInFlight()) {
        long held = answer.levelNanos().get(i);
        states.add(SlotWord.state(one.bucket().limit(), held, one.tokens(), paid));
        continue;
      }
      KnownLevel said = asked.known(answer, i, one.bucket());
      known.remember(one.bucket().hash(), said, asked.at());
      @Nullable SaidWindow window = answer.windows().get(i);
      if (window != null) {
        states.add(state(one, window, paid));
        continue;
      }
      long inHand = paid ? one.ahead() * one.nanosPerToken() : 0;
      long level = said.word() - asked.at() - inHand + one.debt().reservedNanos();
      PartitionedLimit limit = one.bucket().limit();
      states.add(
          paid ? SharedBucket.paid(limit, level) : SharedBucket.state(limit, level, one.tokens()));
    }
    return states;
  }

  private static BucketState state(AskedBucket window, SaidWindow said, boolean paid) {
    PartitionedLimit limit = window.bucket().limit();
    long taken = said.current() + window.debt().reservedNanos();
    return SharedBucket.state(limit, said.with(taken).use(limit.limit()), window.tokens(), paid);
  }
}
