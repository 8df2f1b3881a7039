package dev.penstock.redis;

import dev.penstock.base.BoundedLog;
import dev.penstock.base.Inside;
import dev.penstock.base.Windows;
import dev.penstock.redis.wire.AskingTime;
import dev.penstock.redis.wire.KnownBuckets;
import dev.penstock.redis.wire.Micros;
import dev.penstock.redis.wire.RedisKeys;
import dev.penstock.redis.wire.RedisLog;
import dev.penstock.redis.wire.RedisStore;
import dev.penstock.redis.wire.SaidWindow;
import dev.penstock.redis.wire.ScriptBatch.Answer;
import dev.penstock.redis.wire.ScriptCall;
import dev.penstock.redis.wire.ScriptWire.CallOutcome;
import dev.penstock.redis.wire.SharedBucket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Settles with buckets in Redis beside decisions: resets, and what reservations put back or have
 * spent beyond what a decision had taken.
 *
 * <p>One that Redis does not carry out is owed, and carried out once it can be: it is tried again
 * every {@value #RETRY_MILLIS} ms by a thread that lives only meanwhile, and before this process
 * asks for one of its buckets. One that was sent and not answered may have been carried out, so
 * each has a receipt by which Redis knows it again. What is spent while Redis is known to be away
 * is the ledger's. What was spent here before it is not charged as far as it was put back; what is
 * spent here after it is.
 */
final class Settlements implements AutoCloseable {

  private static final long RETRY_MILLIS = 100;

  private final AsyncTasks tasks;
  private final RedisStore store;
  private final KnownBuckets known;
  private final Ledger ledger;
  private final Leases leases;
  private final OwedSettlements owed;
  private final LeaseTimer timer = LeaseTimer.ofThread("penstock-redis-owed");
  private final String receipts = "receipt:" + UUID.randomUUID() + ":";
  private final AtomicLong lastReceipt = new AtomicLong();
  private final ReentrantLock carrying = new ReentrantLock();
  private final AtomicBoolean waiting = new AtomicBoolean();
  private final AtomicIntegerArray resets = new AtomicIntegerArray(1024);
  private final BoundedLog lostLog = RedisLog.ofRepetitions();

  /**
   * Owes nothing yet.
   *
   * @param most how many may be owed
   * @param tasks settles what no caller waits for
   */
  Settlements(
      RedisStore store,
      KnownBuckets known,
      Ledger ledger,
      Leases leases,
      int most,
      AsyncTasks tasks) {
    this.tasks = tasks;
    this.store = store;
    this.known = known;
    this.ledger = ledger;
    this.leases = leases;
    this.owed = new OwedSettlements(most);
  }

  void reset(List<SharedBucket> buckets) {
    buckets.forEach(bucket -> resets.incrementAndGet(stripe(bucket)));
    carryOutOrOwe(Settlement.reset(buckets, System.nanoTime(), receiptOf(buckets.get(0))));
  }

  /**
   * Returns how often buckets that this one is counted with have been reset here: what was taken
   * from it before a reset does not show any more.
   */
  int resets(SharedBucket bucket) {
    return resets.get(stripe(bucket));
  }

  private int stripe(SharedBucket bucket) {
    return (int) (bucket.hash() >>> 1) & (resets.length() - 1);
  }

  /** Puts back what a reservation has taken and not needed. */
  void putBack(List<Settlement.Due> dues) {
    carryOutOrOwe(
        new Settlement(ScriptCall.Operation.REFUND, dues, System.nanoTime(), receipt(dues), false));
  }

  /**
   * Charges what a reservation has spent beyond what it had taken, whatever the buckets hold.
   *
   * @return of each, as time of refill, how much is charged for certain, or will be
   */
  List<Settlement.Charged> charge(List<Settlement.Due> dues) {
    Settlement charge =
        new Settlement(ScriptCall.Operation.SETTLE, dues, System.nanoTime(), receipt(dues), false);
    if (!store.isAvailable(dues.get(0).bucket()) || owed.owes(charge.buckets())) {
      return ledger.spend(dues);
    }
    dues.forEach(due -> ledger.begin(due.bucket(), due.tokens()));
    CallOutcome outcome = send(charge);
    if (isDone(outcome)) {
      end(charge);
    } else {
      owe(charge.asSent());
    }
    return outcome
        .answer()
        .map(answer -> charged(dues, answer))
        .orElse(dues.stream().map(due -> new Settlement.Charged(0, due.windowEnd())).toList());
  }

  private static List<Settlement.Charged> charged(List<Settlement.Due> dues, Answer answer) {
    List<Settlement.Charged> charged = new ArrayList<>(dues.size());
    for (int i = 0; i < dues.size(); i++) {
      @Nullable SaidWindow window = answer.windows().get(i);
      long end = window == null ? 0 : window.end();
      charged.add(new Settlement.Charged(answer.chargedNanos().get(i), end));
    }
    return charged;
  }

  /** Returns when the window ends in which this bucket is at a time, as Redis has it. */
  long windowEnd(SharedBucket bucket, long now) {
    @Nullable Windows windows = Inside.windows(bucket.limit().limit());
    return windows == null ? 0 : Micros.floor(windows.end(serverNanos(now)));
  }

  /** Returns the time of day at a time, as Redis has it. */
  long serverNanos(long now) {
    return known.serverTime().nanos(now);
  }

  /** Likewise without asking Redis, which is told with the buckets' next decisions. */
  List<Settlement.Charged> spend(List<Settlement.Due> dues) {
    return ledger.spend(dues);
  }

  /** Puts back what a reservation has taken and not needed, without asking Redis now. */
  void putBackLater(List<Settlement.Due> dues) {
    owe(
        ledger.giveBack(
            new Settlement(
                ScriptCall.Operation.REFUND, dues, System.nanoTime(), receipt(dues), false)));
  }

  /** Has a thread of the limiter's settle; where there is none free for it, {@code otherwise}. */
  void later(Runnable settling, Runnable otherwise) {
    tasks.run(settling, otherwise);
  }

  /** Completes what callers were given of what is settled now. */
  void tell(List<CompletableFuture<Void>> futures) {
    futures.forEach(future -> tasks.tell(() -> future.complete(null)));
  }

  /** What is charged at this moment, or may have been, counts here until that is known. */
  private void end(Settlement charge) {
    charge.dues().forEach(due -> ledger.end(due.bucket(), due.tokens()));
  }

  /** Returns whether something is owed to any of these buckets, without trying it. */
  boolean owes(List<SharedBucket> buckets) {
    return owed.owes(buckets);
  }

  private String receipt(List<Settlement.Due> dues) {
    return receiptOf(dues.get(0).bucket());
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

  private String receiptOf(SharedBucket bucket) {
    return RedisKeys.inSlotOf(bucket.key(), receipts + lastReceipt.incrementAndGet());
  }

  private void carryOutOrOwe(Settlement settlement) {
    List<SharedBucket> buckets = settlement.buckets();
    boolean sent =
        store.isAvailable(buckets.get(0))
            && !owed.owes(buckets)
            && (settlement.isReset() || !ledger.owes(buckets));
    boolean done = sent && isDone(send(settlement));
    if (settlement.isReset()) {
      buckets.forEach(bucket -> known.forget(bucket.hash()));
      ledger.reset(buckets);
    }
    if (sent && !done) {
      owe(settlement.asSent());
    } else if (!done) {
      owe(settlement.isReset() ? settlement : ledger.giveBack(settlement));
    }
  }

  private void owe(Settlement settlement) {
    if (settlement.isNothing()) {
      return;
    }
    if (!owed.add(settlement)) {
      ended(settlement);
      lostLog.warn("A settlement is lost: too many wait for Redis");
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
      @Nullable Settlement next = owed.find(receipt);
      if (next == null || next.hashes().stream().anyMatch(failed::contains)) {
        continue;
      }
      if (!carryOut(next)) {
        failed.addAll(next.hashes());
      }
    }
  }

  private boolean carryOut(Settlement settlement) {
    Settlement left = settlement.leftAt(System.nanoTime(), known);
    if (!left.isNothing()) {
      if (!store.isAvailable(settlement.buckets().get(0))) {
        return false;
      }
      owed.sending(settlement);
      if (!isDone(send(left))) {
        return false;
      }
    }
    owed.done(settlement);
    ended(settlement);
    return true;
  }

  private void ended(Settlement settlement) {
    if (!settlement.puts()) {
      end(settlement);
    }
  }

  /** Returns whether Redis has carried it out, or never will: a key holds no bucket. */
  private static boolean isDone(CallOutcome outcome) {
    return outcome.failure() == null;
  }

  private CallOutcome send(Settlement settlement) {
    ScriptCall call = new ScriptCall(settlement.operation(), settlement.receipt());
    for (Settlement.Due due : settlement.dues()) {
      if (due.bucket().isWindow()) {
        call.addWindow(due.bucket(), due.nanos(), due.windowEnd());
      } else {
        call.addCharge(due.bucket(), due.nanos(), due.place());
      }
    }
    AskingTime asked = new AskingTime(System.nanoTime(), store.epoch());
    if (settlement.isReset()) {
      leases.beginReset();
    }
    if (settlement.puts()) {
      settlement.dues().forEach(due -> leases.refunded(due.bucket(), due.nanos()));
    }
    CallOutcome outcome = store.outcome(call);
    if (settlement.isReset()) {
      leases.endReset();
    }
    outcome.answer().ifPresent(answer -> remember(settlement, answer, asked));
    return outcome;
  }

  private void remember(Settlement settlement, Answer answer, AskingTime asked) {
    List<SharedBucket> buckets = settlement.buckets();
    for (int i = 0; i < buckets.size(); i++) {
      SharedBucket bucket = buckets.get(i);
      if (settlement.puts()) {
        known.replace(bucket.hash(), asked.known(answer, i, bucket), asked.at());
      } else {
        known.remember(bucket.hash(), asked.known(answer, i, bucket), asked.at());
      }
    }
  }

  /** Tries what is owed once more; what is left is lost. */
  @Override
  public void close() {
    timer.close();
    carryOutUnlessUnderWay();
  }
}
