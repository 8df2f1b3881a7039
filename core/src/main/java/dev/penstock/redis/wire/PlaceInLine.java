package dev.penstock.redis.wire;

/**
 * Where somebody stands in Redis who waits for a bucket, by which it knows the place again that is
 * left.
 *
 * @param fullAtNanos when the bucket is to be full by Redis's clock, but for what goes back in
 *     front of who waits, in nanoseconds since 1970; 0 if it need not be waited for
 * @param dueMicros when it will hold what was taken, in microseconds since 1970, rounded up; or 0
 */
public record PlaceInLine(long fullAtNanos, long dueMicros) {

  /** Of those who do not wait. */
  public static final PlaceInLine NONE = new PlaceInLine(0, 0);
}
