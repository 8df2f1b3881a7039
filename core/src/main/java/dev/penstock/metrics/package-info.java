/**
 * Numbers for a monitor. {@link dev.penstock.metrics.Metrics} is a listener of limiters: it counts
 * what they decide, and writes it in the Prometheus text format together with what stores,
 * resolvers of tokens and all others that are {@link dev.penstock.Metered} count by themselves.
 */
@NullMarked
package dev.penstock.metrics;

import org.jspecify.annotations.NullMarked;
