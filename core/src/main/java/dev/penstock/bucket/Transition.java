package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;

/** A pure step from one word of a bucket to the next. */
@FunctionalInterface
interface Transition {

  /**
   * Returns the next word, which may be the same; one that is not above 0 writes nothing, and is a
   * no.
   */
  long next(long word, long time, long tokens, PartitionedLimit limit);
}
