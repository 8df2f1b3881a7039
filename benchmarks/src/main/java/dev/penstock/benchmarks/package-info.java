/**
 * JMH benchmarks, one scenario each.
 *
 * <p>A benchmark stands in the tables by its names: the parameter {@code limiter} says who decides,
 * {@code floor} and {@code penstock} being two of its values; without it, a method that begins with
 * {@code floor} or {@code bare} is the floor, and one that begins with a peer's name is the peer
 * doing what the rest of the name says, beside each method whose name begins with that. The
 * parameter {@code server} is given the address of a Redis, {@code servers} those of three, set
 * apart by spaces. A class {@code ScaleByThingBenchmark} becomes a chart over its parameter {@code
 * thing}, or over JMH's threads; every other parameter is a size.
 */
@NullMarked
package dev.penstock.benchmarks;

import org.jspecify.annotations.NullMarked;
