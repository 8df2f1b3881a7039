/**
 * Counts, for a monitor. {@link dev.penstock.metrics.DecisionCounters} is a listener of a limiter
 * and counts decisions by limit, outcome and source; {@link dev.penstock.metrics.TokenCounters}
 * reads what a resolver of tokens has refused. Both give the Prometheus text format; what a limiter
 * on Redis counts gives {@code RedisStatistics}.
 */
@NullMarked
package dev.penstock.metrics;

import org.jspecify.annotations.NullMarked;
