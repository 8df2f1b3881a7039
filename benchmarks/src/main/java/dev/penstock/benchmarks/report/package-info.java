/** Runs the benchmarks and makes them readable: tables, ratios, charts. */
@NullMarked
package dev.penstock.benchmarks.report;

import org.jspecify.annotations.NullMarked;
