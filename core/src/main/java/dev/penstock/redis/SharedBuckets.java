package dev.penstock.redis;

import dev.penstock.BucketState;
import dev.penstock.Decision;
import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.PartitionedLimit;
import dev.penstock.redis.KnownBuckets.Known;
import dev.penstock.redis.Ledger.Debt;
import dev.penstock.redis.ScriptBatch.Answer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The buckets in Redis: takes from them, and looks at them. A call carries what is known of its
 * buckets, what was spent without Redis, and what is to be taken ahead; an empty answer says that
 * Redis has not decided.
 */
final class SharedBuckets {

  private final RedisStore store;
  private final KnownBuckets known;
  private final Ledger ledger;
  private final Leases leases;

  SharedBuckets(RedisStore store, KnownBuckets known, Ledger ledger, Leases leases) {
    this.store = store;
    this.known = known;
    this.ledger = ledger;
    this.leases = leases;
  }

  Optional<Decision> look(List<Question> questions, long cost, long now) {
    Asked asked = new Asked(now, store.epoch());
    ScriptCall call = new ScriptCall(ScriptCall.Operation.LOOK);
    for (Question question : questions) {
      Limit limit = question.limit().limit();
      long nanos = Math.min(cost, limit.capacity()) * limit.nanosPerToken();
      call.add(question.key(), limit, nanos, known.carried(question.bucket(), store::epoch), 0, 0);
    }
    List<Debt> debts = Collections.nCopies(questions.size(), Debt.NONE);
    List<Long> costs = Collections.nCopies(questions.size(), cost);
    return store
        .call(call)
        .map(answer -> decision(questions, debts, none(questions), costs, answer, asked));
  }

  /** Takes the cost, and tokens for leases besides if Redis has them. */
  Optional<Decision> take(Identity identity, List<Question> questions, long cost, long now) {
    List<Long> ahead = leases.beginAsking(questions, now);
    if (!ahead.isEmpty()) {
      try {
        Optional<Decision> decision = take(identity, questions, cost, ahead, now);
        if (decision.isEmpty() || decision.get().permitted()) {
          return decision;
        }
      } finally {
        leases.endAsking(questions);
      }
    }
    return take(identity, questions, cost, none(questions), now);
  }

  /** Fills up the lease of a bucket once half of it is spent. */
  void fillUp(Identity identity, Question question, long now) {
    if (!leases.isHalfSpent(question, now) || !store.isAvailable(question)) {
      return;
    }
    List<Question> alone = List.of(question);
    List<Long> ahead = leases.beginAsking(alone, now);
    if (!ahead.isEmpty()) {
      try {
        take(identity, alone, 0, ahead, now);
      } finally {
        leases.endAsking(alone);
      }
    }
  }

  private Optional<Decision> take(
      Identity identity, List<Question> questions, long cost, List<Long> ahead, long now) {
    Asked asked = new Asked(now, store.epoch());
    int resets = leases.resets();
    ScriptCall call = new ScriptCall(ScriptCall.Operation.TAKE);
    List<Debt> debts = new ArrayList<>(questions.size());
    List<Long> amounts = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      PartitionedLimit limit = question.limit();
      long amount = cost + ahead.get(i);
      ledger.begin(question, amount);
      Debt debt = ledger.debt(identity, question);
      call.add(
          question.key(),
          limit.limit(),
          amount * limit.limit().nanosPerToken(),
          known.carried(question.bucket(), store::epoch),
          debt.owedNanos(),
          debt.reservedNanos());
      amounts.add(amount);
      debts.add(debt);
    }
    Optional<Answer> answer = store.call(call);
    boolean held = answer.isPresent() && answer.get().held();
    List<Long> leased = held ? ahead : none(questions);
    List<Long> unpaid = held ? none(questions) : amounts;
    Optional<Decision> decision =
        answer.map(said -> decision(questions, debts, leased, unpaid, said, asked));
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      ledger.settle(identity, question, debts.get(i), decision.isPresent());
      ledger.end(question, amounts.get(i));
      if (leased.get(i) > 0) {
        long fullAt = asked.at() + answer.orElseThrow().levelNanos().get(i);
        leases.add(question, leased.get(i), fullAt, asked.at(), resets);
      }
    }
    return decision;
  }

  private static List<Long> none(List<Question> questions) {
    return Collections.nCopies(questions.size(), 0L);
  }

  /**
   * Remembers and tells how the buckets stand.
   *
   * @param leased what is in hand here beside the buckets
   * @param costs what is not paid yet
   */
  private Decision decision(
      List<Question> questions,
      List<Debt> debts,
      List<Long> leased,
      List<Long> costs,
      Answer answer,
      Asked asked) {
    List<BucketState> states = new ArrayList<>(questions.size());
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      Known said = asked.known(answer, i);
      known.remember(question.bucket(), said, asked.at());
      long inHand = leased.get(i) * question.limit().limit().nanosPerToken();
      long resetAfter = said.fullAt() - asked.at() - inHand;
      long level = resetAfter + debts.get(i).reservedNanos();
      states.add(Question.state(question.limit(), level, costs.get(i)));
    }
    return Decision.of(Decision.Source.REDIS, states);
  }
}
