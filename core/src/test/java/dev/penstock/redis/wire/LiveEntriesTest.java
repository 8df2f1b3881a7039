package dev.penstock.redis.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LiveEntriesTest {

  private static final int BOUND = 100;

  private final LiveEntries<Long> entries = new LiveEntries<>(key -> BOUND, Long::longValue);

  private boolean put(long key, long until, long now) {
    return entries.compute(key, now, old -> until);
  }

  @Test
  void compute_seesWhatWasThere() {
    assertThat(put(1, 20, 10)).isTrue();
    assertThat(entries.compute(1, 10, old -> old == null ? -1 : old + 5)).isTrue();
    assertThat(entries.find(1)).isEqualTo(25);
  }

  @Test
  void compute_toNothing_removes() {
    put(1, 20, 10);
    entries.compute(1, 10, old -> null);
    assertThat(entries.find(1)).isNull();
    assertThat(entries.size()).isZero();
  }

  @Test
  void compute_newcomerAtTheBoundOfLiveOnes_findsNoRoom() {
    for (int i = 0; i < BOUND; i++) {
      put(i, 1000, 0);
    }
    assertThat(put(BOUND, 1000, 999)).isFalse();
    assertThat(entries.find(BOUND)).isNull();
    assertThat(put(7, 2000, 999)).isTrue();
    assertThat(entries.find(7)).isEqualTo(2000);
  }

  @Test
  void compute_newcomersAtTheBoundOfPastOnes_takeTheirPlaces() {
    for (int i = 0; i < BOUND; i++) {
      put(i, 1000, 0);
    }
    for (int i = 0; i < BOUND; i++) {
      assertThat(put(BOUND + i, 3000, 1000)).as("room for newcomer " + i).isTrue();
    }
    assertThat(entries.size()).isEqualTo(BOUND);
  }
}
