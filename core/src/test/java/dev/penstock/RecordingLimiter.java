package dev.penstock;

import dev.penstock.memory.InMemoryRateLimiter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A limiter that remembers what was done with its reservations, each before it takes effect:
 * whoever sees the effect finds it remembered. It waits as every limiter does that says nothing
 * else. A test that needs a limiter which does one thing otherwise overrides that.
 */
public class RecordingLimiter implements RateLimiter {

  private final RateLimiter limiter;
  private final List<String> done = new CopyOnWriteArrayList<>();

  /** One in memory. */
  public RecordingLimiter() {
    this(InMemoryRateLimiter.create());
  }

  /** Another's, which decides. */
  RecordingLimiter(RateLimiter limiter) {
    this.limiter = limiter;
  }

  /** {@return {@code reserve}, {@code gone}, {@code settle}, {@code close}, each at its first} */
  public List<String> done() {
    return done;
  }

  @Override
  public Reservation reserve(Identity identity, LimitPolicy policy, Cost cost) {
    Reservation reservation = limiter.reserve(identity, policy, cost);
    if (reservation.permitted()) {
      done.add("reserve");
    }
    return new Recorded(reservation);
  }

  private final class Recorded implements Reservation {

    private final Reservation reservation;
    private boolean isGone;
    private boolean isClosed;

    Recorded(Reservation reservation) {
      this.reservation = reservation;
    }

    @Override
    public Decision decision() {
      return reservation.decision();
    }

    @Override
    public void settle(Cost total) {
      done.add("settle");
      reservation.settle(total);
    }

    @Override
    public synchronized void cancel() {
      isClosed = true;
      done.add("cancel");
      reservation.cancel();
    }

    @Override
    public void onClientGone(Runnable task) {
      reservation.onClientGone(task);
    }

    @Override
    public synchronized void clientGone() {
      if (!isClosed && !isGone) {
        done.add("gone");
      }
      isGone = true;
      reservation.clientGone();
    }

    @Override
    public synchronized void close() {
      if (!isClosed) {
        done.add("close");
      }
      isClosed = true;
      reservation.close();
    }
  }

  @Override
  public Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost) {
    return limiter.tryAcquire(identity, policy, cost);
  }

  @Override
  public Decision peek(Identity identity, LimitPolicy policy, Cost cost) {
    return limiter.peek(identity, policy, cost);
  }

  @Override
  public void reset(Identity identity, LimitPolicy policy) {
    limiter.reset(identity, policy);
  }
}
