/**
 * The way to Redis and back: what is asked, how it travels, who is asked, and what is known of the
 * answers. Public for {@code dev.penstock.redis}; no module outside sees it. Decides nothing: that
 * does {@code acquire.lua}.
 *
 * <p>To read, as a decision goes: {@link dev.penstock.redis.wire.SharedBucket}, a bucket in Redis
 * and its {@link dev.penstock.redis.wire.KnownLevel}; {@link dev.penstock.redis.wire.ScriptCall},
 * what one decision asks of the script, by the {@code BucketTerms} of each bucket; {@link
 * dev.penstock.redis.wire.RedisStore}, which hands it to {@code Gathering}, where concurrent
 * callers become a batch, or to {@code CallQueue}, where those do that do not wait; {@code
 * ScriptWire}, which sends the {@code ScriptBatch} to a {@code RedisNode}, over a {@code
 * RedisConnection}: {@code OwnConnections} or {@code CallersClient}.
 *
 * <p>A window goes by the server's time of day, which {@link dev.penstock.redis.wire.ServerTime}
 * learns from what Redis has said of one ({@link dev.penstock.redis.wire.SaidWindow}).
 *
 * <p>Who may be asked is up to {@link dev.penstock.redis.wire.RedisNodes}, with a {@code
 * CircuitBreaker} for each node, and at first to {@code Greeting}, which finds out what answers.
 * What went wrong is told by {@code RedisErrors}. The names of keys are in {@link
 * dev.penstock.redis.wire.RedisKeys}.
 */
@NullMarked
package dev.penstock.redis.wire;

import org.jspecify.annotations.NullMarked;
