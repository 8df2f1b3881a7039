package dev.penstock;

import java.time.Duration;
import java.util.Optional;

/** Events of one request each. */
public final class TestEvents {

  private TestEvents() {}

  public static RateLimitEvent decided(Identity.Kind kind, Decision decision) {
    return of(RateLimitEvent.Type.DECIDED, kind, decision);
  }

  public static RateLimitEvent of(RateLimitEvent.Type type, Identity.Kind kind, Decision decision) {
    return event(type, identity(kind), Cost.of(1), Optional.empty(), decision);
  }

  public static RateLimitEvent decided(Identity identity, Cost cost, Decision decision) {
    return event(RateLimitEvent.Type.DECIDED, identity, cost, Optional.empty(), decision);
  }

  public static RateLimitEvent settled(Cost before, Cost total, Decision decision) {
    return event(
        RateLimitEvent.Type.SETTLED,
        identity(Identity.Kind.USER),
        total,
        Optional.of(before),
        decision);
  }

  public static RateLimitEvent cancelled(Cost said, Decision decision) {
    return event(
        RateLimitEvent.Type.CANCELLED,
        identity(Identity.Kind.USER),
        said,
        Optional.empty(),
        decision);
  }

  private static RateLimitEvent event(
      RateLimitEvent.Type type,
      Identity identity,
      Cost cost,
      Optional<Cost> before,
      Decision decision) {
    return new RateLimitEvent(
        type, identity, "runs", cost, before, decision, Optional.of(Duration.ofNanos(1)));
  }

  private static Identity identity(Identity.Kind kind) {
    return switch (kind) {
      case USER -> Identity.user("acme", "u1");
      case WORKSPACE -> Identity.workspace("acme");
      case ADDRESS -> Identity.address("192.0.2.1");
      case NAMED -> Identity.named("key", "k1");
    };
  }
}
