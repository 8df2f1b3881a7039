/** Counters of decisions and of tokens, and their Prometheus text. */
@NullMarked
package dev.penstock.metrics;

import org.jspecify.annotations.NullMarked;
