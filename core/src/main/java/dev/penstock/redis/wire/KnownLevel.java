package dev.penstock.redis.wire;

/**
 * What Redis last said of one bucket. Times are nanoseconds of this process's clock.
 *
 * @param word when it is full, at the soonest: if Redis said so as soon as it was asked
 * @param saidAt when Redis was asked
 * @param heardAt when the answer came
 * @param epoch how often Redis had been away by then
 * @param askedAt when Redis was last asked, if only by a call that is under way
 */
public record KnownLevel(long word, long saidAt, long heardAt, int epoch, long askedAt) {

  public KnownLevel(long word, long saidAt, long heardAt, int epoch) {
    this(word, saidAt, heardAt, epoch, saidAt);
  }

  KnownLevel askedAgain(long now) {
    return new KnownLevel(word, saidAt, heardAt, epoch, now);
  }

  public long levelNanos(long now) {
    return Math.max(0, word - now);
  }

  /** When the bucket is full if Redis said so just before it was heard. */
  public long latestWord() {
    return word + (heardAt - saidAt);
  }

  public long levelNanosAtMost(long now) {
    return Math.max(0, latestWord() - now);
  }

  /** Which of two buckets that were under way at once came first is not known. */
  boolean supersedes(KnownLevel old) {
    if (saidAt - old.heardAt >= 0) {
      return true;
    }
    return old.saidAt - heardAt < 0 && word > old.word;
  }
}
