package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A reservation that can be settled until it is closed, whatever the store. */
public final class OpenReservation implements Reservation {

  /** What was taken, in a store. Thread-safe, and never fails. */
  public interface Charges {

    /**
     * Charges what is more and puts back what is less than before, in the units that are named.
     *
     * @param total of the whole request
     */
    void settle(Cost total);

    /** Puts all back. */
    void putBack();

    /** Gives back what is held only while the request is under way; more than once does nothing. */
    void release();
  }

  private static final BoundedLog LOG = new BoundedLog(Reservation.class);

  private final Decision decision;
  private final @Nullable Charges charges;
  private final AtomicBoolean closed;

  /** Becomes unreachable with this, by which holders of slots learn that nobody closes it. */
  @SuppressWarnings({"unused", "FieldCanBeLocal"})
  private final @Nullable Object alive;

  /** What is to run when the client goes; guarded by this. */
  private List<Runnable> tasks = List.of();

  private boolean clientIsGone;

  /**
   * Opens one.
   *
   * @param decision what has taken something
   * @param charges what it has taken
   * @param alive is referred to by this alone, and phantom reachable once this is
   */
  public OpenReservation(Decision decision, Charges charges, Object alive) {
    this.decision = decision;
    this.charges = charges;
    this.closed = new AtomicBoolean();
    this.alive = alive;
  }

  /**
   * Makes one that has taken nothing.
   *
   * @param decision a denial
   */
  public OpenReservation(Decision decision) {
    this.decision = decision;
    this.charges = null;
    this.closed = new AtomicBoolean(true);
    this.alive = null;
  }

  @Override
  public Decision decision() {
    return decision;
  }

  @Override
  public void settle(Cost total) {
    Objects.requireNonNull(total, "total");
    if (closed.get() || charges == null) {
      refuse("settled");
    } else {
      charges.settle(total);
    }
  }

  @Override
  public void cancel() {
    if (closed.compareAndSet(false, true) && charges != null) {
      charges.putBack();
    } else if (permitted()) {
      refuse("cancelled");
    }
  }

  @Override
  public void onClientGone(Runnable task) {
    Objects.requireNonNull(task, "task");
    synchronized (this) {
      if (!clientIsGone) {
        tasks = closed.get() ? List.of() : with(tasks, task);
        return;
      }
    }
    run(task);
  }

  private static List<Runnable> with(List<Runnable> tasks, Runnable task) {
    List<Runnable> more = new ArrayList<>(tasks);
    more.add(task);
    return more;
  }

  @Override
  public void clientGone() {
    List<Runnable> due;
    synchronized (this) {
      if (clientIsGone || closed.get()) {
        return;
      }
      clientIsGone = true;
      due = tasks;
      tasks = List.of();
    }
    release();
    due.forEach(OpenReservation::run);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) { // an Error, too: the other tasks are to run all the same
      LOG.log(Level.WARNING, task.getClass().getName() + " failed when a client was gone", e);
    }
  }

  private void refuse(String what) {
    String state = permitted() ? "closed" : "denied, and has taken nothing";
    LOG.log(Level.WARNING, "A reservation is not " + what + ": it is " + state, null);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  private void release() {
    if (charges != null) {
      charges.release();
    }
  }
}
