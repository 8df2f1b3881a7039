package dev.penstock.config;

import java.lang.ref.WeakReference;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Has a gate look at its file every second, on a daemon thread. Ends when the gate is closed, and
 * soon after nobody holds it any more: it does not hold it itself.
 */
final class ReloadThread implements Runnable {

  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final WeakReference<ReloadingGate> gate;

  private ReloadThread(ReloadingGate gate) {
    this.gate = new WeakReference<>(gate);
  }

  /** Returns a thread that is to be started. */
  static Thread of(ReloadingGate gate) {
    Thread thread = new Thread(new ReloadThread(gate), "penstock-reload");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void run() {
    do {
      LockSupport.parkNanos(this, INTERVAL_NANOS);
    } while (!Thread.interrupted() && look()); // it would not wait again while it is interrupted
  }

  /** In a method of its own, so that no variable of a waiting thread holds the gate. */
  private boolean look() {
    ReloadingGate found = gate.get();
    return found != null && found.look();
  }
}
