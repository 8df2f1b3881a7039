package dev.penstock.redis;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.redis.ScriptBatch.Answer;
import dev.penstock.redis.ScriptWire.Said;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Puts tokens back into buckets in Redis: refunds, resets, and what is left of leases.
 *
 * <p>A refund or a reset that Redis does not carry out is owed, and carried out once it can be: it
 * is tried again every {@value #RETRY_MILLIS} ms by a thread that lives only meanwhile, and before
 * this process asks for one of its buckets. One that was sent and not answered may have been
 * carried out, so each has a receipt by which Redis knows it again. What was spent here before it
 * is not charged as far as it was put back; what is spent here after it is.
 */
final class PutBacks implements AutoCloseable {

  private static final Logger LOG = System.getLogger(RedisRateLimiter.class.getName());
  private static final long RETRY_MILLIS = 100;
  private static final long REPORT_NANOS = Duration.ofSeconds(10).toNanos();

  private final RedisStore store;
  private final KnownBuckets known;
  private final Ledger ledger;
  private final Leases leases;
  private final OwedPutBacks owed;
  private final LeaseTimer timer = LeaseTimer.ofThread("penstock-redis-owed");
  private final String receipts = "receipt:" + UUID.randomUUID() + ":";
  private final AtomicLong lastReceipt = new AtomicLong();
  private final ReentrantLock carrying = new ReentrantLock();
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final AtomicLong reportDue = new AtomicLong(System.nanoTime());

  /**
   * Owes nothing yet.
   *
   * @param plan what may be leased
   * @param most how many refunds and resets may be owed
   */
  PutBacks(RedisStore store, KnownBuckets known, Ledger ledger, Leases.Plan plan, int most) {
    this.store = store;
    this.known = known;
    this.ledger = ledger;
    this.owed = new OwedPutBacks(most);
    this.leases =
        new Leases(
            plan,
            System::nanoTime,
            LeaseTimer.ofThread("penstock-redis-leases"),
            this::returnTokens);
  }

  Leases leases() {
    return leases;
  }

  void refund(Identity identity, List<Question> questions, long tokens) {
    putBack(PutBack.refund(identity, questions, tokens, System.nanoTime(), receipt(questions)));
  }

  void reset(Identity identity, List<Question> questions) {
    putBack(PutBack.reset(identity, questions, System.nanoTime(), receipt(questions)));
  }

  /**
   * Returns whether nothing is owed to any of these buckets, after it was tried, by whoever does so
   * now: who asks for one that is owed tokens would be overtaken by them.
   */
  boolean areSettled(List<Question> questions) {
    if (!owed.owes(questions)) {
      return true;
    }
    try {
      if (carrying.tryLock(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          carryOut();
        } finally {
          carrying.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !owed.owes(questions);
  }

  /** Gives leased tokens back; what Redis does not take is refilled. */
  private void returnTokens(Question question, long tokens) {
    if (store.isAvailable(question)) {
      Limit limit = question.limit().limit();
      long nanos = Math.min(tokens, limit.capacity()) * limit.nanosPerToken();
      ScriptCall call = new ScriptCall(ScriptCall.Operation.RETURN);
      call.add(question.key(), limit, nanos, known.carried(question.bucket(), store::epoch), 0, 0);
      Asked asked = new Asked(System.nanoTime(), store.epoch());
      store.call(call).ifPresent(answer -> remember(List.of(question), answer, asked));
    }
  }

  private String receipt(List<Question> questions) {
    return RedisKeys.inSlotOf(questions.get(0).key(), receipts + lastReceipt.incrementAndGet());
  }

  private void putBack(PutBack putBack) {
    List<Question> questions = putBack.questions();
    boolean sent = store.isAvailable(questions.get(0)) && !owed.owes(questions);
    boolean done = sent && send(putBack);
    if (putBack.isReset()) {
      questions.forEach(question -> known.forget(question.bucket()));
      ledger.reset(putBack.identity(), questions);
    }
    if (sent && !done) {
      owe(putBack.asSent());
    } else if (!done) {
      owe(putBack.isReset() ? putBack : putBack.of(refundHere(putBack)));
    }
  }

  /** Puts back here what was spent here; returns what is left for Redis. */
  private List<Long> refundHere(PutBack refund) {
    return ledger.giveBack(refund.identity(), refund.questions(), refund.nanos());
  }

  private void owe(PutBack putBack) {
    if (putBack.nanos().stream().allMatch(nanos -> nanos == 0)) {
      return;
    }
    if (!owed.add(putBack)) {
      reportLost();
    }
    tryLater();
  }

  private void tryLater() {
    if (!owed.isEmpty() && waiting.compareAndSet(false, true)) {
      timer.after(
          TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS),
          () -> {
            waiting.set(false);
            carryOutUnlessUnderWay();
            tryLater();
          });
    }
  }

  private void carryOutUnlessUnderWay() {
    if (carrying.tryLock()) {
      try {
        carryOut();
      } finally {
        carrying.unlock();
      }
    }
  }

  /** Carries out what is owed, in its order; for one thread at a time. */
  private void carryOut() {
    Set<Long> failed = new HashSet<>();
    for (String receipt : owed.inOrder()) {
      @Nullable PutBack next = owed.find(receipt);
      if (next == null || next.buckets().stream().anyMatch(failed::contains)) {
        continue;
      }
      if (!carryOut(next)) {
        failed.addAll(next.buckets());
      }
    }
  }

  private boolean carryOut(PutBack putBack) {
    List<Long> left = putBack.nanosLeft(known, System.nanoTime());
    if (left.stream().anyMatch(nanos -> nanos > 0)) {
      if (!store.isAvailable(putBack.questions().get(0))) {
        return false;
      }
      owed.sending(putBack);
      if (!send(putBack.of(left.stream().map(nanos -> Math.max(0, nanos)).toList()))) {
        return false;
      }
    }
    owed.done(putBack);
    return true;
  }

  /** Returns whether Redis has carried it out, or never will: a key holds no bucket. */
  private boolean send(PutBack putBack) {
    List<Question> questions = putBack.questions();
    ScriptCall call = new ScriptCall(putBack.operation(), putBack.receipt());
    for (int i = 0; i < questions.size(); i++) {
      Question question = questions.get(i);
      Limit limit = question.limit().limit();
      call.add(
          question.key(),
          limit,
          putBack.nanos().get(i),
          known.carried(question.bucket(), store::epoch),
          0,
          0);
    }
    Asked asked = new Asked(System.nanoTime(), store.epoch());
    if (putBack.isReset()) {
      leases.beginReset(questions);
    } else {
      leases.refunded(questions, putBack.nanos());
    }
    Said said = store.said(call);
    if (putBack.isReset()) {
      leases.endReset();
    }
    said.answer().ifPresent(answer -> remember(questions, answer, asked));
    return said.failure() == null;
  }

  private void remember(List<Question> questions, Answer answer, Asked asked) {
    for (int i = 0; i < questions.size(); i++) {
      known.replace(questions.get(i).bucket(), asked.known(answer, i), asked.at());
    }
  }

  private void reportLost() {
    long now = System.nanoTime();
    long due = reportDue.get();
    if (now - due >= 0 && reportDue.compareAndSet(due, now + REPORT_NANOS)) {
      LOG.log(Level.WARNING, "Refunds or resets are lost: too many wait for Redis");
    }
  }

  /** Gives leased tokens back, and tries what is owed once more; what is left is lost. */
  @Override
  public void close() {
    timer.close();
    carryOutUnlessUnderWay();
    leases.close();
  }
}
