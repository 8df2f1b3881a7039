/**
 * The limiter whose buckets all instances of a service share through Redis or Valkey. Start with
 * {@link dev.penstock.redis.RedisRateLimiter}: it finds the {@code PolicyBuckets}, and {@code
 * SharedDecisions} is the way of a decision, which tries in turn
 *
 * <ol>
 *   <li>{@code Leases}: tokens that were taken ahead, each a {@code Lease};
 *   <li>{@code CheapDenials}: what Redis has just said to be empty;
 *   <li>{@code SharedBuckets}: one call of the script, in {@code dev.penstock.redis.wire};
 *   <li>{@code Failover}: without Redis, by the {@link dev.penstock.FailoverMode} of each limit.
 *       {@code Ledger} keeps account of what is spent meanwhile, in buckets of this process that
 *       hold its {@code FleetShare}, and Redis is charged later; while it is there they go by what
 *       it says ({@code FollowedBases}).
 * </ol>
 *
 * <p>{@code AsyncDecisions} goes the same way for callers that do not wait, by threads of {@code
 * AsyncTasks} where one call of the script is not enough.
 *
 * <p>{@code SharedWaits} are for callers who wait: each has a {@code SharedWait}, which takes
 * {@code AheadOfTime} from Redis or in the {@code Ledger}, and a place among {@code WaitersAlike}.
 *
 * <p>{@code SharedReservations} make reservations of decisions, and hold their slots. What these
 * come to ({@code SharedReservation}) and resets go through {@code Settlements}; what Redis has not
 * carried out is in {@code OwedSettlements}. Two words: what was spent here is <em>owed</em> to
 * Redis; tokens taken ahead are <em>leased</em>. Of a window a nanosecond stands for a token
 * wherever time of refill is meant, and what is put back says when the window ends from which it
 * was taken ({@code WindowEnds}).
 */
@NullMarked
package dev.penstock.redis;

import org.jspecify.annotations.NullMarked;
