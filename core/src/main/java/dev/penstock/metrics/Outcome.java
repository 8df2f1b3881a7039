package dev.penstock.metrics;

import dev.penstock.Decision;
import dev.penstock.Decision.Source;

/** What became of a request, or what one bucket said to it, as labels tell it. */
enum Outcome {
  /** A bucket has paid. */
  PAID("permitted", "paid"),
  /** The store is away, and the operator lets requests proceed meanwhile. */
  OPEN("permitted", "failover"),
  /** The bucket holds less than the cost. */
  DENIED("denied", "denied"),
  /** The cost is above the capacity. */
  NEVER("denied", "never"),
  /** The store is away, and the operator rejects requests meanwhile. */
  CLOSED("denied", "failover");

  private static final Outcome[] ALL = values();

  /** How many there are. */
  static final int COUNT = ALL.length;

  final String label;
  final String reason;

  Outcome(String label, String reason) {
    this.label = label;
    this.reason = reason;
  }

  static Outcome at(int ordinal) {
    return ALL[ordinal];
  }

  static Outcome of(Decision decision) {
    if (decision.source() == Source.OPEN) {
      return OPEN;
    }
    if (decision.source() == Source.CLOSED) {
      return CLOSED;
    }
    return decision.permitted() ? PAID : denied(decision.never());
  }

  static Outcome denied(boolean never) {
    return never ? NEVER : DENIED;
  }
}
