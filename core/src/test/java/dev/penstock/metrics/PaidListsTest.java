package dev.penstock.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.Limit;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PaidListsTest {

  private static final PartitionedLimit ONE =
      new PartitionedLimit("one", Limit.perMinute(10), Partition.IDENTITY);

  private final Map<String, LimitCounts> byName = new HashMap<>();
  private final DecisionCounts all = new DecisionCounts();
  private final PaidLists lists =
      new PaidLists(
          (name, limit) -> byName.computeIfAbsent(name, any -> new LimitCounts(limit)), all);

  @Test
  void count_listsThatAreEqual_areCountedEach() {
    List<PartitionedLimit> first = new ArrayList<>(List.of(ONE));
    List<PartitionedLimit> second = new ArrayList<>(List.of(ONE));
    assertThat(lists.count(first)).isTrue();
    assertThat(lists.count(second)).isTrue();
    assertThat(lists.count(first)).isTrue();
    lists.settle();
    lists.settle();
    assertThat(lists.size()).isEqualTo(2);
    assertThat(all.sum(true)).isEqualTo(3);
    assertThat(counts("one").decisions.sum(true)).isEqualTo(3);
    assertThat(counts("one").granted.sum()).isEqualTo(3);
  }

  private LimitCounts counts(String name) {
    return Objects.requireNonNull(byName.get(name));
  }

  /** Of two whose ids end alike one has no place of its own. */
  @Test
  void count_threadsOfOnePlace_areCountedBoth() throws InterruptedException {
    List<PartitionedLimit> list = new ArrayList<>(List.of(ONE));
    lists.count(list);
    Thread other = CountsByThreadTest.newThreadLike(() -> lists.count(list));
    other.start();
    other.join();
    lists.settle();
    assertThat(all.sum(true)).isEqualTo(2);
  }

  @Test
  void count_moreListsThanThereIsRoom_areRefused() {
    List<List<PartitionedLimit>> held = new ArrayList<>();
    for (int i = 0; i < PaidLists.MAX_LISTS; i++) {
      held.add(new ArrayList<>(List.of(ONE)));
      assertThat(lists.count(held.get(i))).isTrue();
    }
    assertThat(lists.count(new ArrayList<>(List.of(ONE)))).isFalse();
    assertThat(lists.count(held.get(7))).isTrue();
    lists.settle();
    assertThat(all.sum(true)).isEqualTo(PaidLists.MAX_LISTS + 1);
  }

  /** As policies that are reloaded again and again. */
  @Test
  void count_listsThatNobodyHasAnyMore_areForgottenAndTheirCountsKept() {
    long counted = 0;
    for (int round = 0; counted <= 2 * PaidLists.MAX_LISTS && round < 1_000; round++) {
      for (int i = 0; i < 1_000; i++) {
        counted += lists.count(new ArrayList<>(List.of(ONE))) ? 1 : 0;
      }
      System.gc();
    }
    lists.settle();
    assertThat(counted).as("more than there is room for").isGreaterThan(2 * PaidLists.MAX_LISTS);
    assertThat(all.sum(true)).isEqualTo(counted);
    assertThat(counts("one").decisions.sum(true)).isEqualTo(counted);
  }
}
