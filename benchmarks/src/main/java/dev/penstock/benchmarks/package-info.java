/** JMH benchmarks, one scenario each. */
@NullMarked
package dev.penstock.benchmarks;

import org.jspecify.annotations.NullMarked;
