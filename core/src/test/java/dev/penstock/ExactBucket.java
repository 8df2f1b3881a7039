package dev.penstock;

import java.math.BigInteger;

/**
 * A token bucket without rounding: the level is held in tokens times nanoseconds of the refill
 * period. A store that never permits what this bucket does not hold never admits more than capacity
 * plus rate times time, in whatever span.
 */
public final class ExactBucket {

  private final BigInteger perToken;
  private final BigInteger perNano;
  private final BigInteger full;
  private BigInteger level;

  public ExactBucket(TokenBucketLimit limit) {
    this.perToken = BigInteger.valueOf(limit.refillPeriod().toNanos());
    this.perNano = BigInteger.valueOf(limit.refillTokens());
    this.full = perToken.multiply(BigInteger.valueOf(limit.capacity()));
    this.level = full;
  }

  public void advance(long nanos) {
    level = level.add(perNano.multiply(BigInteger.valueOf(nanos))).min(full);
  }

  public boolean holds(long tokens) {
    return level.compareTo(perToken.multiply(BigInteger.valueOf(tokens))) >= 0;
  }

  public void take(long tokens) {
    level = level.subtract(perToken.multiply(BigInteger.valueOf(tokens)));
  }
}
