package dev.penstock.metrics;

import dev.penstock.BucketState;
import dev.penstock.InFlightLimit;
import dev.penstock.Limit;
import dev.penstock.RateLimitEvent;
import dev.penstock.TokenBucketLimit;
import dev.penstock.base.Inside;
import java.util.concurrent.atomic.LongAdder;

/** What is counted of the limits of one name. Thread-safe. */
final class LimitCounts {

  /** Whether it is tokens that they count, and not slots. */
  final boolean hasTokens;

  final DecisionCounts decisions = new DecisionCounts();
  final LongAdder granted = new LongAdder();
  final LongAdder settledUp = new LongAdder();
  final LongAdder settledDown = new LongAdder();
  final StandingOverdraft overdraft = new StandingOverdraft();

  LimitCounts(Limit first) {
    this.hasTokens = !(first instanceof InFlightLimit);
  }

  /** Counts what a decision, a settlement or a cancellation changes in one bucket. */
  void change(RateLimitEvent event, Limit limit) {
    if (limit instanceof InFlightLimit) {
      return;
    }
    long change = event.change(limit);
    if (event.type() == RateLimitEvent.Type.DECIDED) {
      granted.add(change);
    } else {
      (change > 0 ? settledUp : settledDown).add(Math.abs(change));
    }
  }

  /** Sees from a denial how much a bucket owes. */
  void denied(RateLimitEvent event, BucketState bucket) {
    Limit limit = bucket.limit();
    boolean mayOwe = limit instanceof TokenBucketLimit && Inside.nanosOfOverdraft(limit) > 0;
    if (mayOwe && bucket.retryAfterNanos() < BucketState.UNKNOWN) {
      long nanosPerToken = Inside.nanosPerToken(limit);
      long asked = Math.max(1, event.cost().amount(limit)) * nanosPerToken;
      overdraft.see(bucket.retryAfterNanos() - asked, nanosPerToken, System.nanoTime());
    }
  }
}
