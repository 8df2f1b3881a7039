package dev.penstock;

import java.time.Duration;

/** Events of one decision each. */
public final class TestEvents {

  private TestEvents() {}

  public static RateLimitEvent decided(Identity.Kind kind, Decision decision) {
    return of(RateLimitEvent.Type.DECIDED, kind, decision);
  }

  public static RateLimitEvent of(RateLimitEvent.Type type, Identity.Kind kind, Decision decision) {
    return new RateLimitEvent(type, kind, "runs", Cost.of(1), decision, Duration.ofNanos(1));
  }
}
