package dev.penstock.metrics;

import dev.penstock.Decision;
import dev.penstock.Decision.Source;

/** What became of a request, or what one bucket said to it, as labels tell it. */
enum Outcome {
  /** A bucket has paid. */
  PAID(true, "paid"),
  /** The store is away, and the operator lets requests proceed meanwhile. */
  OPEN(true, "failover"),
  /** The bucket holds less than the cost. */
  DENIED(false, "denied"),
  /** The cost is above the capacity. */
  NEVER(false, "never"),
  /** The store is away, and the operator rejects requests meanwhile. */
  CLOSED(false, "failover");

  final boolean permits;
  final String reason;

  Outcome(boolean permits, String reason) {
    this.permits = permits;
    this.reason = reason;
  }

  /** Returns whether buckets say so every day. */
  boolean isUsual() {
    return this == PAID || this == DENIED;
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
