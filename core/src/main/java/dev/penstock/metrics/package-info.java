/**
 * Numbers for a monitor. {@link dev.penstock.metrics.Metrics} is a listener of limiters: it counts
 * what they decide, and writes it in the Prometheus text format together with what stores,
 * resolvers of tokens and all others that are {@link dev.penstock.Metered} count by themselves.
 *
 * <p>Its parts: {@code PaidLists} counts the usual decisions by their list of limits, in cells of
 * each thread ({@code CountsByThread}); {@code LimitCounts} is what is kept of a limit's name,
 * {@code ShadowCounts} what limits in shadow would have done. {@code PrometheusText} writes the
 * numbers, {@link dev.penstock.metrics.MetricsBean} shows them by JMX.
 *
 * <p>Apart from all that, and with names: {@link dev.penstock.metrics.DeniedIdentities}, who is
 * denied most, by a {@code SpaceSaving} sketch.
 */
@NullMarked
package dev.penstock.metrics;

import org.jspecify.annotations.NullMarked;
