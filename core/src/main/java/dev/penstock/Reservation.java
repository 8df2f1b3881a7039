package dev.penstock;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * What a permitted decision has taken, until it is known what the request really cost.
 *
 * <pre>{@code
 * try (Reservation run = limiter.reserve(identity, policy, Cost.of(1).and("model-tokens", 4000))) {
 *   if (run.permitted()) {
 *     run.settle(Cost.units("model-tokens", agent.run().totalTokens()));
 *   }
 * }
 * }</pre>
 *
 * <p>What was not settled when it is closed stays charged as it was estimated, and so does what a
 * process had not settled when it ended. It goes by the limits that were charged, whatever the
 * policy names since. A denied one has taken nothing: nothing can be settled, and closing it does
 * nothing.
 *
 * <p>Slots of an {@linkplain Limit#inFlight in-flight} limit are held until it is closed or
 * cancelled, or its client is gone. Close every reservation: one that nobody closes holds its slots
 * until the garbage collector finds it, see {@link InFlightLimit#withHeldAtMost}.
 *
 * <p>What was taken does not show any more in a bucket that was {@linkplain RateLimiter#reset
 * filled} since, so nothing is put back into it; in Redis, into one that another instance has
 * filled, it is all the same.
 *
 * <p>Thread-safe: may be settled and closed by other threads than the one that reserved, and no
 * method but {@link RateLimiter#reserve} fails for its store. Whoever settles or cancels one that
 * is closed is told so by the log.
 */
public interface Reservation extends AutoCloseable {

  /** {@return the decision that it comes from} */
  Decision decision();

  /** {@return whether the request may pass} */
  default boolean permitted() {
    return decision().permitted();
  }

  /**
   * {@return whether it has been given slots of an {@linkplain Limit#inFlight in-flight} limit, so
   * that it has to be closed when the request is over}
   */
  default boolean holdsSlots() {
    return permitted()
        && Stream.of(Optional.of(decision()), decision().shadow())
            .flatMap(Optional::stream)
            .filter(Decision::permitted)
            .flatMap(decision -> decision.buckets().stream())
            .anyMatch(bucket -> bucket.limit() instanceof InFlightLimit);
  }

  /**
   * Says what the request has cost so far, in the units that are named; in the others nothing is
   * said. Of each, the difference to what was said before, or was reserved, is charged or put back.
   * To say the same again changes nothing, so a stream may settle as it goes.
   *
   * <p>What is more than a bucket holds is charged all the same, so far beyond empty as its limit's
   * {@linkplain TokenBucketLimit#withOverdraft overdraft} allows. What is put back is never more
   * than is still missing for this request: what refill has made good for since is not given twice.
   * Slots are not settled: they are held until the end.
   *
   * @param total amounts by unit, of the whole request
   */
  void settle(Cost total);

  /**
   * Settles as {@link #settle} does, and never has the caller wait: it is told to the store by a
   * thread of the store's, in the order of the calls. What is said or cancelled next, by whatever
   * method, while the store is being told, is told after it, and does not wait either; of several
   * totals that wait, the last one is told.
   *
   * @param total amounts by unit, of the whole request
   * @return is completed once it is told, never exceptionally; to cancel it changes nothing
   */
  default CompletableFuture<Void> settleAsync(Cost total) {
    settle(total);
    return CompletableFuture.completedFuture(null);
  }

  /** Puts back all that is still missing for this request, slots too, and closes it. */
  void cancel();

  /**
   * Has a task run once if the client goes away before the reservation is closed, so that work for
   * nobody can be cancelled; at once if it has gone already. It runs on the thread that finds out,
   * mostly one of a server's, so it must not block. What it throws is logged.
   *
   * @param task what cancels the work
   */
  void onClientGone(Runnable task);

  /**
   * Says that whoever waits for the answer is gone: for whoever serves the request, as the HTTP
   * adapters do. Its slots are given back, and the tasks of {@link #onClientGone} run. What the
   * request has cost can still be settled, until it is closed. To say so again, or of one that is
   * closed, does nothing.
   */
  void clientGone();

  /**
   * Ends it: slots are given back, and the tokens that it has taken stay taken. To close it once
   * more does nothing.
   */
  @Override
  void close();
}
