package dev.penstock.metrics;

import dev.penstock.Ban;
import dev.penstock.BucketState;
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
  /** The identity is banned. */
  BAN(false, "ban"),
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
    if (decision.permitted()) {
      return PAID;
    }
    boolean isBan = decision.deniedBy().stream().anyMatch(Outcome::isOfBan);
    return isBan ? BAN : decision.never() ? NEVER : DENIED;
  }

  static Outcome ofDenial(BucketState bucket) {
    return isOfBan(bucket) ? BAN : bucket.never() ? NEVER : DENIED;
  }

  private static boolean isOfBan(BucketState bucket) {
    return bucket.limit().unit().equals(Ban.UNIT);
  }
}
