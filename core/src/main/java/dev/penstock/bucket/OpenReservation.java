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

/** A reservation that can be settled until it is closed, whatever the store. */
public final class OpenReservation implements Reservation {

  /** What was taken, in a store. Thread-safe, and never fails. */
  public interface Charges {

    /** Nothing, as a denied decision takes. */
    Charges NONE =
        new Charges() {
          @Override
          public void settle(Cost total) {}

          @Override
          public void putBack() {}
        };

    /**
     * Charges what is more and puts back what is less than before, in the units that are named.
     *
     * @param total of the whole request
     */
    void settle(Cost total);

    /** Puts all back. */
    void putBack();
  }

  private static final BoundedLog LOG = new BoundedLog(Reservation.class);

  private final Decision decision;
  private final Charges charges;
  private final AtomicBoolean closed;

  /** What is to run when the client goes; guarded by this. */
  private List<Runnable> tasks = List.of();

  private boolean clientIsGone;

  /**
   * Opens one.
   *
   * @param decision where it is denied, the charges take no part
   * @param charges what it has taken
   */
  public OpenReservation(Decision decision, Charges charges) {
    this.decision = decision;
    this.charges = decision.permitted() ? charges : Charges.NONE;
    this.closed = new AtomicBoolean(!decision.permitted());
  }

  @Override
  public Decision decision() {
    return decision;
  }

  @Override
  public void settle(Cost total) {
    Objects.requireNonNull(total, "total");
    if (closed.get()) {
      refuse("settled");
    } else {
      charges.settle(total);
    }
  }

  @Override
  public void cancel() {
    if (closed.compareAndSet(false, true)) {
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
    closed.set(true);
  }
}
