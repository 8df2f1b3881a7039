package dev.penstock;

/**
 * Is told of every decision, and of what becomes of reservations. Attach it with {@link
 * RateLimiter#listening}.
 *
 * <p>Called on the thread of whoever asked, by many threads at once: implementations are
 * thread-safe and return at once. Whatever it throws is logged, and what was done stands.
 *
 * <p>An event knows who is charged. It prints the kind of the identity alone, so a name gets into a
 * log or a metric only where a listener asks for it.
 */
@FunctionalInterface
public interface RateLimitListener {

  /**
   * Is told of what was done.
   *
   * @param event a decision, with every bucket, or a reservation that was settled or cancelled
   */
  void onEvent(RateLimitEvent event);

  /**
   * Is told that there is no decision, as the limiter or the policy failed: whoever asked gets the
   * failure. Does nothing unless it is overridden.
   *
   * @param identity who was to be charged
   * @param failure what was thrown
   */
  default void onFailure(Identity identity, Throwable failure) {}

  /**
   * {@return whether this listener hears of requests that a bucket has permitted, and of what
   * becomes of their reservations; true unless it is overridden} Where no listener does, most
   * decisions cost no event. Denials are told in any case, and so is what was permitted without a
   * limit ({@link Decision.Source#OPEN}) or would have been denied by one {@linkplain
   * PartitionedLimit#asShadow in shadow}. Asked once, when the listener is attached.
   */
  default boolean hearsPermitted() {
    return true;
  }
}
