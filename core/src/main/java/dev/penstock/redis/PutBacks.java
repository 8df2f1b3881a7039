package dev.penstock.redis;

import dev.penstock.base.BoundedLog;
import dev.penstock.redis.wire.AskingTime;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.RedisLog;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.ScriptWire.CallOutcome;
import dev.penstock.redis.wire.SharedBucket;
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
 * Puts tokens back into buckets in Redis: refunds and resets.
 *
 * <p>A refund or a reset that Redis does not carry out is owed, and carried out once it can be: it
 * is tried again every {@value #RETRY_MILLIS} ms by a thread that lives only meanwhile, and before
 * this process asks for one of its buckets. One that was sent and not answered may have been
 * carried out, so each has a receipt by which Redis knows it again. What was spent here before it
 * is not charged as far as it was put back; what is spent here after it is.
 */
final class PutBacks implements AutoCloseable {

  private static final long RETRY_MILLIS = 100;

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
  private final BoundedLog lostLog = RedisLog.ofRepetitions();

  /**
   * Owes nothing yet.
   *
   * @param most how many refunds and resets may be owed
   */
  PutBacks(RedisStore store, KnownBuckets known, Ledger ledger, Leases leases, int most) {
    this.store = store;
    this.known = known;
    this.ledger = ledger;
    this.leases = leases;
    this.owed = new OwedPutBacks(most);
  }

  void refund(List<SharedBucket> buckets, long tokens) {
    putBack(PutBack.refund(buckets, tokens, System.nanoTime(), receipt(buckets)));
  }

  void reset(List<SharedBucket> buckets) {
    putBack(PutBack.reset(buckets, System.nanoTime(), receipt(buckets)));
  }

  /**
   * Returns whether nothing is owed to any of these buckets, after it was tried, by whoever does so
   * now: who asks for one that is owed tokens would be overtaken by them.
   */
  boolean areSettled(List<SharedBucket> buckets) {
    if (!owed.owes(buckets)) {
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
    return !owed.owes(buckets);
  }

  private String receipt(List<SharedBucket> buckets) {
    return RedisKeys.inSlotOf(buckets.get(0).key(), receipts + lastReceipt.incrementAndGet());
  }

  private void putBack(PutBack putBack) {
    List<SharedBucket> buckets = putBack.buckets();
    boolean sent = store.isAvailable(buckets.get(0)) && !owed.owes(buckets);
    boolean done = sent && send(putBack);
    if (putBack.isReset()) {
      buckets.forEach(bucket -> known.forget(bucket.hash()));
      ledger.reset(buckets);
    }
    if (sent && !done) {
      owe(putBack.asSent());
    } else if (!done) {
      owe(putBack.isReset() ? putBack : ledger.giveBack(putBack));
    }
  }

  private void owe(PutBack putBack) {
    if (putBack.isNothing()) {
      return;
    }
    if (!owed.add(putBack)) {
      lostLog.warn("A refund or a reset is lost: too many wait for Redis");
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
      if (next == null || next.hashes().stream().anyMatch(failed::contains)) {
        continue;
      }
      if (!carryOut(next)) {
        failed.addAll(next.hashes());
      }
    }
  }

  private boolean carryOut(PutBack putBack) {
    PutBack left = putBack.leftAt(System.nanoTime(), known);
    if (!left.isNothing()) {
      if (!store.isAvailable(putBack.buckets().get(0))) {
        return false;
      }
      owed.sending(putBack);
      if (!send(left)) {
        return false;
      }
    }
    owed.done(putBack);
    return true;
  }

  /** Returns whether Redis has carried it out, or never will: a key holds no bucket. */
  private boolean send(PutBack putBack) {
    ScriptCall call = new ScriptCall(putBack.operation(), putBack.receipt());
    putBack.dues().forEach(due -> call.add(due.bucket(), due.nanos()));
    AskingTime asked = new AskingTime(System.nanoTime(), store.epoch());
    if (putBack.isReset()) {
      leases.beginReset();
    }
    putBack.dues().forEach(due -> leases.refunded(due.bucket(), due.nanos()));
    CallOutcome outcome = store.outcome(call);
    if (putBack.isReset()) {
      leases.endReset();
    }
    outcome.answer().ifPresent(answer -> remember(putBack.buckets(), answer, asked));
    return outcome.failure() == null;
  }

  private void remember(List<SharedBucket> buckets, Answer answer, AskingTime asked) {
    for (int i = 0; i < buckets.size(); i++) {
      SharedBucket bucket = buckets.get(i);
      known.replace(bucket.hash(), asked.known(answer, i, bucket), asked.at());
    }
  }

  /** Tries what is owed once more; what is left is lost. */
  @Override
  public void close() {
    timer.close();
    carryOutUnlessUnderWay();
  }
}
