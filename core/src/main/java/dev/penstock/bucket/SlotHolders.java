package dev.penstock.bucket;

import dev.penstock.MetricFamily;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import dev.penstock.base.BoundedLog;
import java.lang.System.Logger.Level;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All slots that are held now, and the net below them: what a reservation held that was garbage
 * collected unclosed, or holds for longer than its limit says, is given back by those who come
 * next, some by each, and said in the log.
 *
 * <p>Thread-safe.
 */
public final class SlotHolders {

  /** What one caller gives back for others, at most. */
  private static final int MOST_AT_ONCE = 64;

  /** How often all holders are looked at, at most, as there may be many. */
  private static final long LOOK_NANOS = Duration.ofMillis(500).toNanos();

  private static final BoundedLog LOG = new BoundedLog(Reservation.class);

  final ReferenceQueue<Object> collected = new ReferenceQueue<>();

  private final LongSupplier clock;
  private final SlotBag held = new SlotBag();

  /** When all holders were last looked at, for whoever holds for too long. */
  private final AtomicLong lastLook;

  /** No slot is held for too long before this time. */
  private final AtomicLong earliest = new AtomicLong(Long.MAX_VALUE);

  /**
   * Begins with none.
   *
   * @param clock nanoseconds from any origin
   */
  public SlotHolders(LongSupplier clock) {
    this.clock = clock;
    this.lastLook = new AtomicLong(clock.getAsLong() - LOOK_NANOS);
  }

  /**
   * Has a holder begin to hold: from now on the net is below it.
   *
   * @param holder complete, and made for these
   */
  public void begin(SlotHolder holder) {
    Optional<Duration> most = holder.heldAtMost();
    if (most.isEmpty()) {
      held.add(holder);
      return;
    }
    holder.endAt(clock.getAsLong() + most.get().toNanos());
    held.add(holder);
    // After that: whoever sees the time may have looked at all before.
    earliest.accumulateAndGet(holder.until(), Math::min);
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
    held.forEach(
        holder -> {
          if (holder.until() > now) {
            earliest.accumulateAndGet(holder.until(), Math::min);
          } else if (holder.releaseLeft()) {
            tell(holder.limit(), "was held for longer than " + holder.heldAtMost().orElseThrow());
          }
        });
  }

  private static void tell(PartitionedLimit limit, String what) {
    LOG.log(
        Level.WARNING, "A slot of limit " + limit.name() + " " + what + ", it is given back", null);
  }

  /**
   * {@return how many slots are held of the limits of each name; of the first 1000 that are seen}
   */
  public MetricFamily metrics() {
    CountsByLimit counts = new CountsByLimit();
    held.forEach(holder -> counts.add(holder.limit().name(), holder.slots()));
    return counts.gauge("penstock_slots_held", "Slots that requests hold, of each limit.");
  }

  /**
   * Does something for each that is held now; one that is given back or taken meanwhile may be
   * among them.
   *
   * @param action what is to be done
   */
  public void forEach(Consumer<SlotHolder> action) {
    held.forEach(action);
  }
}
