package dev.penstock.bucket;

import dev.penstock.Cost;
import dev.penstock.Decision;
import dev.penstock.LimiterArguments;
import dev.penstock.PartitionedLimit;
import dev.penstock.Reservation;
import java.util.List;
import java.util.function.Function;

/**
 * A decision over limits of which the last ones are only tried: over those that are enforced, and
 * if they permit, over the others by themselves. What the former deny would never have reached the
 * latter.
 */
public final class Trial {

  private Trial() {}

  /**
   * {@return the decision of the limits that are enforced, with that of the others}
   *
   * @param source who decides
   * @param limits as {@link LimiterArguments#requireLimits} returns them
   * @param decide decides over some of them, all or nothing
   */
  public static Decision decide(
      Decision.Source source,
      List<PartitionedLimit> limits,
      Function<List<PartitionedLimit>, Decision> decide) {
    int enforced = LimiterArguments.enforced(limits);
    Decision decision =
        enforced == 0 ? Decision.ofNoBucket(source) : decide.apply(limits.subList(0, enforced));
    return enforced < limits.size() && decision.permitted()
        ? decision.withShadow(decide.apply(limits.subList(enforced, limits.size())))
        : decision;
  }

  /**
   * Reserves likewise, in this process.
   *
   * @param limits as {@link LimiterArguments#requireLimits} returns them, some in shadow
   * @param reserve reserves of some of them, all or nothing
   * @return what was taken, of the enforced ones and of those that are tried
   */
  public static Reservation reserve(
      List<PartitionedLimit> limits, Function<List<PartitionedLimit>, Reservation> reserve) {
    int enforced = LimiterArguments.enforced(limits);
    Reservation taken =
        enforced == 0
            ? ReservedParts.of(Decision.ofNoBucket(Decision.Source.MEMORY))
            : reserve.apply(limits.subList(0, enforced));
    return taken.permitted()
        ? withShadow(taken, reserve.apply(limits.subList(enforced, limits.size())))
        : taken;
  }

  /** Returns what was taken, together with what limits in shadow would have given. */
  static Reservation withShadow(Reservation taken, Reservation tried) {
    return together(taken, tried, taken.decision().withShadow(tried.decision()));
  }

  /**
   * {@return a reservation of what was taken, and of what limits in shadow have given}
   *
   * @param taken permitted
   * @param tried of the limits in shadow
   * @param decision what it tells of both
   */
  public static Reservation together(Reservation taken, Reservation tried, Decision decision) {
    return new TriedReservation(taken, tried, decision);
  }

  /** What the enforced limits have given, and what the others would have. */
  private static final class TriedReservation extends OpenReservation {

    private final List<Reservation> parts;
    private final Decision decision;

    TriedReservation(Reservation taken, Reservation tried, Decision decision) {
      this.parts = tried.permitted() ? List.of(taken, tried) : List.of(taken);
      this.decision = decision;
    }

    @Override
    public Decision decision() {
      return decision;
    }

    @Override
    public boolean holdsSlots() {
      return parts.stream().anyMatch(Reservation::holdsSlots);
    }

    @Override
    protected void charge(Cost total) {
      parts.forEach(part -> part.settle(total));
    }

    @Override
    protected void putBack() {
      parts.forEach(Reservation::cancel);
    }

    /** Not closed, as it may still be settled after the client is gone. */
    @Override
    protected void release() {
      parts.forEach(Reservation::clientGone);
    }
  }
}
