package dev.penstock.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.FakeClock;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureBudgetTest {

  private static final long TWO_SECONDS = 2_000_000_000L;

  @ParameterizedTest
  @ValueSource(longs = {0, 1, Long.MIN_VALUE, Long.MAX_VALUE - 1_000_000_000L})
  void take_overAnHour_isThirtyAndOneEveryTwoSeconds(long origin) {
    FakeClock clock = new FakeClock(origin);
    SignatureBudget budget = new SignatureBudget(clock);
    int taken = takeAll(budget, 7);
    assertThat(taken).isEqualTo(30);
    for (int second = 0; second < 3600; second++) {
      clock.advanceNanos(1_000_000_000);
      taken += takeAll(budget, 7);
    }

    assertThat(taken).isEqualTo(30 + 1800);
  }

  @Test
  void take_afterTwoSeconds_isOne() {
    FakeClock clock = new FakeClock(0);
    SignatureBudget budget = new SignatureBudget(clock);
    takeAll(budget, 7);
    clock.advanceNanos(TWO_SECONDS - 1);
    assertThat(takeAll(budget, 7)).isZero();
    clock.advanceNanos(1);
    assertThat(takeAll(budget, 7)).isEqualTo(1);
  }

  @Test
  void take_anotherSender_hasItsOwn() {
    SignatureBudget budget = new SignatureBudget(new FakeClock(0));
    takeAll(budget, 7);

    assertThat(takeAll(budget, 8)).isEqualTo(30);
    assertThat(takeAll(budget, 7 + (1L << 16))).isZero();
  }

  @Test
  void take_capacityOfAnother_isWhatItSays() {
    FakeClock clock = new FakeClock(Long.MAX_VALUE - 1);
    SignatureBudget budget = new SignatureBudget(clock);
    assertThat(budget.isSpent(7, SignatureBudget.limit(1))).isFalse();
    assertThat(budget.take(7, SignatureBudget.limit(1))).isTrue();
    assertThat(budget.take(7, SignatureBudget.limit(1))).isFalse();
    assertThat(budget.isSpent(7, SignatureBudget.limit(1))).isTrue();
    assertThat(budget.isSpent(7, SignatureBudget.limit(2))).isFalse();
    clock.advanceNanos(TWO_SECONDS - 1);
    assertThat(budget.isSpent(7, SignatureBudget.limit(1))).isTrue();
    clock.advanceNanos(1);
    assertThat(budget.isSpent(7, SignatureBudget.limit(1))).isFalse();
  }

  @Test
  void putBack_oneTaken_isOneMore() {
    SignatureBudget budget = new SignatureBudget(new FakeClock(0));
    takeAll(budget, 7);
    budget.putBack(7);

    assertThat(takeAll(budget, 7)).isEqualTo(1);
  }

  @Test
  void putBack_toAFullBudget_isNotMoreThanFull() {
    FakeClock clock = new FakeClock(0);
    SignatureBudget budget = new SignatureBudget(clock);
    for (int i = 0; i < 100; i++) {
      budget.putBack(7);
    }

    assertThat(takeAll(budget, 7)).isEqualTo(30);
  }

  /** Every fourth reading of the clock is worth one check, so the threads meet at most of them. */
  @Test
  void take_manyThreads_isNeverMoreThanTimeGives() {
    AtomicLong time = new AtomicLong();
    SignatureBudget budget = new SignatureBudget(() -> time.addAndGet(TWO_SECONDS / 4));
    long taken =
        IntStream.range(0, 400_000)
            .parallel()
            .filter(i -> budget.take(7, SignatureBudget.limit(30)))
            .count();

    assertThat(taken).isBetween(1000L, 30 + time.get() / TWO_SECONDS);
  }

  private static int takeAll(SignatureBudget budget, long sender) {
    int taken = 0;
    while (budget.take(sender, SignatureBudget.limit(30))) {
      taken++;
    }
    return taken;
  }
}
