package dev.penstock;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Takes tokens from the buckets that a policy names for an identity, or says no.
 *
 * <p>Every method but {@link #acquire} returns at once or, where the buckets live elsewhere, after
 * at most one round trip that is bounded in time. A denial is a value, never an exception. All
 * implementations are thread-safe and give the same decisions.
 *
 * <p>A policy is asked on the caller's thread, before anything is taken. What it throws reaches the
 * caller as it is, and what it returns is checked as {@link LimiterArguments#requireLimits} says:
 * either way no bucket is touched. {@code HttpRateLimiter} answers such a request with 503.
 *
 * <p>A decision over several buckets takes its cost from all of them or from none. While such a
 * decision is under way, another that shares a bucket with it may see the tokens as taken, and be
 * denied, though the first is then denied by another bucket. More than a bucket holds is never
 * permitted.
 *
 * <pre>{@code
 * RateLimiter limiter = InMemoryRateLimiter.create();
 * LimitPolicy runs = LimitPolicy.perIdentity("agent-runs", Limit.parse("10/minute"));
 * Decision decision = limiter.tryAcquire(Identity.user("acme", "u1"), runs);
 * }</pre>
 */
public interface RateLimiter {

  /**
   * Takes the cost of one request from every bucket that the policy names for the identity, or
   * nothing from any.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @return the decision
   */
  default Decision tryAcquire(Identity identity, LimitPolicy policy) {
    return tryAcquire(identity, policy, Cost.ONE_REQUEST);
  }

  /**
   * Takes the cost of so many requests, as {@link #tryAcquire(Identity, LimitPolicy, Cost)} does.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost requests, at least 1; a cost above a capacity is denied for ever
   * @return the decision
   * @throws IllegalArgumentException if the cost is below 1, or the policy names no bucket or one
   *     twice
   */
  default Decision tryAcquire(Identity identity, LimitPolicy policy, long cost) {
    return tryAcquire(identity, policy, LimiterArguments.requireRequests(identity, policy, cost));
  }

  /**
   * Takes the cost from every bucket that the policy names for the identity, or nothing from any:
   * from each the amount in its limit's unit. A bucket that is charged 0 must hold a token.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost amounts by unit; one above a capacity is denied for ever, and one in a unit that no
   *     limit counts is charged to nobody
   * @return the decision
   * @throws IllegalArgumentException if the policy names no bucket or one twice, or has a limit of
   *     slots, which nobody could give back: see {@link #reserve(Identity, LimitPolicy, Cost)}
   */
  Decision tryAcquire(Identity identity, LimitPolicy policy, Cost cost);

  /**
   * Takes the cost of one request, as {@link #reserve(Identity, LimitPolicy, Cost)} does.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @return the reservation
   */
  default Reservation reserve(Identity identity, LimitPolicy policy) {
    return reserve(identity, policy, Cost.ONE_REQUEST);
  }

  /**
   * Decides as {@link #tryAcquire(Identity, LimitPolicy, Cost)} does, and remembers what was taken:
   * for a request whose cost is known when it ends, for whoever may be cancelled, and for limits of
   * how many are {@linkplain Limit#inFlight in flight}, of which it holds slots until it is closed.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost amounts by unit, as estimated
   * @return what was taken, to be settled and closed
   * @throws IllegalArgumentException if the policy names no bucket or one twice
   */
  Reservation reserve(Identity identity, LimitPolicy policy, Cost cost);

  /**
   * Takes the cost as {@link #tryAcquire(Identity, LimitPolicy, Cost)} does, and never has the
   * caller wait: where buckets live elsewhere, the future is completed later, on a thread that its
   * store names, and otherwise at once.
   *
   * <p>A future that is cancelled in time takes nothing, or what was taken is put back. It is never
   * completed exceptionally for the store's sake.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost amounts by unit
   * @return the decision to be
   * @throws IllegalArgumentException as {@code tryAcquire}, at once
   */
  default CompletableFuture<Decision> tryAcquireAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    return CompletableFuture.completedFuture(tryAcquire(identity, policy, cost));
  }

  /**
   * Takes the cost of one request, as {@link #tryAcquireAsync(Identity, LimitPolicy, Cost)} does.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @return the decision to be
   */
  default CompletableFuture<Decision> tryAcquireAsync(Identity identity, LimitPolicy policy) {
    return tryAcquireAsync(identity, policy, Cost.ONE_REQUEST);
  }

  /**
   * Reserves as {@link #reserve(Identity, LimitPolicy, Cost)} does, and never has the caller wait,
   * as {@link #tryAcquireAsync(Identity, LimitPolicy, Cost)} does not.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost amounts by unit, as estimated
   * @return what is taken, to be settled and closed, once that is known
   * @throws IllegalArgumentException as {@code reserve}, at once
   */
  default CompletableFuture<Reservation> reserveAsync(
      Identity identity, LimitPolicy policy, Cost cost) {
    return CompletableFuture.completedFuture(reserve(identity, policy, cost));
  }

  /**
   * Reserves as {@link #reserve(Identity, LimitPolicy, Cost)} does, and waits for it where it has
   * to: until every bucket can pay. For callers that throttle themselves, as clients of a provider
   * with limits.
   *
   * <p>Whoever waits for tokens has taken them already, ahead of time: so callers are served in the
   * order in which they came, through Redis in that in which they reached it, of whatever instance,
   * and whoever comes later is denied meanwhile. Nobody waits for longer than an hour, or as long
   * as a bucket takes to fill where that is longer. How long it takes is known beforehand, and
   * where that is too long it is denied at once, with the {@linkplain Decision#retryAfter time to
   * come back}; so is what can never pass. Slots {@linkplain Limit#inFlight in flight} are given in
   * the order of arrival, too, and nobody passes those who wait; when one is free is not known, so
   * it is waited for until {@code maxWait} is over. Of a decision over both, in memory, slots come
   * first: nothing is held while one is waited for, and then the slot is, while tokens are waited
   * for that are known to come in time.
   *
   * <p>A decision over several buckets waits for the last of them. Those that can pay sooner are
   * charged at once, so a caller who waits for another bucket may pass on top of what the bucket
   * permits at that moment; over all it never permits more.
   *
   * <p>This default, a limiter through Redis for a policy with slots, and every one for a policy
   * with a {@linkplain WindowLimit window}, asks again when the decision says to come back, or
   * where it does not say, after 1 ms and twice as long each time, a second at most. It never
   * permits more either, but callers who wait have no order, and others may pass them.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost amounts by unit, as estimated
   * @param maxWait the longest wait, zero or more; beyond a hundred years it counts as so long
   * @return what was taken, to be settled and closed, when the request may pass; or a denied one,
   *     that has taken nothing
   * @throws InterruptedException if the thread is interrupted before or while it waits; all is
   *     given back
   * @throws IllegalArgumentException if {@code maxWait} is negative, or the policy names no bucket
   *     or one twice
   */
  default Reservation acquire(Identity identity, LimitPolicy policy, Cost cost, Duration maxWait)
      throws InterruptedException {
    return AskingAgain.of(this, identity, policy, cost, maxWait).await();
  }

  /**
   * Waits as {@link #acquire} does, and no thread does so meanwhile: a timer for all, and the
   * common pool, on which the future is completed.
   *
   * <p>To cancel the future, or to complete it otherwise, as {@link CompletableFuture#orTimeout}
   * does, gives all back. Cancelling one that was made of it does not reach it. What a policy
   * throws is thrown here, where the limiter asks again it may end the future instead. Each time it
   * asks, a thread of the common pool is taken for as long as {@code reserve} takes.
   *
   * @param identity who is charged
   * @param policy which buckets are charged
   * @param cost amounts by unit, as estimated
   * @param maxWait the longest wait, zero or more
   * @return of what was taken, when the request may pass, or of a denied one
   * @throws IllegalArgumentException as in {@link #acquire}
   */
  default CompletableFuture<Reservation> acquireAsync(
      Identity identity, LimitPolicy policy, Cost cost, Duration maxWait) {
    return AskingAgain.of(this, identity, policy, cost, maxWait).future(AskingAgain.TIMER, false);
  }

  /**
   * Returns the decision that {@link #tryAcquire(Identity, LimitPolicy)} would make now. Takes
   * nothing and creates nothing: each bucket is shown as it stands.
   *
   * @param identity who would be charged
   * @param policy which buckets would be charged
   * @return the decision, with the tokens not taken
   */
  default Decision peek(Identity identity, LimitPolicy policy) {
    return peek(identity, policy, Cost.ONE_REQUEST);
  }

  /**
   * Returns the decision that {@link #tryAcquire(Identity, LimitPolicy, long)} would make now.
   *
   * @param identity who would be charged
   * @param policy which buckets would be charged
   * @param cost requests, at least 1
   * @return the decision, with the tokens not taken
   * @throws IllegalArgumentException if the cost is below 1, or the policy names no bucket or one
   *     twice
   */
  default Decision peek(Identity identity, LimitPolicy policy, long cost) {
    return peek(identity, policy, LimiterArguments.requireRequests(identity, policy, cost));
  }

  /**
   * Returns the decision that {@link #tryAcquire(Identity, LimitPolicy, Cost)} would make now.
   * Takes nothing and creates nothing: each bucket is shown as it stands.
   *
   * @param identity who would be charged
   * @param policy which buckets would be charged
   * @param cost amounts by unit
   * @return the decision, with the tokens not taken
   * @throws IllegalArgumentException if the policy names no bucket or one twice
   */
  Decision peek(Identity identity, LimitPolicy policy, Cost cost);

  /**
   * Fills every bucket that the policy names for the identity, buckets that it shares with others
   * included. To fill one of several, name a policy of that limit alone. Slots stay with those who
   * hold them.
   *
   * @param identity whose buckets are filled
   * @param policy which buckets are filled
   * @throws IllegalArgumentException if the policy names no bucket or one twice
   */
  void reset(Identity identity, LimitPolicy policy);

  /**
   * Checks that this limiter can keep a policy, so that a policy which it cannot keep is found at
   * the start and not by a request. To be called for every policy; {@code HttpRateLimiter} does so.
   *
   * @param policy which buckets are to be charged; asked here for a made-up user
   * @throws IllegalArgumentException saying what is in the way, and the way out
   */
  default void check(LimitPolicy policy) {
    Objects.requireNonNull(policy, "policy");
    policy
        .choices()
        .values()
        .forEach(choice -> LimiterArguments.requireLimits(LimiterArguments.SAMPLE, choice));
  }

  /**
   * Checks a policy as {@link #check(LimitPolicy)} does, and that each unit of a cost is one of its
   * limits': what no limit counts would be unlimited. For costs that are known at the start.
   *
   * @param policy which buckets are to be charged
   * @param cost what every request is to cost
   * @throws IllegalArgumentException saying what is in the way, and the way out
   */
  default void check(LimitPolicy policy, Cost cost) {
    check(policy);
    LimiterArguments.requireUnits(policy, cost);
  }

  /**
   * Returns a limiter that decides as this one does, and bans identities of which it denies too
   * much; while one is banned, all of its requests are denied until the ban is over, and nobody
   * waits for that.
   *
   * <p>A denial takes a token more, and by that one identity in so many is banned: on the caller's
   * thread, but of a {@code RedisRateLimiter} on one of its own. A permitted request looks at one
   * bucket more, in the same round trip. What fails there changes no decision, and is logged.
   *
   * <p>Where a policy of limits for everyone cannot be joined with others, as on a Redis Cluster,
   * it cannot be joined with a ban either, as {@link #check(LimitPolicy)} says.
   *
   * @param ban who is banned, and for how long
   * @return the limiter that bans
   */
  default RateLimiter banning(Ban ban) {
    return banning(ban, Runnable::run);
  }

  /**
   * Returns what {@link #banning(Ban)} does, counting denials elsewhere than on the caller's
   * thread.
   *
   * @param ban who is banned, and for how long
   * @param counting runs what counts a denial; a denial that it rejects is not counted
   * @return the limiter that bans
   */
  default RateLimiter banning(Ban ban, Executor counting) {
    return new BanningRateLimiter(
        this, Objects.requireNonNull(ban, "ban"), Objects.requireNonNull(counting, "counting"));
  }

  /**
   * Returns a limiter that decides as this one does and tells the listener of every decision of
   * {@code tryAcquire}, {@code reserve} and, when the wait is over, {@code acquire}, and of
   * reservations that are settled or cancelled, on the caller's thread, or that which completes the
   * future. A listener that throws, be it an {@link Error}, is logged and does not change the
   * decision. Several are told in the order in which they were attached.
   *
   * @param listener who is told
   * @return the limiter with the listener
   */
  default RateLimiter listening(RateLimitListener listener) {
    return new ListenedRateLimiter(
        this, Listeners.of(Objects.requireNonNull(listener, "listener")));
  }
}
