package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A reservation that has taken something and can be settled until it is closed, whatever the store:
 * when which of its steps is taken.
 */
public abstract class OpenReservation implements Reservation {

  private static final BoundedLog LOG = new BoundedLog(Reservation.class);
  private static final VarHandle CLOSED;

  static {
    try {
      CLOSED = MethodHandles.lookup().findVarHandle(OpenReservation.class, "closed", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // written by its handle
  private volatile boolean closed;

  private boolean clientIsGone;

  /** What is to run when the client goes; guarded by this. */
  private List<Runnable> tasks = List.of();

  /** Opens one. */
  protected OpenReservation() {}

  /**
   * Charges what is more and puts back what is less than before, in the units that are named.
   * Thread-safe, and never fails.
   *
   * @param total of the whole request
   */
  protected abstract void charge(Cost total);

  /** Likewise, and returns before it is told to a store elsewhere. */
  protected CompletableFuture<Void> chargeLater(Cost total) {
    charge(total);
    return CompletableFuture.completedFuture(null);
  }

  /** Puts all back. Likewise; called once. */
  protected abstract void putBack();

  /** Gives back what is held only while the request is under way; more than once does nothing. */
  protected abstract void release();

  @Override
  public final boolean permitted() {
    return true;
  }

  @Override
  public final void settle(Cost total) {
    Objects.requireNonNull(total, "total");
    if (closed) {
      refuse("settled", "closed");
    } else {
      charge(total);
    }
  }

  @Override
  public final CompletableFuture<Void> settleAsync(Cost total) {
    Objects.requireNonNull(total, "total");
    if (!closed) {
      return chargeLater(total);
    }
    refuse("settled", "closed");
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public final void cancel() {
    if (CLOSED.compareAndSet(this, false, true)) {
      putAllBack();
    } else {
      refuse("cancelled", "closed");
    }
  }

  @Override
  public final void close() {
    if (!closed) {
      // Whoever else closes it at this moment may release it, too.
      CLOSED.setRelease(this, true);
      giveSlotsBack();
    }
  }

  private void putAllBack() {
    try {
      putBack();
    } finally {
      Reference.reachabilityFence(this); // until then it is not one that nobody closes
    }
  }

  private void giveSlotsBack() {
    try {
      release();
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public final void onClientGone(Runnable task) {
    Objects.requireNonNull(task, "task");
    synchronized (this) {
      if (!clientIsGone) {
        tasks = closed ? List.of() : with(tasks, task);
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
  public final void clientGone() {
    List<Runnable> due;
    synchronized (this) {
      if (clientIsGone || closed) {
        return;
      }
      clientIsGone = true;
      due = tasks;
      tasks = List.of();
    }
    giveSlotsBack();
    due.forEach(OpenReservation::run);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) { // an Error, too: the other tasks are to run all the same
      LOG.log(Level.WARNING, task.getClass().getName() + " failed when a client was gone", e);
    }
  }

  static void refuse(String what, String state) {
    LOG.log(Level.WARNING, "A reservation is not " + what + ": it is " + state, null);
  }
}
