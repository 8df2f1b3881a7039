package dev.penstock.redis;

import dev.penstock.Decision;
import dev.penstock.Limit;
import dev.penstock.base.Inside;
import dev.penstock.redis.wire.PlaceInLine;
import dev.penstock.redis.wire.SharedBucket;
import java.util.List;

/**
 * What somebody has taken from buckets in Redis before they held it, and when they will have. Times
 * are nanoseconds of this process's clock.
 *
 * <p>How long that takes Redis says as of when it took, which was before the answer came: so it is
 * counted from then, and is never too short; too long it is by the way of the answer.
 *
 * @param heardAt when the answer came
 */
record AheadOfTime(List<Part> parts, long heardAt) {

  /**
   * What was taken from one bucket.
   *
   * @param tokens how many; 0 if it must only hold one
   * @param dueAt when the bucket will have held it; when Redis was asked if it held it then
   * @param levelNanos how far from full the bucket was then, at {@code heardAt}
   * @param place where it stands in line, by which what is put back is told
   */
  record Part(SharedBucket bucket, long tokens, long dueAt, long levelNanos, PlaceInLine place) {

    /**
     * Makes one by what Redis has said.
     *
     * @param levelNanos with what others are charging
     * @param awaitedNanos likewise by the place in line
     */
    static Part of(
        SharedBucket bucket,
        long tokens,
        long askedAt,
        long heardAt,
        long levelNanos,
        long awaitedNanos,
        PlaceInLine place) {
      Limit limit = bucket.limit().limit();
      long lacks = tokens == 0 ? Inside.nanosPerToken(limit) : 0;
      long wait = awaitedNanos + lacks - Inside.nanosToFill(limit);
      long due = wait > 0 ? heardAt + wait : askedAt;
      return new Part(bucket, tokens, due, levelNanos, place);
    }
  }

  /** Returns when all buckets will have held what was taken: before now if they did at once. */
  long dueAt() {
    long due = parts.get(0).dueAt;
    for (Part part : parts) {
      due = part.dueAt - due > 0 ? part.dueAt : due;
    }
    return due;
  }

  /** Returns whether some of it is to be waited for. */
  boolean isAwaited() {
    return dueAt() - heardAt > 0;
  }

  /** Returns the buckets from which nothing was taken, and which must hold a token in the end. */
  List<SharedBucket> untouched() {
    return parts.stream().filter(part -> part.tokens == 0).map(Part::bucket).toList();
  }

  /** Returns the decision, as the buckets stand without those who came later. */
  Decision decision(long now) {
    long passed = now - heardAt;
    return Decision.of(
        Decision.Source.REDIS,
        parts.stream()
            .map(
                part ->
                    SharedBucket.paid(part.bucket.limit(), Math.max(0, part.levelNanos - passed)))
            .toList());
  }
}
