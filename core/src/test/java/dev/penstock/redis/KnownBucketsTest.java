package dev.penstock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.redis.KnownBuckets.Known;
import org.junit.jupiter.api.Test;

class KnownBucketsTest {

  private static final int BOUND = 100;

  private final KnownBuckets buckets = new KnownBuckets(BOUND);

  private void remember(String key, long fullAt, long saidAt, long now) {
    buckets.remember(key, said(fullAt, saidAt), now);
  }

  private static Known said(long fullAt, long saidAt) {
    return new Known(fullAt, saidAt, saidAt, 0);
  }

  @Test
  void remember_olderAnswerThatSaysFull_changesNothing() {
    buckets.remember("a", new Known(30, 12, 14, 0), 14);
    buckets.remember("a", new Known(13, 13, 15, 0), 15);
    assertThat(buckets.find("a")).isEqualTo(new Known(30, 12, 14, 0));
  }

  @Test
  void remember_bucket_isFound() {
    remember("a", 20, 10, 10);
    assertThat(buckets.find("a")).isEqualTo(said(20, 10));
    assertThat(buckets.find("b")).isNull();
  }

  @Test
  void remember_fullBucket_isForgotten() {
    remember("a", 20, 10, 10);
    remember("a", 11, 11, 11);
    assertThat(buckets.find("a")).isNull();
    assertThat(buckets.size()).isZero();
  }

  @Test
  void remember_anEarlierSayingComesLate_theLaterWins() {
    remember("a", 30, 12, 12);
    remember("a", 20, 11, 13);
    assertThat(buckets.find("a")).isEqualTo(said(30, 12));
    remember("a", 40, 12, 13);
    assertThat(buckets.find("a")).isEqualTo(said(40, 12));
  }

  @Test
  void remember_moreThanTheBound_keepsTheOldOnesUpToDate() {
    for (int i = 0; i < 2 * BOUND; i++) {
      remember("k" + i, 1000, i, 500);
    }
    assertThat(buckets.size()).isEqualTo(BOUND);
    assertThat(buckets.find("k" + BOUND)).isNull();
    remember("k0", 2000, 600, 600);
    assertThat(buckets.find("k0")).isEqualTo(said(2000, 600));
  }

  @Test
  void replace_emptierOne_theReplacementWins() {
    remember("a", 30, 12, 12);
    buckets.replace("a", said(20, 12), 12);
    assertThat(buckets.find("a")).isEqualTo(said(20, 12));
    buckets.replace("a", said(13, 13), 13);
    assertThat(buckets.find("a")).isNull();
  }

  @Test
  void forget_bucket_makesRoom() {
    for (int i = 0; i < BOUND; i++) {
      remember("k" + i, 1000, 0, 0);
    }
    buckets.forget("k7");
    assertThat(buckets.find("k7")).isNull();
    remember("other", 1000, 0, 0);
    assertThat(buckets.find("other")).isNotNull();
  }

  @Test
  void resetAfterNanos_isNeverNegative() {
    Known known = said(20, 10);
    assertThat(known.resetAfterNanos(15)).isEqualTo(5);
    assertThat(known.resetAfterNanos(25)).isZero();
  }
}
