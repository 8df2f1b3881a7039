/** Counters of decisions, and their Prometheus text. */
@NullMarked
package dev.penstock.metrics;

import org.jspecify.annotations.NullMarked;
