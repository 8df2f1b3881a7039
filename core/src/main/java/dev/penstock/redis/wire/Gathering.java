package dev.penstock.redis.wire;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what concurrent callers ask into batches: while some are on the wire, the next collects.
 * A lone caller asks at once, on its own thread. There is no thread but the callers'.
 *
 * <p><b>State.</b> A ticket is {@code WAITING} in the queue, then {@code SENT} or {@code LEADING},
 * then {@code DONE}; or {@code GIVEN_UP}. A lane is the right to have one batch on the wire.
 *
 * <p><b>Transitions.</b> Each is one compare-and-set of the ticket. Who finds nobody waiting and a
 * free lane is {@code LEADING} without the queue. Who puts a ticket into it or frees a lane gives a
 * free lane to the oldest one that waits, which is {@code LEADING} from then on: its caller takes
 * all that wait into its batch ({@code SENT}), asks, frees the lane, and only then wakes its
 * followers ({@code DONE}). A ticket that has waited for too long leads without a lane, so that one
 * slow batch does not hold up the next. A caller gives up when it is interrupted, or past its
 * deadline, but not while it leads.
 *
 * <p><b>Ordering.</b> The queue is filled before the lanes are looked at, and a lane is freed
 * before the queue is looked at: of a caller that finds no lane and a leader that finds no caller
 * one sees the other. An answer is written before {@code DONE} and read after it.
 *
 * <p><b>Progress.</b> A caller waits for a lane for a bounded time, and then for an answer until
 * its deadline at most.
 */
final class Gathering<Q, A> {

  /** Asks several questions at once. */
  interface Wire<Q, A> {

    /**
     * Returns the answers in the order of the questions; a failure is that of each.
     *
     * @param since the nanosecond since which the first of them has waited
     */
    List<A> ask(List<Q> questions, long since);

    /** Returns whether two questions may travel together. */
    boolean mayJoin(Q question, Q other);
  }

  private enum State {
    WAITING,
    LEADING,
    SENT,
    DONE,
    GIVEN_UP
  }

  private static final int MAX_BATCH = 256;

  private final Wire<Q, A> wire;
  private final int lanes;
  private final long longestWaitNanos;
  private final long timeoutNanos;
  private final Queue<Ticket<Q, A>> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger onWire = new AtomicInteger();

  /**
   * Makes a queue.
   *
   * @param lanes how many batches may be on the wire while nobody waits for too long
   * @param longestWaitNanos what is too long
   * @param timeoutNanos how long a caller waits altogether
   */
  Gathering(Wire<Q, A> wire, int lanes, long longestWaitNanos, long timeoutNanos) {
    this.wire = wire;
    this.lanes = lanes;
    this.longestWaitNanos = Math.min(longestWaitNanos, timeoutNanos);
    this.timeoutNanos = timeoutNanos;
  }

  /**
   * Returns the answer to a question.
   *
   * @throws RuntimeException as the wire did
   * @throws NoConnectionException if the caller was interrupted, or had no answer in time
   */
  A ask(Q question) {
    Ticket<Q, A> ticket = new Ticket<>(question);
    if (queue.isEmpty() && takeLane()) {
      ticket.moves(State.WAITING, State.LEADING);
    } else {
      queue.add(ticket);
      giveLane();
      await(ticket);
    }
    if (ticket.is(State.LEADING)) {
      lead(ticket);
    }
    return ticket.answer();
  }

  private void await(Ticket<Q, A> ticket) {
    long waitUntil = ticket.since + longestWaitNanos;
    long deadline = ticket.since + timeoutNanos;
    while (true) {
      boolean waiting = ticket.is(State.WAITING);
      if (!waiting && !ticket.is(State.SENT)) {
        return;
      }
      State from = waiting ? State.WAITING : State.SENT;
      long nanosLeft = (waiting ? waitUntil : deadline) - System.nanoTime();
      if (Thread.currentThread().isInterrupted()) {
        ticket.moves(from, State.GIVEN_UP);
      } else if (nanosLeft > 0) {
        LockSupport.parkNanos(this, nanosLeft);
      } else if (!waiting) {
        ticket.moves(from, State.GIVEN_UP);
      } else if (ticket.moves(from, State.LEADING)) {
        onWire.incrementAndGet();
      }
    }
  }

  private void lead(Ticket<Q, A> leader) {
    List<Ticket<Q, A>> batch = new ArrayList<>(queue.isEmpty() ? 1 : MAX_BATCH / 16);
    batch.add(leader);
    List<A> answers = List.of();
    RuntimeException failure = null;
    try {
      collect(leader, batch);
      answers = wire.ask(questions(batch), leader.since);
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      onWire.decrementAndGet();
      giveLane();
      for (int i = 0; i < batch.size(); i++) {
        batch.get(i).end(answers.isEmpty() ? null : answers.get(i), failure);
      }
    }
  }

  private static <Q, A> List<Q> questions(List<Ticket<Q, A>> batch) {
    if (batch.size() == 1) {
      return List.of(batch.get(0).question);
    }
    List<Q> questions = new ArrayList<>(batch.size());
    for (Ticket<Q, A> ticket : batch) {
      questions.add(ticket.question);
    }
    return questions;
  }

  private void collect(Ticket<Q, A> leader, List<Ticket<Q, A>> batch) {
    for (Iterator<Ticket<Q, A>> waiting = queue.iterator();
        waiting.hasNext() && batch.size() < MAX_BATCH; ) {
      Ticket<Q, A> ticket = waiting.next();
      if (!ticket.is(State.WAITING)) {
        waiting.remove();
      } else if (wire.mayJoin(leader.question, ticket.question)
          && ticket.moves(State.WAITING, State.SENT)) {
        waiting.remove();
        batch.add(ticket);
      }
    }
  }

  /** Lets the oldest that waits lead, if there is a lane. */
  private void giveLane() {
    while (!queue.isEmpty() && takeLane()) {
      Ticket<Q, A> next = queue.poll();
      if (next != null && next.moves(State.WAITING, State.LEADING)) {
        next.wake();
        return;
      }
      onWire.decrementAndGet();
    }
  }

  private boolean takeLane() {
    return onWire.getAndUpdate(taken -> taken < lanes ? taken + 1 : taken) < lanes;
  }

  /** One caller's question. */
  private static final class Ticket<Q, A> {
    private final Q question;
    private final long since = System.nanoTime();
    private final Thread caller = Thread.currentThread();
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private @Nullable A answer;
    private @Nullable RuntimeException failure;

    Ticket(Q question) {
      this.question = question;
    }

    boolean is(State expected) {
      return state.get() == expected;
    }

    boolean moves(State from, State to) {
      return state.compareAndSet(from, to);
    }

    void wake() {
      if (caller != Thread.currentThread()) {
        LockSupport.unpark(caller);
      }
    }

    /** Is called by the leader alone; what a caller that gave up has read stays as it is. */
    void end(@Nullable A answer, @Nullable RuntimeException failure) {
      this.answer = answer;
      this.failure = failure;
      state.set(State.DONE);
      wake();
    }

    A answer() {
      if (is(State.DONE) && answer != null) {
        return answer;
      }
      RuntimeException known = failure;
      throw known == null ? new NoConnectionException("was not asked in time") : known;
    }
  }
}
