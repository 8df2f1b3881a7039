package dev.penstock.config;

import dev.penstock.FailoverMode;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import dev.penstock.TokenBucketLimit;
import dev.penstock.config.Node.Member;
import dev.penstock.config.Node.Members;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Reads one limit of a policy, with its options and what plans make of its numbers. */
final class LimitSection {

  static final String[] KNOWN =
      Stream.concat(
              LimitNumbers.NAMES.stream(),
              Stream.of("unit", "partition", "failover", "lease", "shadow", "plans"))
          .toArray(String[]::new);

  private static final String[] KNOWN_OF_PLAN = LimitNumbers.NAMES.toArray(String[]::new);

  private static final Map<String, Partition> PARTITIONS = Words.of(Partition.class);
  private static final Map<String, FailoverMode> MODES = Words.of(FailoverMode.class);

  private final Member member;
  private final Section section;
  private final Faults faults;
  private final Optional<String> unit;
  private final Partition partition;
  private final Optional<FailoverMode> failover;
  private final OptionalLong lease;
  private final boolean isShadow;

  private LimitSection(Member member, Section section, Faults faults) {
    this.member = member;
    this.section = section;
    this.faults = faults;
    this.unit = section.text("unit");
    this.partition = section.choice("partition", PARTITIONS).orElse(Partition.IDENTITY);
    this.failover = section.choice("failover", MODES);
    this.lease = section.whole("lease");
    this.isShadow = section.isTrue("shadow");
  }

  /** {@return the limit of this name} */
  static Optional<NamedLimit> read(Member member, Plans plans, Faults faults) {
    if (LimitNumbers.isRate(member.value())) {
      return LimitNumbers.rate(member.value(), faults)
          .flatMap(limit -> named(member, limit, Partition.IDENTITY, faults))
          .map(limit -> new NamedLimit(member.where(), limit, Map.of()));
    }
    if (!(member.value() instanceof Members)) {
      faults.mustBe("a rate such as 10/minute, or an object", member.value());
      return Optional.empty();
    }
    return Section.of(member.value(), faults, KNOWN)
        .flatMap(section -> new LimitSection(member, section, faults).read(plans));
  }

  private Optional<NamedLimit> read(Plans plans) {
    Optional<Limit> standard = LimitNumbers.of(section, faults).flatMap(this::withOptions);
    Map<String, PartitionedLimit> byPlan = new HashMap<>();
    for (Member plan : section.members("plans")) {
      plans.require(plan.name(), plan.where(), faults);
      Optional<Limit> numbers = ofPlan(plan.value());
      if (standard.isPresent()) {
        numbers
            .filter(limit -> isAlike(limit, standard.get(), plan))
            .map(limit -> inheriting(limit, standard.get()))
            .flatMap(this::withOptions)
            .flatMap(this::named)
            .ifPresent(limit -> byPlan.put(plan.name(), limit));
      }
    }
    return standard
        .flatMap(this::named)
        .map(limit -> new NamedLimit(member.where(), limit, byPlan));
  }

  private Optional<Limit> ofPlan(Node node) {
    return LimitNumbers.isRate(node)
        ? LimitNumbers.rate(node, faults)
        : Section.of(node, faults, KNOWN_OF_PLAN)
            .flatMap(numbers -> LimitNumbers.of(numbers, faults));
  }

  private boolean isAlike(Limit ofPlan, Limit standard, Member plan) {
    if (standard instanceof InFlightLimit == ofPlan instanceof InFlightLimit) {
      return true;
    }
    faults.add(plan.value().where(), "must be of the kind that the limit is: inFlight or not");
    return false;
  }

  /** A plan changes numbers; what it leaves out is as at the limit. */
  private static Limit inheriting(Limit ofPlan, Limit standard) {
    if (ofPlan instanceof InFlightLimit slots && standard instanceof InFlightLimit usual) {
      return slots.heldAtMost().isPresent()
          ? slots
          : usual.heldAtMost().map(slots::withHeldAtMost).orElse(slots);
    }
    return ofPlan;
  }

  private Optional<Limit> withOptions(Limit numbers) {
    Optional<Limit> counting =
        unit.isEmpty()
            ? Optional.of(numbers)
            : faults.attempt(section.where("unit"), () -> numbers.withUnit(unit.get()));
    Optional<Limit> failing =
        counting.map(limit -> failover.map(limit::withFailover).orElse(limit));
    return lease.isEmpty() ? failing : failing.flatMap(this::leased);
  }

  private Optional<Limit> leased(Limit limit) {
    if (limit instanceof TokenBucketLimit tokens) {
      return faults.attempt(section.where("lease"), () -> tokens.withLease(lease.getAsLong()));
    }
    faults.add(
        section.where("lease"),
        limit instanceof InFlightLimit
            ? "must not stand beside inFlight"
            : "must not stand beside the rate of a window");
    return Optional.empty();
  }

  private Optional<PartitionedLimit> named(Limit limit) {
    return named(member, limit, partition, faults)
        .map(named -> isShadow ? named.asShadow() : named);
  }

  private static Optional<PartitionedLimit> named(
      Member member, Limit limit, Partition partition, Faults faults) {
    return faults.attempt(
        member.where(), () -> new PartitionedLimit(member.name(), limit, partition));
  }
}
