package dev.penstock;

import dev.penstock.base.BoundedLog;
import dev.penstock.base.FlightRecorder;
import dev.penstock.base.PaidCounter;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * Those who are told of what one limiter does, in the order in which they were attached. What one
 * of them throws is logged, and the next is told all the same.
 *
 * <p>Most decisions permit one request by buckets of this process. Where all who hear of these
 * merely count, they are told without an event: the event, the time it took and whatever else is
 * made for it would cost as much as the decision ({@code ListenedBenchmark}).
 *
 * <p>Immutable and thread-safe.
 */
final class Listeners {

  private static final FlightRecorder FLIGHT = FlightRecorder.ofThisProcess();

  private final BoundedLog log = new BoundedLog(RateLimitListener.class);
  private final List<RateLimitListener> all;
  private final List<RateLimitListener> ofPermitted;
  private final PaidCounter[] counters;

  /** Whether all who hear of what buckets permit can do without an event. */
  private final boolean counting;

  private Listeners(List<RateLimitListener> all) {
    this.all = all;
    this.ofPermitted = all.stream().filter(RateLimitListener::hearsPermitted).toList();
    this.counters =
        ofPermitted.stream()
            .filter(PaidCounter.class::isInstance)
            .map(PaidCounter.class::cast)
            .toArray(PaidCounter[]::new);
    this.counting = counters.length == ofPermitted.size();
  }

  static Listeners of(RateLimitListener listener) {
    return new Listeners(List.of(listener));
  }

  Listeners and(RateLimitListener listener) {
    List<RateLimitListener> more = new ArrayList<>(all);
    more.add(listener);
    return new Listeners(List.copyOf(more));
  }

  /** Returns whether anybody hears of what buckets permit, and of reservations. */
  boolean hearPermitted() {
    return !ofPermitted.isEmpty();
  }

  /** Returns whether the next event is to be timed. */
  boolean time() {
    return (hearPermitted() || FLIGHT.recordsDecisions())
        && (ThreadLocalRandom.current().nextInt() & (RateLimitEvent.TIMED - 1)) == 0;
  }

  /**
   * Tells of a request that buckets of this process have paid, if nobody wants an event of it.
   *
   * @param permitted whether the request may pass
   * @param source who decided
   * @param tookNanos how long it took, or {@link PaidCounter#UNTIMED}
   * @return whether all has been told
   */
  boolean counted(
      LimitPolicy policy, Cost cost, boolean permitted, Decision.Source source, long tookNanos) {
    if (!permitted
        || source != Decision.Source.MEMORY
        || !counting
        || !(policy instanceof PreparedPolicy prepared)
        || LimiterArguments.haveShadow(prepared.prepared())
        || (tookNanos != PaidCounter.UNTIMED && FLIGHT.recordsDecisions())) {
      return false;
    }
    if (counters.length == 0) {
      return true;
    }
    if (!cost.isOneRequest) {
      return false;
    }
    count(prepared.prepared(), tookNanos);
    return true;
  }

  /**
   * Tells of any decision.
   *
   * @param tookNanos how long it took, or {@link PaidCounter#UNTIMED}
   */
  void decided(
      Identity identity, LimitPolicy policy, Cost cost, Decision decision, long tookNanos) {
    boolean isPaid = decision.permitted() && decision.source() != Decision.Source.OPEN;
    record(identity, policy, decision, tookNanos);
    boolean isHeardByAll = !isPaid || !decision.shadow().map(Decision::permitted).orElse(true);
    tell(
        isHeardByAll ? all : ofPermitted,
        RateLimitEvent.Type.DECIDED,
        identity,
        policy,
        cost,
        Optional.empty(),
        decision,
        tookNanos);
  }

  private void record(Identity identity, LimitPolicy policy, Decision decision, long tookNanos) {
    try {
      String kind = identity.kind().name();
      String source = decision.source().name();
      if (tookNanos != PaidCounter.UNTIMED && FLIGHT.recordsDecisions()) {
        FLIGHT.decided(policy.name(), kind, source, decision.permitted(), tookNanos);
      }
      if (!decision.permitted() && FLIGHT.recordsDenials()) {
        String limits =
            decision.deniedBy().stream().map(BucketState::name).collect(Collectors.joining(","));
        long retryAfter = decision.retryAfter().map(Duration::toNanos).orElse(-1L);
        FLIGHT.denied(limits, kind, source, decision.never(), retryAfter);
      }
    } catch (Throwable e) { // a name is the application's own code, too
      failed(policy, e);
    }
  }

  private void count(List<PartitionedLimit> limits, long tookNanos) {
    for (PaidCounter counter : counters) {
      try {
        counter.paid(limits, tookNanos);
      } catch (Throwable e) { // an Error, too: the tokens are taken, and the decision stands
        failed(counter, e);
      }
    }
  }

  /** Tells of what became of a reservation. */
  void changed(
      RateLimitEvent.Type type,
      Identity identity,
      LimitPolicy policy,
      Cost cost,
      Optional<Cost> before,
      Decision decision,
      long tookNanos) {
    tell(ofPermitted, type, identity, policy, cost, before, decision, tookNanos);
  }

  private void tell(
      List<RateLimitListener> listeners,
      RateLimitEvent.Type type,
      Identity identity,
      LimitPolicy policy,
      Cost cost,
      Optional<Cost> before,
      Decision decision,
      long tookNanos) {
    if (listeners.isEmpty()) {
      return;
    }
    Optional<Duration> took =
        tookNanos == PaidCounter.UNTIMED
            ? Optional.empty()
            : Optional.of(Duration.ofNanos(tookNanos));
    RateLimitEvent event;
    try {
      event = new RateLimitEvent(type, identity, policy.name(), cost, before, decision, took);
    } catch (Throwable e) { // a name is the application's own code, too
      failed(policy, e);
      return;
    }
    for (RateLimitListener listener : listeners) {
      try {
        listener.onEvent(event);
      } catch (Throwable e) {
        failed(listener, e);
      }
    }
  }

  /** Tells that there is no decision. */
  void undecided(Identity identity, Throwable failure) {
    for (RateLimitListener listener : all) {
      try {
        listener.onFailure(identity, failure);
      } catch (Throwable e) {
        failed(listener, e);
      }
    }
  }

  private void failed(Object who, Throwable e) {
    log.log(Level.WARNING, who.getClass().getName() + " failed on an event", e);
  }
}
