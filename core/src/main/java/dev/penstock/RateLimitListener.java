package dev.penstock;

/**
 * Is told of every decision, and of what becomes of reservations. Attach it with {@link
 * RateLimiter#listening}.
 *
 * <p>Called on the thread of whoever asked, by many threads at once: implementations are
 * thread-safe and return at once. It learns the kind of the identity and not who it is, so nothing
 * it writes can name a user. Whatever it throws is logged, and what was done stands.
 */
@FunctionalInterface
public interface RateLimitListener {

  /**
   * Is told of what was done.
   *
   * @param event a decision, with every bucket, or a reservation that was settled or cancelled
   */
  void onEvent(RateLimitEvent event);
}
