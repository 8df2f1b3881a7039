package dev.penstock.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Crowd;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NamedFillNumbersTest {

  private static final int MOST = 5;
  private static final int SETS = 4;
  private static final int THREADS = 8;

  private final NamedFillNumbers names = new NamedFillNumbers(MOST, SETS, () -> 0);

  /** What one name's limits are costs another nothing, whatever their hashes are. */
  @Test
  void of_namesWhoseHashesEndAlike_haveNumbersOfTheirOwn() {
    assertThat(LongStream.range(0, MOST).mapToObj(name -> names.of(name << 32)))
        .doesNotHaveDuplicates();
  }

  @Test
  void of_moreNamesThanThereIsRoomFor_shareABoundedNumberOfSets() {
    Set<FillNumbers> all = new HashSet<>();
    for (long name = 0; name < 10_000; name++) {
      all.add(names.of(name));
    }
    assertThat(all).hasSize(MOST + SETS);
    FillNumbers late = names.of(9_999);
    assertThat(names.of(9_999)).isSameAs(late);
    assertThat(names.of(0)).isNotSameAs(names.of(MOST));
  }

  @Test
  void of_newcomersAtOnce_agreeOnWhoHasRoom() {
    try (Crowd crowd = new Crowd(THREADS)) {
      for (int round = 0; round < 1_000; round++) {
        NamedFillNumbers fresh = new NamedFillNumbers(MOST, SETS, () -> 0);
        var asked = crowd.ask(thread -> LongStream.range(0, 2 * MOST).mapToObj(fresh::of).toList());
        assertThat(new HashSet<>(asked)).hasSize(1);
      }
    }
  }
}
