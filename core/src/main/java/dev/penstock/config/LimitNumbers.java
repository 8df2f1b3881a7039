package dev.penstock.config;

import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.WindowLimit;
import dev.penstock.config.Node.Kind;
import dev.penstock.config.Node.Scalar;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads the numbers of a limit: a rate string alone, or an object with {@code rate} and perhaps a
 * {@code capacity} other than the rate's; with {@code capacity}, {@code refill} and {@code period};
 * or with {@code inFlight}.
 */
final class LimitNumbers {

  /** The members that are numbers, of which a plan may have others. */
  static final List<String> NAMES =
      List.of("rate", "capacity", "refill", "period", "overdraft", "inFlight", "heldAtMost");

  private static final String FORMS = "must have rate; or capacity, refill and period; or inFlight";

  private final Section section;
  private final Faults faults;

  private LimitNumbers(Section section, Faults faults) {
    this.section = section;
    this.faults = faults;
  }

  /** {@return whether a limit is written as a rate string alone} */
  static boolean isRate(Node node) {
    return node instanceof Scalar scalar && scalar.kind() == Kind.TEXT;
  }

  /** {@return the limit of a rate string} */
  static Optional<Limit> rate(Node node, Faults faults) {
    return Section.text(node, faults)
        .flatMap(rate -> faults.attempt(node.where(), () -> Limit.parse(rate)));
  }

  /** {@return the limit of an object} */
  static Optional<Limit> of(Section section, Faults faults) {
    return new LimitNumbers(section, faults).read();
  }

  private Optional<Limit> read() {
    if (section.has("inFlight")) {
      refuseBeside("inFlight", "rate", "capacity", "refill", "period", "overdraft");
      return inFlight();
    }
    refuseWithout("inFlight", "heldAtMost");
    Optional<Limit> limit = section.has("rate") ? ofRate() : ofNumbers();
    return limit.flatMap(this::withOverdraft);
  }

  private Optional<Limit> inFlight() {
    OptionalLong slots = section.whole("inFlight");
    Optional<Duration> longest = section.period("heldAtMost");
    if (slots.isEmpty()) {
      return Optional.empty();
    }
    Optional<InFlightLimit> limit =
        faults.attempt(section.where("inFlight"), () -> Limit.inFlight(slots.getAsLong()));
    return limit.flatMap(
        each ->
            longest.isEmpty()
                ? limit
                : faults.attempt(
                    section.where("heldAtMost"), () -> each.withHeldAtMost(longest.get())));
  }

  private Optional<Limit> ofRate() {
    refuseBeside("rate", "refill", "period");
    Optional<Limit> rate = section.node("rate").flatMap(node -> rate(node, faults));
    OptionalLong capacity = section.whole("capacity");
    if (rate.isEmpty() || capacity.isEmpty()) {
      return rate;
    }
    if (!(rate.get() instanceof TokenBucketLimit bucket)) {
      faults.add(section.where("capacity"), "must not stand beside the rate of a window");
      return Optional.empty();
    }
    return faults.attempt(
        section.where("capacity"), () -> bucket.withCapacity(capacity.getAsLong()));
  }

  private Optional<Limit> ofNumbers() {
    OptionalLong capacity = section.whole("capacity");
    OptionalLong refill = section.whole("refill");
    Optional<Duration> period = section.period("period");
    if (section.present("capacity", "refill", "period").size() < 3) {
      faults.add(section.where(), FORMS);
      return Optional.empty();
    }
    if (capacity.isEmpty() || refill.isEmpty() || period.isEmpty()) {
      return Optional.empty();
    }
    return faults.attempt(
        this::place, () -> Limit.of(capacity.getAsLong(), refill.getAsLong(), period.get()));
  }

  private Where place(String parameter) {
    return switch (parameter) {
      case "refillTokens" -> section.where("refill");
      case "refillPeriod" -> section.where("period");
      default -> section.where("capacity");
    };
  }

  private Optional<Limit> withOverdraft(Limit limit) {
    OptionalLong overdraft = section.whole("overdraft");
    return overdraft.isEmpty()
        ? Optional.of(limit)
        : faults.attempt(
            section.where("overdraft"),
            () ->
                limit instanceof WindowLimit window
                    ? window.withOverdraft(overdraft.getAsLong())
                    : ((TokenBucketLimit) limit).withOverdraft(overdraft.getAsLong()));
  }

  private void refuseBeside(String present, String... others) {
    for (String other : section.present(others)) {
      faults.add(section.where(other), "must not stand beside " + present);
    }
  }

  private void refuseWithout(String absent, String... others) {
    for (String other : section.present(others)) {
      faults.add(section.where(other), "must stand beside " + absent);
    }
  }
}
