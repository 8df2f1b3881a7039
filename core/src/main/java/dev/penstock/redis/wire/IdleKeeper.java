package dev.penstock.redis.wire;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks after connections that nobody uses, again and again, on a daemon thread. Ends when they are
 * closed, and soon after nobody holds them any more: it does not hold them itself.
 */
final class IdleKeeper implements Runnable {

  private final WeakReference<OwnConnections> connections;
  private final Duration interval;

  private IdleKeeper(OwnConnections connections, Duration interval) {
    this.connections = new WeakReference<>(connections);
    this.interval = interval;
  }

  /** Returns a thread that is to be started. */
  static Thread thread(OwnConnections connections, Duration interval) {
    Thread thread = new Thread(new IdleKeeper(connections, interval), "penstock-redis-keeper");
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void run() {
    do {
      LockSupport.parkNanos(this, interval.toNanos());
    } while (look());
  }

  /** In a method of its own, so that no variable of a waiting thread holds the connections. */
  private boolean look() {
    OwnConnections found = connections.get();
    return found != null && found.keep();
  }
}
