package dev.penstock.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessorTimeTest {

  /**
   * As proc(5) has it: user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice.
   */
  private static final String SYSTEM =
      """
      cpu  1000 200 300 5000 40 5 6 70 900 0
      cpu0 500 100 150 2500 20 2 3 35 450 0
      intr 1 2
      """;

  private static final String PROCESS =
      "42 (a (b) c) S 1 1 1 0 -1 4194304 100 0 0 0 11 12 13 14 20 0 1 0 1267 3133440 387 1";

  @Test
  void of_firstLine_isTheWorkOfAllProcessors() {
    ProcessorTime time = ProcessorTime.of(SYSTEM, 99);
    assertThat(time.worked()).isEqualTo(1000 + 200 + 300 + 70);
    assertThat(time.all()).isEqualTo(1000 + 200 + 300 + 5000 + 40 + 5 + 6 + 70);
    assertThat(time.own()).isEqualTo(99);
  }

  @Test
  void ticks_ofAProcess_areItsOwnAndThoseOfChildrenThatHaveEnded() {
    assertThat(ProcessorTime.ticks(PROCESS)).isEqualTo(11 + 12 + 13 + 14);
  }

  @Test
  void othersSince_isWhatWasNotOurs() {
    ProcessorTime then = new ProcessorTime(1_000, 500, 100);
    assertThat(new ProcessorTime(1_200, 620, 200).othersSince(then)).isEqualTo(0.1);
    assertThat(new ProcessorTime(1_200, 600, 200).othersSince(then)).isZero();
    assertThat(new ProcessorTime(1_200, 600, 205).othersSince(then)).isZero();
    assertThat(then.othersSince(then)).isZero();
  }

  /** Work of this process and of those that it has started is no work of others. */
  @Test
  void now_ownWork_isCountedAsOwn() throws Exception {
    ProcessorTime then = ProcessorTime.now().orElseThrow();
    String java = ProcessHandle.current().info().command().orElseThrow();
    new ProcessBuilder(java, "-version").start().waitFor();
    ProcessorTime afterChild = ProcessorTime.now().orElseThrow();
    assertThat(afterChild.own()).isGreaterThan(then.own());
    assertThat(afterChild.worked()).isGreaterThan(then.worked());
    assertThat(afterChild.all()).isGreaterThan(then.all());
  }
}
