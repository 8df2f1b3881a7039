package dev.penstock.bucket;

import dev.penstock.PartitionedLimit;
import java.util.function.LongUnaryOperator;

/** Raises the level of a word, to a bound at most, and remembers by how much. For one thread. */
final class Owing implements LongUnaryOperator {

  private final BucketStore store;
  private final PartitionedLimit limit;
  private final long nanos;
  private final long most;
  private long charged;

  /**
   * @param nanos by how much
   * @param most the highest level to which it is raised
   */
  Owing(BucketStore store, PartitionedLimit limit, long nanos, long most) {
    this.store = store;
    this.limit = limit;
    this.nanos = nanos;
    this.most = most;
  }

  @Override
  public long applyAsLong(long seen) {
    long now = store.now();
    long level = BucketWord.level(seen, now, limit);
    long next = Gcra.owe(level, nanos, most);
    charged = next - level;
    return BucketWord.of(next, now, limit);
  }

  /** Returns by how much the last word was raised. */
  long charged() {
    return charged;
  }

  /** Returns whether the bound was in the way. */
  boolean isBounded() {
    return charged < nanos;
  }
}
