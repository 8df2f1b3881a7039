/**
 * The words of a rate limiter. Knows no HTTP, no store, no token format.
 *
 * <p>To read: {@link dev.penstock.RateLimiter}, what can be asked; {@link dev.penstock.Limit}, the
 * numbers of a bucket; {@link dev.penstock.LimitPolicy}, which names the {@link
 * dev.penstock.PartitionedLimit}s that an {@link dev.penstock.Identity} is charged by; {@link
 * dev.penstock.Decision}, the answer, with a {@link dev.penstock.BucketState} for each bucket; what
 * limits {@linkplain dev.penstock.PartitionedLimit#asShadow in shadow} would have said stands
 * beside it; {@link dev.penstock.Cost}, amounts by the unit that a limit counts, and {@link
 * dev.penstock.Reservation}, what was taken until it is known what it really cost. Listeners are
 * told by a {@link dev.penstock.RateLimitEvent}. A {@link dev.penstock.Ban} says who is denied
 * everything for a while.
 *
 * <p>The words, each used for one thing: a <em>bucket</em> holds <em>tokens</em>, up to its
 * <em>capacity</em>, and is <em>refilled</em>; a decision takes its <em>cost</em> and is
 * <em>permitted</em> or <em>denied</em>. Which bucket is charged say the name of a limit and the
 * <em>partition key</em> of the identity. Inside, a bucket is one number, its <em>word</em>, the
 * time at which it is full; its <em>level</em> is how far from full it is now.
 *
 * <p>Those who decide: {@code dev.penstock.memory} in this process, {@code dev.penstock.redis} for
 * all instances of a service. Those who ask: {@code dev.penstock.http}, through an adapter.
 */
@NullMarked
package dev.penstock;

import org.jspecify.annotations.NullMarked;
