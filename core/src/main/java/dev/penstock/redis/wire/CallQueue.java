package dev.penstock.redis.wire;

import dev.penstock.base.BoundedLog;
import dev.penstock.redis.wire.ScriptWire.CallOutcome;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls for whose answer no thread waits: while some are on the wire, the next collect, and are
 * sent by threads of the limiter's own.
 *
 * <p><b>State.</b> A call is in the queue, or in the batch of one lane. A lane is a task of the
 * executor's that sends batch after batch until the queue is empty.
 *
 * <p><b>Transitions.</b> Who puts a call into the queue begins a lane if there are fewer than may
 * be. A lane takes the oldest call and those behind it that may travel with it, asks, and tells
 * each what became of it; nobody else does.
 *
 * <p><b>Ordering.</b> The queue is filled before the lanes are counted, and a lane gives itself up
 * before it looks at the queue once more: of a caller that finds no lane free and a lane that finds
 * no call one sees the other.
 *
 * <p><b>Progress.</b> Nobody who posts waits. A call that was not sent within the timeout is not
 * asked at all.
 */
final class CallQueue {

  /** A call, and who hears of it. */
  interface Posted {

    ScriptCall call();

    /** Returns whether anybody still wants the answer; asked just before it is sent. */
    boolean isWanted();

    /** Hears what became of it, once; of one that is not wanted, that it was not asked. */
    void heard(CallOutcome outcome);
  }

  private record Waiting(Posted posted, long since) {}

  private static final BoundedLog LOG = RedisLog.ofRepetitions();
  private static final int MAX_BATCH = 256;

  private final Gathering.Wire<ScriptCall, CallOutcome> wire;
  private final Executor threads;
  private final int mostLanes;
  private final long timeoutNanos;
  private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger lanes = new AtomicInteger();

  /**
   * Makes a queue.
   *
   * @param threads runs the lanes
   * @param mostLanes how many batches may be on the wire
   * @param timeoutNanos how long a call may wait to be sent
   */
  CallQueue(
      Gathering.Wire<ScriptCall, CallOutcome> wire,
      Executor threads,
      int mostLanes,
      long timeoutNanos) {
    this.wire = wire;
    this.threads = threads;
    this.mostLanes = mostLanes;
    this.timeoutNanos = timeoutNanos;
  }

  void post(Posted posted) {
    queue.add(new Waiting(posted, System.nanoTime()));
    beginLane();
  }

  private void beginLane() {
    if (lanes.getAndUpdate(begun -> begun < mostLanes ? begun + 1 : begun) >= mostLanes) {
      return;
    }
    try {
      threads.execute(this::lane);
    } catch (Throwable e) { // no thread can be had, or the limiter is closed
      boolean isLast = lanes.decrementAndGet() == 0;
      if (isLast || e instanceof RejectedExecutionException) {
        refuseAll();
      }
    }
  }

  private void refuseAll() {
    for (Waiting next = queue.poll(); next != null; next = queue.poll()) {
      tell(next, notAsked("there is no thread to ask, or the limiter is closed"));
    }
  }

  private void lane() {
    try {
      List<Waiting> batch = new ArrayList<>();
      for (collect(batch); !batch.isEmpty(); collect(batch)) {
        send(batch);
        batch.clear();
      }
    } finally {
      lanes.decrementAndGet();
      if (!queue.isEmpty()) {
        beginLane();
      }
    }
  }

  private void collect(List<Waiting> batch) {
    for (Waiting next = queue.peek(); next != null && batch.size() < MAX_BATCH; ) {
      boolean joins =
          batch.isEmpty() || wire.mayJoin(batch.get(0).posted.call(), next.posted.call());
      if (!joins) {
        return;
      }
      next = queue.poll();
      if (next == null) {
        return;
      }
      if (!next.posted.isWanted()) {
        tell(next, notAsked("nobody wants it"));
      } else if (System.nanoTime() - next.since > timeoutNanos) {
        tell(next, notAsked("was not asked in time"));
      } else if (batch.isEmpty() || wire.mayJoin(batch.get(0).posted.call(), next.posted.call())) {
        batch.add(next);
      } else { // another lane has taken the one that was looked at
        queue.add(next);
      }
      next = queue.peek();
    }
  }

  private void send(List<Waiting> batch) {
    List<ScriptCall> calls = new ArrayList<>(batch.size());
    batch.forEach(each -> calls.add(each.posted.call()));
    List<CallOutcome> outcomes;
    try {
      outcomes = wire.ask(calls, batch.get(0).since);
    } catch (Throwable e) { // an Error, too: nobody else tells those who wait
      RuntimeException failure =
          e instanceof RuntimeException known ? known : new NoConnectionException(e.toString());
      outcomes = List.of();
      batch.forEach(each -> tell(each, new CallOutcome(Optional.empty(), failure)));
    }
    for (int i = 0; i < outcomes.size(); i++) {
      tell(batch.get(i), outcomes.get(i));
    }
  }

  private static CallOutcome notAsked(String why) {
    return new CallOutcome(Optional.empty(), new NoConnectionException(why));
  }

  private static void tell(Waiting waiting, CallOutcome outcome) {
    try {
      waiting.posted.heard(outcome);
    } catch (Throwable e) { // the others of the batch are to hear of theirs
      LOG.log(Level.WARNING, "a decision is not told", e);
    }
  }
}
