package dev.penstock.bucket;

import dev.penstock.InFlightLimit;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All slots that are held now, and the net below them: what a reservation held that was garbage
 * collected unclosed, or holds for longer than its limit says, is given back by those who come
 * next, some by each, and said in the log.
 *
 * <p>Thread-safe: each of several lists has a lock of its own, held for some steps in memory.
 */
public final class SlotHolders {

  private static final int STRIPES = 16;

  /** What one caller gives back for others, at most. */
  private static final int MOST_AT_ONCE = 64;

  /** How often all holders are looked at, at most, as there may be many. */
  private static final long LOOK_NANOS = Duration.ofMillis(500).toNanos();

  private static final BoundedLog LOG = new BoundedLog(Reservation.class);

  final ReferenceQueue<Object> collected = new ReferenceQueue<>();

  private final LongSupplier clock;
  private final Stripe[] stripes = new Stripe[STRIPES];

  /** When all holders were last looked at, for whoever holds for too long. */
  private final AtomicLong lastLook;

  /** No slot is held for too long before this time. */
  private final AtomicLong earliest = new AtomicLong(Long.MAX_VALUE);

  /** A list of holders, the last one first. */
  private static final class Stripe {

    private @Nullable SlotHolder first;

    synchronized void add(SlotHolder holder) {
      holder.next = first;
      if (first != null) {
        first.previous = holder;
      }
      first = holder;
    }

    synchronized void remove(SlotHolder holder) {
      SlotHolder previous = holder.previous;
      SlotHolder next = holder.next;
      if (previous != null) {
        previous.next = next;
      } else if (first == holder) {
        first = next;
      }
      if (next != null) {
        next.previous = previous;
      }
      holder.previous = null;
      holder.next = null;
    }

    synchronized void addTo(List<SlotHolder> all) {
      for (SlotHolder holder = first; holder != null; holder = holder.next) {
        all.add(holder);
      }
    }
  }

  /**
   * Begins with none.
   *
   * @param clock nanoseconds from any origin
   */
  public SlotHolders(LongSupplier clock) {
    this.clock = clock;
    this.lastLook = new AtomicLong(clock.getAsLong() - LOOK_NANOS);
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  long until(InFlightLimit limit) {
    return limit
        .heldAtMost()
        .map(most -> clock.getAsLong() + most.toNanos())
        .orElse(Long.MAX_VALUE);
  }

  void add(SlotHolder holder) {
    stripe(holder).add(holder);
    if (holder.until != Long.MAX_VALUE) {
      earliest.accumulateAndGet(holder.until, Math::min);
    }
  }

  void remove(SlotHolder holder) {
    stripe(holder).remove(holder);
    holder.clear();
  }

  private Stripe stripe(SlotHolder holder) {
    return stripes[holder.stripe & (STRIPES - 1)];
  }

  /** Gives back what nobody does. */
  public void sweep() {
    Object next = collected.poll();
    for (int i = 1; next != null; i++) {
      SlotHolder holder = (SlotHolder) next;
      if (holder.releaseLeft()) {
        tell(holder.limit(), "was held by a reservation that nobody closed");
      }
      next = i < MOST_AT_ONCE ? collected.poll() : null;
    }
    if (earliest.get() != Long.MAX_VALUE) {
      long now = clock.getAsLong();
      long last = lastLook.get();
      boolean isDue = earliest.get() <= now && now - last >= LOOK_NANOS;
      if (isDue && lastLook.compareAndSet(last, now)) {
        releaseOverdue(now);
      }
    }
  }

  private void releaseOverdue(long now) {
    earliest.set(Long.MAX_VALUE);
    forEach(
        holder -> {
          if (holder.until > now) {
            earliest.accumulateAndGet(holder.until, Math::min);
          } else if (holder.releaseLeft()) {
            Duration most = ((InFlightLimit) holder.limit().limit()).heldAtMost().orElseThrow();
            tell(holder.limit(), "was held for longer than " + most);
          }
        });
  }

  private static void tell(PartitionedLimit limit, String what) {
    LOG.log(
        Level.WARNING, "A slot of limit " + limit.name() + " " + what + ", it is given back", null);
  }

  /**
   * Does something for each that is held now; one that is given back meanwhile may be among them.
   *
   * @param action what is to be done
   */
  public void forEach(Consumer<SlotHolder> action) {
    List<SlotHolder> all = new ArrayList<>();
    for (Stripe stripe : stripes) {
      stripe.addTo(all);
    }
    all.forEach(action);
  }
}
