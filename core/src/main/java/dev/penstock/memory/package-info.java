/**
 * The in-memory limiter: the arithmetic of a token bucket, and a bounded lock-free table of them.
 */
@NullMarked
package dev.penstock.memory;

import org.jspecify.annotations.NullMarked;
