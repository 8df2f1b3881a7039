package dev.penstock;

/**
 * Is told of every decision. Attach it with {@link RateLimiter#listening}.
 *
 * <p>Called on the request's own thread, by many threads at once: implementations are thread-safe
 * and return at once. It learns the kind of the identity and not who it is, so nothing it writes
 * can name a user. Whatever it throws is logged, and the decision stands.
 */
@FunctionalInterface
public interface RateLimitListener {

  /**
   * Is told of one decision.
   *
   * @param kind what was charged
   * @param decision permitted or denied, with every bucket
   */
  void onDecision(Identity.Kind kind, Decision decision);
}
