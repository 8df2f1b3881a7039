/**
 * The limiter whose buckets live in this process. Start with {@link
 * dev.penstock.memory.InMemoryRateLimiter}, which says what it promises and what it costs; {@link
 * dev.penstock.memory.InMemoryRateLimiterBuilder} sets its bound and its clock.
 *
 * <p>It checks arguments and decides nothing: arithmetic, table and overflow are {@code
 * dev.penstock.bucket}, which the limiter on Redis needs as well while Redis is away.
 */
@NullMarked
package dev.penstock.memory;

import org.jspecify.annotations.NullMarked;
